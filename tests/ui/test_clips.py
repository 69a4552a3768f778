"""Clips in the tabs: what one that fails, is replaced or is cleared leaves behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
import soundfile

from drkf.analysis import Transcript
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui import CONCURRENCY, analyse, whatif
from drkf.ui.live.talk import TalkPanel
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts.en import page as text
from drkf.ui.whatif.controls import OTHER
from drkf.ui.whatif.events import FIRST_START
from drkf.ui.whatif.state import CURRENT, Lab
from tests.helpers.events import Events

HEARD = "I am so happy"
OWN = "what do you want"
Clips = Callable[[int], Path]


class Tabs(Events):
    """The tabs "Analyse", "What if" and the conversations of "Live"."""

    def __init__(self, pipeline: EmotionPipeline) -> None:
        uploads = Uploads()
        with gr.Blocks() as blocks, gr.Tabs() as tabs:
            with gr.Tab():
                built = analyse.build(pipeline, uploads, CONCURRENCY, tabs, "lab")
                self.session = built.session
            with gr.Tab(elem_id="lab") as tab:
                whatif.build(pipeline, uploads, CONCURRENCY, self.session, tab)
            with gr.Tab():
                TalkPanel(pipeline, uploads).connect(CONCURRENCY)
        super().__init__(blocks)
        self.set("words", "")  # as an empty box sends it

    def give(self, elem_id: str, clip: Path | None) -> str:
        """Chooses a clip, or clears it; what the Analyse tab's verdict says then."""
        self.set(elem_id, None if clip is None else str(clip))
        answer = self.fire(elem_id, "clear" if clip is None else "upload")
        return str(answer.get("verdict"))

    @property
    def last(self) -> analyse.Session | None:
        return self.values.get(self.session._id)

    @property
    def lab(self) -> Lab:
        return next(value for value in self.values.values() if isinstance(value, Lab))


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture
def tabs(pipeline: EmotionPipeline, monkeypatch: pytest.MonkeyPatch) -> Tabs:
    heard = Transcript(HEARD, "asr", "en")
    monkeypatch.setattr(pipeline.recognizer, "transcribe", lambda clip, english=False: heard)
    return Tabs(pipeline)


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    """The nth voice of the gallery, as if it had been uploaded."""
    voices = [item.audio for item in load_gallery() if item.audio is not None]

    def upload(number: int) -> Path:
        return Path(shutil.copy(voices[number], tmp_path / f"{number}.flac"))

    return upload


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "silence.wav", np.zeros(32_000), 16_000)
    return tmp_path / "silence.wav"


def test_a_clip_that_fails_gets_no_words_of_the_one_before(
    tabs: Tabs, clips: Clips, silence: Path
) -> None:
    tabs.give("audio", clips(0))
    assert tabs.get("words") == HEARD and tabs.last is not None
    assert "No speech" in tabs.give("audio", silence)
    assert tabs.get("words") == "" and tabs.last is None
    assert "No speech" in tabs.fire("analyse")["verdict"]
    assert tabs.last is None


def test_a_clip_that_fails_leaves_the_visitors_own_words(tabs: Tabs, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF no sound at all")
    tabs.set("words", OWN)
    tabs.fire("analyse")
    assert tabs.last is not None and tabs.last.words_are_own
    assert "verdict-error" in tabs.give("audio", tmp_path / "broken.wav")
    assert tabs.get("words") == OWN and tabs.last is None


def test_the_lab_does_not_start_from_a_clip_that_is_gone(
    tabs: Tabs, clips: Clips, silence: Path
) -> None:
    tabs.give("audio", clips(0))
    assert tabs.last is not None
    tabs.fire("lab", "select")
    assert tabs.get("lab-source") == CURRENT and tabs.lab.base is tabs.last.utterance
    tabs.give("audio", silence)
    tabs.fire("lab", "select")
    assert tabs.get("lab-source") == FIRST_START
    assert tabs.lab.seen is None and tabs.lab.base.transcript.text != HEARD
    tabs.set("lab-source", CURRENT)
    assert text.LAB_NO_CURRENT in tabs.fire("lab-source", "input")["lab-answer"]


def test_the_same_clip_in_two_tabs_goes_with_the_last(tabs: Tabs, clips: Clips) -> None:
    clip = clips(0)
    tabs.give("audio", clip)
    tabs.give("talk-audio", clip)
    tabs.give("talk-audio", None)
    assert clip.exists()
    tabs.set("words", OWN)
    assert "verdict-emotion" in tabs.fire("analyse")["verdict"]
    tabs.give("talk-audio", clip)
    tabs.give("audio", clips(1))
    assert clip.exists()
    tabs.give("talk-audio", clips(2))
    assert not clip.exists()


def test_the_labs_other_recording_is_replaced_and_cleared(
    tabs: Tabs, clips: Clips, tmp_path: Path
) -> None:
    tabs.fire("lab", "select")
    tabs.set("lab-voice", OTHER)
    first, second = clips(1), clips(2)
    tabs.give("other-voice", first)
    heard = tabs.lab.other
    assert heard is not None and tabs.lab.known
    tabs.give("other-voice", second)
    assert not first.exists() and second.exists()
    assert tabs.lab.other is not None and tabs.lab.other is not heard
    (tmp_path / "broken.wav").write_bytes(b"RIFF no sound at all")
    tabs.give("other-voice", tmp_path / "broken.wav")
    assert "verdict-error" in tabs.get("lab-answer")
    assert not second.exists() and tabs.lab.other is None and not tabs.lab.known

    third = clips(1)
    tabs.give("other-voice", third)
    assert tabs.lab.other is not None
    tabs.give("other-voice", None)
    assert not third.exists() and tabs.lab.other is None and not tabs.lab.known
    assert text.LAB_NO_OTHER in tabs.get("lab-answer") and tabs.get("lab-link") == ""
