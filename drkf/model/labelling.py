"""What one label to an utterance, or several, makes of the objective."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from drkf.model.losses import kl_divergence, soft_cross_entropy
from drkf.model.shuffling import MISSING, NEUTRAL_WEIGHT, Pairs, fused_targets


class Labelling(Protocol):
    """``loss`` and ``divergence`` give a value for each of N rows of logits (N, L)."""

    def kinds(self, labels: Tensor) -> Tensor:
        """(N, L) of 0 and 1 -> (N,) numbers, equal where the emotions are."""

    def targets(self, pairs: Pairs, labels: Tensor, neutral: int | None) -> Tensor:
        """What EC should say of each pair: (P, L)."""

    def loss(self, logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        """Cross-entropy to the targets (N, L)."""

    def divergence(self, p_logits: Tensor, q_logits: Tensor) -> Tensor:
        """KL(p ‖ q) in nats; p is the reference and gets no gradient."""


class SingleLabel:
    """One emotion to an utterance: softmax, cross-entropy."""

    def kinds(self, labels: Tensor) -> Tensor:
        return labels.argmax(1)

    def targets(self, pairs: Pairs, labels: Tensor, neutral: int | None) -> Tensor:
        kinds = self.kinds(labels)
        return fused_targets(
            torch.where(pairs.has_audio, kinds[pairs.audio], MISSING),
            torch.where(pairs.has_text, kinds[pairs.text], MISSING),
            labels.shape[1],
            neutral,
        )

    def loss(self, logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        return soft_cross_entropy(logits, targets, smoothing)

    def divergence(self, p_logits: Tensor, q_logits: Tensor) -> Tensor:
        return kl_divergence(p_logits, q_logits)


class MultiLabel:
    """Several emotions to an utterance: a sigmoid and a binary cross-entropy for each.

    Voice and words are consistent if they carry the same set. Of an inconsistent pair the target
    is 1 for every emotion that either carries, but 0.25 for neutral where only one does.
    """

    def kinds(self, labels: Tensor) -> Tensor:
        return torch.unique(labels, dim=0, return_inverse=True)[1]

    def targets(self, pairs: Pairs, labels: Tensor, neutral: int | None) -> Tensor:
        audio, text = labels[pairs.audio], labels[pairs.text]
        shown_audio, shown_text = pairs.has_audio[:, None], pairs.has_text[:, None]
        target = torch.maximum(audio * shown_audio, text * shown_text)
        if neutral is not None:
            torn = pairs.judged & (audio[:, neutral] != text[:, neutral])
            target[torn, neutral] = NEUTRAL_WEIGHT
        return target

    def loss(self, logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        targets = targets * (1 - smoothing) + smoothing / 2
        return F.binary_cross_entropy_with_logits(logits.float(), targets, reduction="none").mean(
            -1
        )

    def divergence(self, p_logits: Tensor, q_logits: Tensor) -> Tensor:
        p_logits, q_logits = p_logits.detach().float(), q_logits.float()
        yes = F.logsigmoid(p_logits) - F.logsigmoid(q_logits)
        no = F.logsigmoid(-p_logits) - F.logsigmoid(-q_logits)
        p = p_logits.sigmoid()
        return (p * yes + (1 - p) * no).mean(-1)
