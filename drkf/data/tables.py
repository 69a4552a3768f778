"""The one reader of tables: CSV, TSV, JSON lines and Excel become a Sheet of text cells."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from drkf.data.clips import is_clip
from drkf.data.encodings import decode
from drkf.data.fields import FIELDS, plain_name
from drkf.errors import ManifestError, shorten

TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".xlsx")
MAX_ROWS = 200_000
MAX_TABLE_BYTES = 128 * 2**20
MAX_CELL = 100_000  # characters
MAX_COLUMN_NAME = 60
DELIMITERS = ",;\t|"
#: Lines at a table's top among which its header may be: titles and comments can stand before it.
HEADER_LINES = 20
#: How programs write a cell that has no value.
MISSING = ("nan", "NaN", "NAN", "null", "NULL", "<NA>", "N/A", "n/a", "#N/A", "#N/A N/A")

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_KNOWN_NAMES = frozenset(name for names in FIELDS.values() for name in names)
_NO_DELIMITER = "\x1f"


@dataclass(frozen=True, eq=False)
class Sheet:
    """An input as written, before its columns have meanings.

    ``cells``: for each column, one text for each data row, "" where a cell is empty. ``errors``
    (one a row) say why a row is not a row, "" where it is. ``objects`` are the cells (row,
    column) that hold an object or a truth value of JSON instead of text. ``skipped`` counts what
    was left out before it became a row, by reason.
    """

    cells: Mapping[str, Sequence[str]]
    errors: tuple[str, ...]
    objects: frozenset[tuple[int, str]] = frozenset()
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.cells)

    def __len__(self) -> int:
        return len(self.errors)

    def column(self, name: str | None) -> Sequence[str]:
        """The cells of a column; empty ones for None."""
        return [""] * len(self) if name is None else self.cells[name]


class RowNames:
    """Unique ids for the rows of a table."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    def name(self, written: str, audio: str, number: int) -> str:
        """The written id; without one the clip's name, else the row's number, from 1. A name that
        is taken gets a number behind it."""
        name = written or PurePosixPath(audio.replace("\\", "/")).stem or f"row-{number}"
        self._taken[name] += 1
        unique = name
        while self._taken[name] > 1 and (unique := f"{name} ({self._taken[name]})") in self._taken:
            self._taken[name] += 1
        self._taken[unique] += unique != name
        return unique


def make_sheet(
    rows: Sequence[Mapping[str, Any]],
    errors: Sequence[str] = (),
    skipped: Mapping[str, int] | None = None,
) -> Sheet:
    """A sheet of rows with cells by column name; ``errors`` one a row, or none at all."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    objects = {
        (i, name) for i, row in enumerate(rows) for name, value in row.items() if _is_object(value)
    }
    return Sheet(
        {name: [cell_text(row.get(name)) for row in rows] for name in columns},
        tuple(errors) or ("",) * len(rows),
        frozenset(objects),
        skipped or {},
    )


def read_sheet(path: str | Path, name: str | None = None) -> Sheet:
    """A table, whatever its columns are called.

    CSV may be separated by commas, semicolons, tabs or bars, or say its separator in a first line
    ``sep=;``. Blank lines, titles and comments before the header are passed over. Text may be in
    any encoding that :func:`drkf.data.encodings.decode` knows. Of an Excel file the first sheet
    with anything in it is read.

    Args:
        name: what the file is called for the user, if not as on disk.

    Raises:
        ManifestError: the file is no table, or is too large; one line that begins with ``name``.
    """
    path = Path(path)
    name = name or str(path)
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in TABLE_SUFFIXES:
        raise ManifestError(f"{name}: unknown kind of table. Use {', '.join(TABLE_SUFFIXES)}.")
    try:
        if not path.exists():
            raise ManifestError(f"{name}: no such file. Give the path of a table.")
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise ManifestError(f"{name}: over {MAX_TABLE_BYTES >> 20} MB. Split the table.")
        content = path.read_bytes()
    except OSError as error:
        raise ManifestError(f"{name}: cannot be read: {error.strerror}.") from None
    if suffix == ".xlsx":
        sheet = _from_rows(name, _excel_rows(name, content))
    else:
        sheet = _read_text(name, suffix, decode(content))
    if not len(sheet):
        raise ManifestError(f"{name}: there is a header but no row.")
    if len(sheet) > MAX_ROWS:
        raise ManifestError(f"{name}: over {MAX_ROWS} rows. Split the table.")
    return sheet


def cell_text(value: Any) -> str:
    """A cell's text, "" where there is no value. Lists (of labels) are joined by ``|``; of a clip
    as an object, its path."""
    if isinstance(value, dict):
        value = value.get("path") or json.dumps(value, ensure_ascii=False)
    elif isinstance(value, list | tuple):
        value = "|".join(filter(None, map(cell_text, value)))
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    # Lone surrogates, which JSON can spell, cannot be saved.
    text = str(value)[:MAX_CELL].encode("utf-8", errors="replace").decode("utf-8")
    text = text.replace("\0", "").strip()
    return "" if text in MISSING else text


def unique_names(header: Iterable[Any]) -> list[str]:
    """A header without blank or repeated names."""
    names: list[str] = []
    for number, cell in enumerate(header, start=1):
        name = shorten(cell_text(cell).removeprefix("\ufeff"), MAX_COLUMN_NAME)
        name = name or f"column {number}"
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _read_text(name: str, suffix: str, content: str) -> Sheet:
    if not content.strip():
        raise ManifestError(f"{name}: the file is empty. The first line must name the columns.")
    if suffix in (".csv", ".tsv"):
        return _from_csv(name, content, suffix)
    return _from_jsonl(content)


def _from_csv(name: str, content: str, suffix: str) -> Sheet:
    lines = list(islice(io.StringIO(content, newline=""), HEADER_LINES))
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    stated = _SEPARATOR_LINE.fullmatch(lines[first].strip(" \r\n"))
    delimiter = stated[1] if stated else None
    if delimiter is None and suffix == ".tsv" and any("\t" in line for line in lines):
        delimiter = "\t"
    start = first + 1 if stated else 0
    if delimiter is None:
        delimiter = _guess_delimiter(lines[start:])
    start += _header_index([line.split(delimiter) for line in lines[start:]])
    body = content[sum(map(len, lines[:start])) :]
    usual = csv.field_size_limit(MAX_TABLE_BYTES)  # cells are cut later, instead of ending the run
    # Strict: a stray quote would otherwise swallow the rows after it without a word.
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    try:
        return _from_rows(name, reader)
    except csv.Error as error:
        raise ManifestError(
            f"{name}: line {start + reader.line_num}: {error}. Check the quotes."
        ) from None
    finally:
        csv.field_size_limit(usual)  # other readers have their own


def _guess_delimiter(lines: Sequence[str]) -> str:
    """The delimiter of the header; one that never occurs if the table has one column."""
    rows = {d: [line.split(d) for line in lines] for d in DELIMITERS}
    known = {d: max(map(_known, found), default=0) for d, found in rows.items()}
    best = max(DELIMITERS, key=lambda d: known[d])
    if known[best] > 1:
        return best
    header = next((line for line in lines if line.strip() and not _is_comment([line])), "")
    best = max(DELIMITERS, key=header.count)
    return best if best in header else _NO_DELIMITER  # commas then belong to the text


def _header_index(rows: Sequence[Sequence[Any]]) -> int:
    """Which of the first rows names the columns: the first with two or more known names, half of
    its cells at least; else the first that is neither blank nor a comment."""
    named = [
        i
        for i, row in enumerate(rows[:HEADER_LINES])
        if _known(row) > 1 and 2 * _known(row) >= sum(bool(cell_text(cell)) for cell in row)
    ]
    if not named:
        named = [i for i, row in enumerate(rows[:HEADER_LINES]) if _known(row) > 2]
    plain = [i for i in named if not _is_comment(rows[i])]
    if named:
        return (plain or named)[0]
    for i, row in enumerate(rows):
        if any(cell_text(cell) for cell in row) and not _is_comment(row):
            return i
    return 0


def _known(row: Sequence[Any]) -> int:
    """How many of the cells are usual names of columns."""
    return len({plain_name(cell_text(cell)) for cell in row} & _KNOWN_NAMES)


def _is_comment(row: Sequence[Any]) -> bool:
    return bool(row) and cell_text(row[0]).startswith("#")


def _from_rows(name: str, source: Iterable[Sequence[Any]]) -> Sheet:
    """A header and the rows under it, as a sheet; blank rows are left out."""
    rows: list[dict[str, Any]] = []
    errors: list[str] = []
    source = iter(source)
    header = unique_names(next(source, ()))
    clip = next((column for column in header if is_clip(column)), None)
    if clip is not None:
        raise ManifestError(
            f"{name}: the first line must name the columns; it names the clip {shorten(clip)}."
        )
    for cells in source:
        if not any(cell_text(cell) for cell in cells):
            continue
        rows.append(dict(zip(header, cells, strict=False)))
        fits = not any(cell_text(cell) for cell in cells[len(header) :])
        errors.append("" if fits else f"{len(cells)} cells under {len(header)} columns")
    if rows:
        rows[0] = dict.fromkeys(header, "") | rows[0]  # every column exists, in order
    return make_sheet(rows, errors)


def _from_jsonl(content: str) -> Sheet:
    rows: list[dict[str, Any]] = []
    errors: list[str] = []
    for line in content.split("\n"):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            rows.append({})
            errors.append("not JSON")
            continue
        if isinstance(value, dict):
            rows.append(
                {shorten(key.strip(), MAX_COLUMN_NAME): cell for key, cell in value.items()}
            )
            errors.append("")
        else:
            rows.append({})
            errors.append("not a JSON object")
    return make_sheet(rows, errors)


def _excel_rows(name: str, content: bytes) -> list[list[Any]]:
    """The rows of an Excel file's first sheet that is not empty, from its header on."""
    import pandas as pd

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_TABLE_BYTES:
            raise ManifestError(f"{name}: over {MAX_TABLE_BYTES >> 20} MB. Split the table.")
        sheets = pd.read_excel(
            io.BytesIO(content),
            sheet_name=None,
            header=None,
            dtype=object,
            keep_default_na=False,
            engine="openpyxl",
        )
    except ManifestError:
        raise
    except ImportError:
        raise ManifestError(
            f"{name}: reading Excel needs pandas and openpyxl: install them, or save as CSV."
        ) from None
    except Exception:  # openpyxl raises what it meets: KeyError, TypeError, XML errors
        raise ManifestError(f"{name}: not an Excel file, or damaged. Save it as CSV.") from None
    for frame in sheets.values():
        rows = [[_excel_cell(cell) for cell in row] for row in frame.itertuples(index=False)]
        if any(cell_text(cell) for row in rows for cell in row):
            return rows[_header_index(rows) :]
    raise ManifestError(f"{name}: the file is empty. The first line must name the columns.")


def _excel_cell(value: Any) -> Any:
    """Excel keeps every number as a fraction: 3.0 is the number 3 that somebody typed."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_object(value: Any) -> bool:
    if isinstance(value, dict):
        return not value.get("path")
    if isinstance(value, list):
        return any(not isinstance(one, str | int | float) for one in value)
    return isinstance(value, bool)
