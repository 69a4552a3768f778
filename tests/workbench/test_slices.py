"""Slices counted by hand, and a planted weakness found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact

from drkf.errors import ResultsError
from drkf.workbench import slices
from drkf.workbench.results import Results
from tests.helpers.made_results import by_hand, make_results, sure


def planted(seed: int = 0) -> Results:
    """Right in nine of ten rows, but for women's fear, where nearly all is wrong."""
    rng = np.random.default_rng(seed)
    results = make_results(600, seed)
    table = results.table
    table["label"] = rng.choice(["anger", "fear", "joy"], len(table))
    table["gender"] = rng.choice(["female", "male"], len(table))
    table["error"] = ""
    hard = (table["label"] == "fear") & (table["gender"] == "female")
    right = rng.random(len(table)) < np.where(hard, 0.1, 0.9)
    table["emotion"] = np.where(right, table["label"], "neutral")
    table["correct"] = pd.array(right, dtype="boolean")
    return results


def test_a_planted_weakness_is_found_first() -> None:
    results = planted()
    found = slices.search(results)
    worst = found.slices[0]
    assert set(worst.conditions) == {("label", "fear"), ("gender", "female")}
    assert worst.significant and worst.q >= worst.p
    rows = slices.rows_of(results, worst.conditions)
    correct = results.table["correct"].to_numpy(dtype=bool)
    assert (worst.count, worst.wrong) == (rows.sum(), (~correct[rows]).sum())
    assert worst.rest == pytest.approx((~correct[~rows]).mean())
    expected = fisher_exact(
        [
            [(~correct[rows]).sum(), correct[rows].sum()],
            [(~correct[~rows]).sum(), correct[~rows].sum()],
        ],
        alternative="greater",
    ).pvalue
    assert worst.p == pytest.approx(expected)
    assert found.looked_at > len(found.slices)


def test_listed_slices_are_large_worse_than_the_rest_and_ranked() -> None:
    results = planted()
    found = slices.search(results, smallest=25)
    single = {one.conditions: one.error.value for one in found.slices if len(one.conditions) == 1}
    for one in found.slices:
        assert one.count >= 25 and one.error.value > one.rest
        assert one.error.low <= one.error.value <= one.error.high
        for condition in one.conditions:
            if len(one.conditions) == 2 and (condition,) in single:
                assert one.error.value > single[(condition,)]
    lows = [one.error.low for one in found.slices]
    assert lows == sorted(lows, reverse=True)


def test_a_set_without_a_weakness_has_no_significant_slice() -> None:
    """Errors at random: over several sets hardly any slice passes."""
    passed = 0
    for seed in range(8):
        results = planted(seed)
        rng = np.random.default_rng(100 + seed)
        results.table["correct"] = pd.array(rng.random(len(results)) < 0.7, dtype="boolean")
        passed += any(one.significant for one in slices.search(results).slices)
    assert passed <= 1


def test_values_of_facets() -> None:
    results = by_hand(
        [
            {"p": sure("joy"), "duration": 0.5, "inconsistent": True, "speaker": "a"},
            {"p": sure("joy"), "duration": 1.0, "inconsistent": False, "text_source": "asr"},
            {"p": sure("joy"), "duration": 8.0, "uncertain": True},
            {"p": sure("joy")},
        ]
    )
    assert list(slices.values(results, "duration")) == ["under 1 s", "1 to 2 s", "8 s and over", ""]
    assert list(slices.values(results, "inconsistent")) == ["yes", "no", "", ""]
    assert list(slices.values(results, "uncertain")) == ["no", "no", "yes", "no"]
    assert list(slices.values(results, "text source")) == ["typed", "asr", "typed", "typed"]
    assert list(slices.values(results, "speaker")) == ["a", "", "", ""]
    with pytest.raises(ResultsError, match="use one of label, speaker"):
        slices.values(results, "colour")


def test_parts_count_labelled_rows_only() -> None:
    results = by_hand(
        [
            {"label": "joy", "p": sure("joy"), "gender": "female"},
            {"label": "joy", "p": sure("anger"), "gender": "female"},
            {"label": "anger", "p": sure("anger"), "gender": "male"},
            {"label": "", "p": sure("anger"), "gender": "male"},
            {"label": "anger", "p": sure("joy")},
        ]
    )
    assert [(p.name, p.count, p.right.value) for p in slices.parts(results, "gender")] == [
        ("female", 2, 0.5),
        ("male", 1, 1),
    ]
    assert [p.name for p in slices.parts(results, "label")] == ["anger", "joy"]


def test_durations_come_short_to_long() -> None:
    lengths = [9.0, 0.4, 3.0]
    results = by_hand([{"label": "joy", "p": sure("joy"), "duration": s} for s in lengths])
    names = [part.name for part in slices.parts(results, "duration")]
    assert names == ["under 1 s", "2 to 4 s", "8 s and over"]


def test_a_small_set_has_no_slices() -> None:
    assert slices.search(make_results(8)).slices == ()
    few = by_hand([{"label": "joy", "p": sure("joy")}] * 12)
    assert slices.search(few).slices == ()


def test_the_smallest_slice_fits_the_set() -> None:
    sizes = [
        slices.smallest_of(by_hand([{"label": "joy", "p": sure("joy")}] * n)) for n in (9, 48, 600)
    ]
    assert sizes == [5, 8, 10]
    results = by_hand(
        [
            {
                "label": "joy",
                "p": sure("joy" if i > 5 else "anger"),
                "speaker": "a" if i < 6 else "b",
            }
            for i in range(30)
        ]
    )
    (one,) = slices.search(results).slices
    assert one.conditions == (("speaker", "a"),) and one.count == 6 and one.significant


def test_slices_of_the_same_rows_are_one() -> None:
    rows = [
        {
            "label": "joy",
            "p": sure("joy" if i > 5 else "anger"),
            "speaker": "ab"[i > 5],
            "gender": "fm"[i > 5],
            "corpus": "one",
        }
        for i in range(30)
    ]
    (one,) = slices.search(by_hand(rows)).slices
    assert one.conditions == (("speaker", "a"),)
    assert (("gender", "f"),) in one.also


def test_chance_is_not_listed() -> None:
    for one in slices.search(planted()).slices:
        assert one.p <= slices.SIGNIFICANT


def test_conditions_are_read_from_their_key() -> None:
    conditions = (("speaker", "<b>'s\"</b>"), ("gender", "f"))
    key = slices.conditions_key(conditions)
    assert "<" not in key and slices.read_key(key) == conditions
    for broken in ("", "[1]", '{"a"', "null"):
        with pytest.raises(ResultsError):
            slices.read_key(broken)
