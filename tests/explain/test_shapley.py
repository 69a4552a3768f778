"""Shapley's axioms for two players."""

from __future__ import annotations

import pytest
import torch

from drkf.explain.shapley import shapley
from tests.helpers.synthetic import LABEL


@pytest.mark.parametrize("audio", [(31,), (31, 20)])
def test_efficiency(tiny_model, utterance, audio):
    encoded = utterance(audio=audio)
    evidence = shapley(tiny_model, encoded, LABEL)
    gained = evidence.value_both - evidence.value_none
    assert evidence.phi.audio + evidence.phi.text == pytest.approx(gained, abs=1e-5)
    assert abs(gained) > 1e-3
    assert evidence.emotion == tiny_model.config.labels[LABEL]
    with torch.no_grad():
        both = encoded.average(tiny_model.fuse(encoded.speech, encoded.text).emotion_logits)
        alone = encoded.average(
            tiny_model.fuse(encoded.speech, encoded.text.absent()).emotion_logits
        )
    assert evidence.value_both == pytest.approx(float(both[LABEL]), abs=1e-5)
    assert evidence.value_audio == pytest.approx(float(alone[LABEL]), abs=1e-5)


def test_null_player_voice(deaf_model, utterance):
    evidence = shapley(deaf_model, utterance(), LABEL)
    assert evidence.phi.audio == pytest.approx(0, abs=1e-6)
    assert evidence.interaction == pytest.approx(0, abs=1e-6)
    assert abs(evidence.phi.text) > 1e-3


def test_null_player_words(unread_model, utterance):
    evidence = shapley(unread_model, utterance(), LABEL)
    assert evidence.phi.text == pytest.approx(0, abs=1e-6)
    assert abs(evidence.phi.audio) > 1e-3


@pytest.mark.parametrize("settings", [{"audio": (0,)}, {"words": 0}])
def test_one_modality_has_it_all(tiny_model, utterance, settings):
    evidence = shapley(tiny_model, utterance(**settings), LABEL)
    missing, there = (
        (evidence.phi.audio, evidence.phi.text)
        if "audio" in settings
        else (evidence.phi.text, evidence.phi.audio)
    )
    assert missing is None
    assert there == pytest.approx(evidence.value_both - evidence.value_none, abs=1e-6)
    assert evidence.interaction == pytest.approx(0, abs=1e-6)
