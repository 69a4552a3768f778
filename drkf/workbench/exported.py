"""Results read back from an exported table, to compare them with others."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from drkf.data.tables import read_sheet
from drkf.errors import ResultsError, shorten
from drkf.workbench.export import FORMULA
from drkf.workbench.results import FLAG_COLUMNS, FUSED, TEXT_COLUMNS, Results, columns, typed


def read_results(path: str | Path, name: str | None = None) -> Results:
    """An exported CSV or JSON-lines table as Results without fused vectors.

    The table does not say which checkpoint made it: the file's name stands for it.

    Raises:
        ManifestError: the file is not a table.
        ResultsError: it is a table, but not of results.
    """
    name = name or Path(path).name
    sheet = read_sheet(path, name)
    cells = pd.DataFrame(dict(sheet.cells), dtype="str")
    labels = tuple(c.removeprefix(FUSED) for c in sheet.columns if c.startswith(FUSED))
    missing = [column for column in columns(labels) if column not in cells]
    if not labels or missing:
        lacks = missing[0] if missing else f"{FUSED}…"
        raise ResultsError(
            f"{shorten(name)}: no exported results (there is no column {lacks}). "
            "Give a results.csv or results.jsonl."
        )
    table = pd.DataFrame(index=cells.index)
    for column in columns(labels):
        if column in TEXT_COLUMNS:
            table[column] = cells[column].map(_unguarded)
        elif column in FLAG_COLUMNS:
            table[column] = cells[column].map({"True": True, "False": False}).astype("boolean")
        else:
            table[column] = pd.to_numeric(cells[column], errors="coerce").astype("float64")
    known = {"", *labels}
    if not (set(table["label"]) <= known and set(table["emotion"]) <= known):
        raise ResultsError(f"{shorten(name)}: a row has a label for which there is no probability.")
    unanswered = table[[FUSED + label for label in labels]].isna().any(axis=1)
    table.loc[unanswered & (table["error"] == ""), "error"] = "no probabilities"
    return Results(
        typed(table, labels),
        np.full((len(table), 1), np.nan, np.float32),
        labels,
        PurePosixPath(shorten(name, 60)).stem,
        "",
    )


def _unguarded(cell: str) -> str:
    """Without the apostrophe that an export puts before what looks like a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
