"""Two checkpoints on the same set: which rows flipped, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from drkf.errors import ResultsError
from drkf.evaluation import metrics
from drkf.workbench.metrics import Interval, group_codes
from drkf.workbench.results import Results

#: How a row's answer changed.
FIXED, BROKEN, OTHER_ERROR, SAME = "fixed", "broken", "another error", "the same"


@dataclass(frozen=True, eq=False)
class PairedComparison:
    """Two results on the rows that both have, by id and with the same label.

    ``table``: ``id, label, speaker, before, after`` (emotions), ``before_confidence``,
    ``after_confidence`` and ``change`` (``FIXED``, ``BROKEN``, ``OTHER_ERROR`` or ``SAME``), in
    the first one's order. ``left_out`` rows of either are not compared: no such id, no result or
    no such label in the other.

    ``p``: McNemar's exact test (McNemar 1947; a binomial test of the rows that only one of the
    two has right against a half). ``difference``: accuracy after less before, with a 95 %
    bootstrap interval of whole speakers.
    """

    before: str
    after: str
    table: pd.DataFrame
    left_out: int
    accuracy_before: float
    accuracy_after: float
    difference: Interval
    p: float

    def count(self, change: str) -> int:
        """How many rows have this ``change``."""
        return int((self.table["change"] == change).sum())

    @property
    def flipped(self) -> pd.DataFrame:
        """The rows whose emotion changed: broken ones first, then fixed, then others."""
        order = {BROKEN: 0, FIXED: 1, OTHER_ERROR: 2}
        changed = self.table[self.table["change"] != SAME]
        return changed.sort_values("change", key=lambda c: c.map(order), kind="stable")


def compare_results(before: Results, after: Results) -> PairedComparison:
    """Compares what two checkpoints said of the same utterances.

    Raises:
        ResultsError: no row of the two has the same id and label.
    """
    one, other = (_answers(results) for results in (before, after))
    both = one.merge(other[["id", "label", "emotion", "confidence"]], on=["id", "label"])
    if both.empty:
        raise ResultsError("The two results share no labelled row: run both on the same set.")
    right_before = (both["emotion_x"] == both["label"]).to_numpy()
    right_after = (both["emotion_y"] == both["label"]).to_numpy()
    both["change"] = np.select(
        [
            both["emotion_x"] == both["emotion_y"],
            ~right_before & right_after,
            right_before & ~right_after,
        ],
        [SAME, FIXED, BROKEN],
        OTHER_ERROR,
    )
    gain = right_after.astype(np.float64) - right_before
    low, high = metrics.bootstrap_interval(
        both["group"].to_numpy(), lambda rows: float(gain[rows].mean())
    )
    fixed, broken = int((gain > 0).sum()), int((gain < 0).sum())
    table = both.rename(
        columns={
            "emotion_x": "before",
            "emotion_y": "after",
            "confidence_x": "before_confidence",
            "confidence_y": "after_confidence",
        }
    ).drop(columns="group")
    return PairedComparison(
        before=before.checkpoint,
        after=after.checkpoint,
        table=table,
        left_out=len(set(before.table["id"]) | set(after.table["id"])) - len(table),
        accuracy_before=float(right_before.mean()),
        accuracy_after=float(right_after.mean()),
        difference=Interval(float(gain.mean()), low, high),
        p=float(binomtest(fixed, fixed + broken).pvalue) if fixed + broken else 1.0,
    )


def _answers(results: Results) -> pd.DataFrame:
    """Id, label, speaker, answer and its confidence, and resampling group of the scored rows."""
    scored = results.rows(results.scored)
    table = scored.table[["id", "label", "speaker", "emotion"]].copy()
    if len(table):
        table["confidence"] = scored.probabilities().max(1)
        table["group"] = group_codes(scored)[0]
    return table.reindex(columns=[*table.columns[:4], "confidence", "group"])
