"""Whose voice the page is tuned to, without a browser: recordings in, both answers out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import pytest
import soundfile

from drkf.analysis import Transcript
from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.speakers import SessionVoice
from drkf.ui import CONCURRENCY, about, analyse, live
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts.en import voice as text
from drkf.ui.voice import VoicePanel
from tests.helpers.events import Events

SPOKEN = [item.audio for item in load_gallery() if item.audio is not None]


@pytest.fixture(scope="module")
def voiced(voiced_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(voiced_checkpoint)


class Page(Events):
    """The tabs "Analyse" and "Live"."""

    def __init__(self, pipeline: EmotionPipeline, folder: Path) -> None:
        self.folder, self.uploads = folder, Uploads()
        with gr.Blocks() as blocks, gr.Tabs() as tabs, gr.Tab():
            self.tab = analyse.build(pipeline, self.uploads, CONCURRENCY, tabs, "what-if")
            with gr.Tab(elem_id="live") as tab:
                live.build(pipeline, self.uploads, CONCURRENCY, self.tab.voice, tab)
            about.build(pipeline)
        super().__init__(blocks)
        self.set("words", "")

    def record(self, number: int, elem_id: str = "audio") -> dict[str, Any]:
        """The visitor's next recording: a spoken clip, in a file of its own."""
        path = self.folder / f"{number}.wav"
        soundfile.write(path, load_audio(SPOKEN[number]).samples, SAMPLE_RATE)
        self.set(elem_id, str(path))
        return self.fire(elem_id, "stop_recording")

    @property
    def known(self) -> SessionVoice | None:
        return self.values.get(self.tab.voice.known._id)

    @property
    def session(self) -> analyse.Session:
        return self.values[self.tab.session._id]


@pytest.fixture
def page(voiced: EmotionPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    heard = Transcript("i am so happy", "asr", "en")
    monkeypatch.setattr(voiced.recognizer, "transcribe", lambda clip, english=False: heard)
    return Page(voiced, tmp_path)


def test_every_recording_is_read_beside_the_others(page: Page, voiced: EmotionPipeline) -> None:
    assert "voice unknown" not in str(page.record(0).get("voice-comparison"))
    assert page.session.utterance.voice is None
    assert "Your voice: 1 recording." in page.get("voice-told")
    page.set("voice-compare", True)
    shown = page.record(1)
    assert "Your voice: 2 recordings." in shown["voice-told"]
    first = voiced.encode(SPOKEN[0], transcribe=False)
    second = voiced.encode(SPOKEN[1], "i am so happy")
    beside = voiced.predict(voiced.with_voice(second, voiced.voice_of([first])))
    alone = voiced.predict(second)
    assert page.session.analysis is not None
    found = page.session.analysis.fused.probabilities
    assert found == pytest.approx(beside.fused.probabilities, abs=1e-5)
    assert found != pytest.approx(alone.fused.probabilities, abs=1e-3)
    table = re.findall(r"(\d+)\N{NO-BREAK SPACE}%", shown["voice-comparison"]["value"])
    told = zip(alone.fused.probabilities, beside.fused.probabilities, strict=True)
    expected = [100 * part for pair in told for part in pair]
    assert [float(number) for number in table] == pytest.approx(expected, abs=1)
    assert "beside 1 other recording<" in shown["voice-comparison"]["value"]


def test_the_same_recording_again_is_no_other_one(page: Page) -> None:
    page.record(0)
    page.record(1)
    before = page.session.analysis
    page.fire("analyse")
    assert page.known is not None and page.known.recordings == 2
    assert page.session.utterance.voice is not None and before is not None
    assert int(page.session.utterance.voice.count) == 1
    again = page.session.analysis
    assert again is not None
    assert again.fused.probabilities == pytest.approx(before.fused.probabilities, abs=1e-4)


def test_three_sentences_tune_it_and_the_file_goes(page: Page) -> None:
    pause = np.zeros(SAMPLE_RATE, np.float32)
    parts = [part for clip in SPOKEN[:3] for part in (load_audio(clip).samples, pause)]
    path = page.folder / "sentences.wav"
    soundfile.write(path, np.concatenate(parts), SAMPLE_RATE)
    page.set("voice-audio", str(path))
    page.fire("voice-audio", "stop_recording")
    assert page.known is not None and (count := page.known.recordings) >= 3
    assert f"Your voice: {count} recordings." in page.get("voice-told")
    assert not path.exists() and page.get("voice-audio") is None
    page.record(4)
    assert page.session.utterance.voice is not None
    assert int(page.session.utterance.voice.count) == count


def test_what_is_no_speech_is_said_and_changes_nothing(page: Page) -> None:
    path = page.folder / "silence.wav"
    soundfile.write(path, np.zeros(SAMPLE_RATE * 2), SAMPLE_RATE)
    page.set("voice-audio", str(path))
    page.fire("voice-audio", "upload")
    assert text.NEW in page.get("voice-told") and "alert" in page.get("voice-told")
    assert not path.exists() and page.known is None


def test_someone_else_starts_anew(page: Page) -> None:
    page.record(0)
    page.set("voice-compare", True)
    page.record(1)
    page.fire("voice-restart")
    assert page.known is not None and page.known.recordings == 0
    assert text.NEW in page.get("voice-told")
    page.record(2)
    assert page.session.utterance.voice is None


def test_an_example_is_nobodys_recording(page: Page) -> None:
    page.record(0)
    page.fire("example-joy", data=gr.EventData(page.component("example-joy"), {}))
    page.set("audio", str(next(item.audio for item in load_gallery() if item.id == "joy")))
    page.set("words", "not happy")
    page.values[page.tab.session._id] = None  # as after an hour
    page.fire("analyse")
    assert page.known is not None and page.known.recordings == 1
    assert page.session.utterance.voice is None


def test_the_switch_shows_both_answers_at_once(page: Page) -> None:
    page.record(0)
    page.record(1)
    page.set("voice-compare", True)
    shown = page.fire("voice-compare", "input")["voice-comparison"]
    assert shown["visible"] and text.COMPARISON in shown["value"]
    page.set("voice-compare", False)
    assert not page.fire("voice-compare", "input")["voice-comparison"]["visible"]


def test_live_begins_with_the_voice_that_is_known(page: Page) -> None:
    page.record(0)
    page.fire("live", "select")
    assert "your voice: 1 recording" in page.get("live-voice")
    page.fire("live-voice-restart")
    assert text.LIVE_NEW in page.get("live-voice") and text.NEW in page.get("voice-told")


def test_a_model_without_a_reference_says_nothing_of_it(
    tiny_checkpoint: Path, voiced: EmotionPipeline, tmp_path: Path
) -> None:
    for pipeline, present in (
        (EmotionPipeline.from_pretrained(tiny_checkpoint), False),
        (voiced, True),
    ):
        page = Page(pipeline, tmp_path)
        ids = {getattr(block, "elem_id", None) for block in page.blocks.blocks.values()}
        assert ("voice" in ids, "live-voice" in ids) == (present, present)
        said = [str(getattr(block, "value", "")) for block in page.blocks.blocks.values()]
        assert any("voice.ABOUT" in one for one in said) == present


def test_class_mode_hears_no_voice_to_be_tuned_to(voiced: EmotionPipeline) -> None:
    with gr.Blocks() as page:
        page.class_mode = True
        panel = VoicePanel(voiced, Uploads(), 60)
    assert not panel.present and not panel.inputs and not panel.outputs
