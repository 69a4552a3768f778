"""What an analysis says of itself: ties, and what voice and words are to each other."""

from __future__ import annotations

import pytest

from drkf.analysis import (
    Agreement,
    FaithfulnessEvidence,
    InconsistencyEvidence,
    Prediction,
    agreement_of,
)

LABELS = ("anger", "joy", "neutral", "sadness")


def sure(emotion: str) -> Prediction:
    return Prediction(LABELS, tuple(0.7 if label == emotion else 0.1 for label in LABELS))


@pytest.mark.parametrize(
    ("audio", "text", "discrimination", "expected"),
    [
        ("anger", "anger", 0.1, "agree"),
        ("anger", "anger", 0.9, "agree"),
        ("neutral", "neutral", 0.9, "agree"),
        ("anger", "neutral", 0.1, "emotion in audio"),
        ("anger", "neutral", 0.9, "emotion in audio"),
        ("neutral", "joy", 0.9, "emotion in text"),
        ("anger", "joy", 0.5, "contradict"),
        ("anger", "joy", 0.49, "agree"),
    ],
)
def test_only_two_different_emotions_contradict(
    audio: str, text: str, discrimination: float, expected: Agreement
) -> None:
    readings = InconsistencyEvidence(discrimination, 0.5, divergence=0.4)
    assert agreement_of(sure(audio), sure(text), readings) == expected


def test_answers_that_lie_far_apart_contradict_whatever_the_detector_says() -> None:
    readings = InconsistencyEvidence(0.1, 0.5, divergence=0.6)
    assert agreement_of(sure("anger"), sure("joy"), readings) == "contradict"
    assert agreement_of(sure("anger"), sure("neutral"), readings) == "emotion in audio"


@pytest.mark.parametrize(("divergence", "split"), [(0.6, False), (0.4, True)])
def test_two_readings_that_look_for_a_contradiction_may_split(
    divergence: float, split: bool
) -> None:
    readings = InconsistencyEvidence(0.8, 0.5, divergence, neutral_shift=0.0, disagree=True)
    assert readings.split == split


def test_a_small_lead_is_undecided() -> None:
    tie = Prediction(LABELS, (0.45, 0.44, 0.06, 0.05))
    assert tie.undecided and tie.emotion == "anger" and tie.runner_up == "joy"
    assert tie.margin == pytest.approx(0.01)
    assert not sure("joy").undecided
    assert Prediction(("anger",), (1.0,)).runner_up == "anger"


@pytest.mark.parametrize(
    ("removed", "kept", "grade"), [(0.4, -0.1, "good"), (0.1, 0.0, "fair"), (0.02, 0.03, "poor")]
)
def test_an_explanation_is_graded_by_its_lead_over_chance(
    removed: float, kept: float, grade: str
) -> None:
    assert FaithfulnessEvidence(removed, kept, 0.0, 0.0).grade == grade
