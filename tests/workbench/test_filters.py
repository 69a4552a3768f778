"""A filter keeps the rows that meet everything it asks, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from drkf.workbench import slices
from drkf.workbench.filters import Filter
from drkf.workbench.notes import Notes
from drkf.workbench.results import Results
from tests.helpers.made_results import make_results


def ids(results: Results, wanted: Filter, notes: Notes | None = None) -> set[str]:
    return set(results.table["id"][wanted.mask(results, notes)])


def test_a_filter_that_asks_nothing_keeps_all(results: Results) -> None:
    assert Filter().mask(results).all()


def test_each_question_is_answered_row_by_row(results: Results) -> None:
    rows = list(results.table.itertuples())
    label, emotion = rows[0].label, rows[0].emotion
    expected = {
        Filter(label=label): {r.id for r in rows if r.label == label},
        Filter(prediction=emotion): {r.id for r in rows if r.emotion == emotion},
        Filter(corpus="second"): {r.id for r in rows if r.corpus == "second"},
        Filter(speaker="second/speaker-2"): {
            r.id for r in rows if (r.corpus, r.speaker) == ("second", "speaker-2")
        },
        Filter(outcome="right"): {r.id for r in rows if r.label and r.emotion == r.label},
        Filter(outcome="wrong"): {
            r.id for r in rows if r.label and r.emotion and r.emotion != r.label
        },
        Filter(outcome="failed"): {r.id for r in rows if r.error},
        Filter(outcome="no label"): {r.id for r in rows if not r.label and not r.error},
        Filter(inconsistent="yes"): {r.id for r in rows if r.inconsistency >= 0.5},
        Filter(inconsistent="no"): {r.id for r in rows if r.inconsistency < 0.5},
        Filter(search="OF ROW 12"): {"utterance-012"},
        Filter(search=" utterance-05"): {r.id for r in rows if r.id.startswith("utterance-05")},
    }
    for wanted, kept in expected.items():
        assert kept and ids(results, wanted) == kept, wanted


def test_questions_are_joined_by_and(results: Results) -> None:
    wanted = Filter(label="joy", outcome="wrong", corpus="first")
    parts = (Filter(label="joy"), Filter(outcome="wrong"), Filter(corpus="first"))
    assert (wanted.mask(results) == np.all([one.mask(results) for one in parts], axis=0)).all()


def test_notes_and_tags_are_found(results: Results) -> None:
    notes = Notes().write("utterance-004", "Sounds Ironic.", ["irony", "check"])
    assert ids(results, Filter(search="ironic"), notes) == {"utterance-004"}
    assert ids(results, Filter(tag="irony"), notes) == {"utterance-004"}
    assert ids(results, Filter(tag="iron"), notes) == set()
    assert ids(results, Filter(search="ironic")) == set()


def test_the_rows_of_a_slice(results: Results) -> None:
    conditions = (("gender", "male"), ("uncertain", "no"))
    found = Filter(conditions=conditions).mask(results)
    assert found.any() and (found == slices.rows_of(results, conditions)).all()


@pytest.mark.parametrize("needle", ["(", "[a", "\\", "*"])
def test_a_search_is_no_pattern(needle: str) -> None:
    results = make_results(20)
    assert not Filter(search=needle).mask(results).any()
