"""Temperature scaling and the thresholds of the app, fitted on dev."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from sklearn.metrics import roc_curve
from torch import Tensor
from torch.nn import functional as F

from drkf.checkpoint import Calibration
from drkf.evaluation.dev_set import DevLogits, DevSet, Logits

TEMPERATURES = (0.05, 20.0)
#: Share of dev that is to be certain.
COVERAGE = 0.9


def fit_temperature(logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> float:
    """The T with the least Brier score (Brier 1950) of softmax(logits / T) (Guo et al. 2017).

    The Brier score, like the cross-entropy that Guo et al. take, is least where probabilities are
    right. But it is bounded, so that a few labels which nobody could hear do not decide alone.

    Args:
        logits: (N, L). targets: (N,) class indices or (N, L) distributions. weights: (N,) what
            each row counts; None: all the same.
    """
    logits = logits.double()
    if not targets.is_floating_point():
        targets = F.one_hot(targets, logits.shape[1])
    counts = torch.ones(len(logits)).double() if weights is None else weights.double()

    def brier(temperature: float) -> float:
        scores = ((logits / temperature).softmax(1) - targets).square().sum(1)
        return (scores @ counts / counts.sum()).item()

    return _best(brier)


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


#: The truth of a row that has no single label: it counts for coverage, not for temperature.
UNLABELLED = -1


@dataclass(frozen=True, eq=False)
class Judged:
    """Logits of N rows and their label indices (N,), ``UNLABELLED`` where there is none.

    ``unseen``: rows of corpora that were never trained on. Where there are any, they have half the
    weight in the temperature: the model is surer of what resembles its training than it may be of
    what people bring. They do not count for coverage.
    """

    logits: Logits
    truth: np.ndarray
    unseen: tuple[Logits, np.ndarray] | None = None

    def fit(self, coverage: float) -> tuple[float, float]:
        """The temperature, and the confidence that ``coverage`` of the rows then reach; the
        defaults where there are no rows."""
        labelled = self.truth != UNLABELLED
        if not labelled.any():
            return 1.0, Calibration.fused_min_confidence
        emotion = self.logits.emotion[torch.from_numpy(labelled)]
        truth, weights = self.truth[labelled], np.ones(labelled.sum())
        if self.unseen is not None:
            logits, known = self.unseen
            emotion = torch.cat([emotion, logits.emotion])
            truth = np.concatenate([truth, known])
            weights = np.concatenate([weights, np.full(len(known), len(weights) / len(known))])
        temperature = fit_temperature(emotion, torch.from_numpy(truth), torch.from_numpy(weights))
        confidence = self.logits.probabilities(temperature).max(1)
        return temperature, confidence_for_coverage(confidence, coverage)


def fit_calibration(
    fused: Judged,
    audio: Judged,
    text: Judged,
    discrimination: tuple[Tensor, np.ndarray],
    coverage: float = COVERAGE,
) -> Calibration:
    """Temperatures, confidence limits and the threshold of ED from dev (see Calibration); the
    thresholds of the other readings are ``with_readings``'s.

    Args:
        fused, audio, text: what was said of pairs or utterances, of voices, of words.
        discrimination: ED's logits (P,), and (P,) 1 where voice and words differ in emotion; with
            one kind of pair alone there is nothing to fit.
    """
    fused_temperature, fused_limit = fused.fit(coverage)
    audio_temperature, audio_limit = audio.fit(coverage)
    text_temperature, text_limit = text.fit(coverage)
    calibration = Calibration(
        fused_temperature=fused_temperature,
        audio_temperature=audio_temperature,
        text_temperature=text_temperature,
        fused_min_confidence=fused_limit,
        audio_min_confidence=audio_limit,
        text_min_confidence=text_limit,
        coverage=coverage,
    )
    logits, inconsistent = discrimination
    if len(np.unique(inconsistent)) < 2:
        return calibration
    temperature = fit_binary_temperature(logits, torch.from_numpy(inconsistent))
    score = torch.sigmoid(logits / temperature).numpy()
    return replace(
        calibration,
        discrimination_temperature=temperature,
        discrimination_threshold=balanced_threshold(inconsistent, score),
    )


def with_readings(calibration: Calibration, readings: Readings) -> Calibration:
    """The calibration with the thresholds of divergence and neutral shift; as it is where the
    readings are of one kind of pair alone."""
    if len(np.unique(readings.inconsistent)) < 2:
        return calibration
    return replace(
        calibration,
        divergence_threshold=balanced_threshold(readings.inconsistent, readings.divergence),
        shift_threshold=balanced_threshold(
            readings.inconsistent[: len(readings.shift)], readings.shift
        ),
    )


def fit_on_dev(logits: DevLogits, dev: DevSet) -> Calibration:
    """``fit_calibration`` on a dev set of voices, texts and pairs of them."""
    pairs = logits.pairs.pairs
    agree = pairs.inconsistent == 0
    single = np.array([len(item.emotions) == 1 for item in dev.texts])
    return fit_calibration(
        Judged(logits.pairs.fused, np.where(agree, pairs.audio_labels, UNLABELLED)),
        Judged(logits.audio, dev.label_indices(dev.speech), logits.unseen),
        Judged(logits.text, np.where(single, dev.label_indices(dev.texts), UNLABELLED)),
        (logits.pairs.fused.inconsistency, pairs.inconsistent),
    )


@dataclass(frozen=True, eq=False)
class Readings:
    """The two other readings of inconsistency on some pairs: ``divergence`` (M,), ``shift`` (K,) of
    the first K of them, since it takes long, and (M,) 1 where voice and words differ in emotion."""

    inconsistent: np.ndarray
    divergence: np.ndarray
    shift: np.ndarray
