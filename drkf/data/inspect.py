"""What is in a corpus folder: counts, hours, and clips that are missing or unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import soundfile

from drkf.audio.decode import open_by_ffmpeg
from drkf.data import find_corpus
from drkf.data.corpus import Skipped
from drkf.data.manifest import Item
from drkf.errors import AudioError

#: How many speakers, files and reasons the text shows before it says "and N more".
SHOWN = 10

UNSPLIT = "(no split)"


@dataclass(frozen=True)
class AudioFault:
    """A clip that cannot be used, and why. ``known`` is True if every copy of the corpus has it."""

    id: str
    path: Path
    kind: Literal["missing", "unreadable"]
    reason: str
    known: str | None = None


@dataclass(frozen=True)
class SplitCount:
    """One split: utterances, utterances by emotion, speakers, and hours of readable audio.

    With several labels to an utterance, ``emotions`` adds up to more than ``utterances``.
    """

    utterances: int
    emotions: dict[str, int]
    speakers: int
    hours: float


@dataclass(frozen=True)
class Inspection:
    """What :func:`inspect` found. ``skipped`` counts left-out annotations and files by reason."""

    corpus: str
    title: str
    root: Path
    labels: tuple[str, ...]
    splits: dict[str, SplitCount]
    total: SplitCount
    speakers: dict[str, int]
    shortest_seconds: float | None
    longest_seconds: float | None
    without_text: int
    multi_label: int
    faults: tuple[AudioFault, ...]
    skipped: dict[str, int]

    @property
    def missing(self) -> tuple[AudioFault, ...]:
        return tuple(fault for fault in self.faults if fault.kind == "missing")

    @property
    def unreadable(self) -> tuple[AudioFault, ...]:
        return tuple(fault for fault in self.faults if fault.kind == "unreadable")


def inspect(name: str, root: str | Path) -> Inspection:
    """Read the corpus ``name`` under ``root`` and open every clip's header.

    Raises:
        CorpusError: the name is unknown or the folder is not laid out like the corpus.
    """
    corpus = find_corpus(name)
    skipped: list[Skipped] = []
    items = corpus.read(root, skipped)
    seconds, faults = check_audio(items, corpus.known_faults)
    lengths = seconds.values()
    splits = sorted({item.split or UNSPLIT for item in items}, key=_split_order)
    return Inspection(
        corpus=corpus.name,
        title=corpus.title,
        root=Path(root),
        labels=corpus.labels,
        splits={
            split: _count([i for i in items if (i.split or UNSPLIT) == split], seconds)
            for split in splits
        },
        total=_count(items, seconds),
        speakers=dict(Counter(item.speaker or "(unknown)" for item in items).most_common()),
        shortest_seconds=min(lengths, default=None),
        longest_seconds=max(lengths, default=None),
        without_text=sum(item.text is None for item in items),
        multi_label=sum(len(item.emotions) > 1 for item in items),
        faults=tuple(faults),
        skipped=dict(Counter(entry.reason for entry in skipped).most_common()),
    )


def check_audio(
    items: Iterable[Item], known_faults: Mapping[str, str] | None = None
) -> tuple[dict[str, float], list[AudioFault]]:
    """Open the header of every clip.

    Returns:
        the length in seconds of each readable clip by item id, and the faults of the others.
        Items without audio are in neither.
    """
    known = known_faults or {}
    with_audio = [(item.id, item.audio) for item in items if item.audio is not None]
    seconds: dict[str, float] = {}
    faults: list[AudioFault] = []
    with ThreadPoolExecutor() as pool:
        results = pool.map(_probe, (path for _, path in with_audio))
        for (identity, path), result in zip(with_audio, results, strict=True):
            if isinstance(result, float):
                seconds[identity] = result
            else:
                kind: Literal["missing", "unreadable"] = (
                    "unreadable" if path.is_file() else "missing"
                )
                faults.append(AudioFault(identity, path, kind, result, known.get(identity)))
    return seconds, faults


def clip_seconds(path: Path) -> float:
    """The length in seconds that a clip's header states.

    Raises:
        AudioError: the file is missing, holds no audio or cannot be opened.
    """
    if not path.is_file():
        raise AudioError(f"{path}: no such file.")
    try:
        seconds = soundfile.info(path).duration
    except soundfile.LibsndfileError:
        seconds = _container_seconds(path)
    if seconds <= 0:
        raise AudioError(f"{path}: holds no audio.")
    return seconds


def _container_seconds(path: Path) -> float:
    """The length of the sound in a film or another container that soundfile does not know."""
    try:
        with open_by_ffmpeg(str(path)) as container:
            if not container.streams.audio:
                raise AudioError(f"{path}: has no sound track.")
            stream = container.streams.audio[0]
            if stream.duration is not None and stream.time_base is not None:
                return float(stream.duration * stream.time_base)
            return (container.duration or 0) / av.time_base
    except (av.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AudioError(f"{path}: cannot be decoded: {reason}.") from None


def _probe(path: Path) -> float | str:
    try:
        return clip_seconds(path)
    except AudioError as error:
        return str(error).removeprefix(f"{path}: ")


def _count(items: list[Item], seconds: dict[str, float]) -> SplitCount:
    return SplitCount(
        utterances=len(items),
        emotions=dict(Counter(emotion for item in items for emotion in item.emotions)),
        speakers=len({item.speaker for item in items if item.speaker}),
        hours=sum(seconds.get(item.id, 0.0) for item in items) / 3600,
    )


def _split_order(split: str) -> tuple[int, str]:
    order = ("train", "dev", "test")
    return (order.index(split) if split in order else len(order), split)


def inspection_text(inspection: Inspection) -> str:
    """The inspection as text for a terminal."""
    total = inspection.total
    length = (
        f", clips of {inspection.shortest_seconds:.2f} to {inspection.longest_seconds:.2f} s"
        if inspection.shortest_seconds is not None and inspection.longest_seconds is not None
        else ""
    )
    lines = [
        f"{inspection.title} in {inspection.root}",
        f"{total.utterances} utterances, {total.speakers} speakers, {total.hours:.2f} hours"
        f"{length}",
        "",
        *_table(inspection),
        "",
        *_listing(
            f"Speakers: {total.speakers}",
            [f"{name}: {count}" for name, count in inspection.speakers.items()],
        ),
        f"Utterances with several labels: {inspection.multi_label}",
        f"Utterances without words: {inspection.without_text}",
        *_listing(f"Missing clips: {len(inspection.missing)}", map(_fault, inspection.missing)),
        *_listing(
            f"Unreadable clips: {len(inspection.unreadable)}", map(_fault, inspection.unreadable)
        ),
        *_listing(
            f"Left out: {sum(inspection.skipped.values())}",
            [f"{reason}: {count}" for reason, count in inspection.skipped.items()],
        ),
    ]
    return "\n".join(lines)


def _table(inspection: Inspection) -> list[str]:
    header = ["split", *inspection.labels, "utterances", "speakers", "hours"]
    rows = [
        [
            split,
            *(str(count.emotions.get(label, 0)) for label in inspection.labels),
            str(count.utterances),
            str(count.speakers),
            f"{count.hours:.2f}",
        ]
        for split, count in [*inspection.splits.items(), ("all", inspection.total)]
    ]
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in [header, *rows]
    ]


def _listing(title: str, entries: Iterable[str]) -> list[str]:
    entries = list(entries)
    lines = [title, *(f"  {entry}" for entry in entries[:SHOWN])]
    if len(entries) > SHOWN:
        lines.append(f"  … and {len(entries) - SHOWN} more")
    return lines


def _fault(fault: AudioFault) -> str:
    known = f" (known: in every copy {fault.known})" if fault.known else ""
    return f"{fault.path}: {fault.reason}{known}"
