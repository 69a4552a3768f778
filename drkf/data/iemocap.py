"""IEMOCAP (Busso et al. 2008): five sessions of two actors each, in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from drkf.data.corpus import (
    Corpus,
    Fold,
    Reader,
    Skipped,
    existing_folder,
    read_text,
    require_items,
    visible,
)
from drkf.data.manifest import Item
from drkf.errors import CorpusError

SESSIONS = ("Session1", "Session2", "Session3", "Session4", "Session5")

LAYOUT = "Session1 … Session5, each with dialog/EmoEvaluation, dialog/transcriptions, sentences/wav"

#: The usual four classes: excited counts as happy; 5531 utterances in the full release.
FOUR_CLASSES = {"ang": "anger", "exc": "joy", "hap": "joy", "neu": "neutral", "sad": "sadness"}

#: The usual six classes: excited and frustrated stand alone.
SIX_CLASSES = {
    "ang": "anger",
    "exc": "excitement",
    "fru": "frustration",
    "hap": "joy",
    "neu": "neutral",
    "sad": "sadness",
}

OTHER_LABELS = {
    "dis": "disgust",
    "exc": "excitement",
    "fea": "fear",
    "fru": "frustration",
    "oth": "another emotion",
    "sur": "surprise",
    "xxx": "no agreed emotion",
}

# [6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]
_EVALUATION = re.compile(
    r"\[\s*(?P<start>[\d.]+)\s*-\s*(?P<end>[\d.]+)\s*\]\s+(?P<turn>\S+)\s+(?P<label>\w+)"
)
# Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.
_TRANSCRIPT = re.compile(r"(?P<turn>Ses\S+)\s*(?:\[[^\]]*\])?\s*:(?P<text>.*)")


@dataclass(frozen=True)
class _Turn:
    id: str
    label: str
    start: float
    end: float


def reader(classes: dict[str, str]) -> Reader:
    """A reader for one class set: a map from IEMOCAP's three-letter labels to emotions.

    ``Item.split`` is the session; ``turn`` counts the dialogue's evaluated turns in time.
    """

    def read(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
        root = _release(existing_folder(root))
        skipped = [] if skipped is None else skipped
        items: list[Item] = []
        for session in SESSIONS:
            folder = root / session
            for evaluation in visible((folder / "dialog" / "EmoEvaluation").glob("*.txt")):
                items += _dialogue(evaluation, folder, classes, skipped)
        return require_items(items, root, "IEMOCAP", LAYOUT)

    return read


def leave_one_session_out(items: list[Item]) -> list[Fold]:
    """Five folds: test on one session, select on the next one, train on the other three.

    Selecting on a session of its own keeps dev free of the speakers and dialogues of training
    and of testing.

    Raises:
        CorpusError: there are fewer than three sessions.
    """
    sessions = sorted({item.split for item in items if item.split})
    if len(sessions) < 3:
        raise CorpusError(
            f"Only {' and '.join(sessions)} of IEMOCAP found: training, choosing and testing on "
            "different sessions takes at least 3."
        )
    folds: list[Fold] = []
    for index, test in enumerate(sessions):
        dev = sessions[(index + 1) % len(sessions)]
        folds.append(
            Fold(
                name=test,
                train=[item for item in items if item.split not in (test, dev)],
                dev=[item for item in items if item.split == dev],
                test=[item for item in items if item.split == test],
            )
        )
    return folds


def _release(root: Path) -> Path:
    """The folder with the sessions: ``root`` or the release's own folder in it."""
    folders = [root, *visible(path for path in root.iterdir() if path.is_dir())]
    return next((f for f in folders if any((f / name).is_dir() for name in SESSIONS)), root)


def _dialogue(
    evaluation: Path, session: Path, classes: dict[str, str], skipped: list[Skipped]
) -> list[Item]:
    dialogue = evaluation.stem
    transcripts = _transcripts(session / "dialog" / "transcriptions" / evaluation.name)
    items: list[Item] = []
    for number, turn in enumerate(_turns(evaluation, skipped)):
        if turn.label not in classes:
            reason = OTHER_LABELS.get(turn.label, "unknown label")
            skipped.append(Skipped(turn.id, f"{reason} ({turn.label})"))
            continue
        # Ses01F_impro01_M002: session 1, its male actor. The first letter only tells who wore
        # the markers.
        gender = turn.id.rpartition("_")[2][:1].upper()
        items.append(
            Item(
                id=f"iemocap-{turn.id}",
                audio=session / "sentences" / "wav" / dialogue / f"{turn.id}.wav",
                text=transcripts.get(turn.id),
                emotions=(classes[turn.label],),
                speaker=f"iemocap-{turn.id[:5]}{gender}",
                split=session.name,
                corpus="iemocap",
                gender={"F": "female", "M": "male"}.get(gender),
                language="en",
                dialogue=dialogue,
                turn=number,
                original_label=turn.label,
                seconds=round(turn.end - turn.start, 4),
            )
        )
    return items


def _turns(evaluation: Path, skipped: list[Skipped]) -> list[_Turn]:
    """The summary lines of an evaluation file, in time; annotators' own lines are not used."""
    turns: list[_Turn] = []
    for number, line in enumerate(read_text(evaluation, "utf-8", "cp1252").splitlines(), start=1):
        if not line.startswith("["):
            continue
        match = _EVALUATION.match(line)
        if match is None:
            skipped.append(Skipped(f"{evaluation.name}:{number}", "line not understood"))
            continue
        turns.append(
            _Turn(match["turn"], match["label"], float(match["start"]), float(match["end"]))
        )
    return sorted(turns, key=lambda turn: turn.start)


def _transcripts(path: Path) -> dict[str, str]:
    """Words by turn; empty where the file is missing. Untimed lines ("M: …") name no turn."""
    if not path.is_file():
        return {}
    matches = map(_TRANSCRIPT.match, read_text(path, "utf-8", "cp1252").splitlines())
    return {m["turn"]: m["text"].strip() for m in matches if m is not None and m["text"].strip()}


def _corpus(name: str, title: str, classes: dict[str, str]) -> Corpus:
    return Corpus(
        name=name,
        title=title,
        read=reader(classes),
        layout=LAYOUT,
        labels=tuple(sorted(set(classes.values()))),
        folds=leave_one_session_out,
    )


IEMOCAP = _corpus("iemocap", "IEMOCAP (4 classes)", FOUR_CLASSES)
IEMOCAP_6 = _corpus("iemocap-6", "IEMOCAP (6 classes)", SIX_CLASSES)
