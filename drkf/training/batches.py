"""Batches for training: which utterances, decoded, changed and padded; the same for a given step
whatever ran before it, so that a resumed run sees the same data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.model.encoders import pad_tokens
from drkf.model.shuffling import MISSING

#: Batches that are drawn together and sorted by length, so that little of a batch is padding.
BUCKET = 8


def balanced_weights(items: Sequence[Item], draws: int = 1, max_draws: float = 0.0) -> np.ndarray:
    """(N,) sampling probabilities: classes even within a corpus, corpora by the root of their
    size (a small corpus is heard more often than its size, a large one less).

    Args:
        draws: how many utterances will be drawn in all.
        max_draws: the most often that a corpus's utterances are drawn on average; 0 sets no limit.
    """
    corpora = Counter(item.corpus for item in items)
    classes = Counter((item.corpus, item.emotion) for item in items)
    kinds = Counter(corpus for corpus, _ in classes)
    sizes = np.array(list(corpora.values()), dtype=float)
    roots = sizes**0.5
    capped = capped_shares(roots / roots.sum(), sizes, draws, max_draws)
    shares = dict(zip(corpora, capped, strict=True))
    weights = np.array(
        [
            shares[item.corpus] / (kinds[item.corpus] * classes[item.corpus, item.emotion])
            for item in items
        ]
    )
    return weights / weights.sum()


def capped_shares(
    shares: np.ndarray, sizes: np.ndarray, draws: int, max_draws: float
) -> np.ndarray:
    """Shares (C,) of ``draws``, lowered where a corpus's utterances would be drawn more than
    ``max_draws`` times on average; what it loses goes to the others in proportion.

    Args:
        shares: (C,) wished, adding up to 1. sizes: (C,) utterances. max_draws: 0 sets no limit.
    """
    if max_draws <= 0:
        return shares
    limits = max_draws * sizes / draws
    if limits.sum() <= 1:  # all corpora together are too small: their clips come equally often
        return sizes / sizes.sum()
    result = shares.astype(float)
    while (over := result > limits * (1 + 1e-9)).any():
        result = np.where(over, limits, result)
        free = result < limits
        result[free] *= (1 - result[~free].sum()) / result[free].sum()
    return result


def soft_label(item: Item, labels: Sequence[str]) -> np.ndarray:
    """(L,) even distribution over an utterance's labels."""
    target = np.zeros(len(labels), dtype=np.float32)
    for emotion in item.emotions:
        target[labels.index(emotion)] = 1 / len(item.emotions)
    return target


def bucketed(
    step: int, batch_size: int, lengths: np.ndarray, weights: np.ndarray, seed: int
) -> np.ndarray:
    """Indices of the step's batch, drawn by ``weights`` and of similar length."""
    rng = np.random.default_rng([seed, 1, step // BUCKET])
    drawn = rng.choice(len(weights), size=BUCKET * batch_size, p=weights)
    by_length = drawn[np.argsort(lengths[drawn], kind="stable")]
    place = rng.permutation(BUCKET)[step % BUCKET]
    return by_length[place * batch_size : (place + 1) * batch_size]


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Token ids and mask (B, T) and target distributions (B, L)."""

    input_ids: Tensor
    mask: Tensor
    targets: Tensor


class TextBatches(Dataset[TextBatch]):
    """Text batches in the corpora's natural class proportions, indexed by step."""

    def __init__(
        self,
        items: Sequence[Item],
        token_ids: Sequence[list[int]],
        pad_id: int,
        labels: Sequence[str],
        weights: np.ndarray,
        batch_size: int,
        seed: int,
    ):
        self.token_ids, self.pad_id, self.weights = token_ids, pad_id, weights
        self.batch_size, self.seed = batch_size, seed
        self.targets = np.stack([soft_label(item, labels) for item in items])
        self.lengths = np.array([len(ids) for ids in token_ids])

    def __getitem__(self, step: int) -> TextBatch:
        index = bucketed(step, self.batch_size, self.lengths, self.weights, self.seed)
        ids, mask = pad_tokens([self.token_ids[i] for i in index], self.pad_id)
        return TextBatch(ids, mask, torch.from_numpy(self.targets[index]))


@dataclass(frozen=True, eq=False)
class PairedBatch:
    """Rows of a fusion batch: indices into the speech and text items (None where a modality is
    missing) and their label indices (``MISSING`` where it is)."""

    audio: list[int | None]
    text: list[int | None]
    audio_labels: Tensor
    text_labels: Tensor


class PairSampler:
    """Draws the utterances of a fusion batch: voices with words of the same emotion, voices
    with what they really said, and texts alone."""

    def __init__(
        self,
        speech: Sequence[Item],
        texts: Sequence[Item],
        text_weights: np.ndarray,
        labels: Sequence[str],
        own_words: dict[int, int],
        seed: int,
    ):
        """``own_words`` maps a speech row to the text row that holds its transcript."""
        self.seed = seed
        self.labels = list(labels)
        self.neutral = self.labels.index("neutral") if "neutral" in self.labels else None
        self.speech_labels = np.array([self.labels.index(item.emotion) for item in speech])
        self.text_labels = np.array([self.labels.index(item.emotion) for item in texts])
        self.text_weights = text_weights
        self.own_words = own_words
        own = np.array(sorted(own_words), dtype=int)
        is_neutral = self.speech_labels[own] == self.neutral
        self.own_voices = own[is_neutral], own[~is_neutral]
        speech_weights = balanced_weights(speech)
        self.voices = by_class(self.speech_labels, speech_weights)
        self.words = by_class(self.text_labels, text_weights)
        self.classes = sorted(set(self.voices) & set(self.words))
        if not self.classes:
            raise ManifestError(
                "no emotion occurs both in the speech and in the single-label texts"
            )

    def draw(
        self, step: int, paired: int, own_words: int, text_only: int, own_neutral: float = 0.5
    ) -> PairedBatch:
        """The step's rows; ``own_neutral`` is the share of neutral voices among ``own_words``."""
        rng = np.random.default_rng([self.seed, 3, step])
        audio: list[int | None] = []
        text: list[int | None] = []
        for label in rng.choice(self.classes, size=paired):
            audio.append(pick(rng, *self.voices[label]))
            text.append(pick(rng, *self.words[label]))
        neutral_voices, other_voices = self.own_voices
        neutral = rng.binomial(own_words, own_neutral)
        if not len(neutral_voices) or not len(other_voices):
            neutral = own_words if len(neutral_voices) else 0
        for voices, count in (neutral_voices, neutral), (other_voices, own_words - neutral):
            for voice in rng.choice(voices, size=count if len(voices) else 0):
                audio.append(int(voice))
                text.append(self.own_words[int(voice)])
        for words in rng.choice(len(self.text_weights), size=text_only, p=self.text_weights):
            audio.append(None)
            text.append(int(words))
        return PairedBatch(
            audio,
            text,
            torch.tensor([MISSING if i is None else self.speech_labels[i] for i in audio]),
            torch.tensor([MISSING if i is None else self.text_labels[i] for i in text]),
        )


def by_class(labels: np.ndarray, weights: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Class -> its rows and the cumulative distribution to pick them by."""
    table: dict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(labels):
        if weights[row] > 0:
            table[int(label)].append(row)
    return {
        label: (np.array(rows), np.cumsum(weights[rows]) / weights[rows].sum())
        for label, rows in table.items()
    }


def pick(rng: np.random.Generator, rows: np.ndarray, cumulative: np.ndarray) -> int:
    place = int(np.searchsorted(cumulative, rng.random()))
    return int(rows[min(place, len(rows) - 1)])
