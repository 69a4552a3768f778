"""DRKF with live encoders, as one module that data-parallel training can wrap.

The objective itself is ``drkf.model.objective``'s; here utterances become encoder states, and
the batch's pairs are drawn, the same on every process.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from transformers.modeling_layers import GradientCheckpointingLayer

from drkf.experiments.batches import UtteranceBatch
from drkf.model import DRKF
from drkf.model.distributed import gather_rows, processes, rank
from drkf.model.drkf import DRKFOutput
from drkf.model.fusion import FusionLayer
from drkf.model.labelling import Labelling
from drkf.model.losses import Losses
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, Pairs, shuffle_pairs


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
        speech, text = self._states(batch)
        A = self.model.adapt_speech(speech).masked(batch.has_audio[:, None])
        T = self.model.adapt_text(text).masked(batch.has_text[:, None])
        return self.model.fuse(A, T)

    def forward(self, batch: UtteranceBatch, seed: int, augmentation_weight: float) -> Losses:
        """The components for a batch; its rows are N on each process.

        Args:
            seed: draws the pairs; the same on every process.
            augmentation_weight: 0..1, ramped up over training.
        """
        labels = gather_rows(batch.labels)
        kinds = self.labelling.kinds(labels)
        pairs = self._pairs(
            kinds, gather_rows(batch.has_audio), gather_rows(batch.has_text), seed
        ).to(labels.device)
        targets = self.labelling.targets(pairs, labels, self.model.neutral)
        own = kinds.chunk(processes())[rank()]
        return self.model.losses(
            *self._states(batch),
            torch.where(batch.has_audio, own, MISSING),
            torch.where(batch.has_text, own, MISSING),
            replace(pairs, target=targets),
            augmentation_weight,
            self.label_smoothing,
            (batch.labels, batch.labels),
            self.labelling,
        )

    def _states(self, batch: UtteranceBatch) -> tuple[TokenSequence, TokenSequence]:
        """Encoder states (N, Ta, audio width) and (N, Tt, text width)."""
        model = self.model
        return (
            model.encode_speech(batch.features),
            model.encode_text(batch.input_ids, batch.text_mask),
        )

    def _pairs(self, kinds: Tensor, has_audio: Tensor, has_text: Tensor, seed: int) -> Pairs:
        """The pairs of the whole batch, drawn on the CPU; the labelling makes their targets."""
        kinds, has_audio, has_text = kinds.cpu(), has_audio.cpu(), has_text.cpu()
        return shuffle_pairs(
            torch.where(has_audio, kinds, MISSING),
            torch.where(has_text, kinds, MISSING),
            int(kinds.max()) + 1,
            None,
            torch.Generator().manual_seed(seed),
            self.shuffles,
            self.modality_dropout,
        )
