"""Tables of utterances: labelled ones to learn from and measure on, others to predict."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from drkf.data.clips import AmbiguousError, Disk
from drkf.data.columns import Columns, guess_columns, guess_label_map
from drkf.data.label_codes import map_label, split_labels
from drkf.data.tables import RowNames, Sheet, read_sheet
from drkf.errors import ManifestError
from drkf.files import whole
from drkf.labels import EMOTIONS

#: Separates the labels of an utterance that has several.
LABEL_SEPARATOR = "|"

#: A second column of the same meaning, for rows whose first is empty: lines of JSON may differ.
ALTERNATIVES = {"text": "transcript", "label": "emotions"}

#: What is written; :mod:`drkf.data.tables` reads more.
WRITTEN_SUFFIXES = (".csv", ".tsv", ".jsonl")

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
    """An utterance to predict. ``error`` says why its row cannot be used, None if it can.

    ``speaker`` names whose voice it is, within the table; None if that is not known.
    """

    id: str
    audio: Path | None
    text: str | None
    error: str | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class RowError:
    """A row that cannot be used. ``row`` counts data rows from 1."""

    row: int
    id: str
    message: str

    def __str__(self) -> str:
        return f"row {self.row}{f' ({self.id})' if self.id else ''}: {self.message}"


def read_manifest(
    path: str | Path,
    labels: tuple[str, ...] = EMOTIONS,
    row_errors: list[RowError] | None = None,
) -> list[Item]:
    """Read labelled utterances from a table (see :func:`drkf.data.tables.read_sheet`).

    Columns: ``emotion`` and at least one of ``audio`` and ``text`` (or ``transcript``); the other
    fields of :class:`Item` where present; further columns are ignored. Other names of these
    columns are guessed (see :func:`drkf.data.columns.guess_columns`). Audio paths are absolute or
    relative to the table's folder. Several labels are joined by ``|``.

    Args:
        labels: the labels in use; other names for them are mapped by
            :func:`drkf.data.label_codes.map_label` and by the codes of a known corpus.
        row_errors: unusable rows are appended here and left out. Without it they raise.

    Raises:
        ManifestError: the table cannot be used, or a row cannot and ``row_errors`` is None.
    """
    table = _Table.read(Path(path), ("label", "audio or text"))
    codes = guess_label_map(
        table.sheet, table.columns["label"], labels, corpus=table.columns["corpus"]
    )
    errors: list[RowError] = []
    items: list[Item] = []
    for row, name in enumerate(table.names):
        try:
            items.append(table.item(row, labels, codes))
        except _BadRowError as error:
            errors.append(RowError(row + 1, name, str(error)))
    if errors and row_errors is None:
        raise ManifestError(
            f"{path}: {len(errors)} of {len(table.names)} rows cannot be used. First: {errors[0]}"
        )
    if not items:
        raise ManifestError(f"{path}: no row can be used. First: {errors[0]}")
    if row_errors is not None:
        row_errors.extend(errors)
    return items


def read_inputs(path: str | Path) -> list[Input]:
    """Read utterances to predict, in order: columns ``audio``, ``text`` or both, and ``id``; other
    names are guessed. Rows without an ``id`` column get the name of their clip or their number.

    A row that cannot be used is returned in its place with ``error`` set.

    Raises:
        ManifestError: the table cannot be used.
    """
    table = _Table.read(Path(path), ("audio or text",))
    inputs: list[Input] = []
    for row, name in enumerate(table.names):
        speaker = table.cell(row, "speaker")
        try:
            identity, audio, text = table.utterance(row)
            inputs.append(Input(identity, audio, text, speaker=speaker))
        except _BadRowError as error:
            inputs.append(Input(name, None, None, str(error), speaker))
    return inputs


def write_manifest(items: Iterable[Item], path: str | Path) -> None:
    """Write ``items`` to a CSV, TSV or JSONL table that :func:`read_manifest` reads back.

    Audio under the table's folder is written relative to it, other audio by its absolute path.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITTEN_SUFFIXES:
        raise ManifestError(f"{path}: unknown kind of table. Use {', '.join(WRITTEN_SUFFIXES)}.")
    rows = [_cells(item, path.parent.resolve()) for item in items]
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        if path.suffix.lower() == ".jsonl":
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        else:
            columns = ["emotion" if f.name == "emotions" else f.name for f in fields(Item)]
            writer = csv.DictWriter(
                file,
                columns,
                delimiter="\t" if path.suffix.lower() == ".tsv" else ",",
                lineterminator="\n",
            )
            writer.writeheader()
            writer.writerows(rows)


class _BadRowError(ValueError):
    """Why one row cannot be used."""


@dataclass(frozen=True, eq=False)
class _Table:
    """A sheet with the meanings of its columns, its clips, and a name for each row, "" where an
    ``id`` column has none."""

    sheet: Sheet
    columns: Columns
    clips: Mapping[str, Path | ManifestError]
    folder: Path
    names: list[str]

    @classmethod
    def read(cls, path: Path, required: tuple[str, ...]) -> _Table:
        """Reads a table.

        Raises:
            ManifestError: it cannot be used, or a meaning of ``required`` has no column.
        """
        sheet = read_sheet(path)
        columns = _meanings(sheet)
        there = {meaning for meaning, column in columns.items() if column is not None}
        for meaning in required:
            if there.isdisjoint(meaning.split(" or ")):
                found = ", ".join(sorted(sheet.columns))[:200] or "none"
                raise ManifestError(
                    f"{path}: no column {'emotion' if meaning == 'label' else meaning}. The first "
                    f"line must name the columns; found: {found}."
                )
        audio = sheet.column(columns["audio"])
        if columns["id"] is None:
            made = RowNames()
            names = [made.name("", clip, number) for number, clip in enumerate(audio, start=1)]
        else:
            names = list(sheet.column(columns["id"]))
            _refuse_duplicates(path, filter(None, names))
        clips = Disk(path.parent).find_all(filter(None, audio))
        return cls(sheet, columns, clips, path.parent, names)

    def cell(self, row: int, meaning: str) -> str | None:
        """The text of a meaning's cell, None where it is empty or has no column."""
        for column in (self.columns.get(meaning), ALTERNATIVES.get(meaning)):
            if column is None or column not in self.sheet.cells:
                continue
            text = self.sheet.cells[column][row]
            if (row, column) in self.sheet.objects:
                raise _BadRowError(f"{meaning} must be text, not {text[:40]}")
            if text:
                return text
        return None

    def utterance(self, row: int) -> tuple[str, Path | None, str | None]:
        """Id, audio and text of a row."""
        if self.sheet.errors[row]:
            raise _BadRowError(self.sheet.errors[row])
        audio, text = self.cell(row, "audio"), self.cell(row, "text")
        self.cell(row, "id")
        if not self.names[row]:
            raise _BadRowError("no id")
        if not audio and not text:
            raise _BadRowError("neither audio nor text")
        return self.names[row], self._clip(audio) if audio else None, text

    def _clip(self, name: str) -> Path:
        """The clip's file; where there is none, where it should be."""
        found = self.clips[name]
        if isinstance(found, AmbiguousError):
            raise _BadRowError(str(found))
        return found if isinstance(found, Path) else self.folder / name

    def item(self, row: int, labels: tuple[str, ...], codes: Mapping[str, str]) -> Item:
        """A labelled utterance."""
        identity, audio, text = self.utterance(row)
        return Item(
            id=identity,
            audio=audio,
            text=text,
            emotions=self._emotions(row, labels, codes),
            speaker=self.cell(row, "speaker"),
            split=self.cell(row, "split"),
            corpus=self.cell(row, "corpus"),
            gender=self.cell(row, "gender"),
            language=self.cell(row, "language"),
            dialogue=self.cell(row, "dialogue"),
            turn=self._number(row, "turn", int),
            original_label=self.cell(row, "original_label"),
            intensity=self.cell(row, "intensity"),
            seconds=self._number(row, "seconds", float),
        )

    def _emotions(
        self, row: int, labels: tuple[str, ...], codes: Mapping[str, str]
    ) -> tuple[str, ...]:
        written = self.cell(row, "label") or ""
        emotions: list[str] = []
        for name in split_labels(written):
            emotion = (
                codes[written] if name in codes and name == written else map_label(name, labels)
            )
            if not emotion:
                raise _BadRowError(f"unknown emotion {name!r}; known: {', '.join(labels)}")
            if emotion not in emotions:
                emotions.append(emotion)
        if not emotions:
            raise _BadRowError("no emotion")
        return tuple(emotions)

    def _number(self, row: int, meaning: str, kind: Callable[[str], Number]) -> Number | None:
        value = self.cell(row, meaning)
        try:
            return None if value is None else kind(value)
        except ValueError:
            raise _BadRowError(f"{meaning} is not a number: {value!r}") from None


def _meanings(sheet: Sheet) -> Columns:
    """What the columns hold: those that are called as in :class:`Item`, whatever their case, and
    what can be guessed of others. ``corpus`` and ``split``, which decide what is trained on, are
    never guessed."""
    exact: dict[str, str] = {}
    for column in sheet.columns:
        exact.setdefault(column.strip().lower(), column)
    named = {field.name: exact.get(field.name) for field in fields(Item)}
    named["label"] = exact.get("emotion") or exact.get("emotions")
    guess = guess_columns(sheet) | dict.fromkeys(("corpus", "split"))
    taken = set(filter(None, named.values()))
    free = {meaning: None if column in taken else column for meaning, column in guess.items()}
    return free | {meaning: column for meaning, column in named.items() if column}


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
