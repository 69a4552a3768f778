"""Results for other tools: CSV, JSON lines, Parquet, and a folder that ``datasets`` loads."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from drkf.errors import ResultsError
from drkf.files import whole
from drkf.workbench.notes import Notes
from drkf.workbench.results import TEXT_COLUMNS, Results

#: What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Rows held at a time, and bytes in a file, while clips are copied into a dataset.
CHUNK_ROWS = 64
SHARD_BYTES = 500 * 2**20


def with_notes(
    results: Results, notes: Notes | None = None, root: str | Path | None = None
) -> pd.DataFrame:
    """The results' table with the columns ``note`` and ``tags``.

    Args:
        root: clips under this folder are named relative to it.
    """
    frame = results.table
    if root is not None:
        frame = frame.assign(audio=[_relative(path, Path(root)) for path in frame["audio"]])
    return pd.concat([frame, (notes or Notes()).columns(results)], axis=1)


def write_csv(frame: pd.DataFrame, path: str | Path) -> None:
    """A CSV file, UTF-8 with the mark that spreadsheets look for; empty cells where nothing is.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; the other formats
    keep it as it is.
    """
    guarded = frame.copy()
    for column in (*TEXT_COLUMNS, "note", "tags"):
        if column in guarded:
            guarded[column] = [
                f"'{cell}" if cell.startswith(FORMULA) else cell for cell in guarded[column]
            ]
    with _writing(path) as part:
        guarded.to_csv(part, index=False, encoding="utf-8-sig", lineterminator="\n")


def write_jsonl(frame: pd.DataFrame, path: str | Path) -> None:
    """One JSON object a row; null where nothing is."""
    with _writing(path) as part, part.open("w", encoding="utf-8") as file:
        for row in _plain_rows(frame):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def write_parquet(frame: pd.DataFrame, path: str | Path) -> None:
    """A Parquet file; null where nothing is."""
    with _writing(path) as part:
        frame.to_parquet(part, index=False)


def write_dataset(
    results: Results, folder: str | Path, notes: Notes | None = None, audio: bool = True
) -> None:
    """A folder for ``datasets.load_dataset(folder)``, and so for Renumics Spotlight.

    Parquet files with the table, the fused vectors (``embedding``) and, in the column ``audio``,
    the clips themselves, typed for ``datasets`` as Audio. Clips pass through a few at a time.

    Args:
        audio: False leaves the clips out and keeps their paths.

    Raises:
        ResultsError: the folder cannot be written, or has files of another kind in it.
    """
    folder = Path(folder)
    data = folder / "data"
    frame = with_notes(results, notes)
    schema = _schema(frame, results, audio)
    try:
        data.mkdir(parents=True, exist_ok=True)
        if any(not file.match("test-*.parquet") for file in data.iterdir()):
            raise ResultsError(f"{data} has other files in it: choose an empty folder.")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".data-") as made:
            parts = _write_shards(frame, results, schema, Path(made), audio)
            new = Path(made) / "data"
            new.mkdir()
            for number, part in enumerate(parts):
                part.rename(new / f"test-{number:05}-of-{len(parts):05}.parquet")
            data.rename(Path(made) / "old")  # deleted with the folder
            new.rename(data)  # all files at once: a glob finds the whole set or none of it
        with whole(folder / "README.md") as card:
            card.write_text(_card(results), "utf-8")
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be written ({error.strerror}).") from None


def _write_shards(
    frame: pd.DataFrame, results: Results, schema: pa.Schema, folder: Path, audio: bool
) -> list[Path]:
    parts: list[Path] = []
    writer: pq.ParquetWriter | None = None
    written = 0
    try:
        for start in range(0, len(frame), CHUNK_ROWS):
            if writer is None or written > SHARD_BYTES:
                if writer is not None:
                    writer.close()
                parts.append(folder / f".part-{len(parts):05}")
                writer, written = pq.ParquetWriter(parts[-1], schema), 0
            chunk = frame.iloc[start : start + CHUNK_ROWS]
            rows = list(_plain_rows(chunk))
            vectors = results.embeddings[start : start + CHUNK_ROWS]
            for row, vector in zip(rows, vectors, strict=True):
                row["embedding"] = None if np.isnan(vector).any() else vector.tolist()
                if audio:
                    row["audio"] = _sound(row["audio"])
                    written += len(row["audio"]["bytes"]) if row["audio"] else 0
            writer.write_table(pa.Table.from_pylist(rows, schema))
    finally:
        if writer is not None:
            writer.close()
    return parts


def _sound(path: str) -> dict[str, Any] | None:
    """A clip as ``datasets`` stores it; None for a row without one, or whose clip is gone."""
    if not path:
        return None
    try:
        return {"bytes": Path(path).read_bytes(), "path": Path(path).name}
    except OSError:
        return None


def _schema(frame: pd.DataFrame, results: Results, audio: bool) -> pa.Schema:
    """Arrow's types, and in the metadata those of ``datasets``."""
    kinds = {"str": "string", "string": "string", "float64": "float64", "boolean": "bool"}
    names = {column: kinds[str(frame[column].dtype)] for column in frame}
    arrow = {"string": pa.string(), "float64": pa.float64(), "bool": pa.bool_()}
    types: list[tuple[str, pa.DataType]] = [(name, arrow[kind]) for name, kind in names.items()]
    features: dict[str, dict[str, Any]] = {
        name: {"dtype": kind, "_type": "Value"} for name, kind in names.items()
    }
    if audio:
        sound = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        types = [(name, sound if name == "audio" else kind) for name, kind in types]
        features["audio"] = {"_type": "Audio"}
    length = results.embeddings.shape[1]
    types.append(("embedding", pa.list_(pa.float32())))
    features["embedding"] = {
        "feature": {"dtype": "float32", "_type": "Value"},
        "length": length,
        "_type": "List",
    }
    types[-1] = ("embedding", pa.list_(pa.float32(), length))
    return pa.schema(types, {"huggingface": json.dumps({"info": {"features": features}})})


def _card(results: Results) -> str:
    return (
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n"
        "    path: data/test-*.parquet\n---\n"
        f"# Predictions of {results.checkpoint}\n\n"
        f"{len(results)} utterances analysed with the checkpoint {results.checkpoint} "
        f"(sha256 `{results.checkpoint_hash}`).\n\n"
        'Load: `datasets.load_dataset(FOLDER, split="test")`. '
        'Look: `spotlight.show(dataset, embedding=["embedding"])`.\n'
    )


def _plain_rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of Python values, None where nothing is."""
    plain = frame.astype(object).where(frame.notna(), None)
    yield from plain.to_dict("records")


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


@contextmanager
def _writing(path: str | Path) -> Iterator[Path]:
    """As ``whole``, with a one-line error where the disk refuses."""
    try:
        with whole(Path(path)) as part:
            yield part
    except OSError as error:
        why = error.strerror or error
        raise ResultsError(f"{path}: cannot be written ({why}).") from None
