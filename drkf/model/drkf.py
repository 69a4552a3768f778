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
from drkf.model.labelling import Labelling, SingleLabel
from drkf.model.losses import Losses
from drkf.model.mutual_information import MutualInformation
from drkf.model.objective import AdaptedBatch, Objective
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, Pairs, one_hot_targets
from drkf.model.voice import VoiceNormalisation, VoiceReference, read_speech


@dataclass(frozen=True, eq=False)
class DRKFOutput:
    """``emotion_logits`` (B, L), ``inconsistency_logit`` (B,), and the fusion encoder's output."""

    emotion_logits: Tensor
    inconsistency_logit: Tensor
    fusion: FusionOutput


class DRKF(nn.Module):
    """Decoupled Representations with Knowledge Fusion (Jiang et al., ACM MM 2025).

    The stages are separate methods, because encoding takes most of the time and is done once:
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
        self.voice = (
            VoiceNormalisation(self.speech_encoder.width, d) if config.voice_reference else None
        )
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

    def adapt_speech(
        self, states: TokenSequence, voice: VoiceReference | None = None
    ) -> TokenSequence:
        """Encoder states -> A (B, Ta, d).

        Args:
            voice: what is known of each row's voice, the row itself included, or of the one
                voice of all rows; None: each row alone. A model without ``voice_reference``
                ignores it.
        """
        return read_speech(self.speech_adapter, self.voice, states, voice)

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
        self,
        speech: TokenSequence,
        text: TokenSequence,
        need_weights: bool = False,
        voice: VoiceReference | None = None,
    ) -> DRKFOutput:
        """Encoder states of both modalities -> emotion and inconsistency (``voice``: see
        ``adapt_speech``)."""
        return self.fuse(self.adapt_speech(speech, voice), self.adapt_text(text), need_weights)

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
        labelling: Labelling | None = None,
        voice: VoiceReference | None = None,
    ) -> Losses:
        """Every component of the objective for one batch (see ``drkf.model.objective``).

        Args:
            speech, text: encoder states of N utterances; a missing modality is all masked.
            audio_labels, text_labels: (N,) label indices, ``MISSING`` where absent.
            pairs: the rows for EC and ED (see ``drkf.model.shuffling.shuffle_pairs``).
            augmentation_weight: 0..1, ramped up over training.
            unimodal_targets: (N, L) what each unimodal classifier should say of voices and of
                words; None: their labels.
            labelling: one label to an utterance (the default), or several.
            voice: what is known of each utterance's voice (see ``adapt_speech``).
        """
        count = len(self.config.labels)
        batch = AdaptedBatch(
            A=self.adapt_speech(speech, voice).masked((audio_labels != MISSING)[:, None]),
            T=self.adapt_text(text).masked((text_labels != MISSING)[:, None]),
            audio_labels=audio_labels,
            text_labels=text_labels,
            targets=unimodal_targets
            or (one_hot_targets(audio_labels, count), one_hot_targets(text_labels, count)),
        )
        objective = Objective(self, labelling or SingleLabel(), label_smoothing)
        return objective.losses(batch, pairs, augmentation_weight)
