"""Metrics against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from drkf.evaluation import metrics

# Class 0: 3 of 4 right; class 1: 1 of 2; class 2: 0 of 1. Nobody is of class 3.
TRUTH = np.array([0, 0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 3, 0])


def test_wa_is_accuracy() -> None:
    assert metrics.weighted_accuracy(TRUTH, PREDICTED) == pytest.approx(4 / 7)


def test_uar_is_mean_recall_of_the_classes_that_occur() -> None:
    expected = (3 / 4 + 1 / 2 + 0) / 3
    assert metrics.unweighted_average_recall(TRUTH, PREDICTED) == pytest.approx(expected)
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    assert metrics.unweighted_average_recall(truth, predicted) == pytest.approx(
        balanced_accuracy_score(truth, predicted)
    )


def test_f1_scores() -> None:
    # F1 = 2 TP / (2 TP + FP + FN): class 0: 6/(6+1+1); class 1: 2/(2+1+1); class 2: 0.
    f1 = [6 / 8, 2 / 4, 0.0]
    assert metrics.weighted_f1(TRUTH, PREDICTED) == pytest.approx((4 * f1[0] + 2 * f1[1]) / 7)
    assert metrics.macro_f1(TRUTH, PREDICTED) == pytest.approx(sum(f1) / 3)


def test_wa_and_uar_part_where_classes_are_uneven() -> None:
    truth, always = np.array([0] * 9 + [1]), np.zeros(10, dtype=int)
    assert metrics.weighted_accuracy(truth, always) == pytest.approx(0.9)
    assert metrics.unweighted_average_recall(truth, always) == pytest.approx(0.5)


def test_auroc_counts_the_pairs_in_the_right_order() -> None:
    truth, scores = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])
    assert metrics.area_under_roc(truth, scores) == pytest.approx(3 / 4)


def two(*confidences: float) -> np.ndarray:
    """Two-class probabilities that say class 0 with these confidences."""
    return np.array([[c, 1 - c] for c in confidences])


def test_ece_weighs_the_gap_of_each_bin_by_its_share() -> None:
    # Bins of 0.1: 0.95 twice (one right), 0.65 twice (both right).
    probabilities = two(0.95, 0.95, 0.65, 0.65)
    truth = np.array([0, 1, 0, 0])
    expected = 0.5 * abs(0.5 - 0.95) + 0.5 * abs(1.0 - 0.65)
    assert metrics.expected_calibration_error(truth, probabilities, 10) == pytest.approx(expected)


def test_ece_takes_certainty_and_lies_between_0_and_1() -> None:
    sure = np.eye(3)[[0, 1, 2]]
    assert metrics.expected_calibration_error(np.array([0, 1, 2]), sure) == 0.0
    assert metrics.expected_calibration_error(np.array([1, 2, 0]), sure) == 1.0


def test_ece_of_honest_probabilities_is_small() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 20_000)
    truth = (rng.random(20_000)[:, None] > p.cumsum(1)).sum(1)
    assert metrics.expected_calibration_error(truth, p) < 0.02
    sharpened = p**3 / (p**3).sum(1, keepdims=True)
    assert metrics.expected_calibration_error(truth, sharpened) > 0.1


def test_brier_score_by_hand() -> None:
    # (0.3^2 + 0.3^2) and (0.9^2 + 0.9^2).
    score = metrics.brier_score(np.array([0, 1]), two(0.7, 0.9))
    assert score == pytest.approx((0.18 + 1.62) / 2)
    assert metrics.brier_score(np.array([1]), two(1.0)) == pytest.approx(2.0)


def test_aurc_is_the_mean_error_of_the_most_confident() -> None:
    # By confidence: right, wrong, right: errors among the first k are 0, 1/2, 1/3.
    area = metrics.area_under_risk_coverage(np.array([0, 0, 1]), two(0.6, 0.9, 0.8))
    assert area == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_the_bootstrap_resamples_whole_groups() -> None:
    groups = np.array(["a"] * 50 + ["b"] * 50)
    values = np.array([0.0] * 50 + [1.0] * 50)
    seen: set[float] = set()

    def mean(rows: np.ndarray) -> float:
        assert len(rows) == 100
        seen.add(float(values[rows].mean()))
        return float(values[rows].mean())

    assert metrics.bootstrap_interval(groups, mean, samples=200) == (0.0, 1.0)
    assert seen == {0.0, 0.5, 1.0}


def test_the_bootstrap_interval_holds_the_mean_and_is_repeatable() -> None:
    values = np.random.default_rng(1).normal(3.0, 1.0, 400)
    groups = np.array([f"s{i % 40}" for i in range(400)])

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    low, high = metrics.bootstrap_interval(groups, mean, 300, seed=4)
    assert low < values.mean() < high
    assert high - low == pytest.approx(4 / 20, abs=0.1)
    assert (low, high) == metrics.bootstrap_interval(groups, mean, 300, seed=4)
