"""M3ED (Zhao et al. 2022): dialogues of Chinese television series, several labels each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drkf.data.corpus import Corpus, Skipped, audio_files, existing_folder, read_text, require_items
from drkf.data.manifest import Item
from drkf.errors import CorpusError
from drkf.labels import canonical

LAYOUT = (
    "annotation.json, splitInfo/movie_list_train.txt, movie_list_val.txt and movie_list_test.txt, "
    "and clips named like A_anjia_1_1.wav"
)

#: The corpus's names for the splits.
SPLIT_LISTS = {"train": "train", "dev": "val", "test": "test"}

#: Where clips are expected if there are none.
CLIP_FOLDER = "modality_speech"


def read_m3ed(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read M3ED; see :class:`drkf.data.corpus.Reader`.

    The main emotion (``final_main_emo``) comes first in ``Item.emotions``, then the others of
    ``final_mul_emo``.
    """
    root = existing_folder(root)
    skipped = [] if skipped is None else skipped
    split_of = _splits(root)
    clips: dict[str, Path] = {}
    for path in audio_files(root):
        clips.setdefault(path.stem, path)
    table = min(root.rglob("annotation.json"), key=lambda p: len(p.parts), default=None)
    if table is None:
        raise CorpusError(f"{root}: no annotation.json. Expected {LAYOUT}.")
    try:
        annotation = json.loads(read_text(table, "utf-8", "gb18030"))
        items = list(_items(annotation, split_of, clips, root / CLIP_FOLDER, skipped))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{table}: not M3ED's annotation ({error!r}). Fetch it again.") from None
    return require_items(items, root, "M3ED", LAYOUT)


def _items(
    series_dialogues: dict[str, dict[str, dict[str, Any]]],
    split_of: dict[str, str],
    clips: dict[str, Path],
    clip_folder: Path,
    skipped: list[Skipped],
) -> Iterator[Item]:
    """The utterances of series → dialogue → {SpeakerInfo, Dialog: utterance → annotation}."""
    for series, dialogues in series_dialogues.items():
        if series not in split_of:
            skipped.append(Skipped(series, "series is in no split list"))
            continue
        for dialogue, content in dialogues.items():
            for turn, (name, utterance) in enumerate(_ordered(content["Dialog"])):
                annotation = utterance.get("EmoAnnotation") or {}
                emotions, speaker = _emotions(annotation), utterance.get("Speaker")
                if not emotions or not speaker:
                    lacking = "speaker" if emotions else "known emotion"
                    skipped.append(Skipped(name, f"no {lacking}"))
                    continue
                person = content.get("SpeakerInfo", {}).get(speaker, {})
                clip = f"{speaker}_{name}"
                yield Item(
                    id=f"m3ed-{name}",
                    audio=clips.get(clip, clip_folder / f"{clip}.wav"),
                    text=(utterance.get("Text") or "").strip() or None,
                    emotions=emotions,
                    speaker=f"m3ed-{series}-{person.get('Name') or speaker}",
                    split=split_of[series],
                    corpus="m3ed",
                    gender=str(person.get("Gender") or "").lower() or None,
                    language="zh",
                    dialogue=dialogue,
                    turn=turn,
                    original_label=annotation.get("final_mul_emo"),
                )


def _splits(root: Path) -> dict[str, str]:
    """The split of each series."""
    split_of: dict[str, str] = {}
    for split, name in SPLIT_LISTS.items():
        path = next(root.rglob(f"movie_list_{name}.txt"), None)
        if path is None:
            raise CorpusError(f"{root}: no splitInfo/movie_list_{name}.txt. Expected {LAYOUT}.")
        split_of.update(dict.fromkeys(read_text(path, "utf-8", "gb18030").split(), split))
    return split_of


def _ordered(dialog: dict[str, Any]) -> list[tuple[str, Any]]:
    """Utterances by the number at the end of their name (anjia_1_10 after anjia_1_2)."""
    return sorted(dialog.items(), key=lambda item: int("0" + re.sub(r"^.*\D", "", item[0])))


def _emotions(annotation: dict[str, Any]) -> tuple[str, ...]:
    names = [annotation.get("final_main_emo") or ""]
    names += re.split(r"[,，]", annotation.get("final_mul_emo") or "")
    known = (canonical(name) for name in names)
    return tuple(dict.fromkeys(emotion for emotion in known if emotion))


M3ED = Corpus("m3ed", "M3ED", read_m3ed, LAYOUT, multi_label=True)
