"""Emotional seconds planted in neutral speech, and deletion in the sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from drkf.data.manifest import Item
from drkf.evaluation.cues import judge_cues, judge_times, plant_cues
from drkf.pipeline import EmotionPipeline
from tests.helpers.sound import any_sound

RATE = 16_000


@pytest.fixture
def pipeline(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


def write(path: Path, level: float, seconds: float, seed: int) -> Path:
    noise = np.random.default_rng(seed).uniform(-level, level, int(seconds * RATE))
    soundfile.write(path, np.pad(noise, RATE // 4), RATE)
    return path


def clips(folder: Path, emotions: tuple[str, ...]) -> list[Item]:
    """Clips of one speaker, the first one loud."""
    return [
        Item(str(i), write(folder / f"{i}.wav", 0.1 if i else 0.9, 1.2, i), None, (emotion,), "s")
        for i, emotion in enumerate(emotions)
    ]


def test_a_planted_clip_is_neutral_but_for_one_second(tmp_path):
    (planted,) = plant_cues(clips(tmp_path, ("anger", "neutral", "neutral")))
    assert planted.emotion == "anger"
    assert planted.end - planted.start == pytest.approx(1.0, abs=1e-3)
    assert len(planted.samples) / RATE == pytest.approx(1.2 + 1.2 + 1.0, abs=0.01)
    loud = np.abs(planted.samples) > 0.2
    first, last = np.flatnonzero(loud)[[0, -1]] / RATE
    assert planted.start <= first < last <= planted.end
    assert len(planted.without_cue) / RATE == pytest.approx(1.2 + 1.2, abs=0.01)
    assert np.abs(planted.without_cue).max() < 0.2


def test_a_speaker_without_neutral_speech_has_no_planted_clips(tmp_path):
    assert list(plant_cues(clips(tmp_path, ("anger", "joy", "neutral")))) == []


def test_cues_and_times_are_judged_where_the_model_answers_them(pipeline, tmp_path):
    answer = pipeline.analyze(write(tmp_path / "x.wav", 0.5, 1.2, 7), None, False, False).emotion
    other = "joy" if answer != "joy" else "fear"
    right = clips(tmp_path, (answer if answer != "neutral" else other, "neutral", "neutral"))
    decides, every = judge_cues(pipeline, right, 2)
    assert decides.count <= every.count <= 1 and 0 <= every.value <= 1
    item = Item("x", tmp_path / "x.wav", None, (answer,), "s")
    wrong = Item("y", tmp_path / "x.wav", None, (other,), "s")
    fall, stable = judge_times(pipeline, [wrong, item, item], 1)
    assert fall.count == stable.count == 1
    assert fall.random < fall.value <= fall.best
    assert stable.value in (0, 1)
