"""The tab "Live" as a visitor meets it: the microphone, and a recorded conversation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Locator, Route, expect

from drkf.labels import EMOTIONS
from tests.helpers.visitor import AppPage, RunningApp, serious, settle

Visit = Callable[..., AppPage]


class LivePage:
    """The tab's controls and what it answers."""

    def __init__(self, visitor: AppPage) -> None:
        self.visitor, self.page = visitor, visitor.page
        visitor.open_tab("Live")
        expect(self.record).to_be_visible()

    @property
    def record(self) -> Locator:
        return self.page.get_by_role("button", name="● Record")

    @property
    def stop(self) -> Locator:
        return self.page.get_by_role("button", name="■ Stop")

    @property
    def answer(self) -> Locator:
        return self.page.locator("#live-answer")

    @property
    def status(self) -> Locator:
        return self.page.locator("#talk-status")

    @property
    def utterances(self) -> Locator:
        return self.page.locator("#talk-list input[type=radio]")

    def choose(self, path: Path) -> None:
        self.page.locator("#talk-audio input[type=file]").set_input_files(path)

    def bars(self, figure: str) -> Locator:
        return self.page.locator(f"#{figure} .barlayer .point path")


@pytest.fixture
def live(visit: Visit) -> LivePage:
    return LivePage(visit())


@pytest.fixture(scope="session")
def talk(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sentence, two quiet seconds, and the sentence again."""
    samples, rate = soundfile.read(clip, dtype="float32")
    path = tmp_path_factory.mktemp("talk") / "talk.wav"
    soundfile.write(path, np.concatenate([samples, np.zeros(rate, "float32"), samples]), rate)
    return path


def test_the_microphone_is_read_while_it_records_and_leaves_nothing(
    live: LivePage, app: RunningApp
) -> None:
    before = set(app.recordings())
    live.record.click()
    expect(live.stop).to_be_focused()
    expect(live.record).to_be_hidden()
    emotion = "|".join(EMOTIONS)
    # In a pause of the speaker it says so instead.
    headline = live.answer.locator(".verdict-emotion")
    expect(headline).to_contain_text(re.compile(rf"({emotion.upper()})\s.*\d\s%"))
    expect(live.page.locator("#live-words")).to_contain_text("happy")
    names = live.page.locator("#live-timeline .ytick text")
    expect(names.nth(len(EMOTIONS) - 1)).to_be_attached()
    expect(names.filter(has_text=re.compile(rf"\b({emotion})$")).first).to_be_attached()
    live.stop.click()
    expect(live.answer).to_contain_text("Stopped after")
    expect(live.answer).to_contain_text("most often")
    expect(live.record).to_be_focused()
    expect(live.bars("live-timeline").nth(len(EMOTIONS) - 1)).to_be_attached()
    # Those of pages that were closed may go meanwhile.
    assert set(app.recordings()) <= before, "sound goes from memory to memory"


def test_what_keeps_it_from_recording_is_told(live: LivePage) -> None:
    def over(route: Route) -> None:
        if '"stop":true' in (route.request.post_data or ""):
            route.continue_()
        else:
            route.fulfill(json="over")

    # It stops by itself when the server says so.
    live.page.route("**/component_server**", over)
    live.record.click()
    expect(live.answer).to_contain_text("Stopped after 0:00")
    expect(live.record).to_be_visible()
    expect(live.stop).to_be_hidden()
    live.page.unroute("**/component_server**")

    # Sound that does not arrive.
    live.visitor.expected_fault = "ERR_FAILED"
    live.page.route("**/component_server**", lambda route: route.abort())
    live.record.click()
    expect(live.answer).to_contain_text("No sound arrives")
    live.page.unroute("**/component_server**")
    expect(live.answer).not_to_contain_text("No sound arrives")
    live.stop.click()
    expect(live.answer).to_contain_text("Stopped after")

    # A microphone that cannot be had.
    for name, told in (
        ("NotAllowedError", "allow it"),
        ("NotFoundError", "No microphone was found"),
    ):
        live.page.evaluate(
            "(name) => { navigator.mediaDevices.getUserMedia = async () => "
            "{ throw new DOMException('no', name); }; }",
            name,
        )
        live.record.click()
        expect(live.page.locator("#live-microphone").get_by_role("alert")).to_contain_text(told)
        expect(live.record).to_be_visible()


def test_a_conversation_is_a_timeline_whose_utterances_open(live: LivePage, talk: Path) -> None:
    live.choose(talk)
    expect(live.status).to_contain_text("utterances in 0:")
    expect(live.utterances.nth(1)).to_be_attached()
    count = live.utterances.count()
    expect(live.page.locator("#talk-list label").first).to_contain_text("0:0")
    expect(live.page.locator("#talk-course .x2tick").first).to_be_visible()
    # A lane for each emotion, and inconsistency where there are words.
    expect(live.bars("talk-course").nth(len(EMOTIONS) * count - 1)).to_be_attached()

    live.utterances.first.focus()
    live.page.keyboard.press("Space")
    expect(live.status).to_contain_text(f"Utterance 1 of {count}")
    live.visitor.open_folds("talk-evidence")
    live.visitor.expect_bars("talk-probabilities", 3 * len(EMOTIONS))
    live.visitor.expect_bars("talk-shapley", 3)
    expect(live.page.locator("#talk-timeline-player audio")).to_have_count(1)
    expect(live.page.locator("#talk-words")).not_to_be_empty()
    settle(live.page)
    assert serious(live.page) == []
    live.utterances.first.focus()
    live.page.keyboard.press("Tab")
    live.page.keyboard.press("Space")
    expect(live.status).to_contain_text(f"Utterance 2 of {count}")

    # A click on the first stretch of the timeline.
    place = live.page.evaluate(
        """() => {
          const plot = document.querySelector("#talk-course .js-plotly-plot");
          const axis = plot._fullLayout.xaxis;
          return axis._offset + axis.l2p(plot._fullData[0].x[0]);
        }"""
    )
    chart = live.page.locator("#talk-course .svg-container")
    chart.click(position={"x": place, "y": 100})
    expect(live.status).to_contain_text(f"Utterance 1 of {count}")
    expect(live.utterances.first).to_be_checked()
    expect(live.page.locator("#talk-faithfulness .badge")).to_be_attached()


def test_recordings_that_cannot_be_used_are_one_line(live: LivePage, tmp_path: Path) -> None:
    long = tmp_path / "long.wav"
    soundfile.write(long, np.zeros(601 * 8000, np.int16), 8000)
    live.choose(long)
    expect(live.status.get_by_role("alert")).to_contain_text("longer than 10 minutes")
    expect(live.page.locator("#talk-list")).to_be_hidden()
    live.page.locator("#talk-audio").get_by_role("button", name="Clear").click()
    expect(live.status).to_contain_text("Choose or record")
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(5 * 8000, np.int16), 8000)
    live.choose(silent)
    expect(live.status.get_by_role("alert")).to_contain_text("No speech")
