"""docs/notebook.ipynb runs from its first cell to its last, and shows what a researcher needs."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from drkf.analysis import Analysis
from drkf.checkpoint import load_checkpoint
from drkf.pipeline import EmotionPipeline
from drkf.workbench.slices import rows_of

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"


def run_cell(code: str, names: dict[str, Any]) -> Any:
    """Runs a cell as Jupyter does; returns the value of its last expression."""
    body = ast.parse(code).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), NOTEBOOK.name, "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)


def test_it_runs_to_its_end(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = EmotionPipeline(load_checkpoint(tiny_checkpoint))
    monkeypatch.setattr(EmotionPipeline, "from_pretrained", lambda: pipeline)
    monkeypatch.chdir(tmp_path)
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    assert not any(cell.get("outputs") for cell in cells)
    names: dict[str, Any] = {}
    shown = [
        run_cell("".join(cell["source"]), names) for cell in cells if cell["cell_type"] == "code"
    ]
    kinds = [type(one) for one in shown]
    assert kinds[0] is Analysis and kinds.count(go.Figure) == 4
    tables = [one for one in shown if isinstance(one, pd.DataFrame)]
    assert [list(table.columns)[:2] for table in tables] == [
        ["id", "label"], ["facet", "value"], ["id", "audio"],
    ]  # fmt: skip
    results = names["results"]
    assert len(results) == 50 and results.usable.all()
    assert names["columns"]["audio"] == "audio" and names["labels"]["frustrated"] == ""
    assert set(tables[2]["id"]) <= set(results.table["id"][rows_of(results, names["worst"])])
    assert (tables[2]["label"] != tables[2]["emotion"]).all() and len(tables[2])
    assert (tmp_path / "results.csv").is_file()
