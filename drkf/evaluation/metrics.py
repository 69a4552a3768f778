"""Metrics under their plain names: WA is accuracy, UAR mean class recall, and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_recall_curve,
    recall_score,
    roc_auc_score,
)

Labels = NDArray[np.int64]
Probabilities = NDArray[np.floating]


def weighted_accuracy(truth: Labels, predicted: Labels) -> float:
    """WA: the share of utterances that are right (accuracy)."""
    return float(accuracy_score(truth, predicted))


def unweighted_average_recall(truth: Labels, predicted: Labels) -> float:
    """UAR: recall averaged over the classes that occur in ``truth``."""
    return float(
        recall_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)
    )


def weighted_f1(truth: Labels, predicted: Labels) -> float:
    """WF1: F1 averaged over classes, weighted by their count in ``truth``."""
    return float(f1_score(truth, predicted, average="weighted", zero_division=0))


def macro_f1(truth: Labels, predicted: Labels) -> float:
    """Macro-F1: F1 averaged over the classes that occur in ``truth``."""
    return float(
        f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)
    )


def area_under_roc(truth: Labels, scores: NDArray[np.floating]) -> float:
    """AUROC of scores for a binary truth."""
    return float(roc_auc_score(truth, scores))


def expected_calibration_error(
    truth: Labels, probabilities: Probabilities, bins: int = 15
) -> float:
    """ECE (Guo et al. 2017, eq. 3): |accuracy - confidence| over equal-width confidence bins.

    Args:
        truth: (N,) class indices. probabilities: (N, L).
    """
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == truth
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(index, minlength=bins)
    gap = np.abs(
        np.bincount(index, right, minlength=bins) - np.bincount(index, confidence, minlength=bins)
    )
    return float(gap.sum() / count.sum())


def brier_score(truth: Labels, probabilities: Probabilities) -> float:
    """Multi-class Brier score (Brier 1950): mean squared distance to the one-hot truth, 0..2."""
    return float(np.square(probabilities - np.eye(probabilities.shape[1])[truth]).sum(1).mean())


def area_under_risk_coverage(truth: Labels, probabilities: Probabilities) -> float:
    """AURC (Geifman & El-Yaniv 2017): mean error among the k most confident, over all k."""
    order = np.argsort(-probabilities.max(1), kind="stable")
    wrong = (probabilities.argmax(1) != truth)[order]
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


def bootstrap_interval(
    groups: NDArray[Any],
    statistic: Callable[[NDArray[np.int64]], float],
    samples: int = 1000,
    seed: int = 0,
) -> tuple[float, float]:
    """95 % percentile interval of ``statistic(row indices)``, resampling whole groups
    (speakers), because rows of one speaker are not independent."""
    rng = np.random.default_rng(seed)
    _, group, count = np.unique(groups, return_inverse=True, return_counts=True)
    members = np.split(np.argsort(group, kind="stable"), np.cumsum(count)[:-1])
    values = []
    for _ in range(samples):
        chosen = rng.integers(len(members), size=len(members))
        values.append(statistic(np.concatenate([members[i] for i in chosen])))
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def exact_match(truth: Labels, predicted: Labels) -> float:
    """Multi-label subset accuracy: the share of utterances whose predicted set of labels is
    exactly theirs. Both (N, L) of 0 and 1."""
    return float((truth == predicted).all(1).mean())


def multi_label_f1(truth: Labels, predicted: Labels, average: str) -> float:
    """F1 over (N, L) of 0 and 1.

    Args:
        average: "weighted" (each label's F1 by its count in ``truth``), "macro" (over the labels
            that occur in ``truth``), or "micro" (one F1 over all cells).
    """
    present = truth.any(0)
    columns = present if average == "macro" else slice(None)
    return float(
        f1_score(truth[:, columns], predicted[:, columns], average=average, zero_division=0)
    )


def best_f1_threshold(truth: Labels, scores: NDArray[np.floating]) -> float:
    """The score from which on to say yes, by the best F1; 0.5 where ``truth`` has no yes."""
    if not truth.any():
        return 0.5
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return float(thresholds[f1[:-1].argmax()])
