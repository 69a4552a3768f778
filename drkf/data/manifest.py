"""The one table format for utterances: read it, write it, split it by speaker."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from drkf.errors import ManifestError
from drkf.files import whole
from drkf.labels import EMOTIONS, canonical

#: Where a column may have one of several names; the first one present is used.
COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "transcript"),
    "emotion": ("emotion", "emotions"),
    "audio or text": ("audio", "text", "transcript"),
}

#: Separates the labels of an utterance that has several.
LABEL_SEPARATOR = "|"

SUFFIXES = (".csv", ".tsv", ".jsonl")

Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Item:
    """A labelled utterance. ``emotions`` holds one label, or several in a multi-label corpus.

    ``speaker`` names a person within ``corpus``, ``split`` is train, dev or test (or a fold's
    name), ``dialogue`` and ``turn`` place the utterance in a conversation, ``original_label`` is
    what the corpus itself calls the emotion. ``seconds`` is the clip's length. None: not known.
    """

    id: str
    audio: Path | None
    text: str | None
    emotions: tuple[str, ...]
    speaker: str | None = None
    split: str | None = None
    corpus: str | None = None
    gender: str | None = None
    language: str | None = None
    dialogue: str | None = None
    turn: int | None = None
    original_label: str | None = None
    intensity: str | None = None
    seconds: float | None = None

    @property
    def emotion(self) -> str:
        """The label of a single-label utterance; the first one of a multi-label utterance."""
        return self.emotions[0]


@dataclass(frozen=True)
class Input:
    """An utterance to predict. ``error`` says why its row cannot be used, None if it can."""

    id: str
    audio: Path | None
    text: str | None
    error: str | None = None


@dataclass(frozen=True)
class RowError:
    """A row that cannot be used. ``row`` counts data rows from 1."""

    row: int
    id: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}{f' ({self.id})' if self.id else ''}: {self.message}"


class _BadRow(ValueError):
    """Why one row cannot be used."""


def read_manifest(
    path: str | Path,
    labels: tuple[str, ...] = EMOTIONS,
    row_errors: list[RowError] | None = None,
) -> list[Item]:
    """Read labelled utterances from a CSV, TSV or JSONL table.

    Columns: ``id``, ``emotion`` and at least one of ``audio`` and ``text`` (or ``transcript``);
    the other fields of :class:`Item` where present; further columns are ignored. Audio paths are
    absolute or relative to the table's folder. Several labels are joined by ``|``.

    Args:
        labels: the labels in use; corpora's own names for them are mapped by
            :func:`drkf.labels.canonical`.
        row_errors: unusable rows are appended here and left out. Without it they raise.

    Raises:
        ManifestError: the table cannot be used, or a row cannot and ``row_errors`` is None.
    """
    path = Path(path)
    rows = _read_table(path, required=("id", "emotion"))
    errors: list[RowError] = []
    items: list[Item] = []
    for number, row in enumerate(rows, start=1):
        try:
            items.append(_item(row, path.parent, labels))
        except _BadRow as error:
            errors.append(RowError(number, row.id, str(error)))
    _refuse_duplicates(path, (item.id for item in items))
    if errors and row_errors is None:
        raise ManifestError(
            f"{path}: {len(errors)} of {len(rows)} rows cannot be used. First: {errors[0]}"
        )
    if not items:
        raise ManifestError(f"{path}: no row can be used. First: {errors[0]}")
    if row_errors is not None:
        row_errors.extend(errors)
    return items


def read_inputs(path: str | Path) -> list[Input]:
    """Read utterances to predict: columns ``id`` and ``audio``, ``text`` or both, in order.

    A row that cannot be used is returned in its place with ``error`` set.

    Raises:
        ManifestError: the table cannot be used.
    """
    path = Path(path)
    rows = _read_table(path, required=("id",))
    inputs: list[Input] = []
    for row in rows:
        try:
            inputs.append(Input(*_utterance(row, path.parent)))
        except _BadRow as error:
            inputs.append(Input(row.id, None, None, str(error)))
    _refuse_duplicates(path, (row.id for row in inputs if row.id))
    return inputs


def write_manifest(items: Iterable[Item], path: str | Path) -> None:
    """Write ``items`` to a CSV, TSV or JSONL table that :func:`read_manifest` reads back.

    Audio under the table's folder is written relative to it, other audio by its absolute path.
    """
    path = Path(path)
    _check_suffix(path)
    rows = [_cells(item, path.parent.resolve()) for item in items]
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        if path.suffix.lower() == ".jsonl":
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        else:
            columns = ["emotion" if f.name == "emotions" else f.name for f in fields(Item)]
            writer = csv.DictWriter(file, columns, delimiter=_delimiter(path), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def split_by_speaker(
    items: Iterable[Item], fraction: float, seed: int
) -> tuple[list[Item], list[Item]]:
    """Split into (train, dev) so that no speaker is in both.

    From every corpus with at least two speakers, about ``fraction`` of its speakers go to dev, at
    least one and never all. The choice depends on the seed and the corpus's speakers alone, not
    on the order of the items or on other corpora. An utterance without a speaker counts as a
    speaker of its own.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, not {fraction}")
    items = list(items)
    speakers: dict[str, set[str]] = defaultdict(set)
    for item in items:
        speakers[item.corpus or ""].add(_speaker(item))
    dev_speakers: set[tuple[str, str]] = set()
    for corpus, names in speakers.items():
        order = sorted(names)
        random.Random(f"{seed}/{corpus}").shuffle(order)
        count = min(max(1, round(fraction * len(order))), len(order) - 1)
        dev_speakers.update((corpus, name) for name in order[:count])
    train: list[Item] = []
    dev: list[Item] = []
    for item in items:
        is_dev = (item.corpus or "", _speaker(item)) in dev_speakers
        (dev if is_dev else train).append(item)
    return train, dev


def _speaker(item: Item) -> str:
    return f"speaker {item.speaker}" if item.speaker else f"utterance {item.id}"


@dataclass(frozen=True)
class _Row:
    """A data row as written: its cells by column name, or why the row is not a row."""

    cells: Mapping[str, Any]
    error: str | None = None

    def text(self, column: str) -> str | None:
        """A cell's text without surrounding blanks; None where it is empty or absent."""
        for name in COLUMN_NAMES.get(column, (column,)):
            if name in self.cells:
                return self._as_text(name, self.cells[name])
        return None

    def labels(self) -> tuple[str, ...]:
        """The emotion labels as written: one cell joined by ``|``, or a list in JSON."""
        for name in COLUMN_NAMES["emotion"]:
            parts = self.cells.get(name)
            if not isinstance(parts, list):
                parts = (self._as_text(name, parts) or "").split(LABEL_SEPARATOR)
            labels = tuple(filter(None, (self._as_text(name, part) for part in parts)))
            if labels:
                return labels
        return ()

    @staticmethod
    def _as_text(column: str, value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _BadRow(f"{column} must be text, not {json.dumps(value)[:40]}")
        # JSON can name half a character (\ud800), which no file can hold.
        return str(value).encode("utf-8", "replace").decode().strip() or None

    @property
    def id(self) -> str:
        """The row's id for messages; empty if it has none."""
        try:
            return self.text("id") or ""
        except _BadRow:
            return ""


def _read_table(path: Path, required: tuple[str, ...]) -> list[_Row]:
    """The rows of a table that has every column of ``required`` and audio or text."""
    _check_suffix(path)
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ManifestError(f"{path}: no such file. Give the path of a table.") from None
    except UnicodeDecodeError as error:
        raise ManifestError(
            f"{path}: not UTF-8 text (byte {error.start}). Save the table as UTF-8."
        ) from None
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read: {error.strerror}.") from None
    if not content.strip():
        raise ManifestError(f"{path}: the file is empty. The first line must name the columns.")
    if path.suffix.lower() == ".jsonl":
        columns, rows = _parse_jsonl(content)
    else:
        columns, rows = _parse_csv(path, content)
    for column in (*required, "audio or text"):
        if columns.isdisjoint(COLUMN_NAMES.get(column, (column,))):
            found = ", ".join(sorted(columns))[:200] or "none"
            raise ManifestError(
                f"{path}: no column {column}. The first line must name the columns; found: {found}."
            )
    if not rows:
        raise ManifestError(f"{path}: there is a header but no row.")
    return rows


def _parse_csv(path: Path, content: str) -> tuple[set[str], list[_Row]]:
    # Strict: a stray quote would otherwise swallow the rows after it without a word.
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(path), strict=True)
    rows: list[_Row] = []
    try:
        header = [name.strip().lower() for name in next(reader)]
        for cells in reader:
            if len(cells) > len(header):
                cells_by_name = dict(zip(header, cells, strict=False))
                rows.append(_Row(cells_by_name, f"{len(cells)} cells under {len(header)} columns"))
            elif cells:
                rows.append(_Row(dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        raise ManifestError(f"{path}: line {reader.line_num}: {error}. Check the quotes.") from None
    return set(header), rows


def _parse_jsonl(content: str) -> tuple[set[str], list[_Row]]:
    rows: list[_Row] = []
    for line in content.split("\n"):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            rows.append(_Row({}, f"not JSON: {error}"))
            continue
        if isinstance(value, dict):
            rows.append(_Row({name.strip().lower(): cell for name, cell in value.items()}))
        else:
            rows.append(_Row({}, "not a JSON object"))
    return {name for row in rows for name in row.cells}, rows


def _utterance(row: _Row, folder: Path) -> tuple[str, Path | None, str | None]:
    """id, audio and text of a row."""
    if row.error:
        raise _BadRow(row.error)
    identity, audio, text = row.text("id"), row.text("audio"), row.text("text")
    if not identity:
        raise _BadRow("no id")
    if not audio and not text:
        raise _BadRow("neither audio nor text")
    return identity, folder / audio if audio else None, text


def _item(row: _Row, folder: Path, labels: tuple[str, ...]) -> Item:
    identity, audio, text = _utterance(row, folder)
    emotions: list[str] = []
    for name in row.labels():
        emotion = canonical(name, labels)
        if emotion is None:
            raise _BadRow(f"unknown emotion {name!r}; known: {', '.join(labels)}")
        if emotion not in emotions:
            emotions.append(emotion)
    if not emotions:
        raise _BadRow("no emotion")
    return Item(
        id=identity,
        audio=audio,
        text=text,
        emotions=tuple(emotions),
        speaker=row.text("speaker"),
        split=row.text("split"),
        corpus=row.text("corpus"),
        gender=row.text("gender"),
        language=row.text("language"),
        dialogue=row.text("dialogue"),
        turn=_number(row, "turn", int),
        original_label=row.text("original_label"),
        intensity=row.text("intensity"),
        seconds=_number(row, "seconds", float),
    )


def _number(row: _Row, column: str, kind: Callable[[str], Number]) -> Number | None:
    value = row.text(column)
    try:
        return None if value is None else kind(value)
    except ValueError:
        raise _BadRow(f"{column} is not a number: {value!r}") from None


def _cells(item: Item, folder: Path) -> dict[str, str | int | float | None]:
    """The row that :func:`write_manifest` writes for an item."""
    cells: dict[str, Any] = {"id": item.id, "audio": None, "text": item.text}
    if item.audio is not None:
        audio = item.audio.resolve()
        cells["audio"] = (
            audio.relative_to(folder) if audio.is_relative_to(folder) else audio
        ).as_posix()
    cells["emotion"] = LABEL_SEPARATOR.join(item.emotions)
    for field in fields(item):
        if field.name not in ("id", "audio", "text", "emotions"):
            cells[field.name] = getattr(item, field.name)
    return cells


def _refuse_duplicates(path: Path, ids: Iterable[str]) -> None:
    repeated = [identity for identity, count in Counter(ids).items() if count > 1]
    if repeated:
        more = f" and {len(repeated) - 1} more" if len(repeated) > 1 else ""
        raise ManifestError(
            f"{path}: the id {repeated[0]!r}{more} is given to several rows. Make ids unique."
        )


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise ManifestError(f"{path}: unknown kind of table. Use {', '.join(SUFFIXES)}.")


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","
