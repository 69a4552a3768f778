"""Results: their types, and saving and loading them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drkf.errors import ResultsError
from drkf.workbench import results as table
from drkf.workbench.results import Results
from tests.helpers.made_results import make_results


def test_what_is_saved_is_loaded(results: Results, tmp_path: Path) -> None:
    table.save_results(results, tmp_path / "out")
    loaded = table.load_results(tmp_path / "out")
    pd.testing.assert_frame_equal(loaded.table, results.table)
    np.testing.assert_array_equal(loaded.embeddings, results.embeddings)
    assert loaded.labels == results.labels
    assert (loaded.checkpoint, loaded.checkpoint_hash) == ("made-up", results.checkpoint_hash)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        [table.TABLE, table.EMBEDDINGS, table.ABOUT]
    )


def test_scored_rows_have_a_result_and_a_label(results: Results) -> None:
    rows = results.table
    assert results.scored.sum() == 48  # of every ten, one has no label and one an error
    assert rows.loc[results.scored, "correct"].notna().all()
    assert rows.loc[~results.scored, "correct"].isna().all()
    np.testing.assert_allclose(results.probabilities()[results.usable].sum(1), 1)
    assert np.isnan(results.probabilities()[~results.usable]).all()


def test_rows_are_chosen_by_mask(results: Results) -> None:
    few = results.rows(results.table["speaker"].to_numpy() == "speaker-1")
    assert len(few) == 10 and set(few.table["speaker"]) == {"speaker-1"}
    at = results.table.index[results.table["id"] == few.table.loc[3, "id"]][0]
    np.testing.assert_array_equal(few.embeddings[3], results.embeddings[at])


def test_other_labels_have_other_columns() -> None:
    few = make_results(12, labels=("negative", "positive"))
    assert few.probabilities().shape == (12, 2)
    assert list(few.table.columns) == table.columns(("negative", "positive"))


def test_what_is_no_results_folder_is_refused(results: Results, tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="no such file"):
        table.load_results(tmp_path / "nowhere")
    folder = tmp_path / "out"
    table.save_results(results, folder)
    (folder / table.TABLE).write_bytes(b"PAR1 but not really")
    with pytest.raises(ResultsError, match="not results that can be read"):
        table.load_results(folder)
    table.save_results(results, folder)
    about = json.loads((folder / table.ABOUT).read_text())
    (folder / table.ABOUT).write_text(json.dumps(about | {"labels": ["boredom"]}))
    with pytest.raises(ResultsError, match="p_boredom"):
        table.load_results(folder)
    table.save_results(results.rows(np.arange(60) < 5), tmp_path / "few")
    (tmp_path / "few" / table.EMBEDDINGS).replace(folder / table.EMBEDDINGS)
    table.save_results(results, tmp_path / "again")
    (tmp_path / "again" / table.EMBEDDINGS).write_bytes((folder / table.EMBEDDINGS).read_bytes())
    with pytest.raises(ResultsError, match="fused vectors"):
        table.load_results(tmp_path / "again")
