"""DRKF's training objective (Jiang et al. 2025, section 3), of one process or of several.

With several processes the batch is all of theirs together: emotion shuffling pairs a voice of one
process with words of another, and contrastive terms see every process's vectors. Encoders run on
a process's own utterances; what others need of them is gathered with gradient. Each process fuses
its part of the pairs. The loss and the gradients are those of one process with the whole batch
(means over rows are taken by :func:`drkf.model.distributed.batch_mean`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from drkf.model.distributed import batch_mean, gather_rows, gather_sequence, processes, rank
from drkf.model.labelling import Labelling
from drkf.model.losses import Losses, reconstruction
from drkf.model.mutual_information import contrast, info_nce, nt_xent
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, Pairs


@dataclass(frozen=True, eq=False)
class AdaptedBatch:
    """This process's N utterances of a batch.

    ``A`` (N, Ta, d) and ``T`` (N, Tt, d) are the adapted sequences, all masked where a modality
    is missing; ``audio_labels`` and ``text_labels`` (N,) are label numbers, ``MISSING`` where
    absent; ``targets`` are what the unimodal classifiers should say, (N, L) each.
    """

    A: TokenSequence
    T: TokenSequence
    audio_labels: Tensor
    text_labels: Tensor
    targets: tuple[Tensor, Tensor]


class Objective:
    """The components of the loss. ``model`` is a ``drkf.model.DRKF``."""

    def __init__(self, model: Any, labelling: Labelling, label_smoothing: float = 0.0):
        self.model, self.labelling, self.label_smoothing = model, labelling, label_smoothing

    def losses(self, batch: AdaptedBatch, pairs: Pairs, augmentation_weight: float) -> Losses:
        """Every component for the batch.

        Args:
            pairs: rows for EC and ED; they index the utterances of all processes together.
            augmentation_weight: 0..1, ramped up over training.
        """
        model, A, T = self.model, batch.A, batch.T
        A2 = model.speech_augmentation(A, augmentation_weight)
        T2 = model.text_augmentation(T, augmentation_weight)
        mi_audio, mi_text, mi_audio_text = self._mutual_information(batch, A2, T2)
        audio_targets, text_targets = batch.targets
        ce_audio, kld_audio = self._unimodal(model.speech_classifier, A, A2, audio_targets)
        ce_text, kld_text = self._unimodal(model.text_classifier, T, T2, text_targets)
        ce, bce = self._fusion(A, T, pairs)
        return Losses(
            ce=ce,
            bce=bce,
            mi_audio=mi_audio,
            mi_text=mi_text,
            mi_audio_text=mi_audio_text,
            mse_audio=reconstruction(A2, A),
            mse_text=reconstruction(T2, T),
            kld_audio=kld_audio,
            kld_text=kld_text,
            ce_audio=ce_audio,
            ce_text=ce_text,
        )

    def _mutual_information(
        self, batch: AdaptedBatch, A2: TokenSequence, T2: TokenSequence
    ) -> tuple[Tensor, Tensor, Tensor]:
        """MI_S, MI_T and MI_ST over every process's utterances that have the modality."""
        mi = self.model.mutual_information
        vectors = torch.stack(
            [
                mi.project_speech(batch.A),
                mi.project_speech(A2),
                mi.project_text(batch.T),
                mi.project_text(T2),
            ],
            dim=1,
        )  # (N, 4, projection)
        s, s2, t, t2 = gather_rows(vectors).unbind(1)
        audio, text = gather_rows(batch.audio_labels), gather_rows(batch.text_labels)
        voiced, worded = audio != MISSING, text != MISSING
        # Between modalities only utterances whose voice and words say the same are positives.
        agree = voiced & (audio == text)
        return (
            contrast(nt_xent, s[voiced], s2[voiced], mi.temperature),
            contrast(nt_xent, t[worded], t2[worded], mi.temperature),
            contrast(info_nce, s[agree], t[agree], mi.temperature),
        )

    def _unimodal(
        self,
        classifier: nn.Module,
        original: TokenSequence,
        augmented: TokenSequence,
        targets: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """CE (mean of both views, so that the augmented one keeps the emotion) and KLD."""
        p, q = classifier(original), classifier(augmented)
        ce = self.labelling.loss(p, targets, self.label_smoothing)
        ce2 = self.labelling.loss(q, targets, self.label_smoothing)
        return (
            batch_mean((ce + ce2) / 2, original.present),
            batch_mean(self.labelling.divergence(p, q), original.present),
        )

    def _fusion(self, A: TokenSequence, T: TokenSequence, pairs: Pairs) -> tuple[Tensor, Tensor]:
        """CE of EC and BCE of ED on this process's part of the pairs."""
        mine = torch.arange(rank(), len(pairs), processes(), device=pairs.audio.device)
        A, T = gather_sequence(A), gather_sequence(T)
        fused = self.model.fuse(
            A[pairs.audio[mine]].masked(pairs.has_audio[mine][:, None]),
            T[pairs.text[mine]].masked(pairs.has_text[mine][:, None]),
        )
        ce = self.labelling.loss(fused.emotion_logits, pairs.target[mine], self.label_smoothing)
        bce = F.binary_cross_entropy_with_logits(
            fused.inconsistency_logit.float(), pairs.inconsistent[mine].float(), reduction="none"
        )
        return batch_mean(ce, torch.ones_like(ce)), batch_mean(bce, pairs.judged[mine])
