"""MELD (Poria et al. 2019): utterances of the series Friends, official splits, in English."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from drkf.data.corpus import Corpus, Skipped, audio_files, existing_folder, read_text, require_items
from drkf.data.manifest import Item
from drkf.errors import CorpusError
from drkf.labels import canonical

LAYOUT = (
    "train_sent_emo.csv, dev_sent_emo.csv and test_sent_emo.csv, and clips dia0_utt0.mp4 or .wav "
    "in train_splits, dev_splits_complete and output_repeated_splits_test"
)

#: The folder of each split's clips in the official archives.
CLIP_FOLDERS = {
    "train": "train_splits",
    "dev": "dev_splits_complete",
    "test": "output_repeated_splits_test",
}

#: What is wrong with two clips in every copy of the release.
KNOWN_FAULTS = {
    "meld-train-dia125-utt3": "its mp4 is truncated",
    "meld-dev-dia110-utt7": "it is missing from the archive",
}

COLUMNS = ("Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID")

# The archives also hold final_videos_test… clips that belong to no utterance.
_CLIP = re.compile(r"dia(\d+)_utt(\d+)", re.IGNORECASE)

#: The release's tables keep Windows punctuation as control characters (U+0092 for ’).
_PUNCTUATION = {
    code: bytes([code]).decode("cp1252", errors="ignore") or None for code in range(0x80, 0xA0)
}

ClipKey = tuple[str, int, int]


def read_meld(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read MELD; see :class:`drkf.data.corpus.Reader`."""
    root = existing_folder(root)
    skipped = [] if skipped is None else skipped
    clips = _clips(root)
    items: list[Item] = []
    for split, folder in CLIP_FOLDERS.items():
        table = min(root.rglob(f"{split}_sent_emo.csv"), key=lambda p: len(p.parts), default=None)
        if table is None:
            continue
        for row in _rows(table):
            item = _item(row, split, root / folder, clips)
            if isinstance(item, Skipped):
                skipped.append(item)
            else:
                items.append(item)
    return require_items(items, root, "MELD", LAYOUT)


def _item(
    row: dict[str, str], split: str, folder: Path, clips: dict[ClipKey, Path]
) -> Item | Skipped:
    name = f"{split}-dia{row['Dialogue_ID']}-utt{row['Utterance_ID']}"
    emotion = canonical(row["Emotion"])
    if emotion is None:
        return Skipped(name, f"unknown emotion ({row['Emotion']})")
    try:
        dialogue, turn = int(row["Dialogue_ID"]), int(row["Utterance_ID"])
    except ValueError:
        return Skipped(name, "dialogue or utterance is not a number")
    expected = folder / f"dia{dialogue}_utt{turn}.mp4"
    return Item(
        id=f"meld-{name}",
        audio=clips.get((split, dialogue, turn), expected),
        text=row["Utterance"] or None,
        emotions=(emotion,),
        speaker=f"meld-{row['Speaker']}",
        split=split,
        corpus="meld",
        language="en",
        dialogue=f"{split}-dia{dialogue}",
        turn=turn,
        original_label=row["Emotion"],
    )


def _rows(table: Path) -> Iterable[dict[str, str]]:
    text = read_text(table, "utf-8", "cp1252").translate(_PUNCTUATION)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = set(COLUMNS).difference(reader.fieldnames or ())
    if missing:
        raise CorpusError(f"{table}: no column {', '.join(sorted(missing))}. Expected MELD's own.")
    try:
        for row in reader:
            yield {column: (row[column] or "").strip() for column in COLUMNS}
    except csv.Error as error:
        raise CorpusError(f"{table}: line {reader.line_num}: {error}. Fetch it again.") from None


def _clips(root: Path) -> dict[ClipKey, Path]:
    """Each utterance's clip. Its split is named by the nearest folder, as in train_splits."""
    clips: dict[ClipKey, Path] = {}
    for path in audio_files(root):
        match = _CLIP.fullmatch(path.stem)
        split = _split_of(path.relative_to(root))
        if match and split:
            clips.setdefault((split, int(match[1]), int(match[2])), path)
    return clips


def _split_of(path: Path) -> str | None:
    for folder in reversed(path.parts[:-1]):
        for split in CLIP_FOLDERS:
            if split in folder.lower():
                return split
    return None


MELD = Corpus("meld", "MELD", read_meld, LAYOUT, known_faults=KNOWN_FAULTS)
