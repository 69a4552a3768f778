"""Sets that are no table: clips alone, typed sentences, a corpus as its owners ship it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path, PurePosixPath

from drkf.audio import FORMATS
from drkf.data import find_corpus
from drkf.data.clips import Files
from drkf.data.corpus import Skipped
from drkf.data.tables import MAX_ROWS, Sheet, make_sheet
from drkf.errors import ManifestError


def clips_sheet(files: Files) -> Sheet:
    """A table of the clips that came without one: ``id``, ``audio`` and the ``folder`` each lies
    in, which may name its emotion.

    Raises:
        ManifestError: none of the files is a clip.
    """
    clips = files.clips()
    if not clips:
        raise ManifestError(f"None of the files is a clip: use {FORMATS}.")
    rows = [
        {"id": name, "audio": name, "folder": PurePosixPath(name).parent.name} for name in clips
    ]
    return make_sheet(rows)


def texts_sheet(text: str) -> Sheet:
    """A table of typed sentences, one a line.

    Raises:
        ManifestError: there is none.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ManifestError("There is no sentence: write one on each line.")
    if len(lines) > MAX_ROWS:
        raise ManifestError(f"Over {MAX_ROWS} lines. Split the text.")
    return make_sheet([{"text": line} for line in lines])


def corpus_sheet(name: str, root: str | Path) -> Sheet:
    """A corpus folder as its owners ship it, by the reader called ``name``.

    ``audio`` holds absolute paths. ``label`` is the reader's own name of the emotion.

    Raises:
        CorpusError: there is no such reader, or the folder is not laid out like the corpus.
    """
    skipped: list[Skipped] = []
    items = find_corpus(name).read(Path(root).absolute(), skipped)
    rows = [
        {
            "id": item.id,
            "audio": str(item.audio) if item.audio is not None else "",
            "text": item.text or "",
            "label": "|".join(item.emotions),
            "speaker": item.speaker or "",
            "gender": item.gender or "",
            "corpus": item.corpus or name,
            "split": item.split or "",
        }
        for item in items
    ]
    reasons = Counter(entry.reason for entry in skipped)
    return make_sheet(rows, skipped=dict(reasons.most_common()))
