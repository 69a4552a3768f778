"""The rows as the tab "Error analysis" lists them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from drkf.ui.texts.catalogue import LANGUAGES, speaking
from drkf.ui.workbench.row import row_head
from drkf.ui.workbench.rows import row_cells
from drkf.ui.workbench.shown import MAX_CHARACTERS, Asked, Shown
from drkf.workbench.filters import Filter
from drkf.workbench.notes import Notes
from drkf.workbench.outcomes import Store
from tests.helpers.made_results import make_results


def test_rows_say_what_the_results_say(tmp_path: Path) -> None:
    results = make_results()
    shown = Shown(results, Store(tmp_path))
    notes = Notes().write("utterance-004", tags=["b", "a"])
    everything = np.ones(len(results), dtype=bool)
    results.table.loc[2, "text"] = "x" * 1000
    listed = row_cells(Asked(shown, notes, Filter(), everything))
    assert listed is not None and len(listed) == len(results)
    for row, one in zip(listed, results.table.itertuples(), strict=True):
        assert row[1] == one.id and row[2] == one.label
        if one.error:
            assert row[3:6] == ["", None, "could not be analysed"] and row[11] == one.error
            continue
        assert row[3] == one.emotion + (" ?" if one.uncertain else "")
        expected = "without a label" if not one.label else "right" if one.correct else "wrong"
        assert row[5] == expected
        assert len(row[11]) <= MAX_CHARACTERS
    assert listed[4][12] == "b, a"
    kept = np.arange(len(results)) % 7 == 3
    some = row_cells(Asked(shown, notes, Filter(), kept))
    assert some is not None and [row[0] - 1 for row in some] == np.flatnonzero(kept).tolist()
    assert row_cells(Asked(shown, notes, Filter(), ~everything)) is None


def test_a_row_bears_its_mark_in_every_language() -> None:
    results = make_results()
    for wanted in LANGUAGES:
        with speaking(wanted):
            for row, one in enumerate(results.table.itertuples()):
                mark = "" if not one.label or one.error else "✓" if one.correct else "✗"
                head = row_head(results, row)
                assert ("✓" in head, "✗" in head) == (mark == "✓", mark == "✗")
