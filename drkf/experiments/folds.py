"""A corpus's utterances as folds of train, dev and test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drkf.audio.clip import MIN_SECONDS
from drkf.data.corpus import Corpus, Fold, official_folds
from drkf.data.inspect import check_audio
from drkf.data.manifest import Item
from drkf.errors import CorpusError

#: Folds by speaker, for corpora without official splits.
SPEAKER_FOLDS = 5


def usable(items: Sequence[Item], corpus: Corpus) -> tuple[list[Item], list[str]]:
    """Utterances with voice or words, and what to tell about those that lack something.

    A clip that is missing, unreadable or shorter than 0.3 s counts as no voice: its utterance is
    trained on and judged by its words alone, so that a test part keeps its size.
    """
    seconds, faults = check_audio(items, corpus.known_faults)
    kept: list[Item] = []
    silent = short = lost = 0
    for item in items:
        length = seconds.get(item.id)
        if length is None or length < MIN_SECONDS:
            silent += length is None
            short += length is not None
            item = replace(item, audio=None, seconds=None)
        else:
            item = replace(item, seconds=length)
        if item.audio is None and not item.text:
            lost += 1
        else:
            kept.append(item)
    notes = []
    if silent:
        known = sum(fault.known is not None for fault in faults)
        in_no_copy = f" ({known} of them in no copy of the corpus)" if known else ""
        notes.append(
            f"{silent} utterances have no readable clip{in_no_copy} and are judged by their "
            f"words: see drkf data inspect {corpus.name}."
        )
    if short:
        notes.append(f"{short} clips are shorter than {MIN_SECONDS} s and count as no voice.")
    if lost:
        notes.append(f"{lost} utterances have neither voice nor words and are left out.")
    return kept, notes


def make_folds(corpus: Corpus, items: list[Item], seed: int) -> list[Fold]:
    """The corpus's own folds; by speaker where its owners publish no split."""
    if corpus.folds is not official_folds or any(item.split for item in items):
        return corpus.folds(items)
    speakers = sorted({item.speaker or item.id for item in items})
    count = min(SPEAKER_FOLDS, len(speakers))
    if count < 3:
        raise CorpusError(
            f"{corpus.title} has {len(speakers)} speakers here: training, choosing and testing on "
            "different people takes at least 3."
        )
    order = np.random.default_rng([seed, 6]).permutation(len(speakers))
    group = {speakers[s]: place % count for place, s in enumerate(order)}
    parts: list[list[Item]] = [[] for _ in range(count)]
    for item in items:
        parts[group[item.speaker or item.id]].append(item)
    return [
        Fold(
            name=f"speakers{test + 1}",
            train=[
                i for p in range(count) if p not in (test, (test + 1) % count) for i in parts[p]
            ],
            dev=parts[(test + 1) % count],
            test=parts[test],
        )
        for test in range(count)
    ]
