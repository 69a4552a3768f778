"""The order in which rows are listed and listened to."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from drkf.workbench.results import Results

Order = Literal["set", "errors"]


def rows_in_order(
    results: Results, mask: NDArray[np.bool_], order: Order = "set"
) -> NDArray[np.int64]:
    """The rows (R,) that ``mask`` (n,) keeps: as in the set, or the worst errors first.

    The worse an error, the more probability the answer has above the label. After the errors come
    the right answers, the least sure first, then rows without a label, and last those without an
    answer.
    """
    kept = np.flatnonzero(mask)
    if order == "set":
        return kept
    table = results.table.iloc[kept]
    best = results.probabilities()[kept].max(1)
    place = {label: i for i, label in enumerate(results.labels)}
    columns = np.array([place.get(label, 0) for label in table["label"]], dtype=int)
    of_label = results.probabilities()[kept, columns]
    scored = results.scored[kept]
    wrong = scored & ~table["correct"].fillna(True).to_numpy(bool)
    group = np.select([wrong, scored, results.usable[kept]], [0, 1, 2], 3)
    within = np.where(wrong, of_label - best, best)
    return kept[np.lexsort((np.where(group < 2, within, 0), group))]
