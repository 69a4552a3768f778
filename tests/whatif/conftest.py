"""A tiny model that counts its encodings, and an utterance to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drkf.analysis import Transcript, TranscriptWord
from drkf.pipeline import EmotionPipeline, Utterance
from tests.helpers.scenarios import WORDS, sound
from tests.helpers.sound import any_sound


@pytest.fixture
def pipeline(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> EmotionPipeline:
    """Any sound counts as speech here: the tests' clips are synthetic noise."""
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture
def encodings(pipeline: EmotionPipeline, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each encoder was run."""
    counts: Counter[str] = Counter()
    model = pipeline.model

    def counted(name: str) -> Callable[..., Any]:
        run = getattr(model, name)

        def call(*args: Any) -> Any:
            counts[name] += 1
            return run(*args)

        return call

    for name in ("encode_speech", "encode_text"):
        monkeypatch.setattr(model, name, counted(name))
    return counts


@pytest.fixture
def base(pipeline: EmotionPipeline) -> Utterance:
    words = tuple(
        TranscriptWord(word, 0.25 * i, 0.25 * i + 0.2, 0.9) for i, word in enumerate(WORDS.split())
    )
    return pipeline.encode(sound(1.5), Transcript(WORDS, "asr", "en", 0.9, words))
