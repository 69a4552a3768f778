"""Tables on the disk, and their rows."""

from __future__ import annotations

from pathlib import Path

from drkf.data.clips import Finder
from drkf.data.columns import guess_columns, guess_label_map
from drkf.data.tables import read_sheet
from drkf.workbench.rows import Row, make_rows


def rows_of(path: Path, finder: Finder | None = None) -> list[Row]:
    """As guessed, without correction."""
    sheet = read_sheet(path)
    columns = guess_columns(sheet, finder)
    labels = guess_label_map(sheet, columns["label"])
    return make_rows(sheet, columns, labels, finder)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
