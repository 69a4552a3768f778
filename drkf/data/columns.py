"""What the columns of a sheet hold, and what its labels mean: guessed, for correction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from drkf.data.clips import Finder, is_clip
from drkf.data.fields import FIELDS, plain_name
from drkf.data.label_codes import find_codes, map_label
from drkf.data.tables import Sheet
from drkf.errors import ManifestError
from drkf.labels import EMOTIONS

#: Rows that are looked at to guess what a column holds.
SAMPLE = 200

Columns = dict[str, str | None]
"""A column's name, or None, for each of ``FIELDS``."""


def guess_columns(sheet: Sheet, finder: Finder | None = None) -> Columns:
    """Which column holds what.

    By the columns' names; where those say nothing, by what is in them: names of ``finder``'s
    files, names of emotions, sentences.
    """
    guess: Columns = dict.fromkeys(FIELDS)
    free = list(sheet.columns)

    def take(meaning: str, column: str) -> None:
        guess[meaning] = column
        free.remove(column)

    for meaning in FIELDS:
        fitting = _by_name(sheet, meaning, free)
        if fitting:
            take(meaning, fitting[0])
    contents: dict[str, Callable[[str], bool]] = {
        "audio": lambda cell: _names_clip(cell, finder),
        "label": lambda cell: map_label(cell) != "",
        "text": lambda cell: len(cell.split()) > 2,
    }
    for meaning, fits in contents.items():
        if guess[meaning] is None:
            shares = {column: _share(sheet, column, fits) for column in free}
            best = max(shares, key=lambda column: shares[column], default=None)
            if best is not None and shares[best] >= 0.5:
                take(meaning, best)
    identity = guess["id"]
    if guess["audio"] is None and identity is not None and finder is not None:
        named = _share(sheet, identity, lambda cell: _names_clip(cell, finder))
        if named >= 0.5:  # the clips are called by their ids
            guess["audio"] = identity
    return guess


def guess_label_map(
    sheet: Sheet,
    column: str | None,
    labels: tuple[str, ...] = EMOTIONS,
    corpus: str | None = None,
) -> dict[str, str]:
    """Each label of a column -> the model's label, "" for none; labels that mean none of the
    model's first, then the commonest.

    Codes such as SAVEE's ``sa`` and EmoDB's ``W`` are known by their corpus: the one that
    the column ``corpus`` names, if it names one alone, else the only one whose codes all the
    labels are.
    """
    counts = label_counts(sheet, column)
    named = {cell for cell in sheet.column(corpus) if cell} if corpus else set()
    codes = find_codes(counts, named.pop() if len(named) == 1 else "")
    mapped = {}
    for name in counts:
        meaning = codes[name] if name in codes else map_label(name, labels)
        mapped[name] = meaning if meaning in labels else ""
    return dict(sorted(mapped.items(), key=lambda item: item[1] != ""))


def label_counts(sheet: Sheet, column: str | None) -> dict[str, int]:
    """How many rows have each label of a column, the commonest first; empty cells apart."""
    counts = Counter(cell for cell in sheet.column(column) if cell)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _by_name(sheet: Sheet, meaning: str, free: list[str]) -> list[str]:
    """The free columns that are called like a meaning, the likeliest first."""
    fitting = [c for name in FIELDS[meaning] for c in free if plain_name(c) == name]
    if meaning == "id":  # an id that repeats is none: MELD's numbers start anew each dialogue
        return [column for column in fitting if _distinct(sheet, column)]
    if meaning == "label":  # class numbers may stand beside the classes' names
        return sorted(fitting, key=lambda column: _meaningless(sheet, column))
    return fitting


def _meaningless(sheet: Sheet, column: str) -> bool:
    """Whether a column has nothing but numbers, or nothing at all."""
    cells = {cell for cell in sheet.column(column) if cell}
    return all(cell.replace(".", "", 1).lstrip("-").isdigit() for cell in cells)


def _share(sheet: Sheet, column: str, fits: Callable[[str], bool]) -> float:
    sample = sheet.column(column)[:SAMPLE]
    return sum(map(fits, sample)) / len(sample) if sample else 0.0


def _distinct(sheet: Sheet, column: str) -> bool:
    """Whether no value repeats and most whole rows have one."""
    cells = [c for c, error in zip(sheet.column(column), sheet.errors, strict=True) if not error]
    there = [cell for cell in cells if cell]
    return len(set(there)) == len(there) and 2 * len(there) >= len(cells)


def _names_clip(cell: str, finder: Finder | None) -> bool:
    if finder is None:
        return is_clip(cell)
    try:
        finder.find(cell)
    except ManifestError:
        return False
    return bool(cell)
