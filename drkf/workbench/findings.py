"""The main results of a set in a few sentences, each supported by counts or by a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from drkf.workbench import metrics, slices
from drkf.workbench.results import VOICE, WORDS, Results
from drkf.workbench.slices import SIGNIFICANT, Slice

MAX_FINDINGS = 3
MIN_CONFUSED = 3
"""Rows of a confusion that is a finding."""
MIN_CONFUSED_SHARE = 0.2
"""The least share of all errors that a confusion must have to be a finding."""
SURE = 0.8
"""The probability from which on an answer is given as if it were sure."""


@dataclass(frozen=True)
class WeakLabels:
    """Labels that are recognised less often than the others: ``right`` of ``count`` rows.

    ``rest`` is the share right among all other scored rows.
    """

    labels: tuple[str, ...]
    right: int
    count: int
    rest: float
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """Scored rows whose voice alone and words alone get different emotions, and who was right."""

    voice: int
    words: int
    answer: int
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class WeakSlice:
    """The worst slice of those that fail more than chance would make them."""

    slice: Slice
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Confusion:
    """The commonest error: ``count`` of ``wrong`` wrong rows have this label and this answer."""

    label: str
    prediction: str
    count: int
    wrong: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class SureErrors:
    """``count`` of ``wrong`` wrong rows got their answer with a probability of ``SURE`` or more."""

    count: int
    wrong: int
    rows: tuple[int, ...]


Finding = WeakLabels | Split | WeakSlice | Confusion | SureErrors


def findings(results: Results) -> tuple[Finding, ...]:
    """At most three findings, the most important first; fewer where a set has too few rows.

    ``rows`` of each are the numbers of the rows it is about, from 0.
    """
    judged = (weak_labels, split, weak_slice, commonest_confusion, sure_errors)
    found = (judge(results) for judge in judged)
    return tuple(one for one in found if one is not None)[:MAX_FINDINGS]


def weak_labels(results: Results) -> WeakLabels | None:
    """The label, or the few labels together, that are recognised worst; None if none is for sure.

    Labels are ordered from the worst recall. Of the groups that start with the worst one, that is
    taken whose errors are least likely to be chance (Fisher's exact test, one-sided), if that
    holds after Bonferroni's correction for the number of groups.
    """
    labels = results.table["label"].to_numpy()[results.scored]
    right = results.table["correct"][results.scored].to_numpy(dtype=bool)
    names = sorted(set(labels), key=lambda name: (right[labels == name].mean(), name))
    groups = []
    for size in range(1, len(names)):
        inside = np.isin(labels, names[:size])
        count, wrong = int(inside.sum()), int((~right[inside]).sum())
        # P(as many errors or more)
        p = hypergeom.sf(wrong - 1, len(right), int((~right).sum()), count)
        groups.append((float(p), size))
    if not groups or min(groups)[0] * len(groups) > SIGNIFICANT:
        return None
    chosen = tuple(names[: min(groups)[1]])
    inside = np.isin(labels, chosen)
    if inside.sum() < slices.smallest_of(results):
        return None
    return WeakLabels(
        tuple(name for name in results.labels if name in chosen),
        int(right[inside].sum()),
        int(inside.sum()),
        float(right[~inside].mean()),
        _numbers(results.scored & results.table["label"].isin(chosen).to_numpy(bool)),
    )


def split(results: Results) -> Split | None:
    """Who was right where voice and words get different emotions; None for too few such rows."""
    audio, text = (_likeliest(results, kind) for kind in (VOICE, WORDS))
    truth = results.table["label"].to_numpy()
    rows = results.scored & (audio != "") & (text != "") & (audio != text)
    if rows.sum() < slices.smallest_of(results):
        return None
    return Split(
        int((audio == truth)[rows].sum()),
        int((text == truth)[rows].sum()),
        int((results.table["emotion"].to_numpy() == truth)[rows].sum()),
        int(rows.sum()),
        _numbers(rows),
    )


def weak_slice(results: Results) -> WeakSlice | None:
    """The worst slice that is not one of labels only, which ``weak_labels`` tells."""
    if not results.scored.any():
        return None
    for one in slices.search(results).slices:
        if one.significant and any(facet != "label" for facet, _ in one.conditions):
            rows = slices.rows_of(results, one.conditions) & results.scored
            return WeakSlice(one, _numbers(rows))
    return None


def commonest_confusion(results: Results) -> Confusion | None:
    """The commonest error, where it is a large enough part of all errors to be told."""
    if not results.scored.any():
        return None
    counts = metrics.confusion(results).copy()
    np.fill_diagonal(counts, 0)
    wrong, most = int(counts.sum()), int(counts.max(initial=0))
    if most < max(MIN_CONFUSED, MIN_CONFUSED_SHARE * wrong):
        return None
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    label, prediction = results.labels[int(row)], results.labels[int(column)]
    table = results.table
    cell = (table["label"] == label) & (table["emotion"] == prediction)
    return Confusion(label, prediction, most, wrong, _numbers(cell.to_numpy(bool)))


def sure_errors(results: Results) -> SureErrors | None:
    """Errors that the model was sure of; None without any."""
    wrong = results.scored & ~results.table["correct"].fillna(True).to_numpy(bool)
    rows = wrong & (np.nan_to_num(results.probabilities()).max(1) >= SURE)
    if not rows.any():
        return None
    return SureErrors(int(rows.sum()), int(wrong.sum()), _numbers(rows))


def _likeliest(results: Results, kind: str) -> NDArray[np.str_]:
    """(n,) the likeliest emotion of one modality alone, "" where a row lacks it."""
    values = results.probabilities(kind)
    known = ~np.isnan(values).any(1)
    names = np.array(results.labels)[np.nan_to_num(values).argmax(1)]
    return np.where(known, names, "")


def _numbers(rows: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(rows).tolist())
