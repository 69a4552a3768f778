"""Pairs for evaluation, and what is counted on them."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
from collections import Counter

import numpy as np
import pytest
import torch

from drkf.errors import ManifestError
from drkf.evaluation.card import pairs_by_corpus
from drkf.evaluation.dev_set import DevPairs, Logits, PairLogits, draw_pairs

ANGER, JOY, NEUTRAL, NO_VOICE, NO_WORDS = 0, 3, 4, -1, -2


def test_each_voice_meets_words_of_its_emotion_and_of_another() -> None:
    voices = np.array([ANGER, ANGER, JOY, NEUTRAL, NO_VOICE, NO_VOICE])
    words = np.array([NEUTRAL, JOY, ANGER, NO_WORDS, JOY, NO_WORDS])
    pairs = draw_pairs(voices, words, 30, 0)
    assert pairs.inconsistent.tolist() == [0, 1] * 30
    assert Counter(pairs.audio_labels[::2].tolist()) == {ANGER: 10, JOY: 10, NEUTRAL: 10}
    assert pairs.audio[::2] == pairs.audio[1::2]
    assert set(pairs.audio) <= {0, 1, 2, 3} and set(pairs.text) <= {0, 1, 2, 4}


def certain(labels: list[int]) -> Logits:
    return Logits(torch.eye(7)[labels], torch.zeros(len(labels)))


def test_what_is_counted_on_pairs() -> None:
    a = np.array([ANGER, ANGER, JOY, JOY])
    t = np.array([ANGER, JOY, JOY, NEUTRAL])
    fused = Logits(torch.eye(7)[[ANGER, JOY, JOY, ANGER]], torch.tensor([-1.0, 2.0, 1.0, 0.0]))
    judged = PairLogits(
        DevPairs([0, 0, 1, 1], [0, 1, 2, 3], a, t),
        fused,
        audio=certain([ANGER, ANGER, ANGER, JOY]),
        text=certain([NEUTRAL, ANGER, NEUTRAL, JOY]),
    )
    assert judged.scores() == {
        "both_WA": 1.0,
        "voice_alone_WA": 0.5,
        "words_alone_WA": 0.0,
        "gain_over_better": 0.5,
        "inconsistent_either_WA": 0.5,
        "ED_AUROC": pytest.approx(0.75),
    }
    row = pairs_by_corpus({"mini": {"n": 2, "speakers": 1, **judged.scores()}}).splitlines()[-1]
    assert row == "| mini | 1 | 2 | 1.000 | 0.500 | 0.000 | 0.500 | 0.500 | 0.750 |"
    assert pairs_by_corpus({}) == ""


def test_pairs_need_two_emotions_that_both_have() -> None:
    with pytest.raises(ManifestError, match="two emotions"):
        draw_pairs(np.array([0, 1]), np.array([1, 2]), 4, 0)
