"""Corpora's codes for emotions, known by the labels of a column."""

from __future__ import annotations

import pytest

from drkf.data.label_codes import find_codes

SAVEE = ["a", "d", "f", "h", "n", "sa", "su"]
EMODB = ["W", "L", "E", "A", "F", "T", "N"]


@pytest.mark.parametrize("others", [[], ["q1"], ["q1", "q2"]])
def test_codes_are_known_beside_a_few_labels_that_nobody_knows(others: list[str]) -> None:
    savee = find_codes([*SAVEE, *others])
    assert savee.keys() == set(SAVEE) and savee["f"] == "fear" and savee["sa"] == "sadness"
    emodb = find_codes([*EMODB, *others])
    assert emodb.keys() == set(EMODB) and emodb["F"] == "joy" and emodb["L"] == ""


def test_a_few_codes_among_many_other_labels_are_chance() -> None:
    assert find_codes(["a", "n", "h", "good", "bad", "other"]) == {}
    assert find_codes(["a", "n"]) == {}
