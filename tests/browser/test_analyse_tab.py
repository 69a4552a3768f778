"""The app as a visitor meets it, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import expect

from drkf.figures.wording import Wording
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
    expect(marked.first).to_have_text(re.compile(f"^{re.escape(words[0]['word'])}"))
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
    expect(page.page.locator("#words textarea")).to_have_value(heard["text"])
    expect(page.page.locator("#words")).to_contain_text("recognised: en")
    emotion, parts = analysis["emotion"].upper(), r"Voice\s.+ \d+\s%\s+Words\s.+ \d+\s%"
    expect(page.verdict).to_contain_text(emotion, use_inner_text=True)
    expect(page.verdict).to_contain_text(re.compile(parts), use_inner_text=True)
    expect(page.verdict).to_contain_text("trained detector")
    expect_evidence_of_both(page, analysis)


def test_typed_words_alone_then_an_example_then_nothing(visit: Visit) -> None:
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
    first = page.answer(after=analysis)
    expect_evidence_of_both(page, first)
    # New words on the example's own voice.
    page.type_words(SENTENCE)
    second = page.answer(after=first)
    assert second["audio_probabilities"] and "encode_audio" not in second["timings"]
    page.page.get_by_role("button", name="Clear", exact=True).last.click()
    expect(page.page.locator("#evidence")).to_be_hidden()
    expect(page.verdict).to_contain_text("The answer appears here")
    expect(page.page.locator("#words textarea")).to_have_value("")


def test_words_of_a_clip_are_edited_and_go_with_it(
    visit: Visit, app: RunningApp, clip: Path
) -> None:
    page = visit()
    page.choose_file(clip)
    first = page.answer()
    # Of an earlier clip they are not kept.
    page.page.locator("#audio button[aria-label='Clear']").click()
    expect(page.page.locator("#words textarea")).to_have_value("")
    page.choose_file(clip)
    before = page.answer(after=first)
    assert before["transcript"]["source"] == "asr"
    # Edited, they change the result and leave the voice.
    page.type_words(SENTENCE)
    after = page.answer(after=before)
    assert after["transcript"]["source"] == "typed"
    assert after["text_probabilities"] != before["text_probabilities"]
    assert after["audio_probabilities"] == pytest.approx(before["audio_probabilities"], abs=1e-4)
    # Neither decoded nor recognised nor encoded again.
    assert not {"decode", "recognise", "encode_audio"} & set(after["timings"])
    # Nothing that was said or typed is logged.
    log = app.log.read_text().lower()
    assert SENTENCE.lower() not in log and SPOKEN.split(",")[0].lower() not in log
    assert "traceback" not in log
    # Recordings go with their session.
    page.leave()
    deadline = time.monotonic() + 20
    name = clip.name
    while any(path.name == name for path in app.recordings()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [path for path in app.recordings() if path.name == name]


def test_words_typed_before_a_recording_are_kept_until_it_is_gone(
    visit: Visit, app: RunningApp, clip: Path
) -> None:
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
    for path in app.recordings():
        path.unlink(missing_ok=True)
    page.page.locator("#analyse").click()
    expect(page.verdict.get_by_role("alert")).to_contain_text("no longer on the server")


def test_what_cannot_be_analysed_is_one_line(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    alert = page.verdict.get_by_role("alert")
    page.page.locator("#analyse").click()
    expect(alert).to_have_text("Record or upload speech, or type a sentence.")
    expect(page.page.locator("#evidence")).to_be_hidden()
    # HTML in words is shown, not read.
    page.type_words("so <b>bold</b> ${1+1} <img src=x>")
    page.answer()
    for place in ("#word-relevance", "#relevant-words"):
        shown = page.page.locator(place)
        expect(shown).to_contain_text("<b>bold</b>")
        expect(shown).to_contain_text("${1+1}")
        assert shown.locator("b").count() == 0
    assert page.page.locator("#evidence img, #verdict img").count() == 0
    page.page.locator("#words textarea").fill("")
    broken = tmp_path / "notes.wav"
    broken.write_text("these are not sound waves")
    page.expected_fault = "Waveform load error"  # of Gradio's player
    page.choose_file(broken)
    expect(alert).to_contain_text("notes.wav")
    assert "Traceback" not in page.page.content()
    expect(page.page.locator("#evidence")).to_be_hidden()


def write_opus(source: Path, target: Path) -> None:
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = writer.add_stream("libopus", rate=48_000, layout="mono")
        for frame in reader.decode(audio=0):
            writer.mux(stream.encode(frame))
        writer.mux(stream.encode(None))


def test_an_upload_is_recognised_and_its_timeline_shows_where(visit: Visit, clip: Path) -> None:
    page = visit()
    page.choose_file(clip)
    analysis = page.answer()
    expect(page.page.locator("#words textarea")).to_have_value(re.compile("happy", re.IGNORECASE))
    assert analysis["clip_seconds"] > 2
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


def test_every_figure_is_read_compared_and_shown_from_afar(visit: Visit, app: RunningApp) -> None:
    """On the page of a link that runs its example."""
    page = visit(
        f"{app.address}?tab=analyse&example=sadness", viewport={"width": 1440, "height": 800}
    )
    analysis = page.answer()
    assert analysis["transcript"]["text"]
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
    expect_values_as_text(page, analysis)
    expect_controls_beside(page)
    expect_attention_in_two_ways(page, analysis)
    expect_readable_from_afar(page)


def expect_values_as_text(page: AppPage, analysis: dict[str, Any]) -> None:
    """The figures' values, for those who hear the page."""
    figure = page.page.locator("#probabilities .js-plotly-plot")
    expect(figure).to_have_attribute("role", "img")
    expect(figure).to_have_attribute("aria-label", "All seven emotions")
    rows = page.page.locator("#probabilities .figure-values tr")
    expect(rows).to_have_count(3 * len(analysis["probabilities"]))
    told = [row.locator("th, td").all_text_contents() for row in rows.all()]
    for emotion, value in analysis["probabilities"].items():
        assert [emotion, Wording().fused, f"{value:.2f}"] in told
    gauge = page.page.locator("#gauge .figure-values")
    expect(gauge).to_contain_text(f"{analysis['inconsistency']['discrimination']:.2f}")
    phi = analysis["shapley"]["phi"]["audio"]
    expect(page.page.locator("#shapley .figure-values")).to_contain_text(f"{phi:.2f}")
    # Heard, not seen.
    box = page.page.locator("#probabilities .figure-values").bounding_box()
    assert box is not None and box["width"] <= 2


def expect_controls_beside(page: AppPage) -> None:
    """The controls stay beside the evidence while it is scrolled."""
    page.page.evaluate("scrollTo(0, 900)")
    page.page.wait_for_function(
        "() => { const top = document.querySelector('#input').getBoundingClientRect().top;"
        " return top >= 0 && top < 40; }"
    )


def expect_attention_in_two_ways(page: AppPage, analysis: dict[str, Any]) -> None:
    figure = page.page.locator("#attention")
    expect(figure).to_contain_text("share (rollout)")
    page.page.locator("#attention-method label", has_text="gradient-weighted").click()
    expect(figure).to_contain_text("share (gradient-weighted)")
    lift = analysis["attention"][1]["lift"]["text"]
    expect(figure).to_contain_text(f"×{lift:.2f}")
    expect(page.page.locator("#evidence")).to_contain_text("it shows support only")
    assert page.answer() == analysis
    page.type_words(SENTENCE)
    page.answer(after=analysis)
    expect(figure).to_contain_text("share (gradient-weighted)")


def expect_readable_from_afar(page: AppPage) -> None:
    """The switch for a projector makes all of it large."""
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


def test_two_visitors_at_once_each_get_their_own_result(
    visit: Visit, clip: Path, tmp_path: Path
) -> None:
    one, two = visit(), visit()
    recording = tmp_path / "recording.webm"  # browsers call it a video
    write_opus(clip, recording)
    one.choose_file(recording)
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


@pytest.mark.parametrize(("width", "mode"), [(1440, "light"), (768, "dark"), (375, "light")])
def test_fits_the_screen_in_light_and_dark(
    visit: Visit, app: RunningApp, width: int, mode: str
) -> None:
    """A page for each size, opened in one mode and then put into the other."""
    page = visit(f"{app.address}?__theme={mode}", viewport={"width": width, "height": 800})
    page.choose_example()
    page.answer()
    page.page.wait_for_timeout(500)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    height = page.page.evaluate("document.documentElement.scrollHeight")
    assert width > 400 or height <= 2000  # before folds are opened
    page.open_folds()
    for _ in range(2):
        page.page.wait_for_timeout(500)
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width
        for figure in ("probabilities", "attention", "shapley", "gauge", "readings"):
            box = page.page.locator(f"#{figure} .main-svg").first.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, figure
        assert text_contrast(page) >= 4.5
        page.page.evaluate("document.body.classList.toggle('dark')")


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


def test_shipped_model_tells_an_example(
    visit: Visit, start_app: Callable[[Path | None], RunningApp]
) -> None:
    page = visit(start_app(None).address)
    page.choose_example()
    analysis = page.answer()
    assert set(analysis["probabilities"]) == set(EMOTIONS)
    assert analysis["checkpoint"] == "drkf-compact"
    expect_evidence_of_both(page, analysis)
