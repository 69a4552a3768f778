"""Findings of sets in which they are planted, and none where there are too few rows."""

from __future__ import annotations

from drkf.workbench.filters import Filter
from drkf.workbench.findings import (
    Confusion,
    Split,
    WeakLabels,
    WeakSlice,
    findings,
    sure_errors,
    weak_labels,
)
from drkf.workbench.results import Results
from tests.helpers.made_results import by_hand, make_results, sure
from tests.workbench.test_slices import planted


def thirty() -> Results:
    """Anger is right in 17 of 22 rows, joy in none of 8; the voice is right where words are not."""
    rows: list[dict[str, object]] = []
    for i in range(30):
        label = "joy" if i < 8 else "anger"
        said = "sadness" if i < 13 else "anger"
        other = "joy" if said != "joy" else "anger"
        rows.append({"label": label, "p": sure(said), "voice": sure(label), "words": sure(other)})
    return by_hand(rows)


def test_weak_labels_are_named_and_counted() -> None:
    weak = next(one for one in findings(thirty()) if isinstance(one, WeakLabels))
    assert weak.labels == ("joy",) and (weak.right, weak.count) == (0, 8)
    assert weak.rest == 17 / 22 and weak.rows == tuple(range(8))


def test_who_was_right_where_voice_and_words_split() -> None:
    results = thirty()
    found = next(one for one in findings(results) if isinstance(one, Split))
    table = results.table
    assert found.count == len(found.rows) == 22  # for joy both say joy
    assert set(table["label"].iloc[list(found.rows)]) == {"anger"}
    assert (found.voice, found.words, found.answer) == (22, 0, 17)


def test_the_commonest_error_is_told() -> None:
    found = next(one for one in findings(thirty()) if isinstance(one, Confusion))
    assert (found.label, found.prediction) == ("joy", "sadness")
    assert (found.count, found.wrong) == (8, 13) and found.rows == tuple(range(8))


def test_a_planted_slice_is_a_finding_whose_rows_it_selects() -> None:
    results = planted()
    found = next(one for one in findings(results) if isinstance(one, WeakSlice))
    assert set(found.slice.conditions) == {("label", "fear"), ("gender", "female")}
    mask = Filter(among=found.rows).mask(results)
    assert mask.sum() == found.slice.count
    assert set(results.table["gender"][mask]) == {"female"}


def test_errors_that_the_model_was_sure_of_are_counted() -> None:
    rows = [{"label": "joy", "p": sure("anger", p)} for p in (0.9, 0.8, 0.6)]
    found = sure_errors(by_hand([*rows, {"label": "joy", "p": sure("joy", 0.9)}]))
    assert found is not None and (found.count, found.wrong, found.rows) == (2, 3, (0, 1))
    assert sure_errors(by_hand(rows[2:])) is None


def test_little_is_no_finding() -> None:
    few = by_hand(
        [{"label": "joy", "p": sure("anger", 0.6)}, {"label": "anger", "p": sure("anger")}]
    )
    assert findings(few) == ()
    assert findings(by_hand([{"p": sure("joy")}] * 20)) == ()
    assert sum(weak_labels(make_results(60, seed)) is not None for seed in range(20)) <= 3
