"""Notes and tags on the rows of a set, kept in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from drkf.errors import ResultsError
from drkf.workbench.results import Results, whole

KIND = "drkf workbench session"
VERSION = 1
MAX_BYTES = 64 * 2**20
MAX_NOTE = 10_000  # characters
MAX_TAG = 60
MAX_TAGS = 50


@dataclass(frozen=True)
class Note:
    """What somebody wrote about a row, and the tags they gave it."""

    text: str = ""
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text or self.tags)


@dataclass(frozen=True)
class Notes:
    """Notes by row id. They do not change: writing a note gives new Notes."""

    notes: Mapping[str, Note] = field(default_factory=lambda: MappingProxyType({}))

    def note(self, identity: str) -> Note:
        return self.notes.get(identity, Note())

    def write(self, identity: str, text: str = "", tags: Iterable[str] = ()) -> Notes:
        """Sets the note of a row; without text and tags the note is removed.

        Raises:
            ResultsError: the note or a tag is too long, or there are too many tags.
        """
        note = Note(text.strip(), tuple(dict.fromkeys(t for tag in tags if (t := tag.strip()))))
        if len(note.text) > MAX_NOTE:
            raise ResultsError(f"The note has over {MAX_NOTE} characters: shorten it.")
        if len(note.tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in note.tags):
            raise ResultsError(f"Use at most {MAX_TAGS} tags of at most {MAX_TAG} characters each.")
        others = {name: other for name, other in self.notes.items() if name != identity}
        return Notes(MappingProxyType(others | ({identity: note} if note else {})))

    def tags(self) -> dict[str, int]:
        """How many rows have each tag, the commonest first."""
        counts: dict[str, int] = {}
        for note in self.notes.values():
            for tag in note.tags:
                counts[tag] = counts.get(tag, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def unknown(self, results: Results) -> list[str]:
        """The ids with a note that are no rows of these results: another set's."""
        known = set(results.table["id"])
        return [identity for identity in self.notes if identity not in known]

    def columns(self, results: Results) -> pd.DataFrame:
        """Columns ``note`` and ``tags`` (joined by ``|``) for the results' rows."""
        notes = [self.note(identity) for identity in results.table["id"]]
        return pd.DataFrame(
            {"note": [n.text for n in notes], "tags": ["|".join(n.tags) for n in notes]},
            dtype="str",
        )


def to_json(notes: Notes) -> str:
    """What a session file holds."""
    written = {name: {"note": n.text, "tags": list(n.tags)} for name, n in notes.notes.items()}
    content = {"kind": KIND, "version": VERSION, "notes": written}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def save_notes(notes: Notes, path: str | Path) -> None:
    """Writes a session file that :func:`load_notes` reads.

    Raises:
        ResultsError: the file cannot be written.
    """
    try:
        with whole(Path(path)) as part:
            part.write_text(to_json(notes), "utf-8")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error.strerror}).") from None


def load_notes(path: str | Path) -> Notes:
    """Reads a session file.

    Raises:
        ResultsError: it is not a session file, or is damaged.
    """
    name = Path(path).name
    try:
        if Path(path).stat().st_size > MAX_BYTES:
            raise ResultsError(f"{name}: over {MAX_BYTES >> 20} MB: not a session file.")
        content = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ResultsError(f"{name}: cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise ResultsError(f"{name}: not a session file, or damaged.") from None
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ResultsError(f"{name}: not a session file of the workbench.")
    if content.get("version") != VERSION:
        raise ResultsError(f"{name}: made by another version: {content.get('version')!r:.20}.")
    found = Notes()
    notes = content.get("notes")
    if not isinstance(notes, dict):
        raise ResultsError(f"{name}: holds no notes.")
    written: dict[str, Note] = {}
    for identity, value in notes.items():
        text, tags = (value.get("note"), value.get("tags")) if isinstance(value, dict) else (0, 0)
        if (
            not isinstance(text, str)
            or not isinstance(tags, list)
            or not all(isinstance(tag, str) for tag in tags)
        ):
            raise ResultsError(f"{name}: the note on {identity[:60]!r} is damaged.")
        if note := found.write(identity, text, tags).note(identity):
            written[identity] = note
    return Notes(MappingProxyType(written))
