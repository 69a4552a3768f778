"""The what-if lab as a visitor meets it: every control, in a real browser."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, expect

from drkf.gallery import load_gallery
from drkf.labels import EMOTIONS
from drkf.ui.texts.en.page import EXAMPLE_TITLES
from drkf.ui.whatif.events import FIRST_START
from drkf.ui.whatif.grid import FIRST_IN_GRID
from tests.helpers.visitor import ANSWER_MS, AppPage, RunningApp

Visit = Callable[..., AppPage]
Edits = list[dict[str, Any]]
GALLERY = {item.id: item for item in load_gallery()}
START = GALLERY[FIRST_START]


class LabPage:
    """The lab's controls and what it answers."""

    def __init__(self, visitor: AppPage) -> None:
        self.visitor = visitor
        self.page = visitor.page
        visitor.open_tab("What if")

    def scenario(self) -> dict[str, Any]:
        href = self.page.locator("#lab-download").get_attribute("href", timeout=ANSWER_MS) or ""
        data: dict[str, Any] = json.loads(base64.b64decode(href.split("base64,")[1]))
        return data

    def expect_scenario(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The scenario that the page offers, once it is as expected."""
        deadline = time.monotonic() + ANSWER_MS / 1000
        while time.monotonic() < deadline:
            if self.page.locator("#lab-download[href*='base64,']").count() and holds(
                found := self.scenario()
            ):
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the lab says: {self.answer.inner_text()}")

    def expect_edits(self, *edits: dict[str, Any]) -> None:
        self.expect_scenario(lambda scenario: scenario["edits"] == list(edits))

    @property
    def answer(self) -> Locator:
        return self.page.locator("#lab-answer")

    @property
    def details(self) -> Locator:
        return self.page.locator("#lab-details")

    def unfold(self, accordion: str) -> None:
        """Waits until its controls are at rest: Gradio draws them when it is first unfolded, and
        sets their values once more, sooner than a person moves one."""
        self.page.locator(f"#{accordion} > button").click()
        expect(self.page.locator(f"#{accordion} input").first).to_be_visible()
        self.page.evaluate(
            "() => new Promise((rest) => requestIdleCallback(() => requestIdleCallback(rest)))"
        )

    @property
    def alert(self) -> Locator:
        return self.answer.get_by_role("alert")

    def choose(self, dropdown: str, option: str) -> None:
        self.page.locator(f"#{dropdown} input").click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def set_number(self, slider: str, value: float) -> None:
        box = self.page.locator(f"#{slider} input[type=number]")
        box.fill(str(value))
        box.press("Tab")

    def write(self, words: str) -> None:
        box = self.page.locator("#lab-words textarea")
        box.fill(words)
        box.press("Enter")

    def load(self, path: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.locator("#lab-load").click()
        chooser.value.set_files(path)

    def expect_figures(self, emotions: int) -> None:
        """Before and after for every emotion; for both sides; for all three readings."""
        self.visitor.expect_bars("lab-probabilities", 2 * len(EMOTIONS))
        self.visitor.expect_bars("lab-shapley", 2 * 2 * emotions)
        self.visitor.expect_bars("lab-inconsistency", 2 * 3)


@pytest.fixture
def lab(visit: Visit) -> LabPage:
    page = LabPage(visit())
    page.expect_edits()
    return page


def test_it_starts_with_an_example_whose_sides_are_muted_and_words_rewritten(lab: LabPage) -> None:
    scenario = lab.scenario()
    assert scenario["voice"] == {"gallery": START.id}
    assert scenario["transcript"]["text"] == START.words
    expect(lab.answer).to_contain_text("Nothing is changed yet")
    lab.expect_figures(emotions=1)
    expect(lab.page.locator("#lab-probabilities")).not_to_contain_text("(+0.00)")
    expect(lab.details.locator("audio")).to_have_count(1)
    expect(lab.page.locator("#lab-words textarea")).to_have_value(START.words)

    lab.page.locator("#lab-mute label", has_text="the voice").click()
    lab.expect_edits({"edit": "mute", "modality": "voice"})
    expect(lab.answer.locator("tr", has_text="Voice alone").locator("td")).to_contain_text("→ –")
    expect(lab.page.locator("#lab-shapley")).to_contain_text("none")
    expect(lab.page.locator("#lab-inconsistency")).to_contain_text("none")
    lab.page.locator("#lab-mute label", has_text="the words").click()
    lab.expect_edits({"edit": "mute", "modality": "words"})
    expect(lab.answer.locator("tr", has_text="Words alone").locator("td")).to_contain_text("→ –")
    lab.page.locator("#lab-mute label", has_text="nothing").click()
    lab.expect_edits()

    lab.write("so very happy")
    rewritten = {"edit": "rewrite", "words": "so very happy"}
    lab.expect_edits(rewritten)
    expect(lab.answer).to_contain_text("with “so very happy”: ")
    masks = lab.page.locator("#lab-mask label")
    expect(masks).to_have_text(["so", "very", "happy"])
    masks.nth(1).click()
    lab.expect_edits(rewritten, {"edit": "mask-words", "indices": [1]})
    expect(lab.answer).to_contain_text("without very: ")
    # New words: the mask of the old ones means nothing any more.
    lab.write("I am")
    lab.expect_edits({"edit": "rewrite", "words": "I am"})
    expect(masks).to_have_text(["I", "am"])
    expect(lab.page.locator("#lab-mask input:checked")).to_have_count(0)
    for mask in (0, 1):
        masks.nth(mask).click()
    expect(lab.alert).to_contain_text("mute the words instead")
    expect(lab.page.locator("#lab-evidence")).to_be_hidden()


def test_a_file_that_is_no_scenario_is_refused_and_the_grid_is_filled(
    lab: LabPage, tmp_path: Path
) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"format": "<img src=x onerror=alert(1)>"}')
    lab.load(path)
    expect(lab.alert).to_contain_text("scenario")
    expect(lab.page.locator("#lab-evidence")).to_be_hidden()
    # The lab goes on with what it had.
    lab.page.locator("#lab-reset").click()
    lab.expect_edits()
    lab.expect_figures(emotions=1)

    page = lab.page
    cells = page.locator("#grid-emotions .annotation-text")
    expect(cells).to_have_count(len(FIRST_IN_GRID) ** 2)
    assert all(any(emotion in cell for emotion in EMOTIONS) for cell in cells.all_text_contents())
    expect(page.locator("#grid-inconsistency .annotation-text")).to_have_count(16)
    expect(page.locator("#grid-emotions .xtick text")).to_have_count(4)
    lab.unfold("grid-choice")
    page.locator("#grid-voices label", has_text="the voice below").click()
    page.locator("#grid-sentences textarea").fill("I am glad\n\n<b>so</b> sad\n")
    page.locator("#grid-fill").click()
    expect(cells).to_have_count(5 * 2)
    expect(page.locator("#grid-emotions")).to_contain_text("<b>so</b> sad")
    page.locator("#grid-sentences textarea").fill("\n".join("abcdefg"))
    page.locator("#grid-fill").click()
    alert = page.locator("#grid-status").get_by_role("alert")
    expect(alert).to_contain_text("choose fewer")
    page.locator("#grid-sentences textarea").fill("")
    page.locator("#grid-fill").click()
    expect(alert).to_contain_text("at least one")
    expect(page.locator("#grid-emotions")).to_be_hidden()


def test_the_sound_is_changed_in_sight_of_the_answer_and_all_is_undone(lab: LabPage) -> None:
    expect(lab.page.locator("#lab-gain")).to_be_hidden()
    lab.unfold("lab-sound")
    lab.page.locator("#lab-noise").scroll_into_view_if_needed()
    lab.page.mouse.wheel(0, 2000)
    lab.page.wait_for_timeout(500)
    assert lab.page.evaluate("scrollY") > 300
    box = lab.answer.bounding_box()
    assert box is not None and box["y"] >= -1 and box["height"] < 250

    # A slider moves from the keyboard.
    lab.page.locator("#lab-pitch input[type=range]").focus()
    for _ in range(4):
        lab.page.keyboard.press("ArrowRight")
    lab.expect_edits({"edit": "pitch", "semitones": 2})
    lab.page.locator("#lab-reset").click()
    lab.expect_edits()
    expect(lab.page.locator("#lab-pitch input[type=number]")).to_have_value("0")
    expect(lab.page.locator("#lab-gain")).to_be_hidden()
    lab.unfold("lab-sound")

    sliders = {"gain": ("db", 6), "pitch": ("semitones", -2), "speed": ("factor", 1.25)}
    expected: Edits = []
    for name, (field, value) in sliders.items():
        lab.set_number(f"lab-{name}", value)
        expected.append({"edit": name, field: value})
        lab.expect_edits(*expected)
    lab.page.locator("#lab-noise input").check()
    lab.expect_edits(*expected, {"edit": "noise", "snr_db": 10})
    lab.set_number("lab-snr", 3)
    expected.append({"edit": "noise", "snr_db": 3})
    lab.expect_edits(*expected)
    lab.set_number("lab-to", 1.5)
    lab.set_number("lab-from", 0.5)
    silence = {"edit": "silence", "start_seconds": 0.5, "end_seconds": 1.5}
    lab.expect_edits(silence, *expected)
    expect(lab.answer).to_contain_text("with silence from 0.5 to 1.5 s, +6 dB, -2 semitones")
    expect(lab.details.locator("audio")).to_have_count(2)  # before and after, to listen to
    lab.page.locator("#lab-reset").click()
    lab.expect_edits()
    expect(lab.page.locator("#lab-gain input[type=number]")).to_have_value("0")
    expect(lab.page.locator("#lab-noise input")).not_to_be_checked()


def test_another_voice_of_the_gallery_or_another_recording(
    lab: LabPage, clip: Path, app: RunningApp
) -> None:
    lab.choose("lab-voice", "Good news (joyful)")
    lab.expect_edits({"edit": "swap-voice", "voice": {"gallery": "joy"}})
    lab.choose("lab-voice", "another recording")
    expect(lab.alert).to_have_text("Record or choose the other recording first.")
    lab.page.locator("#other-voice button[aria-label='Upload file']").click()
    lab.page.locator("#other-voice input[type=file]").set_input_files(clip)

    def holds_recording(scenario: dict[str, Any]) -> bool:
        return bool(scenario["edits"]) and "recording" in scenario["edits"][0]["voice"]

    found = lab.expect_scenario(holds_recording)
    seconds = found["edits"][0]["voice"]["recording"]["seconds"]
    assert seconds == pytest.approx(soundfile.info(clip).duration, abs=0.01)
    lab.unfold("lab-sound")
    lab.page.wait_for_function(
        "seconds => Math.abs(document.querySelector('#lab-to input').max - seconds) <= 0.06",
        arg=seconds,
    )
    lab.choose("lab-voice", "its own")
    lab.expect_edits()
    lab.visitor.leave()
    deadline = time.monotonic() + 20
    while any(p.name == clip.name for p in app.recordings()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [path for path in app.recordings() if path.name == clip.name]


def test_another_voice_from_the_microphone_or_a_silent_one_that_leaves_the_words(
    lab: LabPage, tmp_path: Path
) -> None:
    lab.choose("lab-voice", "another recording")
    lab.page.locator("#other-voice button.record-button").click()
    expect(lab.page.locator("#other-voice button.stop-button")).to_be_visible()
    lab.page.wait_for_timeout(3000)
    lab.page.locator("#other-voice button.stop-button").click()
    lab.expect_scenario(lambda s: bool(s["edits"]) and s["edits"][0]["edit"] == "swap-voice")

    lab.page.locator("#other-voice button[aria-label='Clear']").click()
    path = tmp_path / "silence.wav"
    soundfile.write(path, np.zeros(16_000), 16_000)
    lab.page.locator("#other-voice button[aria-label='Upload file']").click()
    lab.page.locator("#other-voice input[type=file]").set_input_files(path)
    expect(lab.details).to_contain_text("No speech was found in the recording")


def test_what_was_analysed_last_is_the_start_and_in_the_file_only_on_request(
    visit: Visit, clip: Path, tmp_path: Path
) -> None:
    page = visit()
    page.choose_file(clip)
    first = page.answer()
    lab = LabPage(page)
    found = lab.expect_scenario(lambda s: s["transcript"]["text"] == first["transcript"]["text"])
    assert "recording" in found["voice"]
    # The lab keeps its own start while nothing else is analysed, and takes over what is.
    lab.choose("lab-source", EXAMPLE_TITLES["fear"])
    lab.expect_scenario(lambda s: s["voice"] == {"gallery": "fear"})
    page.open_tab("Try")
    lab = LabPage(page)
    page.page.wait_for_timeout(1000)
    assert lab.scenario()["voice"] == {"gallery": "fear"}
    page.open_tab("Try")
    page.type_words("I am glad")
    page.answer(after=first)
    lab = LabPage(page)
    found = lab.expect_scenario(lambda s: s["transcript"]["text"] == "I am glad")
    assert "recording" in found["voice"]

    without = lab.expect_scenario(lambda s: "recording" in (s["voice"] or {}))
    lab.page.locator("#lab-embed input").check()
    contained = lab.expect_scenario(lambda s: "flac" in (s["voice"] or {}))
    bare, full = tmp_path / "bare.json", tmp_path / "full.json"
    bare.write_text(json.dumps(without))
    full.write_text(json.dumps(contained))

    # Somebody else can open the one with the recording only.
    other = LabPage(visit())
    other.expect_edits()
    other.load(bare)
    expect(other.alert).to_contain_text("needs a recording")
    other.load(full)
    words = without["transcript"]["text"]
    other.expect_scenario(lambda s: s["transcript"]["text"] == words)
    # Here the recording is at hand.
    lab.choose("lab-source", EXAMPLE_TITLES["joy"])
    lab.expect_scenario(lambda s: s["voice"] == {"gallery": "joy"})
    lab.load(bare)
    lab.expect_scenario(lambda s: s["transcript"]["text"] == words)


def test_words_alone_have_no_voice_to_change(lab: LabPage) -> None:
    lab.choose("lab-source", "what was analysed last")
    expect(lab.alert).to_contain_text("Analyse a clip or a sentence first")

    lab.choose("lab-source", EXAMPLE_TITLES["words-joy"])
    lab.expect_scenario(lambda s: s["voice"] is None)
    lab.unfold("lab-sound")
    lab.page.locator("#lab-noise input").check()
    expect(lab.alert).to_have_text("There is no voice to change: choose a voice first.")
    lab.choose("lab-voice", "Enough! (angry)")
    lab.expect_scenario(lambda s: [e["edit"] for e in s["edits"]] == ["swap-voice", "noise"])


def test_a_scenario_is_kept_and_loaded_again(lab: LabPage, visit: Visit, tmp_path: Path) -> None:
    lab.choose("lab-voice", "Good news (joyful)")
    lab.expect_scenario(lambda s: len(s["edits"]) == 1)
    lab.write("so very <b>glad</b>")
    lab.expect_scenario(lambda s: len(s["edits"]) == 2)
    lab.unfold("lab-sound")
    lab.set_number("lab-speed", 0.8)
    lab.expect_scenario(lambda s: len(s["edits"]) == 3)
    lab.page.locator("#lab-mask label").nth(0).click()
    saved = lab.expect_scenario(lambda s: len(s["edits"]) == 4)
    with lab.page.expect_download() as download:
        lab.page.locator("#lab-download").click()
    assert download.value.suggested_filename == "drkf-scenario.json"
    path = tmp_path / "scenario.json"
    download.value.save_as(path)
    assert json.loads(path.read_text()) == saved
    expected = lab.answer.locator("table").inner_text()

    other = LabPage(visit())
    other.expect_edits()
    other.load(path)
    assert other.expect_scenario(lambda s: len(s["edits"]) == 4) == saved
    expect(other.answer.locator("table")).to_have_text(expected, use_inner_text=True)
    # The controls show the scenario, so that it can be changed further.
    expect(other.page.locator("#lab-words textarea")).to_have_value("so very <b>glad</b>")
    expect(other.page.locator("#lab-voice input")).to_have_value("Good news (joyful)")
    expect(other.page.locator("#lab-mask input:checked")).to_have_count(1)
    assert other.page.locator("#lab-mask b").count() == 0
    other.set_number("lab-speed", 1)
    other.expect_scenario(
        lambda s: [e["edit"] for e in s["edits"]] == (["swap-voice", "rewrite", "mask-words"])
    )


@pytest.mark.parametrize(("width", "mode"), [(1440, "light"), (375, "dark")])
def test_it_fits_the_screen(visit: Visit, app: RunningApp, width: int, mode: str) -> None:
    """A page for each size, opened in one mode and then put into the other."""
    lab = LabPage(visit(f"{app.address}?__theme={mode}", viewport={"width": width, "height": 800}))
    lab.expect_edits()
    expect(lab.page.locator("#grid-inconsistency .annotation-text")).to_have_count(16)
    for _ in range(2):
        lab.page.wait_for_timeout(500)
        assert lab.page.evaluate("document.documentElement.scrollWidth") <= width
        for figure in ("lab-probabilities", "lab-shapley", "lab-inconsistency"):
            box = lab.page.locator(f"#{figure} .main-svg").first.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width, figure
        box = lab.answer.locator("table").bounding_box()
        assert box is not None and box["x"] + box["width"] <= width
        lab.page.evaluate("document.body.classList.toggle('dark')")
