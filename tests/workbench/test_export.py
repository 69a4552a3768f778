"""What is exported says what the results say, to the tools it is meant for."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import pytest

from drkf.errors import ResultsError
from drkf.workbench import export
from drkf.workbench.notes import Notes
from drkf.workbench.results import Results


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def with_text(results: Results, text: str) -> Results:
    table = results.table.copy()
    table.loc[0, "text"] = text
    return replace(results, table=table)


def test_all_formats_hold_the_same(results: Results, tmp_path: Path) -> None:
    results = with_text(results, 'so "very" sad;\nüber 日本 <b>')
    notes = Notes().write("utterance-002", "mumbles", ["quiet"])
    frame = export.with_notes(results, notes)
    export.write_csv(frame, tmp_path / "r.csv")
    export.write_jsonl(frame, tmp_path / "r.jsonl")
    export.write_parquet(frame, tmp_path / "r.parquet")
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.DictReader(file))
    parquet = pd.read_parquet(tmp_path / "r.parquet")
    pd.testing.assert_frame_equal(parquet, frame)
    assert list(lines[0]) == list(cells[0]) == list(frame.columns)
    for i, row in enumerate(results.table.to_dict("records")):
        for column, value in row.items():
            if pd.isna(value):
                assert lines[i][column] is None and cells[i][column] == ""
            elif isinstance(value, float):
                assert lines[i][column] == value == float(cells[i][column])
            else:
                assert lines[i][column] == value and cells[i][column] == str(value)
    assert (lines[2]["note"], cells[2]["tags"]) == ("mumbles", "quiet")


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx"])
def test_no_cell_is_a_formula(results: Results, tmp_path: Path, text: str) -> None:
    frame = export.with_notes(with_text(results, text), Notes().write("utterance-000", text))
    export.write_csv(frame, tmp_path / "r.csv")
    export.write_jsonl(frame, tmp_path / "r.jsonl")
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["text"] == f"'{text}"
    assert row["note"] in (f"'{text}", "x")  # notes are stripped
    assert json.loads((tmp_path / "r.jsonl").read_text().splitlines()[0])["text"] == text


def test_clips_are_named_from_a_root(results: Results, tmp_path: Path) -> None:
    table = results.table.assign(audio=[f"{tmp_path}/clips/a.wav"] * 59 + ["/else/b.wav"])
    frame = export.with_notes(replace(results, table=table), root=tmp_path)
    assert frame["audio"].iloc[0] == "clips/a.wav" and frame["audio"].iloc[59] == "/else/b.wav"


def test_datasets_loads_the_folder(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK_ROWS", 16)
    monkeypatch.setattr(export, "SHARD_BYTES", 40)
    table = results.table.copy()
    for i in range(0, 60, 10):
        path = tmp_path / f"{i}.wav"
        path.write_bytes(b"RIFF sound %d" % i)
        table.loc[i, "audio"] = str(path)
    table.loc[1, "audio"] = ""
    results = replace(results, table=table)
    for _ in range(2):  # writing again replaces
        export.write_dataset(results, tmp_path / "out", Notes().write("utterance-000", "hm"))
    assert len(list((tmp_path / "out" / "data").iterdir())) > 1
    assert not list((tmp_path / "out" / "data").glob(".*"))
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="test")
    assert isinstance(loaded.features["audio"], datasets.Audio)
    assert loaded.features["p_joy"].dtype == "float64"
    assert loaded.features["correct"].dtype == "bool"
    rows = loaded.cast_column("audio", datasets.Audio(decode=False))
    assert rows["id"][:] == list(results.table["id"])
    assert rows[10]["audio"] == {"bytes": b"RIFF sound 10", "path": "10.wav"}
    assert rows[1]["audio"] is None and rows[2]["audio"] is None  # none, and one that is gone
    assert rows[0]["note"] == "hm"
    np.testing.assert_array_equal(rows[0]["embedding"], results.embeddings[0])
    assert rows[9]["embedding"] is None and rows[9]["error"]
    assert rows["p_joy"][:9] == list(results.table["p_joy"][:9])


def test_a_folder_without_clips_keeps_their_paths(results: Results, tmp_path: Path) -> None:
    export.write_dataset(results, tmp_path / "out", audio=False)
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="test")
    assert loaded["audio"][:] == list(results.table["audio"])


def test_a_place_that_cannot_be_written_is_one_line(results: Results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for write in (export.write_csv, export.write_jsonl, export.write_parquet):
        with pytest.raises(ResultsError, match="cannot be written"):
            write(export.with_notes(results), tmp_path / "file" / "r")
    with pytest.raises(ResultsError, match="cannot be written"):
        export.write_dataset(results, tmp_path / "file")
