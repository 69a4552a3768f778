"""The order in which rows are listed."""

from __future__ import annotations

import numpy as np

from drkf.workbench.order import rows_in_order
from tests.helpers.made_results import make_results


def test_the_worst_errors_come_first() -> None:
    results = make_results()
    table, fused = results.table, results.probabilities()
    everything = np.ones(len(results), dtype=bool)
    order = rows_in_order(results, everything, "errors")
    assert sorted(order) == list(range(len(results)))
    wrong = (~table["correct"]).fillna(False).to_numpy(bool)
    right = table["correct"].fillna(False).to_numpy(bool)
    usable = results.usable
    kinds = [0 if wrong[i] else 1 if right[i] else 2 if usable[i] else 3 for i in order]
    assert kinds == sorted(kinds) and set(kinds) == {0, 1, 2, 3}

    def excess(i: int) -> float:
        return float(fused[i].max() - fused[i][results.labels.index(table["label"].iloc[i])])

    errors = [excess(i) for i in order if wrong[i]]
    assert errors == sorted(errors, reverse=True)
    sure = [float(fused[i].max()) for i in order if right[i]]
    assert sure == sorted(sure)


def test_without_a_wish_rows_stay_as_they_are_in_the_set() -> None:
    results = make_results()
    mask = np.arange(len(results)) % 3 == 1
    assert rows_in_order(results, mask).tolist() == np.flatnonzero(mask).tolist()
    assert set(rows_in_order(results, mask, "errors")) == set(np.flatnonzero(mask))
    assert len(rows_in_order(results, np.zeros(len(results), dtype=bool), "errors")) == 0
