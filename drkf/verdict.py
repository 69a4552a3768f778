"""From the model's logits to what is said of an utterance: the one rule, for one or for many."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from drkf.analysis import Agreement, InconsistencyEvidence, Prediction, agreement_of
from drkf.checkpoint import Calibration
from drkf.explain import inconsistency


@dataclass(frozen=True)
class Verdict:
    """Calibrated predictions of one utterance.

    ``audio`` and ``text`` are the predictions from one modality alone, None where it is missing;
    ``fused`` is from all that there is. ``inconsistency`` exists only where both are there.
    """

    fused: Prediction
    audio: Prediction | None
    text: Prediction | None
    uncertain: bool
    inconsistency: InconsistencyEvidence | None

    @property
    def agreement(self) -> Agreement | None:
        """What voice and words are to each other; None where one of them is missing."""
        if self.audio is None or self.text is None or self.inconsistency is None:
            return None
        return agreement_of(self.audio, self.text, self.inconsistency)


def decide(
    calibration: Calibration,
    labels: tuple[str, ...],
    *,
    audio: Tensor | None,
    text: Tensor | None,
    both: tuple[Tensor, Tensor] | None,
    unread: bool = False,
    unheard: bool = False,
) -> Verdict:
    """The verdict on one utterance.

    Args:
        audio: emotion logits (L,) from the audio alone, None where there is none.
        text: likewise, from the text alone; one of the two must be there.
        both: with both modalities, the fused emotion logits (L,) and the inconsistency logit ().
        unread: the words are in a language that the model does not read: nothing is certain.
        unheard: perhaps nobody speaks in the clip: nothing is certain.
    """
    heard = None if audio is None else predict(labels, audio, calibration.audio_temperature)
    read = None if text is None else predict(labels, text, calibration.text_temperature)
    found = None
    if both is not None and heard is not None and read is not None:
        fused = predict(labels, both[0], calibration.fused_temperature)
        certain_from = calibration.fused_min_confidence
        discrimination = torch.sigmoid(both[1] / calibration.discrimination_temperature)
        found = inconsistency.readings(
            float(discrimination), heard.probabilities, read.probabilities, calibration
        )
    elif heard is not None:
        fused, certain_from = heard, calibration.audio_min_confidence
    elif read is not None:
        fused, certain_from = read, calibration.text_min_confidence
    else:
        raise ValueError("an utterance without audio and without text has no verdict")
    doubtful = (unread and read is not None) or (unheard and heard is not None)
    return Verdict(fused, heard, read, doubtful or fused.confidence < certain_from, found)


def predict(labels: tuple[str, ...], logits: Tensor, temperature: float) -> Prediction:
    """Logits (L,) as probabilities, calibrated by temperature scaling (Guo et al. 2017)."""
    probabilities = (logits.float() / temperature).softmax(-1)
    return Prediction(labels, tuple(probabilities.tolist()))
