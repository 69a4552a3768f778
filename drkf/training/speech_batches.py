"""Speech batches: clips decoded, changed and padded, one by one or in groups of a speaker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from drkf.audio.clip import load_audio
from drkf.data.manifest import Item
from drkf.data.split import speaker_key
from drkf.evaluation.features import FeatureStore
from drkf.model.encoders import SpeechFrontend
from drkf.model.sequence import TokenSequence
from drkf.training.augment import (
    AugmentConfig,
    augment_waveform,
    draw_voice_change,
    mask_spectrogram,
    mix,
)
from drkf.training.batches import balanced_weights, bucketed, soft_label
from drkf.training.voices import ReferenceDraws, SpeakerGroups, VoiceConfig, corpus_classes


@dataclass(frozen=True, eq=False)
class SpeechBatch:
    """B clips: the frontend's ``features`` (B, frames, f) and ``targets`` (B, L).

    ``speakers`` (B,) number the speakers; ``allowed`` (B, L) is True for the classes that the
    softmax is over; ``known`` (B, B) is 1 where the column's clip is known beside the row's, the
    row itself among them; ``mixed`` (B,) is True where another voice is heard too.
    """

    features: TokenSequence
    targets: Tensor
    speakers: Tensor
    allowed: Tensor
    known: Tensor
    mixed: Tensor

    def to(self, device: torch.device | str) -> SpeechBatch:
        return SpeechBatch(**{name: value.to(device) for name, value in vars(self).items()})


class VoiceBatches(Dataset[SpeechBatch], ABC):
    """Batches of voices, indexed by step, one by one or in groups of a speaker."""

    def __init__(
        self,
        items: Sequence[Item],
        labels: Sequence[str],
        batch_size: int,
        seed: int,
        voices: VoiceConfig | None = None,
        steps: int = 1,
    ):
        """``steps`` is how many the stage has in all (for ``voices.max_draws``)."""
        self.items, self.labels = items, labels
        self.batch_size, self.seed = batch_size, seed
        self.voices = voices or VoiceConfig()
        self.weights = balanced_weights(items, steps * batch_size, self.voices.max_draws)
        self.lengths = np.array([item.seconds or 0.0 for item in items])
        names = [speaker_key(item) for item in items]
        self.speakers = np.unique(names, return_inverse=True)[1]
        self.corpora = np.array([item.corpus or "" for item in items])
        self.allowed = corpus_classes(items, labels) | (not self.voices.corpus_softmax)
        self.groups = SpeakerGroups(items, self.weights) if self.voices.grouped else None
        self.references = ReferenceDraws(items, self.voices)

    def __getitem__(self, step: int) -> SpeechBatch:
        rng = np.random.default_rng([self.seed, 2, step])
        if self.groups is not None:
            index = self.groups.draw(rng, self.batch_size)
        else:
            index = bucketed(step, self.batch_size, self.lengths, self.weights, self.seed)
        targets = np.stack([soft_label(self.items[i], self.labels) for i in index])
        rows, targets, mixed = self._sound(step, index, targets, rng)
        return SpeechBatch(
            TokenSequence.pad(rows),
            torch.from_numpy(targets),
            torch.from_numpy(self.speakers[index]),
            torch.from_numpy(self.allowed[index]),
            self._known(index, mixed, rng),
            torch.from_numpy(mixed),
        )

    @abstractmethod
    def _sound(
        self, step: int, index: np.ndarray, targets: np.ndarray, rng: Generator
    ) -> tuple[list[Tensor], np.ndarray, np.ndarray]:
        """What is heard of each row of ``index``, (B, L) what it carries, and (B,) True where
        another voice is heard too.

        Args:
            targets: (B, L) what the rows carry by themselves.
        """

    def _known(self, index: np.ndarray, mixed: np.ndarray, rng: Generator) -> Tensor:
        """(B, B): which clips of the batch are known of each row's voice."""
        known = torch.eye(len(index))
        if self.groups is None:
            return known
        place = {int(row): column for column, row in enumerate(index)}
        clear = [int(row) for row, heard in zip(index, mixed, strict=True) if not heard]
        for column, row in enumerate(index):
            for other in self.references.draw(rng, int(row), clear):
                known[column, place[other]] = 1
        return known


class StateBatches(VoiceBatches):
    """A frozen encoder's states of each clip, made once for each of several ``views`` of it; of
    some clips only a part of at least half is heard."""

    #: The share of clips that are heard whole.
    WHOLE = 0.6

    def __init__(
        self,
        items: Sequence[Item],
        labels: Sequence[str],
        views: Sequence[FeatureStore],
        batch_size: int,
        seed: int,
        voices: VoiceConfig | None = None,
        steps: int = 1,
    ):
        """``views`` each hold a row of states (T, width) for every item."""
        super().__init__(items, labels, batch_size, seed, voices, steps)
        self.views = views

    def _sound(
        self, step: int, index: np.ndarray, targets: np.ndarray, rng: Generator
    ) -> tuple[list[Tensor], np.ndarray, np.ndarray]:
        view = self.views[step % len(self.views)]
        rows = [self._part(view.row(int(i)).float(), rng) for i in index]
        return rows, targets, np.zeros(len(index), dtype=bool)

    def _part(self, states: Tensor, rng: Generator) -> Tensor:
        if rng.random() < self.WHOLE:
            return states
        length = max(1, round(len(states) * rng.uniform(0.5, 1)))
        start = int(rng.integers(len(states) - length + 1))
        return states[start : start + length]


class SpeechBatches(VoiceBatches):
    """Augmented clips; from step ``mix_after`` on, a share ``mixed`` of the voices is heard
    together with a softer one of the same batch."""

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
        voices: VoiceConfig | None = None,
        steps: int = 1,
    ):
        super().__init__(items, labels, batch_size, seed, voices, steps)
        self.frontend, self.augment = frontend, augment
        self.mixed, self.mix_after = mixed, mix_after

    def _sound(
        self, step: int, index: np.ndarray, targets: np.ndarray, rng: Generator
    ) -> tuple[list[Tensor], np.ndarray, np.ndarray]:
        clips = [load_audio(self.items[i].audio).samples for i in index]
        mixed = np.zeros(len(index), dtype=bool)
        if self.mixed and step >= self.mix_after:
            clips, targets, mixed = self._mix(clips, targets, index, rng)
        return self._features(clips, index, rng), targets, mixed

    def _features(self, clips: list[np.ndarray], index: np.ndarray, rng: Generator) -> list[Tensor]:
        """The augmented clips' features; one speaker's clips have one changed voice and one
        microphone, so that their reference hears them too."""
        changes = {}
        rows = []
        for samples, speaker in zip(clips, self.speakers[index], strict=True):
            if self.groups is None or speaker not in changes:
                changes[speaker] = draw_voice_change(self.augment, rng)
            changed = augment_waveform(samples, self.augment, rng, changes[speaker])
            features = self.frontend(changed)
            if self.frontend.log_mel:
                features = mask_spectrogram(features, self.augment, rng)
            rows.append(features)
        return rows

    def _mix(
        self, clips: list[np.ndarray], targets: np.ndarray, index: np.ndarray, rng: Generator
    ) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        """The clips, some with another one in them, (B, L) what they then carry, and (B,) which
        they are. With a softmax over the corpus's own classes the other is of the same corpus."""
        chosen = rng.random(len(clips)) < self.mixed
        proportions = chosen * rng.uniform(0, 0.5, len(clips))
        others = rng.permutation(len(clips))
        if self.voices.corpus_softmax:
            same = self.corpora[index] == self.corpora[index[others]]
            chosen, proportions = chosen & same, proportions * same
        weights = proportions[:, None].astype(np.float32)
        return (
            [mix(a, clips[i], p) for a, i, p in zip(clips, others, proportions, strict=True)],
            (1 - weights) * targets + weights * targets[others],
            chosen,
        )
