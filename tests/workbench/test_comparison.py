"""Two checkpoints on one set, counted by hand."""

from __future__ import annotations

import pytest

from drkf.errors import ResultsError
from drkf.workbench.comparison import BROKEN, FIXED, OTHER_ERROR, SAME, compare_results
from tests.helpers.made_results import by_hand, make_results, sure


def said(*names: str) -> list[dict[str, object]]:
    return [{"label": "joy", "p": sure(name)} for name in names]


def test_flips_and_mcnemar() -> None:
    before = by_hand(said("joy", "joy", "anger", "anger", "anger", "anger", "anger", "sadness"))
    after = by_hand(said("joy", "anger", "joy", "joy", "joy", "joy", "sadness", "sadness"))
    found = compare_results(before, after)
    assert [found.count(change) for change in (FIXED, BROKEN, OTHER_ERROR, SAME)] == [4, 1, 1, 2]
    # 4 of 5 discordant rows one way: 2 (C(5,4) + C(5,5)) / 2^5.
    assert found.p == pytest.approx(2 * 6 / 32)
    assert found.difference.value == pytest.approx(3 / 8)
    assert found.difference.low < 3 / 8 < found.difference.high
    assert (found.accuracy_before, found.accuracy_after) == (2 / 8, 5 / 8)
    assert list(found.flipped["change"]) == [BROKEN, *[FIXED] * 4, OTHER_ERROR]
    assert found.flipped["id"].iloc[0] == "row-1"
    row = found.table.iloc[1]
    assert (row["before"], row["after"]) == ("joy", "anger")
    assert row["before_confidence"] == pytest.approx(0.8)


def test_only_rows_with_the_same_id_and_label_are_compared() -> None:
    before = by_hand(said("joy", "anger", "joy", "joy"))
    rows = said("joy", "joy", "joy", "joy")
    rows[1]["label"] = "anger"
    rows[2]["error"] = "damaged"
    rows[3]["id"] = "elsewhere"
    found = compare_results(before, by_hand(rows))
    assert list(found.table["id"]) == ["row-0"]
    assert found.left_out == 4  # row-1, row-2, row-3 and elsewhere
    assert found.p == 1


def test_order_does_not_matter() -> None:
    before, after = make_results(100, 1), make_results(100, 1)
    after = after.rows([i != 3 for i in range(100)])
    turned = after.rows([True] * 99)
    turned.table.loc[:] = after.table.iloc[::-1].to_numpy()
    found = compare_results(before, turned)
    assert found.count(SAME) == len(found.table) and found.difference.value == 0


def test_sets_that_share_nothing() -> None:
    with pytest.raises(ResultsError, match="share no labelled row"):
        compare_results(
            by_hand(said("joy")), by_hand([{"label": "joy", "p": sure("joy"), "id": "else"}])
        )
