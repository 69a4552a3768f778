"""What a run trains and selects on: speakers and texts of dev are never trained on."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from drkf.data.manifest import Item, read_manifest
from drkf.errors import ManifestError


@dataclass(frozen=True, eq=False)
class Corpora:
    """What a run trains and selects on; speakers and texts of dev are never trained on.

    Every utterance names its corpus; a table without that column is one corpus. ``unseen`` are
    the clips of corpora that are left out of both, to be measured on.
    """

    speech_train: list[Item]
    speech_dev: list[Item]
    text_train: list[Item]
    text_dev: list[Item]
    unseen: list[Item] = field(default_factory=list)


def leave_out(corpora: Corpora, names: Sequence[str]) -> Corpora:
    """Takes every clip of the named speech corpora out of train and dev; they are ``unseen``.

    Raises:
        ManifestError: there is no such corpus, or nothing is left to train on or to choose by.
    """
    clips = [*corpora.speech_train, *corpora.speech_dev]
    known = sorted({item.corpus or "" for item in clips})
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ManifestError(
            f"no speech corpus {unknown[0]!r} to leave out: there are {', '.join(known)}"
        )
    train, dev = (
        [item for item in part if item.corpus not in names]
        for part in (corpora.speech_train, corpora.speech_dev)
    )
    if not train or not dev:
        raise ManifestError(f"without {', '.join(names)} there are no voices left to train on")
    unseen = [item for item in clips if item.corpus in names]
    return replace(corpora, speech_train=train, speech_dev=dev, unseen=[*corpora.unseen, *unseen])


def speaker_key(item: Item) -> str:
    """Names a speaker among those of several corpora, each of which may have a speaker 1.

    An utterance without a speaker counts as a speaker of its own.
    """
    return f"{item.corpus or ''}/{item.speaker or item.id}"


def read_corpora(speech: Path, text: Path, dev_fraction: float, seed: int) -> Corpora:
    """Reads ``speech/manifest.csv`` and ``text/*_train.csv`` with ``text/*_dev.csv``.

    A split column decides where there is one; otherwise speakers are held out by seed.

    Raises:
        ManifestError: a table is missing or unusable.
    """
    table = speech / "manifest.csv" if speech.is_dir() else speech
    items = [replace(item, corpus=item.corpus or "speech") for item in read_manifest(table)]
    if any(item.split for item in items):
        train = [item for item in items if item.split == "train"]
        dev = [item for item in items if item.split == "dev"]
    else:
        train, dev = split_by_speaker(items, dev_fraction, seed)
    texts: dict[str, list[Item]] = {"train": [], "dev": []}
    for split, found in texts.items():
        for path in sorted(text.glob(f"*_{split}.csv")):
            corpus = path.stem.removesuffix(f"_{split}")
            found += [
                replace(item, corpus=item.corpus or corpus)
                for item in read_manifest(path)
                if item.text
            ]
        if not found:
            raise ManifestError(f"{text} has no table named CORPUS_{split}.csv")
    return Corpora(train, dev, texts["train"], texts["dev"])


def split_by_speaker(
    items: Iterable[Item], fraction: float, seed: int
) -> tuple[list[Item], list[Item]]:
    """Split into (train, dev) so that no speaker is in both.

    From every corpus with at least two speakers, about ``fraction`` of its speakers go to dev, at
    least one and never all. The choice depends on the seed and the corpus's speakers alone, not
    on the order of the items or on other corpora. An utterance without a speaker counts as a
    speaker of its own.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, not {fraction}")
    items = list(items)
    speakers: dict[str, set[str]] = defaultdict(set)
    for item in items:
        speakers[item.corpus or ""].add(_speaker(item))
    dev_speakers: set[tuple[str, str]] = set()
    for corpus, names in speakers.items():
        order = sorted(names)
        random.Random(f"{seed}/{corpus}").shuffle(order)
        count = min(max(1, round(fraction * len(order))), len(order) - 1)
        dev_speakers.update((corpus, name) for name in order[:count])
    train: list[Item] = []
    dev: list[Item] = []
    for item in items:
        is_dev = (item.corpus or "", _speaker(item)) in dev_speakers
        (dev if is_dev else train).append(item)
    return train, dev


def _speaker(item: Item) -> str:
    return f"speaker {item.speaker}" if item.speaker else f"utterance {item.id}"
