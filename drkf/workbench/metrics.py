"""What is measured on a set: headline figures with intervals, calibration, risk and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from drkf.errors import ResultsError
from drkf.evaluation import metrics
from drkf.workbench.results import VOICE, WORDS, Results

CALIBRATION_BINS = 15
INCONSISTENCY_BINS = 10
BOOTSTRAP_SAMPLES = 1000
_CHUNK = 100
"""Bootstrap samples computed at once, so that memory stays small on a large set."""

Truth = NDArray[np.int64]


@dataclass(frozen=True)
class Interval:
    """A value with the two ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Headline:
    """Figures of ``rows`` labelled rows.

    ``figures``: WA, UAR, WF1, macro-F1, ECE, Brier and AURC (see
    :mod:`drkf.evaluation.metrics`), each with its interval. ``groups`` were resampled whole:
    speakers if ``by_speaker`` (a row without a speaker is a group of its own), else single rows.
    """

    figures: Mapping[str, Interval]
    rows: int
    groups: int
    by_speaker: bool


@dataclass(frozen=True)
class ClassFigures:
    """One label: how many rows carry it, and precision, recall and F1 in 0..1."""

    label: str
    count: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class Part:
    """Rows that share something: their number, and the share that is right (Wilson interval)."""

    name: str
    count: int
    right: Interval


@dataclass(frozen=True)
class Reliability:
    """Equal-width confidence bins (B,): edges (B + 1,), rows in each, and in each that has any
    the mean confidence and the share right, NaN elsewhere; and the ECE over all."""

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    ece: float


@dataclass(frozen=True)
class RiskCoverage:
    """Error among the most confident rows, for every number of them (n,), and its mean, the AURC.

    ``certain``: coverage and risk of the rows that the checkpoint does not call uncertain; None
    if it calls all so.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    aurc: float
    certain: tuple[float, float] | None


@dataclass(frozen=True)
class InconsistencyCurve:
    """Whether the model errs where voice and words disagree.

    ``bins``: the share right in equal-width bins of P(inconsistent), those without rows left out;
    ``auroc`` of P(inconsistent) as a warning of an error, None unless there are both errors and
    right rows.
    """

    bins: tuple[Part, ...]
    auroc: Interval | None


#: Who was right, and whom the fused answer followed, where voice and words say different things.
RIGHT = ("voice", "words", "neither")
FOLLOWED = ("voice", "words", "another")


@dataclass(frozen=True)
class Disagreement:
    """Rows where the likeliest class of the voice alone is not that of the words alone.

    ``count`` (3, 3): rows by who was right (``RIGHT``) and whose class the fused answer is
    (``FOLLOWED``). ``agreeing``: rows where both say the same. ``voice_share``: of the rows where
    one of the two was right, the share where it was the voice; ``p`` the exact binomial test of
    it against a half. Both None without such rows.
    """

    count: NDArray[np.int64]
    agreeing: int
    voice_share: Interval | None
    p: float | None


def truth_and_predicted(results: Results) -> tuple[Truth, Truth]:
    """Label and prediction of the scored rows as indices into ``results.labels``.

    Raises:
        ResultsError: no row has a result and a label.
    """
    if not results.scored.any():
        raise ResultsError("No row has both a result and a label: add a column of labels.")
    index = {label: i for i, label in enumerate(results.labels)}
    table = results.table[results.scored]
    truth, predicted = (
        table[column].map(index).to_numpy(dtype=np.int64) for column in ("label", "emotion")
    )
    return truth, predicted


def speakers(results: Results) -> pd.Series:
    """The speaker of every row, with the corpus in front where there are several; "" unknown."""
    speaker, corpus = results.table["speaker"], results.table["corpus"]
    if corpus[corpus != ""].nunique() < 2:
        return speaker
    return speaker.where((speaker == "") | (corpus == ""), corpus + "/" + speaker)


def headline(results: Results, samples: int = BOOTSTRAP_SAMPLES, seed: int = 0) -> Headline:
    """The figures with 95 % percentile bootstrap intervals, resampling whole speakers.

    Rows of one speaker are not independent (see
    :func:`drkf.evaluation.metrics.bootstrap_interval`); where there is only one speaker, or none is
    known, rows are resampled.

    Raises:
        ResultsError: no row has a result and a label.
    """
    truth, predicted = truth_and_predicted(results)
    probabilities = results.probabilities()[results.scored]
    values = {
        "WA": metrics.weighted_accuracy(truth, predicted),
        "UAR": metrics.unweighted_average_recall(truth, predicted),
        "WF1": metrics.weighted_f1(truth, predicted),
        "macro-F1": metrics.macro_f1(truth, predicted),
        "ECE": metrics.expected_calibration_error(truth, probabilities, CALIBRATION_BINS),
        "Brier": metrics.brier_score(truth, probabilities),
        "AURC": metrics.area_under_risk_coverage(truth, probabilities),
    }
    groups, by_speaker = group_codes(results)
    drawn = _bootstrap(truth, predicted, probabilities, groups, samples, seed)
    intervals = {}
    for name, value in values.items():
        low, high = np.nanpercentile(drawn[name], [2.5, 97.5])
        intervals[name] = Interval(value, float(low), float(high))
    return Headline(intervals, len(truth), int(groups.max()) + 1, by_speaker)


def group_codes(results: Results) -> tuple[NDArray[np.int64], bool]:
    """Which rows are resampled together: codes from 0 of the scored rows, and whether they stand
    for speakers."""
    names = speakers(results)[results.scored].reset_index(drop=True)
    alone = "\0" + names.index.astype(str).to_series(index=names.index)
    codes, found = pd.factorize(names.where(names != "", alone))
    if len(found) < 2 or not (names != "").any():
        return np.arange(len(names), dtype=np.int64), False
    return codes.astype(np.int64), True


def _bootstrap(
    truth: Truth,
    predicted: Truth,
    probabilities: NDArray[np.float64],
    groups: NDArray[np.int64],
    samples: int,
    seed: int,
) -> dict[str, NDArray[np.float64]]:
    """Every figure on ``samples`` resamples of whole groups.

    All figures but AURC follow from sums over rows: the confusion matrix, and for each confidence
    bin the right rows less their confidence. These sums are made once for each group; a resample
    then is a product with how often each group was drawn.
    """
    L = probabilities.shape[1]
    G = int(groups.max()) + 1
    confidence = probabilities.max(1)
    right = (probabilities.argmax(1) == truth).astype(np.float64)
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gap = np.zeros((G, CALIBRATION_BINS))
    np.add.at(gap, (groups, bins), right - confidence)
    confusion = np.zeros((G, L * L))
    np.add.at(confusion, (groups, truth * L + predicted), 1)
    brier = np.bincount(
        groups, np.square(probabilities - np.eye(L)[truth]).sum(1), minlength=G
    ).reshape(G, 1)
    sums = np.hstack([confusion, gap, brier])
    order = np.argsort(-confidence, kind="stable")
    wrong_sorted, groups_sorted = 1 - right[order], groups[order]

    rng = np.random.default_rng(seed)
    drawn: dict[str, list[NDArray[np.float64]]] = {}
    for start in range(0, samples, _CHUNK):
        size = min(_CHUNK, samples - start)
        times = np.stack(
            [np.bincount(rng.integers(G, size=G), minlength=G) for _ in range(size)]
        )  # [S, G]
        total = times @ sums
        matrix = total[:, : L * L].reshape(size, L, L)
        count = matrix.sum((1, 2))
        figures = _from_confusion(matrix)
        figures["ECE"] = np.abs(total[:, L * L : -1]).sum(1) / count
        figures["Brier"] = total[:, -1] / count
        figures["AURC"] = np.array(
            [_aurc(np.repeat(wrong_sorted, weight[groups_sorted])) for weight in times]
        )
        for name, values in figures.items():
            drawn.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in drawn.items()}


def _from_confusion(matrix: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """WA, UAR, WF1 and macro-F1 (S,) of confusion matrices (S, L, L), rows being labels."""
    hits = np.diagonal(matrix, axis1=1, axis2=2)
    support, named = matrix.sum(2), matrix.sum(1)
    there = support > 0
    classes = there.sum(1)
    recall = np.divide(hits, support, out=np.zeros_like(hits), where=there)
    either = support + named
    f1 = np.divide(2 * hits, either, out=np.zeros_like(hits), where=either > 0)
    return {
        "WA": hits.sum(1) / support.sum(1),
        "UAR": recall.sum(1) / classes,
        "WF1": (f1 * support).sum(1) / support.sum(1),
        "macro-F1": (f1 * there).sum(1) / classes,
    }


def _aurc(wrong: NDArray[np.float64]) -> float:
    """Of errors (n,) from the most to the least confident row."""
    return float((np.cumsum(wrong) / np.arange(1, len(wrong) + 1)).mean())


def confusion(results: Results) -> NDArray[np.int64]:
    """(L, L) counts: rows are labels, columns predictions, both in ``results.labels`` order."""
    truth, predicted = truth_and_predicted(results)
    return confusion_matrix(truth, predicted, labels=range(len(results.labels)))


def per_class(results: Results) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of each label that occurs."""
    truth, predicted = truth_and_predicted(results)
    present = np.unique(truth)
    columns = precision_recall_fscore_support(truth, predicted, labels=present, zero_division=0)
    return tuple(
        ClassFigures(results.labels[i], int(count), float(p), float(r), float(f))
        for i, p, r, f, count in zip(present, *columns, strict=True)
    )


def proportion(hits: int, count: int) -> Interval:
    """``hits / count`` with its Wilson score interval (Wilson 1927); NaN of none."""
    if count == 0:
        return Interval(np.nan, np.nan, np.nan)
    found = binomtest(hits, count).proportion_ci(method="wilson")
    return Interval(hits / count, float(found.low), float(found.high))


def part(name: str, right: NDArray[np.bool_]) -> Part:
    """Rows under one name, given which of them are right."""
    return Part(name, len(right), proportion(int(right.sum()), len(right)))


def reliability(results: Results, bins: int = CALIBRATION_BINS) -> Reliability:
    """Confidence against accuracy in equal-width bins (Guo et al. 2017)."""
    truth, _ = truth_and_predicted(results)
    probabilities = results.probabilities()[results.scored]
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == truth
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(index, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(index, confidence, minlength=bins) / count
        accuracy = np.bincount(index, right, minlength=bins) / count
    ece = metrics.expected_calibration_error(truth, probabilities, bins)
    return Reliability(np.linspace(0, 1, bins + 1), count, mean, accuracy, ece)


def risk_coverage(results: Results) -> RiskCoverage:
    """The risk-coverage curve (Geifman & El-Yaniv 2017) by the fused confidence."""
    truth, _ = truth_and_predicted(results)
    probabilities = results.probabilities()[results.scored]
    wrong = probabilities.argmax(1) != truth
    order = np.argsort(-probabilities.max(1), kind="stable")
    count = np.arange(1, len(truth) + 1)
    uncertain = results.table["uncertain"][results.scored].fillna(False).to_numpy(dtype=bool)
    kept = ~uncertain
    return RiskCoverage(
        coverage=count / len(truth),
        risk=np.cumsum(wrong[order]) / count,
        aurc=metrics.area_under_risk_coverage(truth, probabilities),
        certain=(float(kept.mean()), float(wrong[kept].mean())) if kept.any() else None,
    )


def inconsistency_curve(results: Results, bins: int = INCONSISTENCY_BINS) -> InconsistencyCurve:
    """Accuracy over bins of P(inconsistent), of labelled rows with voice and words."""
    score, right, speaker = _inconsistency(results)
    index = np.minimum((score * bins).astype(int), bins - 1)
    parts = tuple(
        part(f"{i / bins:.1f}–{(i + 1) / bins:.1f}", right[index == i])
        for i in range(bins)
        if (index == i).any()
    )
    if right.all() or not right.any():
        return InconsistencyCurve(parts, None)
    wrong = (~right).astype(np.int64)

    def auroc(rows: NDArray[np.int64]) -> float:
        # A resample of rows that are all right, or all wrong, has no AUROC.
        drawn = wrong[rows]
        return metrics.area_under_roc(drawn, score[rows]) if 0 < drawn.mean() < 1 else np.nan

    low, high = metrics.bootstrap_interval(speaker, auroc)
    value = metrics.area_under_roc(wrong, score)
    return InconsistencyCurve(parts, Interval(value, low, high))


def _inconsistency(
    results: Results,
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.int64]]:
    """P(inconsistent), whether right, and group of the scored rows that have both modalities."""
    truth, predicted = truth_and_predicted(results)
    score = results.table["inconsistency"].to_numpy(dtype=np.float64)[results.scored]
    both = ~np.isnan(score)
    groups, _ = group_codes(results)
    return score[both], (truth == predicted)[both], groups[both]


def disagreement(results: Results) -> Disagreement:
    """Which modality was right where voice and words, each alone, name different classes."""
    truth, predicted = truth_and_predicted(results)
    alone = [results.probabilities(kind)[results.scored] for kind in (VOICE, WORDS)]
    both = ~(np.isnan(alone[0]).any(1) | np.isnan(alone[1]).any(1))
    audio, text = (part[both].argmax(1) for part in alone)
    truth, predicted = truth[both], predicted[both]
    differ = audio != text
    right = np.select([audio == truth, text == truth], [0, 1], 2)[differ]
    followed = np.select([predicted == audio, predicted == text], [0, 1], 2)[differ]
    count = np.zeros((3, 3), dtype=np.int64)
    np.add.at(count, (right, followed), 1)
    by_voice, by_words = int(count[0].sum()), int(count[1].sum())
    one = by_voice + by_words
    return Disagreement(
        count=count,
        agreeing=int((~differ).sum()),
        voice_share=proportion(by_voice, one) if one else None,
        p=float(binomtest(by_voice, one).pvalue) if one else None,
    )
