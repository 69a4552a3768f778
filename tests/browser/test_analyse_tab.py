"""The app as a visitor meets it, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import Locator, expect

from drkf.labels import EMOTIONS
from tests.helpers.visitor import ANSWER_MS, SPOKEN, AppPage, RunningApp

Visit = Callable[..., AppPage]
SENTENCE = "I never want to see you again"


def expect_evidence_of_both(page: AppPage, analysis: dict[str, Any]) -> None:
    """Every figure is drawn, with a bar for all it has to show."""
    expect(page.page.locator("#evidence")).to_be_visible()
    page.open_folds()
    page.expect_bars("probabilities", 3 * len(EMOTIONS))
    # Voice, words and CLS/SEP; the baseline of voice and words.
    page.expect_bars("attention", 3 + 2)
    expect(page.page.locator("#gauge .indicatorlayer .angular")).to_have_count(1)
    page.expect_bars("shapley", 3)
    page.expect_bars("readings", 3)
    times, words = analysis["relevance"]["times"], analysis["relevance"]["words"]
    assert len(times) > 4 and len(words) > 2
    expect(page.page.locator("#timeline .scatterlayer path.js-line")).to_have_count(1)
    if analysis["transcript"]["words"]:  # they stand in the timeline, under their moment
        page.expect_bars("timeline", len(times) + len(words))
        expect(page.page.locator("#word-relevance")).to_be_hidden()
    else:
        page.expect_bars("timeline", len(times))
        page.expect_bars("word-relevance", len(words))
    marked = page.page.locator("#relevant-words .relevant-words .word")
    expect(marked).to_have_count(len(words))
    assert marked.first.inner_text().startswith(words[0]["word"])
    expect(page.page.locator("#faithfulness")).to_contain_text(
        re.compile("(Good|Fair|Weak) reasons")
    )
    expect(page.page.locator("#readings-flag")).to_contain_text("trained detector")
    expect(page.page.locator("#timeline-player audio")).to_have_count(1)


def test_recording_is_recognised_and_analysed_by_itself(visit: Visit) -> None:
    page = visit()
    page.record(seconds=5)
    analysis = page.answer()
    heard = analysis["transcript"]
    assert heard["source"] == "asr"
    assert "prize" in heard["text"].lower() or "happy" in heard["text"].lower()
    assert page.words == heard["text"]
    expect(page.page.locator("#words")).to_contain_text("recognised: en")
    assert analysis["emotion"].upper() in page.verdict.inner_text()
    assert re.search(r"Voice\s.+ \d+\s%\s+Words\s.+ \d+\s%", page.verdict.inner_text())
    expect(page.verdict).to_contain_text("trained detector")
    expect_evidence_of_both(page, analysis)


def test_upload_is_recognised_and_analysed_by_itself(visit: Visit, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    analysis = page.answer()
    assert "happy" in page.words.lower()
    assert analysis["clip_seconds"] > 2
    expect_evidence_of_both(page, analysis)


def test_typed_words_alone(visit: Visit) -> None:
    page = visit()
    page.type_words(SENTENCE)
    analysis = page.answer()
    assert analysis["transcript"]["text"] == SENTENCE
    assert analysis["transcript"]["source"] == "typed"
    assert analysis["audio_probabilities"] is None
    expect(page.page.locator("#words")).to_contain_text("typed")
    expect(page.verdict).to_contain_text("There is no voice to compare the words with")
    page.open_folds()
    page.expect_bars("probabilities", len(EMOTIONS))
    page.expect_bars("word-relevance", len(SENTENCE.split()))
    expect(page.page.locator("#relevant-words .relevant-words .word")).to_have_count(7)
    # No figure stands empty for want of a voice.
    for figure in ("gauge", "readings", "shapley", "attention", "timeline", "timeline-player"):
        expect(page.page.locator(f"#{figure}")).to_be_hidden()
    # What would change the answer is looked for when asked, and opened in the lab.
    page.page.locator("#counterfactuals > button").click()
    page.page.locator("#change-find").click()
    told = page.page.locator("#change-told")
    expect(told).to_contain_text(re.compile("smallest changes after|nothing short of"))
    changes = page.page.locator("#counterfactuals button[id^=change-]:visible")
    for change in changes.all()[:1]:
        change.click()
        expect(page.page.locator("#lab-answer")).to_be_visible()
        expect(page.page.locator("#lab-download")).to_be_visible()
        page.page.get_by_role("tab", name="Try").click()
    # With a voice they come back.
    page.choose_example()
    expect_evidence_of_both(page, page.answer(after=analysis))


def test_edited_words_change_the_result_and_leave_the_voice(visit: Visit, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    before = page.answer()
    page.type_words(SENTENCE)
    after = page.answer(after=before)
    assert after["transcript"]["source"] == "typed"
    assert after["text_probabilities"] != before["text_probabilities"]
    assert after["audio_probabilities"] == pytest.approx(before["audio_probabilities"], abs=1e-4)
    # Neither decoded nor recognised nor encoded again.
    assert not {"decode", "recognise", "encode_audio"} & set(after["timings"])


def test_words_typed_before_a_recording_are_kept(visit: Visit, clip: Path) -> None:
    page = visit()
    page.page.locator("#words textarea").fill(SENTENCE)
    page.choose_file(clip)
    assert page.answer()["transcript"] == {
        "text": SENTENCE,
        "source": "typed",
        "language": None,
        "language_probability": None,
        "words": [],
        "said": None,
    }


def test_words_of_an_earlier_clip_are_not_kept(visit: Visit, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    before = page.answer()
    page.page.locator("#audio button[aria-label='Clear']").click()
    expect(page.page.locator("#words textarea")).to_have_value("")
    page.choose_file(clip)
    again = page.answer(after=before)
    assert again["transcript"]["source"] == "asr"


def test_examples_and_clear(visit: Visit) -> None:
    page = visit()
    page.choose_example()
    first = page.answer()
    expect_evidence_of_both(page, first)
    # New words on the example's own voice.
    page.type_words(SENTENCE)
    second = page.answer(after=first)
    assert "encode_audio" not in second["timings"]
    page.page.get_by_role("button", name="Clear", exact=True).last.click()
    expect(page.page.locator("#evidence")).to_be_hidden()
    expect(page.verdict).to_contain_text("The answer appears here")
    expect(page.page.locator("#words textarea")).to_have_value("")


def test_nothing_at_all_says_what_to_do(visit: Visit) -> None:
    page = visit()
    page.page.locator("#analyse").click()
    alert = page.verdict.get_by_role("alert")
    expect(alert).to_have_text("Record or upload speech, or type a sentence.")
    expect(page.page.locator("#evidence")).to_be_hidden()


def test_a_file_that_is_not_audio_takes_the_old_answer_away(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    page.type_words(SENTENCE)
    page.answer()
    page.page.locator("#words textarea").fill("")
    broken = tmp_path / "notes.wav"
    broken.write_text("these are not sound waves")
    page.expected_fault = "Waveform load error"  # of Gradio's player
    page.choose_file(broken)
    alert = page.verdict.get_by_role("alert")
    expect(alert).to_contain_text("notes.wav")
    assert "Traceback" not in page.page.content()
    expect(page.page.locator("#evidence")).to_be_hidden()


def test_a_webm_recording_is_read_though_browsers_call_it_a_video(
    visit: Visit, clip: Path, tmp_path: Path
) -> None:
    recording = tmp_path / "recording.webm"
    write_opus(clip, recording)
    page = visit()
    page.choose_file(recording)
    assert "happy" in page.answer()["transcript"]["text"].lower()


def write_opus(source: Path, target: Path) -> None:
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = writer.add_stream("libopus", rate=48_000, layout="mono")
        for frame in reader.decode(audio=0):
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))


def test_html_in_words_is_shown_not_read(visit: Visit) -> None:
    page = visit()
    page.type_words("so <b>bold</b> ${1+1} <img src=x>")
    page.answer()
    for place in ("#word-relevance", "#relevant-words"):
        shown = page.page.locator(place)
        expect(shown).to_contain_text("<b>bold</b>")
        expect(shown).to_contain_text("${1+1}")
        assert shown.locator("b").count() == 0
    assert page.page.locator("#evidence img, #verdict img").count() == 0


def method(page: AppPage, kind: str, name: str) -> Locator:
    return page.page.locator(f"#{kind}-method label", has_text=name)


def test_attention_is_followed_in_two_ways(visit: Visit) -> None:
    page = visit()
    page.choose_example()
    analysis = page.answer()
    page.open_folds()
    figure = page.page.locator("#attention")
    expect(figure).to_contain_text("share (rollout)")
    method(page, "attention", "gradient-weighted").click()
    expect(figure).to_contain_text("share (gradient-weighted)")
    lift = analysis["attention"][1]["lift"]["text"]
    expect(figure).to_contain_text(f"×{lift:.2f}")
    expect(page.page.locator("#evidence")).to_contain_text("it shows support only")
    assert page.answer() == analysis
    page.type_words(SENTENCE)
    page.answer(after=analysis)
    expect(figure).to_contain_text("share (gradient-weighted)")


def test_the_timeline_is_played_and_shows_where(visit: Visit, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    analysis = page.answer()
    page.open_folds()
    player = page.page.locator("#timeline-player audio")
    expect(player).to_have_attribute("aria-label", "Play the clip")
    duration = player.evaluate(
        """audio => new Promise(done => {
             if (audio.readyState) done(audio.duration);
             audio.onloadedmetadata = () => done(audio.duration);
           })"""
    )
    assert duration == pytest.approx(analysis["clip_seconds"], abs=0.1)
    expect_evidence_of_both(page, analysis)
    cursor = page.page.locator("#timeline .play-cursor")
    expect(cursor).to_have_count(0)
    # The middle of the clip is in the middle of the figure's axis.
    player.evaluate("audio => { audio.currentTime = audio.duration / 2 }")
    expect(cursor).to_be_visible()
    line = cursor.bounding_box()
    assert line is not None and line["x"] == pytest.approx(middle_of_axis(page), abs=3)
    # A click in the band plays that stretch and stops where it ends.
    player.evaluate("audio => { audio.muted = true }")
    first = analysis["relevance"]["times"][0]
    place = page.page.evaluate(
        """seconds => {
          const plot = document.querySelector("#timeline .js-plotly-plot");
          return plot._fullLayout.xaxis.l2p(seconds);
        }""",
        (first["start_seconds"] + first["end_seconds"]) / 2,
    )
    page.page.locator("#timeline .nsewdrag").first.click(position={"x": place, "y": 20})
    end = first["end_seconds"]
    page.page.wait_for_function(
        f"""() => {{
          const audio = document.querySelector('#timeline-player audio');
          return audio.paused && audio.currentTime >= {end:.3f} && audio.currentTime < {end + 0.5};
        }}""",
        timeout=ANSWER_MS,
    )
    player.evaluate("audio => { audio.play() }")
    page.page.wait_for_function(
        "document.querySelector('#timeline .play-cursor').dataset.seconds > 0.5", timeout=ANSWER_MS
    )


def middle_of_axis(page: AppPage) -> float:
    """Where the figure draws the middle of the clip, in pixels of the page."""
    found: float = page.page.evaluate(
        """() => {
          const plot = document.querySelector("#timeline .js-plotly-plot");
          const axis = plot._fullLayout.xaxis;
          return plot.querySelector(".svg-container").getBoundingClientRect().left
            + axis._offset + axis._length / 2;
        }"""
    )
    return found


def test_every_figure_says_how_to_read_it(visit: Visit) -> None:
    page = visit()
    page.choose_example()
    page.answer()
    page.open_folds()
    buttons = page.page.locator("#evidence").get_by_role("button", name="How to read this")
    # Words, probabilities, Shapley values, attention, gauge, readings, timeline.
    expect(buttons).to_have_count(7)
    for button, told in zip(
        buttons.all(),
        ("dashed", "add up to 1", "logit", "outlined", "needle", "Jensen", "hatched"),
        strict=True,
    ):
        explanation = page.page.locator("#evidence .how p", has_text=told)
        expect(explanation).to_be_hidden()
        button.focus()
        page.page.keyboard.press("Enter")
        expect(explanation).to_be_visible()


def test_two_visitors_at_once_each_get_their_own_result(visit: Visit, clip: Path) -> None:
    one, two = visit(), visit()
    one.choose_file(clip)
    two.type_words(SENTENCE)
    second, first = two.answer(), one.answer()
    assert second["transcript"]["text"] == SENTENCE and second["audio_probabilities"] is None
    assert "happy" in first["transcript"]["text"].lower() and first["audio_probabilities"]
    # Each goes on with its own utterance.
    one.type_words("a first new sentence")
    two.type_words("a second new sentence")
    second, first = two.answer(after=second), one.answer(after=first)
    assert second["transcript"]["text"] == "a second new sentence"
    assert second["audio_probabilities"] is None
    assert first["transcript"]["text"] == "a first new sentence"
    assert first["audio_probabilities"] is not None


@pytest.mark.parametrize("width", [1440, 768, 375])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_fits_the_screen_in_light_and_dark(
    visit: Visit, app: RunningApp, width: int, mode: str
) -> None:
    page = visit(f"{app.address}?__theme={mode}", viewport={"width": width, "height": 800})
    page.choose_example()
    page.answer()
    page.page.wait_for_timeout(500)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    height = page.page.evaluate("document.documentElement.scrollHeight")
    assert width > 400 or height <= 2000  # before folds are opened
    page.open_folds()
    page.page.wait_for_timeout(500)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in ("probabilities", "attention", "shapley", "gauge", "readings"):
        box = page.page.locator(f"#{figure} .main-svg").first.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, figure
    assert text_contrast(page) >= 4.5


def test_a_telephone_shows_the_verdict(visit: Visit) -> None:
    page = visit(viewport={"width": 375, "height": 700})
    page.page.locator("#words textarea").scroll_into_view_if_needed()
    page.type_words(SENTENCE)
    page.answer()
    expect(page.verdict.locator(".verdict-sentence")).to_be_in_viewport()


def text_contrast(page: AppPage) -> float:
    """WCAG contrast of a figure's tick labels against the card they stand on."""
    ink, paper = page.page.evaluate(
        """() => [getComputedStyle(document.querySelector('#probabilities .xtick text')).fill,
                  getComputedStyle(document.querySelector('.card')).backgroundColor]"""
    )
    luminances = sorted(relative_luminance(colour) for colour in (ink, paper))
    return (luminances[1] + 0.05) / (luminances[0] + 0.05)


def relative_luminance(colour: str) -> float:
    channels = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_whole_tab_works_from_the_keyboard(visit: Visit) -> None:
    page = visit()
    page.page.locator("#words textarea").focus()
    page.page.keyboard.type(SENTENCE)
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("document.activeElement.innerText") == "Analyse"
    page.page.keyboard.press("Enter")
    analysis = page.answer()
    assert analysis["transcript"]["text"] == SENTENCE
    # A row of examples is one stop of Tab, and arrows go along it.
    page.page.locator("#examples > button").press("Enter")
    for key, row in (("Tab", "disagree"), ("ArrowRight", "disagree"), ("Tab", "neutral")):
        page.page.keyboard.press(key)
        assert page.page.evaluate("document.activeElement.parentElement.id") == f"examples-{row}"
    page.page.keyboard.press("Shift+Tab")
    second = page.page.locator("#examples-disagree button").nth(1)
    expect(second).to_be_focused()
    page.page.keyboard.press("Enter")
    page.answer(after=analysis)


def test_the_model_is_described(visit: Visit) -> None:
    page = visit()
    page.page.get_by_text("What this model is").first.click()
    expect(page.page.get_by_text("untrained").first).to_be_visible()
    page.page.get_by_role("tab", name="About").click()
    expect(page.page.get_by_text("Article 5(1)(f)")).to_be_visible()


def test_recordings_go_with_their_session(visit: Visit, app: RunningApp, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    page.answer()
    page.page.context.close()
    deadline = time.monotonic() + 20
    name = clip.name
    while any(path.name == name for path in app.recordings()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [path for path in app.recordings() if path.name == name]


def test_a_clip_gone_from_the_server_is_said_to_be_gone(
    visit: Visit, app: RunningApp, clip: Path
) -> None:
    page = visit()
    page.choose_file(clip)
    page.answer()
    for path in app.recordings():
        path.unlink()
    page.page.locator("#analyse").click()
    expect(page.verdict.get_by_role("alert")).to_contain_text("no longer on the server")


def test_nothing_said_or_typed_is_logged(visit: Visit, app: RunningApp, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    before = page.answer()
    page.type_words(SENTENCE)
    page.answer(after=before)
    log = app.log.read_text().lower()
    assert SENTENCE.lower() not in log and SPOKEN.split(",")[0].lower() not in log
    assert "traceback" not in log


def test_shipped_model_tells_an_example(
    visit: Visit, start_app: Callable[[Path | None], RunningApp]
) -> None:
    page = visit(start_app(None).address)
    page.choose_example()
    analysis = page.answer()
    assert set(analysis["probabilities"]) == set(EMOTIONS)
    assert analysis["checkpoint"] == "drkf-compact"
    expect_evidence_of_both(page, analysis)


def test_the_controls_stay_beside_the_evidence(visit: Visit) -> None:
    page = visit(viewport={"width": 1440, "height": 800})
    page.choose_example()
    page.answer()
    page.open_folds()
    page.page.evaluate("scrollTo(0, 900)")
    page.page.wait_for_function(
        "() => { const top = document.querySelector('#input').getBoundingClientRect().top;"
        " return top >= 0 && top < 40; }"
    )


def test_the_projector_switch_makes_everything_readable_from_afar(visit: Visit) -> None:
    page = visit(viewport={"width": 1440, "height": 900})
    page.choose_example()
    page.answer()
    page.open_folds()
    switch = page.page.get_by_role("button", name="Projector")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    smallest = page.page.evaluate(
        """() => {
          const sizes = [];
          const found = document.querySelectorAll(
            "#evidence p, #evidence small, #verdict span, #verdict b, #evidence svg text");
          for (const one of found) {
            if (!one.textContent.trim() || !one.getClientRects().length) continue;
            sizes.push(parseFloat(getComputedStyle(one).fontSize) * (one.currentCSSZoom ?? 1));
          }
          return Math.min(...sizes);
        }"""
    )
    assert smallest >= 18
