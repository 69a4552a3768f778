"""How often voice and words are called what to each other."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
import numpy as np
import pytest
import torch

from drkf.checkpoint import Calibration
from drkf.evaluation.card import verdict_table
from drkf.evaluation.dev_set import Logits
from drkf.evaluation.verdicts import agreements, shares
from drkf.labels import EMOTIONS

ANGER, JOY, NEUTRAL = (EMOTIONS.index(name) for name in ("anger", "joy", "neutral"))
CALIBRATION = Calibration(discrimination_threshold=0.5, divergence_threshold=0.9)


def sure_of(labels: list[int], inconsistency: list[float], by: float = 2.0) -> Logits:
    return Logits(by * torch.eye(len(EMOTIONS))[labels], torch.tensor(inconsistency))


def test_neutral_sides_never_contradict_and_two_emotions_do_where_they_are_far_apart() -> None:
    audio = sure_of([ANGER, ANGER, NEUTRAL, JOY, JOY], [0.0] * 5)
    text = sure_of([ANGER, NEUTRAL, JOY, ANGER, ANGER], [0.0] * 5)
    fused = sure_of([ANGER, ANGER, JOY, JOY, JOY], [3.0, 3.0, 3.0, 3.0, -3.0])
    said = agreements(fused, audio, text, CALIBRATION, EMOTIONS)
    assert said.tolist() == [
        *("agree", "emotion in audio", "emotion in text", "contradict"),
        "agree",  # neither the detector nor the distance of the answers says otherwise
    ]
    # Answers that lie far apart contradict whatever the detector says.
    clear = [sure_of([label], [0.0], by=9.0) for label in (JOY, ANGER)]
    assert agreements(fused.rows([4]), *clear, CALIBRATION, EMOTIONS).tolist() == ["contradict"]


def test_shares_are_of_the_chosen_rows() -> None:
    said = np.array(["agree", "contradict", "agree", "emotion in audio"])
    found = shares(said, np.array([True, True, False, False]))
    assert found == {
        "n": 2,
        "agree": 0.5,
        "emotion in audio": 0.0,
        "emotion in text": 0.0,
        "contradict": 0.5,
    }
    row = verdict_table({"pairs": {"two emotions": found}}).splitlines()[-1]
    assert row == "| two emotions | 2 | 0.500 | 0.000 | 0.000 | 0.500 |"
    assert verdict_table({}) == ""
    assert sum(found[name] for name in list(found)[1:]) == pytest.approx(1)
