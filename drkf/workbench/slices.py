"""Where the model fails: groups of rows by class, speaker and so on, the worst ones ranked."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, hypergeom

from drkf.errors import ResultsError
from drkf.workbench.metrics import Interval, Part, part, proportion, speakers
from drkf.workbench.results import Results

#: What rows are grouped by.
FACETS = (
    "label",
    "speaker",
    "gender",
    "corpus",
    "duration",
    "text source",
    "inconsistent",
    "uncertain",
)
#: Ends of the duration bins, in seconds.
DURATIONS = (1, 2, 4, 8)
SMALLEST, SMALLEST_OF_FEW = 10, 5
"""Rows below which a slice is not judged, because its error rate would be mostly chance: in a set
of sixty scored rows or more, and in one of thirty or fewer."""
SIGNIFICANT = 0.05

Condition = tuple[str, str]
"""A facet and its value."""


def conditions_key(conditions: tuple[Condition, ...]) -> str:
    """Conditions as one text, without anything that reads as markup."""
    return json.dumps(conditions).replace("<", "\\u003c")


def read_key(key: str) -> tuple[Condition, ...]:
    """The conditions of :func:`conditions_key`'s text.

    Raises:
        ResultsError: it is no such text.
    """
    try:
        return tuple((str(facet), str(value)) for facet, value in json.loads(key))
    except (TypeError, ValueError):
        raise ResultsError("These are no conditions of a slice.") from None


@dataclass(frozen=True)
class Slice:
    """Labelled rows that meet one or two conditions.

    ``error``: their share of errors with its 95 % Wilson interval; ``rest`` that of all other
    labelled rows. ``p``: one-sided exact test (Fisher) of more errors than in the rest; ``q``:
    the same, adjusted for all slices that were looked at. ``also``: other conditions that the same
    rows meet.
    """

    conditions: tuple[Condition, ...]
    count: int
    wrong: int
    error: Interval
    rest: float
    p: float
    q: float
    also: tuple[tuple[Condition, ...], ...] = ()

    @property
    def significant(self) -> bool:
        return self.q <= SIGNIFICANT


@dataclass(frozen=True)
class Search:
    """The slices that fail more often than the rest, worst first, and how many were looked at.

    ``smallest``: rows below which none was.
    """

    slices: tuple[Slice, ...]
    looked_at: int
    smallest: int = SMALLEST


def values(results: Results, facet: str) -> pd.Series:
    """The value of a facet in every row (n,), as shown; "" where it is not known.

    Raises:
        ResultsError: no such facet.
    """
    table = results.table
    if facet not in FACETS:
        raise ResultsError(f"No facet {facet!r}: use one of {', '.join(FACETS)}.")
    if facet == "speaker":
        return speakers(results)
    if facet == "duration":
        return _durations(table["duration"])
    if facet in ("inconsistent", "uncertain"):
        return (
            table[facet]
            .map({True: "yes", False: "no"})
            .astype("str")
            .where(table[facet].notna(), "")
        )
    return table[facet.replace(" ", "_")]


def duration_names() -> list[str]:
    """The duration bins, short to long."""
    between = [f"{low} to {high} s" for low, high in pairwise(DURATIONS)]
    return [f"under {DURATIONS[0]} s", *between, f"{DURATIONS[-1]} s and over"]


def _durations(seconds: pd.Series) -> pd.Series:
    edges = [-np.inf, *DURATIONS, np.inf]
    binned = pd.cut(seconds, edges, right=False, labels=duration_names())
    return binned.astype("str").where(seconds.notna(), "")


def rows_of(results: Results, conditions: tuple[Condition, ...]) -> NDArray[np.bool_]:
    """(n,) True on the rows that meet every condition."""
    masks = [(values(results, facet) == value).to_numpy(bool) for facet, value in conditions]
    return reduce(np.logical_and, masks, np.ones(len(results), dtype=bool))


def parts(results: Results, facet: str) -> tuple[Part, ...]:
    """The share that is right for each known value of a facet, however few its rows.

    Labels and durations come in their own order, all else from the worst to the best.
    """
    value, right = _scored(results, facet)
    found = [part(name, right[value == name]) for name in value.unique() if name]
    order = {"label": list(results.labels), "duration": duration_names()}.get(facet)
    if order is not None:
        return tuple(sorted(found, key=lambda one: order.index(one.name)))
    return tuple(sorted(found, key=lambda one: (one.right.value, one.name)))


def smallest_of(results: Results) -> int:
    """Rows that a slice of these results must have: a sixth of the scored ones, 5 to 10."""
    return max(SMALLEST_OF_FEW, min(SMALLEST, int(results.scored.sum()) // 6))


def search(results: Results, smallest: int | None = None) -> Search:
    """Every value of every facet, and every pair of two facets' values, judged.

    A slice is listed if it fails more often than the rest beyond what one slice would by chance
    (``p`` at most 0.05), and a pair only if it also fails more often than each of its two parts
    does, since else the part tells it all. Of slices of the same rows one is listed, that of the
    fewest conditions. Listed slices are ranked by the lower end of the interval of their error:
    large and surely bad ones first. The test is Fisher's exact one, one-sided, adjusted over
    everything of at least ``smallest`` rows (:func:`smallest_of` without it) by Benjamini &
    Yekutieli (2001), which holds for slices that overlap. It takes rows as independent: a slice
    that is one speaker's doing is no finding about all speakers.
    """
    if smallest is None:
        smallest = smallest_of(results)
    conditions, members, right = _members(results, smallest)
    if not conditions:
        return Search((), 0, smallest)
    wrong = (~right).astype(np.float64)
    counts = (members.T @ members).round().astype(np.int64)  # [V, V], the diagonal single values
    wrongs = (members.T @ (members * wrong[:, None])).round().astype(np.int64)
    facets = np.array([FACETS.index(facet) for facet, _ in conditions])
    first, second = np.nonzero(
        (np.eye(len(facets), dtype=bool) | (facets[:, None] < facets)) & (counts >= smallest)
    )
    count, failed = counts[first, second], wrongs[first, second]
    N, W = len(right), int(wrong.sum())
    some = count < N  # a slice of all rows has no rest to be worse than
    first, second, count, failed = first[some], second[some], count[some], failed[some]
    if not len(count):
        return Search((), 0, smallest)
    p = hypergeom.sf(failed - 1, N, W, count)  # P(as many errors or more)
    q = false_discovery_control(p, method="by")
    single = np.diag(wrongs) / np.diag(counts)
    error, rest = failed / count, (W - failed) / (N - count)
    worse = (error > rest) & (
        (first == second) | (error > np.maximum(single[first], single[second]))
    )
    found: dict[bytes, Slice] = {}  # by its rows
    # Single conditions first: of slices of the same rows, the one that needs fewest stays.
    for i in sorted(
        np.flatnonzero(worse & (p <= SIGNIFICANT)), key=lambda i: first[i] != second[i]
    ):
        named = tuple(conditions[j] for j in dict.fromkeys((first[i], second[i])))
        rows = (members[:, first[i]] * members[:, second[i]]).astype(bool).tobytes()
        if (same := found.get(rows)) is not None:
            found[rows] = replace(same, also=(*same.also, named))
            continue
        interval = proportion(int(failed[i]), int(count[i]))
        found[rows] = Slice(
            named, int(count[i]), int(failed[i]), interval, float(rest[i]), float(p[i]), float(q[i])
        )
    ranked = sorted(
        found.values(), key=lambda one: (-one.error.low, len(one.conditions), one.conditions)
    )
    return Search(tuple(ranked), len(p), smallest)


def _members(
    results: Results, smallest: int
) -> tuple[list[Condition], NDArray[np.float64], NDArray[np.bool_]]:
    """The single conditions with enough rows (V), which scored rows meet them (n, V) as 0 and 1,
    and which of these rows are right (n,)."""
    conditions: list[Condition] = []
    columns = []
    right = _right(results)
    for facet in FACETS:
        value, _ = _scored(results, facet)
        for name, count in value.value_counts().sort_index().items():
            if name and count >= smallest:
                conditions.append((facet, str(name)))
                columns.append((value == name).to_numpy(np.float64))
    return conditions, np.array(columns).T, right


def _scored(results: Results, facet: str) -> tuple[pd.Series, NDArray[np.bool_]]:
    """A facet's value and whether the answer is right, of the scored rows."""
    return values(results, facet)[results.scored].reset_index(drop=True), _right(results)


def _right(results: Results) -> NDArray[np.bool_]:
    return results.table["correct"][results.scored].to_numpy(dtype=bool)
