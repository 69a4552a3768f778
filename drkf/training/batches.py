"""Batches for training: which utterances, decoded, changed and padded; the same for a given step
whatever ran before it, so that a resumed run sees the same data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from drkf.audio.clip import load_audio
from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.model.encoders import SpeechFrontend, pad_tokens
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING
from drkf.training.augment import AugmentConfig, augment_waveform, mask_spectrogram, mix

#: Batches that are drawn together and sorted by length, so that little of a batch is padding.
BUCKET = 8


def balanced_weights(items: Sequence[Item]) -> np.ndarray:
    """(N,) sampling probabilities: classes even within a corpus, corpora by the root of their
    size (a small corpus is heard more often than its size, a large one less)."""
    corpora = Counter(item.corpus for item in items)
    classes = Counter((item.corpus, item.emotion) for item in items)
    kinds = Counter(corpus for corpus, _ in classes)
    weights = np.array(
        [
            corpora[item.corpus] ** 0.5 / (kinds[item.corpus] * classes[item.corpus, item.emotion])
            for item in items
        ]
    )
    return weights / weights.sum()


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
class SpeechBatch:
    """Frontend features (B, frames, f) and target distributions (B, L)."""

    features: TokenSequence
    targets: Tensor


class SpeechBatches(Dataset[SpeechBatch]):
    """Augmented speech batches, indexed by step; from step ``mix_after`` on, a share ``mixed`` of
    the voices is heard together with a softer one of the same batch."""

    def __init__(
        self,
        items: Sequence[Item],
        labels: Sequence[str],
        frontend: SpeechFrontend,
        augment: AugmentConfig,
        batch_size: int,
        seed: int,
        mixed: float = 0.0,
        mix_after: int = 0,
    ):
        self.items, self.labels, self.frontend = items, labels, frontend
        self.augment, self.batch_size, self.seed = augment, batch_size, seed
        self.mixed, self.mix_after = mixed, mix_after
        self.weights = balanced_weights(items)
        self.lengths = np.array([item.seconds or 0.0 for item in items])

    def __getitem__(self, step: int) -> SpeechBatch:
        rng = np.random.default_rng([self.seed, 2, step])
        index = bucketed(step, self.batch_size, self.lengths, self.weights, self.seed)
        clips = [load_audio(self.items[i].audio).samples for i in index]
        targets = np.stack([soft_label(self.items[i], self.labels) for i in index])
        if self.mixed and step >= self.mix_after:
            clips, targets = self._mix(clips, targets, rng)
        rows = []
        for samples in clips:
            features = self.frontend(augment_waveform(samples, self.augment, rng))
            if self.frontend.log_mel:
                features = mask_spectrogram(features, self.augment, rng)
            rows.append(features)
        return SpeechBatch(TokenSequence.pad(rows), torch.from_numpy(targets))

    def _mix(
        self, clips: list[np.ndarray], targets: np.ndarray, rng: Generator
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """The clips, some with another one in them, and (B, L) what they then carry."""
        chosen = rng.random(len(clips)) < self.mixed
        proportions = chosen * rng.uniform(0, 0.5, len(clips))
        others = rng.permutation(len(clips))
        weights = proportions[:, None].astype(np.float32)
        return (
            [mix(a, clips[i], p) for a, i, p in zip(clips, others, proportions, strict=True)],
            (1 - weights) * targets + weights * targets[others],
        )


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
