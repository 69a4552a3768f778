"""The example clips in assets/gallery, with their words and what each is meant to show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from drkf.analysis import Agreement
from drkf.files import bundled

FOLDER = bundled("assets/gallery")


@dataclass(frozen=True)
class GalleryItem:
    """One example. The emotions are what it is meant to show, not what a model answers.

    ``audio`` and ``voice_emotion`` are None for words alone. ``spoken`` is what the clip says,
    empty without one; ``typed`` are words to analyse instead of those, None to use the spoken
    ones. ``agree`` is False where voice and words are meant to contradict each other. ``shows`` is
    what the shipped checkpoint finds, None for words alone: the page sorts the examples by it, and
    a test compares it with the checkpoint. ``note`` says how it was made.
    """

    id: str
    title: str
    audio: Path | None
    spoken: str
    typed: str | None
    voice_emotion: str | None
    words_emotion: str
    agree: bool
    shows: Agreement | None
    note: str

    @property
    def words(self) -> str:
        """The words to analyse."""
        return self.typed or self.spoken


def load_gallery() -> list[GalleryItem]:
    """Every example, in the order in which to show them.

    A copy of the code without its assets has none.
    """
    table = FOLDER / "gallery.json"
    if not table.is_file():
        return []
    rows = json.loads(table.read_text(encoding="utf-8"))
    return [
        GalleryItem(**row | {"audio": FOLDER / row["audio"] if row["audio"] else None})
        for row in rows
    ]
