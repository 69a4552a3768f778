"""DRKF's whole objective with live encoders, for voice and words of the same utterances.

With several processes the batch is all of theirs together: emotion shuffling pairs a voice of one
process with words of another, and contrastive terms see every process's embeddings. Encoders run
on a process's own utterances; what others need of them is gathered with gradient. Each process
fuses its part of the pairs. The loss and the gradients are those of one process with the whole
batch (means over rows are taken by :func:`drkf.experiments.distributed.batch_mean`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.modeling_layers import GradientCheckpointingLayer

from drkf.experiments.batches import UtteranceBatch
from drkf.experiments.distributed import batch_mean, gather_rows, gather_sequence, processes, rank
from drkf.model import DRKF
from drkf.model.drkf import DRKFOutput
from drkf.model.fusion import FusionLayer
from drkf.model.losses import Losses
from drkf.model.mutual_information import info_nce, nt_xent
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, NEUTRAL_WEIGHT, Pairs, fused_targets, shuffle_pairs


class Labelling(Protocol):
    """What one label to an utterance, or several, makes of the objective.

    ``loss`` and ``divergence`` give a value for each of N rows of logits (N, L).
    """

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
        return F.cross_entropy(logits.float(), targets, label_smoothing=smoothing, reduction="none")

    def divergence(self, p_logits: Tensor, q_logits: Tensor) -> Tensor:
        log_p = p_logits.detach().float().log_softmax(-1)
        log_q = q_logits.float().log_softmax(-1)
        return (log_p.exp() * (log_p - log_q)).sum(-1)


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


class JointObjective(nn.Module):
    """DRKF and its training objective; ``forward`` returns the losses of a batch.

    Args:
        shuffles: random re-pairings of a batch besides its natural pairs.
        modality_dropout: the share of pairs that lose their voice or their words.
    """

    def __init__(
        self,
        model: DRKF,
        labelling: Labelling,
        shuffles: int = 1,
        modality_dropout: float = 0.0,
        label_smoothing: float = 0.0,
    ):
        super().__init__()
        self.model, self.labelling = model, labelling
        self.shuffles, self.modality_dropout = shuffles, modality_dropout
        self.label_smoothing = label_smoothing
        temperature = model.mutual_information.raw_temperature
        # FSDP cannot shard a scalar; ``drkf.experiments.fold_checkpoint`` makes it one again.
        model.mutual_information.raw_temperature = nn.Parameter(temperature.detach().reshape(1))
        # Accelerate's FSDP shards these apart and the rest as one unit around ``forward``.
        layers = (GradientCheckpointingLayer, FusionLayer)  # every encoder's layer is the former
        self._no_split_modules = sorted(
            {type(module).__name__ for module in self.modules() if isinstance(module, layers)}
        )

    def predict(self, batch: UtteranceBatch) -> DRKFOutput:
        """Emotion and inconsistency of each utterance from what it has of voice and words."""
        return self.model.fuse(*self._sequences(batch))

    def forward(self, batch: UtteranceBatch, seed: int, augmentation_weight: float) -> Losses:
        """The components for a batch; its rows are N on each process.

        Args:
            seed: draws the pairs; the same on every process.
            augmentation_weight: 0..1, ramped up over training.
        """
        A, T = self._sequences(batch)
        model = self.model
        A2 = model.speech_augmentation(A, augmentation_weight)
        T2 = model.text_augmentation(T, augmentation_weight)
        mi_s, mi_t, mi_st = self._mutual_information(batch, (A, A2, T, T2))
        ce_s, kld_s = self._unimodal(model.speech_classifier, A, A2, batch.labels, batch.has_audio)
        ce_t, kld_t = self._unimodal(model.text_classifier, T, T2, batch.labels, batch.has_text)
        ce, bce = self._fusion(batch, A, T, seed)
        return Losses(
            ce=ce,
            bce=bce,
            mi_s=mi_s,
            mi_t=mi_t,
            mi_st=mi_st,
            mse_s=reconstruction(A2, A),
            mse_t=reconstruction(T2, T),
            kld_s=kld_s,
            kld_t=kld_t,
            ce_s=ce_s,
            ce_t=ce_t,
        )

    def _sequences(self, batch: UtteranceBatch) -> tuple[TokenSequence, TokenSequence]:
        """A (N, Ta, d) and T (N, Tt, d); a missing modality is all masked."""
        model = self.model
        A = model.adapt_speech(model.encode_speech(batch.features))
        T = model.adapt_text(model.encode_text(batch.input_ids, batch.text_mask))
        return A.masked(batch.has_audio[:, None]), T.masked(batch.has_text[:, None])

    def _mutual_information(
        self, batch: UtteranceBatch, views: tuple[TokenSequence, ...]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """MI_S, MI_T and MI_ST over every process's utterances that have the modality."""
        mi = self.model.mutual_information
        A, A2, T, T2 = views
        vectors = torch.stack(
            [
                mi.project_speech(A),
                mi.project_speech(A2),
                mi.project_text(T),
                mi.project_text(T2),
            ],
            dim=1,
        )  # (N, 4, projection)
        s, s2, t, t2 = gather_rows(vectors).unbind(1)
        voiced, worded = gather_rows(batch.has_audio), gather_rows(batch.has_text)
        return (
            contrast(nt_xent, s[voiced], s2[voiced], mi.temperature),
            contrast(nt_xent, t[worded], t2[worded], mi.temperature),
            contrast(info_nce, s[voiced & worded], t[voiced & worded], mi.temperature),
        )

    def _unimodal(
        self,
        classifier: nn.Module,
        original: TokenSequence,
        augmented: TokenSequence,
        labels: Tensor,
        present: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """CE (mean of both views, so that the augmented one keeps the emotion) and KLD."""
        p, q = classifier(original), classifier(augmented)
        ce = self.labelling.loss(p, labels, self.label_smoothing)
        ce2 = self.labelling.loss(q, labels, self.label_smoothing)
        return (
            batch_mean((ce + ce2) / 2, present),
            batch_mean(self.labelling.divergence(p, q), present),
        )

    def _fusion(
        self, batch: UtteranceBatch, A: TokenSequence, T: TokenSequence, seed: int
    ) -> tuple[Tensor, Tensor]:
        """CE of EC and BCE of ED on this process's part of the batch's pairs."""
        labels = gather_rows(batch.labels)
        pairs = self._pairs(
            labels.cpu(),
            gather_rows(batch.has_audio).cpu(),
            gather_rows(batch.has_text).cpu(),
            seed,
        ).to(labels.device)
        targets = self.labelling.targets(pairs, labels, self.model.neutral)
        mine = torch.arange(rank(), len(pairs), processes(), device=labels.device)
        A, T = gather_sequence(A), gather_sequence(T)
        fused = self.model.fuse(
            A[pairs.audio[mine]].masked(pairs.has_audio[mine][:, None]),
            T[pairs.text[mine]].masked(pairs.has_text[mine][:, None]),
        )
        ce = self.labelling.loss(fused.emotion_logits, targets[mine], self.label_smoothing)
        bce = F.binary_cross_entropy_with_logits(
            fused.inconsistency_logit.float(), pairs.inconsistent[mine].float(), reduction="none"
        )
        return batch_mean(ce, torch.ones_like(ce)), batch_mean(bce, pairs.judged[mine])

    def _pairs(self, labels: Tensor, has_audio: Tensor, has_text: Tensor, seed: int) -> Pairs:
        kinds = self.labelling.kinds(labels)
        return shuffle_pairs(
            torch.where(has_audio, kinds, MISSING),
            torch.where(has_text, kinds, MISSING),
            int(kinds.max()) + 1,
            None,  # the labelling makes the targets
            torch.Generator().manual_seed(seed),
            self.shuffles,
            self.modality_dropout,
        )


def contrast(
    loss: Callable[[Tensor, Tensor, Tensor], Tensor],
    first: Tensor,
    second: Tensor,
    temperature: Tensor,
) -> Tensor:
    """``loss`` of two views (n, d); 0 for fewer than two rows, with nothing to contrast."""
    if len(first) < 2:
        # Still in the graph: data-parallel training waits for a gradient of every weight.
        return 0.0 * (first.sum() + second.sum() + temperature.sum())
    return loss(first, second, temperature)


def reconstruction(augmented: TokenSequence, original: TokenSequence) -> Tensor:
    """Mean squared error of (B, T, d) over the real tokens of the whole batch."""
    squared = (augmented.hidden - original.hidden.detach()).float().square().mean(-1)  # (B, T)
    return batch_mean(squared.flatten(), original.mask.flatten())
