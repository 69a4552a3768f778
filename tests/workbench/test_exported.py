"""Exported results come back as they were; anything else is refused in one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drkf.errors import DRKFError
from drkf.workbench import comparison as compare
from drkf.workbench import export
from drkf.workbench.exported import read_results
from drkf.workbench.notes import Notes
from tests.helpers.made_results import make_results

WRITERS = {"results.csv": export.write_csv, "results.jsonl": export.write_jsonl}


@pytest.mark.parametrize("name", WRITERS)
def test_what_was_exported_comes_back(name: str, tmp_path: Path) -> None:
    results = make_results()
    formula = results.table.assign(text=["=1+1", "'quoted", *results.table["text"][2:]])
    notes = Notes().write("utterance-003", "a note")
    frame = pd.concat([formula, notes.columns(results)], axis=1)
    WRITERS[name](frame, tmp_path / name)
    back = read_results(tmp_path / name)
    assert back.labels == results.labels and back.checkpoint == "results"
    pd.testing.assert_frame_equal(back.table, formula, check_exact=False, rtol=1e-12)
    assert (back.usable == results.usable).all() and (back.scored == results.scored).all()
    assert back.embeddings.shape == (len(results), 1) and np.isnan(back.embeddings).all()


def test_it_can_be_compared(tmp_path: Path) -> None:
    first, second = make_results(seed=1), make_results(seed=1)
    flipped = second.table.index[second.scored][0]
    label = second.table.loc[flipped, "label"]
    other = next(name for name in second.labels if name != label)
    second.table.loc[flipped, "emotion"] = other
    export.write_csv(export.with_notes(second), tmp_path / "other.csv")
    found = compare.compare_results(first, read_results(tmp_path / "other.csv"))
    assert len(found.flipped) == (first.table.loc[flipped, "emotion"] != other)
    assert len(found.table) == first.scored.sum() and found.after == "other"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("id,text\n1,hello\n", "no exported results"),
        ("id,p_joy,label,emotion\n1,0.5,joy,joy\n", "no exported results"),
        ("\0\0\0", "no row"),
        ("", "empty"),
    ],
)
def test_another_table_is_refused(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content)
    with pytest.raises(DRKFError, match=told) as refused:
        read_results(path)
    assert "\n" not in str(refused.value)


def test_a_label_without_a_probability_is_refused(tmp_path: Path) -> None:
    frame = export.with_notes(make_results(20))
    frame.loc[0, "label"] = "envy"
    export.write_csv(frame, tmp_path / "other.csv")
    with pytest.raises(DRKFError, match="a row has a label"):
        read_results(tmp_path / "other.csv")
