"""Temperature scaling and the thresholds of the app, fitted on dev."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from sklearn.metrics import roc_curve
from torch import Tensor
from torch.nn import functional as F

from drkf.checkpoint import Calibration
from drkf.evaluation.dev_set import DevLogits, DevSet, Logits

TEMPERATURES = (0.05, 20.0)


def fit_temperature(logits: Tensor, targets: Tensor) -> float:
    """The T with the least Brier score (Brier 1950) of softmax(logits / T) (Guo et al. 2017).

    The Brier score, like the cross-entropy that Guo et al. take, is least where probabilities are
    right. But it is bounded, so that a few labels which nobody could hear do not decide alone.

    Args:
        logits: (N, L). targets: (N,) class indices or (N, L) distributions.
    """
    logits = logits.double()
    if not targets.is_floating_point():
        targets = F.one_hot(targets, logits.shape[1])
    return _best(lambda t: ((logits / t).softmax(1) - targets).square().sum(1).mean().item())


def fit_binary_temperature(logits: Tensor, targets: Tensor) -> float:
    """The T with the least cross-entropy, of a binary logit (N,) and targets (N,) in {0, 1}."""
    logits, targets = logits.double(), targets.double()
    return _best(lambda t: F.binary_cross_entropy_with_logits(logits / t, targets).item())


def _best(loss: Callable[[float], float]) -> float:
    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(
        lambda x: loss(float(np.exp(x))),
        bounds=(low, high),
        method="bounded",
    )
    return float(np.exp(found.x))


def balanced_threshold(truth: np.ndarray, scores: np.ndarray) -> float:
    """The score from which on to say yes, by the best balanced accuracy (Youden's J)."""
    false_positive, true_positive, thresholds = roc_curve(truth, scores)
    finite = np.isfinite(thresholds)
    return float(thresholds[finite][np.argmax((true_positive - false_positive)[finite])])


def confidence_for_coverage(confidence: np.ndarray, coverage: float) -> float:
    """The confidence that ``coverage`` of the predictions reach."""
    return float(np.quantile(confidence, 1 - coverage))


def fit_calibration(
    logits: DevLogits, dev: DevSet, readings: Readings, coverage: float = 0.9
) -> Calibration:
    """Temperatures, reading thresholds and confidence limits from dev (see Calibration)."""
    single = np.array([len(item.emotions) == 1 for item in dev.texts])
    agree = logits.pairs.pairs.inconsistent == 0
    voice_truth = torch.from_numpy(dev.label_indices(dev.speech))
    words_truth = torch.from_numpy(dev.label_indices(dev.texts)[single])
    pair_truth = torch.from_numpy(logits.pairs.pairs.audio_labels[agree])
    audio = fit_temperature(logits.voice.emotion, voice_truth)
    text = fit_temperature(logits.words.emotion[single], words_truth)
    fused = fit_temperature(logits.pairs.fused.emotion[agree], pair_truth)
    inconsistent = logits.pairs.pairs.inconsistent
    discrimination = fit_binary_temperature(
        logits.pairs.fused.inconsistency, torch.from_numpy(inconsistent)
    )
    score = torch.sigmoid(logits.pairs.fused.inconsistency / discrimination).numpy()

    def limit(values: Logits, temperature: float) -> float:
        return confidence_for_coverage(values.probabilities(temperature).max(1), coverage)

    truth = inconsistent[readings.rows]
    return Calibration(
        fused_temperature=fused,
        audio_temperature=audio,
        text_temperature=text,
        discrimination_temperature=discrimination,
        discrimination_threshold=balanced_threshold(inconsistent, score),
        divergence_threshold=balanced_threshold(truth, readings.divergence),
        shift_threshold=balanced_threshold(truth, readings.shift),
        fused_min_confidence=limit(logits.pairs.fused, fused),
        audio_min_confidence=limit(logits.voice, audio),
        text_min_confidence=limit(logits.words, text),
        coverage=coverage,
    )


@dataclass(frozen=True, eq=False)
class Readings:
    """The two other readings of inconsistency on the pairs ``rows`` (M,), each (M,)."""

    rows: np.ndarray
    divergence: np.ndarray
    shift: np.ndarray
