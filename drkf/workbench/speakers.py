"""What it changes that each clip is read beside the others of its speaker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drkf.errors import ResultsError
from drkf.evaluation.metrics import unweighted_average_recall
from drkf.workbench.comparison import PairedComparison, compare_results
from drkf.workbench.results import Results


@dataclass(frozen=True)
class SpeakerEffect:
    """``rows`` scored rows whose speaker has several clips: accuracy and UAR, 0..1, of each clip
    alone and beside the others. ``p`` is McNemar's exact test of the two accuracies."""

    rows: int
    accuracy_alone: float
    accuracy_beside: float
    uar_alone: float
    uar_beside: float
    p: float


def speaker_effect(
    alone: Results, beside: Results, several: NDArray[np.bool_]
) -> SpeakerEffect | None:
    """Compares two results of the same rows; None where no row can be compared.

    Args:
        several: (n,) True on rows that were read beside others.
    """
    try:
        found: PairedComparison = compare_results(alone.rows(several), beside.rows(several))
    except ResultsError:
        return None
    truth = found.table["label"].to_numpy(str)
    return SpeakerEffect(
        rows=len(found.table),
        accuracy_alone=found.accuracy_before,
        accuracy_beside=found.accuracy_after,
        uar_alone=unweighted_average_recall(truth, found.table["before"].to_numpy(str)),
        uar_beside=unweighted_average_recall(truth, found.table["after"].to_numpy(str)),
        p=found.p,
    )
