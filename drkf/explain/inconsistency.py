"""Three readings of "voice and words contradict each other", and whether they agree.

* discrimination: P(inconsistent) of the emotion discrimination head (ED), from what it learned
  on matching and mismatching pairs;
* divergence: Jensen-Shannon divergence (Lin 1991) between the voice-only and the words-only
  prediction, base 2;
* neutral shift: how far the fused prediction p moves when one modality is replaced by neutral
  ones. With p_m the mean prediction over references for modality m, max over m of the total
  variation distance 1/2 sum_c |p(c) - p_m(c)|.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.special import rel_entr
from torch import Tensor

from drkf.analysis import InconsistencyEvidence
from drkf.checkpoint import Calibration
from drkf.explain.utterance import EncodedUtterance, Rows, logits, row_logits
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence


@dataclass(frozen=True, eq=False)
class NeutralReferences:
    """What a modality is replaced by: adapted sequences of a few neutral voices and sentences.

    ``speech`` A (R, Ta, d), ``text`` T (P, Tt, d).
    """

    speech: TokenSequence
    text: TokenSequence


def jensen_shannon(p: Sequence[float], q: Sequence[float]) -> float:
    """Jensen-Shannon divergence of two distributions, base 2: 0 equal, 1 disjoint."""
    first, second = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    mixture = (first + second) / 2
    nats = (rel_entr(first, mixture).sum() + rel_entr(second, mixture).sum()) / 2
    return float(np.clip(nats / math.log(2), 0.0, 1.0))


def neutral_shift(
    model: DRKF,
    encoded: EncodedUtterance,
    references: NeutralReferences,
    temperature: float,
    fused: Sequence[float] | None = None,
) -> float:
    """The larger of the two total variation distances, 0..1; both modalities must be there.

    Cost: a pass for each reference and window, and one for the utterance as it is.

    Args:
        temperature: of the fused prediction.
        fused: that prediction's class probabilities (L,) where they are known, which saves the
            last pass.
    """
    speech, text = encoded.speech, encoded.text
    W, R, P = len(encoded.weights), len(references.speech.mask), len(references.text.mask)
    # Sequences 0..W-1 are the utterance's own windows, the references come after them.
    audio = TokenSequence.stack([speech, references.speech])
    words = TokenSequence.stack([text, references.text])
    pairs = [(W + r, w) for r in range(R) for w in range(W)]
    pairs += [(w, W + p) for p in range(P) for w in range(W)]
    audio_of, words_of = torch.tensor(pairs, device=encoded.weights.device).T
    # A window that lacks a modality has nothing to be replaced.
    has_audio, has_text = (x.present.repeat(R + P)[:, None] for x in (speech, text))
    rows = row_logits(
        model,
        Rows(audio.hidden, audio_of, audio.mask[audio_of] & has_audio),
        Rows(words.hidden, words_of, words.mask[words_of] & has_text),
    )
    replaced = (encoded.average(rows.view(R + P, W, -1)) / temperature).softmax(-1)  # (R + P, L)
    if fused is None:
        p = (logits(model, encoded)[0] / temperature).softmax(-1)
    else:
        p = replaced.new_tensor(fused)
    return max(_total_variation(p, replaced[:R]), _total_variation(p, replaced[R:]))


def readings(
    discrimination: float,
    audio: Sequence[float],
    text: Sequence[float],
    calibration: Calibration,
) -> InconsistencyEvidence:
    """The two readings that a prediction gives; ``with_shift`` adds the third.

    Args:
        discrimination: ED's P(inconsistent).
        audio, text: class probabilities of the voice alone and of the words alone.
        calibration: holds the thresholds, chosen on dev.
    """
    return InconsistencyEvidence(
        discrimination=discrimination,
        threshold=calibration.discrimination_threshold,
        divergence=jensen_shannon(audio, text),
        divergence_threshold=calibration.divergence_threshold,
        shift_threshold=calibration.shift_threshold,
    )


def with_shift(evidence: InconsistencyEvidence, shift: float) -> InconsistencyEvidence:
    """All three readings, and whether they fall on different sides of their thresholds."""
    sides = {
        evidence.inconsistent,
        evidence.divergence >= evidence.divergence_threshold,
        shift >= evidence.shift_threshold,
    }
    return replace(evidence, neutral_shift=shift, disagree=len(sides) > 1)


def _total_variation(p: Tensor, others: Tensor) -> float:
    """1/2 sum |p - mean of others|: (L,), (R, L)."""
    return float((p - others.mean(0)).abs().sum() / 2)
