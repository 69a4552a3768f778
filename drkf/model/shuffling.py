"""Emotion shuffling: which voice meets which words, and what the pair should be called."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

NEUTRAL_WEIGHT = 0.25
MISSING = -1


@dataclass(frozen=True, eq=False)
class Pairs:
    """P rows of (voice, words) drawn from a batch of N utterances.

    ``audio`` and ``text`` (P,) index the batch; ``has_audio`` and ``has_text`` (P,) say which
    modalities the row shows the model; ``target`` (P, L) is the emotion distribution to predict;
    ``inconsistent`` (P,) is 1 where the two emotions differ and ``judged`` (P,) is True where
    both modalities are shown, so that emotion discrimination has something to judge;
    ``natural`` (P,) is True where voice and words are the same utterance's.
    """

    audio: Tensor
    text: Tensor
    has_audio: Tensor
    has_text: Tensor
    target: Tensor
    inconsistent: Tensor
    natural: Tensor

    @property
    def judged(self) -> Tensor:
        return self.has_audio & self.has_text

    def __len__(self) -> int:
        return len(self.audio)

    def to(self, device: torch.device | str) -> Pairs:
        return Pairs(**{name: value.to(device) for name, value in vars(self).items()})


def one_hot_targets(labels: Tensor, count: int) -> Tensor:
    """Target distributions (N, count) of label indices (N,); those of ``MISSING`` mean nothing."""
    return one_hot(labels.clamp_min(0), count).float()


def fused_targets(
    audio: Tensor,
    text: Tensor,
    labels: int,
    neutral: int | None,
    neutral_text: float = NEUTRAL_WEIGHT,
) -> Tensor:
    """Target distributions (P, L) of pairs with label indices (P,), ``MISSING`` where absent.

    Equal labels, or one alone: one-hot. Different ones: the normalised sum of the two one-hots
    with neutral weighted 0.25, so angry words in a neutral voice are 0.8 anger, 0.2 neutral.

    Args:
        neutral_text: the weight of neutral *words* beside another emotion in the voice. Most of
            what people say is neutral in words whatever they feel: at 0 it is no evidence.
    """
    total = torch.zeros(len(audio), labels, device=audio.device)
    differs = (audio != MISSING) & (text != MISSING) & (audio != text)
    for side, weight in ((audio, NEUTRAL_WEIGHT), (text, neutral_text)):
        present = side != MISSING
        weights = torch.ones(len(side), device=audio.device)
        if neutral is not None:
            weights[differs & (side == neutral)] = weight
        rows = torch.nonzero(present).squeeze(1)
        total[rows, side[present]] += weights[present]
    return total / total.sum(-1, keepdim=True)


def shuffle_pairs(
    audio_labels: Tensor,
    text_labels: Tensor,
    labels: int,
    neutral: int | None,
    generator: torch.Generator,
    shuffles: int = 1,
    modality_dropout: float = 0.0,
    neutral_text: float = NEUTRAL_WEIGHT,
) -> Pairs:
    """The natural pairs of a batch, and ``shuffles`` random re-pairings of the complete ones.

    Args:
        audio_labels, text_labels: (N,) label indices; ``MISSING`` where an utterance lacks
            that modality. Utterances without either are not allowed.
        modality_dropout: the share of complete rows that lose one modality (voice or words,
            evenly), their target then being the remaining modality's emotion.
        neutral_text: the weight of neutral words beside an emotional voice.
    """
    N = len(audio_labels)
    everything = torch.arange(N)
    complete = torch.nonzero((audio_labels != MISSING) & (text_labels != MISSING)).squeeze(1)
    audio_index, text_index = [everything], [everything]
    for _ in range(shuffles if len(complete) > 1 else 0):
        # Rotating a random order leaves nobody in place: every shuffled row is a new pair.
        order = complete[torch.randperm(len(complete), generator=generator)]
        audio_index.append(order)
        text_index.append(order.roll(1))
    audio, text = torch.cat(audio_index), torch.cat(text_index)
    has_audio = audio_labels[audio] != MISSING
    has_text = text_labels[text] != MISSING
    if modality_dropout > 0:
        draw = torch.rand(len(audio), generator=generator)
        both = has_audio & has_text
        has_audio = has_audio & ~(both & (draw < modality_dropout / 2))
        has_text = has_text & ~(both & (draw >= 1 - modality_dropout / 2))
    shown_audio = torch.where(has_audio, audio_labels[audio], MISSING)
    shown_text = torch.where(has_text, text_labels[text], MISSING)
    return Pairs(
        audio=audio,
        text=text,
        has_audio=has_audio,
        has_text=has_text,
        target=fused_targets(shown_audio, shown_text, labels, neutral, neutral_text),
        inconsistent=audio_labels[audio] != text_labels[text],
        natural=audio == text,
    )
