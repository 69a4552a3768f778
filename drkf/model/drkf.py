"""DRKF: modality encoders, ORL and KF joined, with the training objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from drkf.errors import ConfigError
from drkf.model.augmentation import ProgressiveAugmentation
from drkf.model.config import DRKFConfig
from drkf.model.encoders import SAMPLE_RATE, Adapter, SpeechEncoder, TextEncoder
from drkf.model.fusion import FusionEncoder, FusionOutput
from drkf.model.heads import UnimodalClassifier, mlp
from drkf.model.losses import (
    Losses,
    binary_cross_entropy,
    kl_divergence,
    masked_mse,
    soft_cross_entropy,
    zero_like,
)
from drkf.model.mutual_information import MutualInformation, info_nce, nt_xent
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, Pairs, one_hot_targets


@dataclass(frozen=True, eq=False)
class DRKFOutput:
    """``emotion_logits`` (B, L), ``inconsistency_logit`` (B,), and the fusion encoder's output."""

    emotion_logits: Tensor
    inconsistency_logit: Tensor
    fusion: FusionOutput


@dataclass(frozen=True, eq=False)
class UnimodalOutput:
    """Logits (B, L) of one modality's classifier on the original and the augmented sequence."""

    logits: Tensor
    augmented_logits: Tensor


class DRKF(nn.Module):
    """Decoupled Representations with Knowledge Fusion (Jiang et al., ACM MM 2025).

    The stages are separate methods, because encoding is the dear part and is done once:
    ``encode_speech`` / ``encode_text`` give encoder states, ``adapt_speech`` / ``adapt_text``
    bring them to width d, ``fuse`` gives emotion and inconsistency from whatever is present.
    """

    def __init__(
        self,
        config: DRKFConfig,
        speech_encoder: SpeechEncoder | None = None,
        text_encoder: TextEncoder | None = None,
    ):
        super().__init__()
        d, labels, dropout = config.hidden_size, len(config.labels), config.dropout
        self.config = config
        self.speech_encoder = speech_encoder or SpeechEncoder(
            config.audio_encoder, config.frame_stride
        )
        self.text_encoder = text_encoder or TextEncoder(config.text_encoder)
        if config.max_text_tokens > self.text_encoder.max_tokens:
            raise ConfigError(
                f"max_text_tokens is {config.max_text_tokens}, but the text encoder has positions "
                f"for {self.text_encoder.max_tokens}"
            )
        self.speech_adapter = Adapter(self.speech_encoder.width, d, dropout)
        self.text_adapter = Adapter(self.text_encoder.width, d, dropout)
        sizes, blocks = config.augmentation_sizes, config.augmentation_blocks
        self.speech_augmentation = ProgressiveAugmentation(d, sizes, blocks)
        self.text_augmentation = ProgressiveAugmentation(d, sizes, blocks)
        self.mutual_information = MutualInformation(d, config.projection_size)
        self.speech_classifier = UnimodalClassifier(d, labels, dropout)
        self.text_classifier = UnimodalClassifier(d, labels, dropout)
        self.fusion_encoder = FusionEncoder(
            d,
            config.fusion_layers,
            config.fusion_heads,
            config.fusion_ff_size,
            dropout,
            config.max_audio_tokens,
            config.max_text_tokens,
        )
        self.discriminator = mlp(d, d, 1, dropout)  # ED
        self.classifier = mlp(d, d, labels, dropout)  # EC

    @property
    def device(self) -> torch.device:
        return self.fusion_encoder.special.device

    @property
    def neutral(self) -> int | None:
        """The index of the neutral class, None where the label set has none."""
        labels = self.config.labels
        return labels.index("neutral") if "neutral" in labels else None

    @property
    def speech_token_seconds(self) -> float:
        """How much voice one fused speech token stands for."""
        return self.speech_encoder.frame_seconds * self.config.frame_stride

    @property
    def max_speech_seconds(self) -> float:
        """The longest clip that the fusion encoder has positions for."""
        return self.config.max_audio_tokens * self.speech_token_seconds

    def speech_features(self, clips: Sequence[np.ndarray]) -> TokenSequence:
        """Mono 16 kHz float32 clips, each (n,), -> padded frontend features (B, frames, f).

        What goes beyond ``max_speech_seconds`` is cut off.
        """
        longest = int(self.max_speech_seconds * SAMPLE_RATE)
        return TokenSequence.pad([self.speech_encoder.frontend(clip[:longest]) for clip in clips])

    def encode_speech(self, features: TokenSequence) -> TokenSequence:
        """Frontend features -> encoder states (B, Ta, audio width)."""
        return self.speech_encoder(features)

    def encode_text(self, input_ids: Tensor, mask: Tensor) -> TokenSequence:
        """Token ids and mask (B, T) -> encoder states (B, Tt, text width)."""
        return self.text_encoder(input_ids, mask)

    def adapt_speech(self, states: TokenSequence) -> TokenSequence:
        """Encoder states -> A (B, Ta, d)."""
        return self.speech_adapter(states)

    def adapt_text(self, states: TokenSequence) -> TokenSequence:
        """Encoder states -> T (B, Tt, d)."""
        return self.text_adapter(states)

    def fuse(
        self, speech: TokenSequence, text: TokenSequence, need_weights: bool = False
    ) -> DRKFOutput:
        """A (B, Ta, d) and T (B, Tt, d) -> emotion and inconsistency; either may be all masked."""
        fusion = self.fusion_encoder(speech, text, need_weights)
        return DRKFOutput(
            emotion_logits=self.classifier(fusion.cls),
            inconsistency_logit=self.discriminator(fusion.cls).squeeze(-1),
            fusion=fusion,
        )

    def forward(
        self, speech: TokenSequence, text: TokenSequence, need_weights: bool = False
    ) -> DRKFOutput:
        """Encoder states of both modalities -> emotion and inconsistency."""
        return self.fuse(self.adapt_speech(speech), self.adapt_text(text), need_weights)

    def losses(
        self,
        speech: TokenSequence,
        text: TokenSequence,
        audio_labels: Tensor,
        text_labels: Tensor,
        pairs: Pairs,
        augmentation_weight: float,
        label_smoothing: float = 0.0,
        unimodal_targets: tuple[Tensor, Tensor] | None = None,
    ) -> Losses:
        """Every component of the objective for one batch of N utterances.

        Args:
            speech, text: encoder states of the N utterances; a missing modality is all masked.
            audio_labels, text_labels: (N,) label indices, ``MISSING`` where absent.
            pairs: the rows for EC and ED (see ``drkf.model.shuffling.shuffle_pairs``).
            augmentation_weight: 0..1, ramped up over training.
            unimodal_targets: (N, L) what each unimodal classifier should say of voices and of
                words; None: their labels.
        """
        A, T = self.adapt_speech(speech), self.adapt_text(text)
        A2 = self.speech_augmentation(A, augmentation_weight)
        T2 = self.text_augmentation(T, augmentation_weight)
        with_audio = audio_labels != MISSING
        with_text = text_labels != MISSING
        targets_s, targets_t = unimodal_targets or (
            one_hot_targets(labels, len(self.config.labels))
            for labels in (audio_labels, text_labels)
        )
        unimodal_s = UnimodalOutput(
            self.speech_classifier(A[with_audio]), self.speech_classifier(A2[with_audio])
        )
        unimodal_t = UnimodalOutput(
            self.text_classifier(T[with_text]), self.text_classifier(T2[with_text])
        )
        mi = self.mutual_information
        z_s, z_s2 = mi.project_speech(A[with_audio]), mi.project_speech(A2[with_audio])
        z_t, z_t2 = mi.project_text(T[with_text]), mi.project_text(T2[with_text])
        # Between modalities only utterances whose voice and words say the same are positives.
        agree = with_audio & (audio_labels == text_labels)
        z_st = mi.project_speech(A[agree]), mi.project_text(T[agree])

        fused = self.fuse(
            A[pairs.audio].masked(pairs.has_audio[:, None]),
            T[pairs.text].masked(pairs.has_text[:, None]),
        )
        judged = pairs.judged
        zero = zero_like(A.hidden)
        return Losses(
            ce=soft_cross_entropy(fused.emotion_logits, pairs.target, label_smoothing),
            bce=binary_cross_entropy(fused.inconsistency_logit[judged], pairs.inconsistent[judged]),
            mi_s=nt_xent(z_s, z_s2, mi.temperature) if len(z_s) > 1 else zero,
            mi_t=nt_xent(z_t, z_t2, mi.temperature) if len(z_t) > 1 else zero,
            mi_st=info_nce(*z_st, mi.temperature) if len(z_st[0]) > 1 else zero,
            mse_s=masked_mse(A2.hidden, A.hidden.detach(), A.mask),
            mse_t=masked_mse(T2.hidden, T.hidden.detach(), T.mask),
            kld_s=kl_divergence(unimodal_s.logits, unimodal_s.augmented_logits),
            kld_t=kl_divergence(unimodal_t.logits, unimodal_t.augmented_logits),
            ce_s=self._unimodal_ce(unimodal_s, targets_s[with_audio], label_smoothing),
            ce_t=self._unimodal_ce(unimodal_t, targets_t[with_text], label_smoothing),
        )

    @staticmethod
    def _unimodal_ce(output: UnimodalOutput, targets: Tensor, smoothing: float) -> Tensor:
        """Mean over the original and the augmented view, so that A' keeps the emotion."""
        return 0.5 * (
            soft_cross_entropy(output.logits, targets, smoothing)
            + soft_cross_entropy(output.augmented_logits, targets, smoothing)
        )
