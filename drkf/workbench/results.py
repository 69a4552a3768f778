"""The results of a set: one table row for each input row, and the fused vectors beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from drkf.errors import ResultsError, first_line
from drkf.files import whole

TABLE = "results.parquet"
EMBEDDINGS = "embeddings.safetensors"
ABOUT = "results.json"

#: Columns of text; "" where a value is not known.
TEXT_COLUMNS = (
    "id",
    "audio",
    "text",
    "text_source",
    "label",
    "original_label",
    "speaker",
    "gender",
    "corpus",
    "emotion",
    "hash",
    "warnings",
    "error",
)
#: Columns of yes and no; NA where the question does not arise.
FLAG_COLUMNS = ("inconsistent", "uncertain", "correct")

#: What a probability column's name starts with, before the label.
FUSED, VOICE, WORDS = "p_", "voice_", "words_"


@dataclass(frozen=True, eq=False)
class Results:
    """What a checkpoint made of a set of utterances.

    ``table`` has one row for each input row, in input order, with the columns of
    :func:`columns`:

    * ``id`` (unique), ``audio`` (path or ""), ``text`` (as analysed: typed or recognised),
      ``text_source`` (typed, asr or none), ``speaker``, ``gender``, ``corpus``;
    * ``label``: the input's label among the model's, "" without one; ``original_label`` as
      written;
    * ``duration`` of the clip in seconds; ``warnings`` joined by blanks;
    * ``emotion``: the likeliest class; ``p_<label>``, ``voice_<label>``, ``words_<label>``: the
      calibrated probabilities of everything given, of the voice alone and of the words alone;
    * ``inconsistency``: ED's P(inconsistent), NaN unless both modalities are there;
      ``inconsistent``: whether it reaches the checkpoint's threshold;
    * ``uncertain``; ``correct``: ``emotion == label``, NA without a label or a result;
    * ``hash`` of the content (see :mod:`drkf.workbench.outcomes`), ``error``: "" or why there is no
      result, in one line.

    ``embeddings`` (n, d) float32 are the fused vectors (the fusion encoder's CLS), NaN in rows
    with an error. ``labels`` are the model's, ``checkpoint`` and ``checkpoint_hash`` say which.
    """

    table: pd.DataFrame
    embeddings: NDArray[np.float32]
    labels: tuple[str, ...]
    checkpoint: str
    checkpoint_hash: str

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """(n,) True on rows with a result."""
        return (self.table["error"] == "").to_numpy(dtype=bool)

    @cached_property
    def scored(self) -> NDArray[np.bool_]:
        """(n,) True on rows with a result and a label: those that metrics count."""
        return self.usable & (self.table["label"] != "").to_numpy(dtype=bool)

    def probabilities(self, kind: str = FUSED) -> NDArray[np.float64]:
        """(n, L) of one of ``FUSED``, ``VOICE``, ``WORDS``; NaN rows where it is missing."""
        return self.table[[kind + label for label in self.labels]].to_numpy(dtype=np.float64)

    def rows(self, mask: NDArray[np.bool_]) -> Results:
        """Only the rows (n,) that are True in ``mask``, in the same order."""
        mask = np.asarray(mask, dtype=bool)
        return replace(
            self, table=self.table[mask].reset_index(drop=True), embeddings=self.embeddings[mask]
        )


def columns(labels: Iterable[str]) -> list[str]:
    """Every column of a results table, in order."""
    names = list(labels)
    return [
        *("id", "audio", "text", "text_source", "label", "original_label"),
        *("speaker", "gender", "corpus", "duration", "emotion"),
        *(kind + label for kind in (FUSED, VOICE, WORDS) for label in names),
        *("inconsistency", "inconsistent", "uncertain", "correct"),
        *("hash", "warnings", "error"),
    ]


def typed(table: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
    """The table with exactly the columns of :func:`columns`, each of its own type.

    Raises:
        ResultsError: a column is missing or holds something else.
    """
    names = columns(labels)
    missing = [name for name in names if name not in table]
    if missing:
        raise ResultsError(f"The results table lacks the column {missing[0]}: run the set again.")
    table = table[names].reset_index(drop=True)
    kinds = dict.fromkeys(names, "float64")
    kinds |= dict.fromkeys(TEXT_COLUMNS, "str") | dict.fromkeys(FLAG_COLUMNS, "boolean")
    try:
        return table.astype(kinds).fillna(dict.fromkeys(TEXT_COLUMNS, ""))
    except (TypeError, ValueError) as error:
        raise ResultsError(f"The results table is damaged ({error}): run the set again.") from None


def save_results(results: Results, folder: str | Path) -> None:
    """Writes the results into a folder that :func:`load_results` reads, each file completely or
    not at all.

    Raises:
        ResultsError: the folder cannot be written.
    """
    folder = Path(folder)
    about = {
        "labels": list(results.labels),
        "checkpoint": results.checkpoint,
        "checkpoint_hash": results.checkpoint_hash,
        "rows": len(results),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Without it nothing is loaded: older files are never read together with newer ones.
        (folder / ABOUT).unlink(missing_ok=True)
        with whole(folder / TABLE) as path:
            results.table.to_parquet(path, index=False)
        with whole(folder / EMBEDDINGS) as path:
            save_file({"cls": np.ascontiguousarray(results.embeddings, np.float32)}, path)
        with whole(folder / ABOUT) as path:
            path.write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be written ({error.strerror}).") from None


def load_results(folder: str | Path) -> Results:
    """Reads what :func:`save_results` wrote.

    Raises:
        ResultsError: a file is missing, damaged, or does not fit the others.
    """
    folder = Path(folder)
    try:
        about = json.loads((folder / ABOUT).read_text("utf-8"))
        labels = tuple(str(label) for label in about["labels"])
        table = typed(pd.read_parquet(folder / TABLE), labels)
        embeddings = load_file(folder / EMBEDDINGS)["cls"]
        checkpoint, checkpoint_hash = str(about["checkpoint"]), str(about["checkpoint_hash"])
    except FileNotFoundError as error:
        raise ResultsError(f"{error.filename}: no such file. Give a folder of results.") from None
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, SafetensorError) as error:
        reason = first_line(error)
        raise ResultsError(f"{folder}: not results that can be read ({reason}).") from None
    if embeddings.ndim != 2 or len(embeddings) != len(table):
        raise ResultsError(f"{folder}: {len(table)} rows, but not as many fused vectors.")
    return Results(table, embeddings.astype(np.float32), labels, checkpoint, checkpoint_hash)
