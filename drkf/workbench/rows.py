"""From a sheet whose columns have meanings to one Row an utterance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drkf.data.clips import Finder
from drkf.data.fields import FIELDS
from drkf.data.tables import RowNames, Sheet
from drkf.errors import ManifestError, shorten

NO_CLIPS = ManifestError("no clips were given")


@dataclass(frozen=True)
class Row:
    """An utterance to analyse. ``error`` says why it cannot be, "" if it can.

    ``label`` is one of the model's labels or "", ``original_label`` what the input calls it.
    """

    id: str
    audio: Path | None = None
    text: str = ""
    label: str = ""
    original_label: str = ""
    speaker: str = ""
    gender: str = ""
    corpus: str = ""
    error: str = ""


def make_rows(
    sheet: Sheet,
    columns: Mapping[str, str | None],
    label_map: Mapping[str, str],
    finder: Finder | None = None,
    split: str | None = None,
) -> list[Row]:
    """One Row for each row of the sheet, in order, unusable ones with their reason.

    A missing id is made from the clip's name or the row's number, and one that is taken gets a
    number, so that ids are unique.

    Args:
        columns: as :func:`drkf.data.columns.guess_columns` gives them, perhaps corrected.
        label_map: as :func:`drkf.data.columns.guess_label_map` gives it, perhaps corrected;
            labels that are not in it are not mapped.
        finder: where clips are; without one a row that names a clip cannot be used.
        split: only rows of this split; it needs a column.

    Raises:
        ManifestError: a column does not exist, neither audio nor text has one, or no row is in
            the split.
    """
    _check(sheet, columns, split)
    values = {meaning: sheet.column(columns.get(meaning)) for meaning in FIELDS}
    chosen = [i for i in range(len(sheet)) if split is None or values["split"][i] == split]
    if not chosen:
        raise ManifestError(f"No row is in the split {split!r}.")
    names = [values["audio"][i] for i in chosen if values["audio"][i] and not sheet.errors[i]]
    clips = dict.fromkeys(names, NO_CLIPS) if finder is None else finder.find_all(names)
    row_names = RowNames()
    rows = []
    for i in chosen:
        cell = {meaning: values[meaning][i] for meaning in FIELDS}
        found = clips.get(cell["audio"])
        error = sheet.errors[i] or _unfit(sheet, i, columns)
        if not error and not cell["audio"] and not cell["text"]:
            error = "neither audio nor text"
        if not error and isinstance(found, ManifestError):
            error = str(found)
        rows.append(
            Row(
                id=row_names.name(cell["id"], cell["audio"], i + 1),
                audio=None if error or not isinstance(found, Path) else found,
                text=cell["text"],
                label=label_map.get(cell["label"], ""),
                original_label=cell["label"],
                speaker=cell["speaker"],
                gender=cell["gender"],
                corpus=cell["corpus"],
                error=error,
            )
        )
    return rows


def _check(sheet: Sheet, columns: Mapping[str, str | None], split: str | None) -> None:
    """Refuses columns that do not exist, or that are not enough."""
    for meaning, column in columns.items():
        if column is not None and column not in sheet.columns:
            raise ManifestError(f"There is no column {column!r} to take the {meaning} from.")
    if columns.get("audio") is None and columns.get("text") is None:
        found = shorten(", ".join(sheet.columns), 200)
        raise ManifestError(
            f"Neither audio nor text has a column: say which it is. The columns are: {found}."
        )
    if split is not None and columns.get("split") is None:
        raise ManifestError("There is no column of splits to choose from.")


def _unfit(sheet: Sheet, row: int, columns: Mapping[str, str | None]) -> str:
    """Why a row cannot be used although it is one: an object where text must be."""
    for meaning in ("audio", "text"):
        column = columns.get(meaning)
        if column is not None and (row, column) in sheet.objects:
            return f"{meaning} must be text, not {shorten(sheet.cells[column][row], 40)}"
    return ""
