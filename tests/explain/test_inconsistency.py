"""The three readings of inconsistency and their flag."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from drkf.checkpoint import Calibration
from drkf.explain.inconsistency import (
    NeutralReferences,
    jensen_shannon,
    neutral_shift,
    readings,
    with_shift,
)
from drkf.explain.utterance import logits
from drkf.model.sequence import TokenSequence
from tests.helpers.synthetic import make_utterance


@pytest.fixture
def references() -> NeutralReferences:
    """Three voices and two sentences of unequal length."""
    voices = make_utterance(audio=(9, 22, 15), seed=5).speech
    sentences = make_utterance(audio=(4, 4), words=3, seed=6).text
    sentences.mask[1, 4:] = False
    return NeutralReferences(voices, sentences)


def test_divergence_is_symmetric_and_bounded():
    rng = np.random.default_rng(0)
    for _ in range(50):
        p, q = rng.dirichlet(np.full(7, 0.3), size=2)
        assert jensen_shannon(p, q) == pytest.approx(jensen_shannon(q, p))
        assert 0 < jensen_shannon(p, q) < 1
        assert jensen_shannon(p, p) == 0


def test_divergence_by_hand():
    assert jensen_shannon((1, 0, 0), (0, 0, 1)) == 1
    # H((0.75, 0.25)) - (H((1, 0)) + H((0.5, 0.5))) / 2, in bits.
    expected = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)) - 0.5
    assert jensen_shannon((1, 0), (0.5, 0.5)) == pytest.approx(expected)


def by_hand(model, encoded, references, temperature):
    """One modality, one reference and one window at a time."""

    def prediction(audio, text):
        logits = sum(
            weight * model.fuse(audio(w), text(w)).emotion_logits[0]
            for w, weight in enumerate(encoded.weights)
        )
        return (logits / temperature).softmax(-1)

    def one(sequence, row):
        return TokenSequence(sequence.hidden[row : row + 1], sequence.mask[row : row + 1])

    with torch.no_grad():
        speech, text = (lambda w: one(encoded.speech, w)), (lambda w: one(encoded.text, w))
        p = prediction(speech, text)
        voices = [
            prediction(lambda w, r=r: one(references.speech, r), text)
            for r in range(len(references.speech.mask))
        ]
        words = [
            prediction(speech, lambda w, r=r: one(references.text, r))
            for r in range(len(references.text.mask))
        ]
    return max(float((p - torch.stack(side).mean(0)).abs().sum() / 2) for side in (voices, words))


@pytest.mark.parametrize("audio", [(31,), (31, 20)])
def test_shift_is_the_larger_total_variation(tiny_model, utterance, references, audio):
    encoded = utterance(audio=audio, padding=3)
    found = neutral_shift(tiny_model, encoded, references, 0.7)
    assert found == pytest.approx(by_hand(tiny_model, encoded, references, 0.7), abs=1e-5)
    assert 0 < found < 1


def test_no_shift_from_what_is_neutral_already(tiny_model, utterance):
    encoded = utterance()
    references = NeutralReferences(encoded.speech, encoded.text)
    assert neutral_shift(tiny_model, encoded, references, 1.0) == pytest.approx(0, abs=1e-6)


def test_shift_of_the_modality_that_counts(deaf_model, utterance, references):
    """The voice is ignored, so the shift is what the words do."""
    encoded = utterance()
    found = neutral_shift(deaf_model, encoded, references, 1.0)
    same_words = replace(references, text=encoded.text)
    assert found > 1e-4
    assert neutral_shift(deaf_model, encoded, same_words, 1.0) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("discrimination", "shift", "disagree"),
    [(0.9, 0.7, False), (0.1, 0.7, True), (0.9, 0.2, True)],
)
def test_flag(discrimination, shift, disagree):
    calibration = Calibration(
        discrimination_threshold=0.6, divergence_threshold=0.3, shift_threshold=0.5
    )
    voice, words = (0.9, 0.1, 0, 0, 0, 0, 0), (0.1, 0.9, 0, 0, 0, 0, 0)
    evidence = readings(discrimination, voice, words, calibration)
    assert evidence.divergence == pytest.approx(jensen_shannon(voice, words))
    assert evidence.divergence > 0.3
    assert evidence.inconsistent is (discrimination >= 0.6)
    assert (evidence.threshold, evidence.divergence_threshold) == (0.6, 0.3)
    assert evidence.shift_threshold == 0.5
    assert evidence.neutral_shift is None and not evidence.disagree
    all_three = with_shift(evidence, shift)
    assert all_three.neutral_shift == shift and all_three.disagree is disagree
    assert all_three.divergence == evidence.divergence


def test_all_readings_low_agree():
    same = (0.5, 0.5, 0, 0, 0, 0, 0)
    evidence = with_shift(readings(0.2, same, same, Calibration()), 0.1)
    assert not evidence.disagree and not evidence.inconsistent


def test_a_known_prediction_saves_a_pass(tiny_model, utterance, references, monkeypatch):
    encoded = utterance()
    with torch.no_grad():
        fused = (logits(tiny_model, encoded)[0] / 0.7).softmax(-1).tolist()
    expected = neutral_shift(tiny_model, encoded, references, 0.7)
    monkeypatch.setattr("drkf.explain.inconsistency.logits", None)
    found = neutral_shift(tiny_model, encoded, references, 0.7, fused)
    assert found == pytest.approx(expected, abs=1e-6)
