"""Utterances in a batch get what they get alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drkf import gallery
from drkf.analysis import Prediction, Transcript, TranscriptWord
from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.batch import MAX_PADDING, predict_batch, similar
from drkf.pipeline import EmotionPipeline

TOLERANCE = {True: 0.02, False: 1e-4}
"""Of a probability, with bfloat16 and without."""


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(tiny_checkpoint, device="cpu")


@pytest.fixture(params=[True, False], ids=["bfloat16", "float32"])
def tolerance(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr("drkf.model.precision.BFLOAT16", request.param)
    return TOLERANCE[request.param]


def close(found: Prediction | None, expected: Prediction | None, tolerance: float) -> bool:
    if found is None or expected is None:
        return found is expected
    return bool(np.allclose(found.probabilities, expected.probabilities, atol=tolerance))


def spoken_words(text: str, seconds: float) -> Transcript:
    """Recognised words, spread over the first part of the clip."""
    words = text.split()
    times = np.linspace(0.2, seconds, len(words) + 1)
    return Transcript(
        text,
        "asr",
        words=tuple(
            TranscriptWord(word, float(a), float(b), 0.9)
            for word, a, b in zip(words, times[:-1], times[1:], strict=True)
        ),
    )


def test_a_batch_says_what_each_utterance_gets_alone(
    pipeline: EmotionPipeline, tolerance: float
) -> None:
    clips = [item for item in gallery.load_gallery() if item.audio is not None][:4]
    voice = load_audio(clips[0].audio).samples
    long = (SAMPLE_RATE, np.tile(voice, 70 * SAMPLE_RATE // len(voice) + 1))
    given: Sequence[tuple[Any, str | Transcript | None]] = [
        (clips[0].audio, "i am so very happy"),
        (None, "i hate waiting for weeks and you can not believe it"),
        (clips[1].audio, None),
        (clips[2].audio, "so sad"),
        (None, "fine"),
        (long, "i have been waiting for weeks"),  # three windows
        (long, spoken_words("i have been waiting for weeks", 12.0)),  # words in the first alone
        (long, None),
        (clips[3].audio, "a " * 100),  # cut at the encoder's limit
    ]
    heard = [pipeline.listen(audio, text, transcribe=False) for audio, text in given]
    found = predict_batch(pipeline, heard)
    assert len(found) == len(given)
    for reading, (audio, text) in zip(found, given, strict=True):
        utterance = pipeline.encode(audio, text, transcribe=False)
        alone = pipeline.predict(utterance)
        assert close(reading.fused, alone.fused, tolerance)
        assert close(reading.audio, alone.audio, tolerance)
        assert close(reading.text, alone.text, tolerance)
        assert reading.transcript == alone.transcript
        assert reading.uncertain == alone.uncertain
        assert reading.clip_seconds == alone.clip_seconds
        assert reading.warnings == alone.warnings
        assert (reading.inconsistency is None) == (alone.inconsistency is None)
        if alone.inconsistency is not None:
            assert reading.inconsistency == pytest.approx(
                alone.inconsistency.discrimination, abs=tolerance
            )
            assert reading.inconsistent == alone.inconsistency.inconsistent
        assert reading.cls.shape == (32,) and np.isfinite(reading.cls).all()
    assert any("first" in warning for warning in found[-1].warnings)


def test_the_order_of_a_batch_does_not_matter(pipeline: EmotionPipeline, tolerance: float) -> None:
    texts = ["happy", "i hate you so very not", "sad", "the a to of and this that it what do"]
    heard = [pipeline.listen(None, text) for text in texts]
    found, turned = predict_batch(pipeline, heard), predict_batch(pipeline, heard[::-1])[::-1]
    for one, other in zip(found, turned, strict=True):
        assert close(one.fused, other.fused, tolerance)
        np.testing.assert_allclose(one.cls, other.cls, atol=5 * tolerance)
    assert predict_batch(pipeline, []) == []


def test_batches_hold_similar_lengths_up_to_the_limit() -> None:
    sizes = np.random.default_rng(0).uniform(0.3, 30, 200)
    batches = list(similar(sizes.tolist(), 60.0))
    assert sorted(i for batch in batches for i in batch) == list(range(200))
    for batch in batches:
        padded = len(batch) * sizes[batch].max()
        assert len(batch) == 1 or padded <= 60.0
        assert padded <= MAX_PADDING * sizes[batch].sum() + 1e-9
    assert list(similar([90.0], 60.0)) == [[0]]


def test_nothing_is_certain_where_perhaps_nobody_speaks(
    pipeline: EmotionPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = next(item.audio for item in gallery.load_gallery() if item.audio is not None)
    words = "i am so happy"

    def uncertain() -> tuple[bool, bool]:
        heard = pipeline.listen(clip, words, transcribe=False)
        (reading,) = predict_batch(pipeline, [heard])
        return reading.uncertain, pipeline.predict(pipeline.encode(clip, words)).uncertain

    sure = replace(pipeline.calibration, fused_min_confidence=0.0)
    monkeypatch.setattr(pipeline, "calibration", sure)
    assert uncertain() == (False, False)
    monkeypatch.setattr("drkf.audio.activity.detect", lambda *_: [])
    assert uncertain() == (True, True)
