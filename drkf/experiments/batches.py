"""Voice and words of the same utterance, read from disk as batches need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from drkf.audio.clip import MIN_SECONDS, SAMPLE_RATE, load_audio
from drkf.data.manifest import Item
from drkf.errors import AudioError
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.sequence import TokenSequence


@dataclass(frozen=True, eq=False)
class UtteranceBatch:
    """N utterances.

    ``features`` (N, frames, f) are the speech frontend's, ``input_ids`` and ``text_mask``
    (N, Tt) the tokenizer's, ``labels`` (N, L) 1 on each of the utterance's labels.
    ``has_audio`` and ``has_text`` (N,) say which modality an utterance really has: in place of a
    missing one stand a moment of silence or an empty sentence, so that every batch runs through
    both encoders (data-parallel training needs a gradient for every weight in every process).
    """

    features: TokenSequence
    input_ids: Tensor
    text_mask: Tensor
    labels: Tensor
    has_audio: Tensor
    has_text: Tensor

    def to(self, device: torch.device | str) -> UtteranceBatch:
        return UtteranceBatch(**{name: value.to(device) for name, value in vars(self).items()})


class Utterances(Dataset[UtteranceBatch]):
    """Utterances by their numbers: ``utterances[[3, 1, 4]]`` is a batch of three.

    Clips are decoded when asked for, so a corpus need not fit into memory. A clip that cannot be
    used (broken, too short) counts as missing.
    """

    def __init__(self, items: Sequence[Item], model: DRKF, tokenizer: Any):
        self.items = items
        self.targets = multi_hot(items, model.config.labels)
        self.frontend = model.speech_encoder.frontend
        self.longest = int(model.max_speech_seconds * SAMPLE_RATE)
        self.pad_id = tokenizer.pad_token_id
        self.token_ids: list[list[int]] = tokenizer(
            [item.text or "" for item in items],
            truncation=True,
            max_length=model.config.max_text_tokens,
        )["input_ids"]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: Sequence[int]) -> UtteranceBatch:
        clips = [self._clip(self.items[i]) for i in index]
        silence = np.zeros(int(MIN_SECONDS * SAMPLE_RATE), dtype=np.float32)
        input_ids, text_mask = pad_tokens([self.token_ids[i] for i in index], self.pad_id)
        return UtteranceBatch(
            features=TokenSequence.pad(
                [self.frontend(silence if clip is None else clip) for clip in clips]
            ),
            input_ids=input_ids,
            text_mask=text_mask,
            labels=self.targets[list(index)],
            has_audio=torch.tensor([clip is not None for clip in clips]),
            # An utterance with nothing at all still needs something to be judged by.
            has_text=torch.tensor(
                [
                    bool(self.items[i].text) or clip is None
                    for i, clip in zip(index, clips, strict=True)
                ]
            ),
        )

    def _clip(self, item: Item) -> np.ndarray | None:
        if item.audio is None:
            return None
        try:
            return load_audio(item.audio).samples[: self.longest]
        except AudioError:
            return None


def multi_hot(items: Sequence[Item], labels: Sequence[str]) -> Tensor:
    """(N, L) float, 1 on each label of each item."""
    targets = torch.zeros(len(items), len(labels))
    for row, item in enumerate(items):
        for emotion in item.emotions:
            targets[row, labels.index(emotion)] = 1.0
    return targets


class RandomOrder:
    """Endless epochs over ``size`` rows, each in an order of its own, cut into batches.

    Batch ``number`` of process p out of P is the p-th part of the batch that a single process
    with P times the batch size would draw.
    """

    def __init__(self, size: int, batch_size: int, process: int, processes: int, seed: int):
        self.size, self.batch_size, self.seed = size, batch_size, seed
        self.process, self.processes = process, processes

    @property
    def epoch_batches(self) -> int:
        """Batches that go over every row at least once."""
        return -(-self.size // (self.batch_size * self.processes))

    def rows(self, number: int) -> list[int]:
        """The rows of a batch; the last one of an epoch is filled up from its beginning."""
        epoch, place = divmod(number, self.epoch_batches)
        order = np.random.default_rng([self.seed, 4, epoch]).permutation(self.size)
        first = (place * self.processes + self.process) * self.batch_size
        return [int(order[i % self.size]) for i in range(first, first + self.batch_size)]
