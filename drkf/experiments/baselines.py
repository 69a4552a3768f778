"""What a practitioner would try instead of DRKF's fusion encoder, behind the same interface."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from drkf.model import DRKF
from drkf.model.drkf import DRKFOutput
from drkf.model.fusion import AUDIO, TEXT, FusionOutput
from drkf.model.heads import mlp
from drkf.model.sequence import TokenSequence, masked_mean


def without_attention(vector: Tensor, speech: TokenSequence, text: TokenSequence) -> FusionOutput:
    """A fused vector (B, d) without attention to show."""
    mask = torch.cat([speech.mask, text.mask], dim=1)
    types = [AUDIO] * speech.mask.shape[1] + [TEXT] * text.mask.shape[1]
    return FusionOutput(vector, (), mask, torch.tensor(types, device=vector.device))


class MeanConcatenation(nn.Module):
    """Mean over each modality's tokens, concatenated, through an MLP; a missing one is zero."""

    def __init__(self, width: int, dropout: float):
        super().__init__()
        self.join = mlp(2 * width, 2 * width, width, dropout)

    def forward(
        self, speech: TokenSequence, text: TokenSequence, need_weights: bool = False
    ) -> FusionOutput:
        pooled = [masked_mean(part.hidden, part.mask) for part in (speech, text)]
        return without_attention(self.join(torch.cat(pooled, dim=-1)), speech, text)


class CrossAttention(nn.Module):
    """Voice attends to words and words to voice (as in MulT, Tsai et al. 2019, one layer), then
    means over tokens, concatenated, through an MLP."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        # A learned token in each sequence: attention to a missing modality has somewhere to go.
        self.anchors = nn.Parameter(torch.randn(2, width) * 0.02)
        self.to_text = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.to_speech = nn.MultiheadAttention(width, heads, dropout, batch_first=True)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.join = mlp(2 * width, 2 * width, width, dropout)

    def forward(
        self, speech: TokenSequence, text: TokenSequence, need_weights: bool = False
    ) -> FusionOutput:
        a, t = (
            anchored(part, anchor)
            for part, anchor in zip((speech, text), self.anchors, strict=True)
        )
        pooled = []
        for own, other, attention, norm in (
            (a, t, self.to_text, self.norms[0]),
            (t, a, self.to_speech, self.norms[1]),
        ):
            seen, _ = attention(
                own.hidden,
                other.hidden,
                other.hidden,
                key_padding_mask=~other.mask,
                need_weights=False,
            )
            pooled.append(masked_mean(norm(own.hidden + seen), own.mask))
        return without_attention(self.join(torch.cat(pooled, dim=-1)), speech, text)


def anchored(part: TokenSequence, anchor: Tensor) -> TokenSequence:
    """The sequence with a token before it that is never masked."""
    B = len(part.hidden)
    hidden = torch.cat([anchor.expand(B, 1, -1), part.hidden], dim=1)
    return TokenSequence(hidden, torch.cat([part.mask.new_ones(B, 1), part.mask], dim=1))


class ConcatenationMLP(DRKF):
    """DRKF's heads on concatenated means."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        config = self.config
        self.fusion_encoder: Any = MeanConcatenation(config.hidden_size, config.dropout)

    @property
    def device(self) -> torch.device:
        return next(self.classifier.parameters()).device


class CrossAttentionFusion(DRKF):
    """DRKF's heads on cross-attention between the modalities."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        config = self.config
        self.fusion_encoder: Any = CrossAttention(
            config.hidden_size, config.fusion_heads, config.dropout
        )

    @property
    def device(self) -> torch.device:
        return next(self.classifier.parameters()).device


class LateFusion(DRKF):
    """The mean of the unimodal classifiers' log-probabilities; their Jensen-Shannon divergence
    (base 2) is the inconsistency."""

    def fuse(
        self, speech: TokenSequence, text: TokenSequence, need_weights: bool = False
    ) -> DRKFOutput:
        audio_said = self.speech_classifier(speech).log_softmax(-1)
        text_said = self.text_classifier(text).log_softmax(-1)
        has_audio, has_text = (
            part.present[:, None].to(audio_said.dtype) for part in (speech, text)
        )
        both = has_audio + has_text
        fused = (audio_said * has_audio + text_said * has_text) / both.clamp_min(1)
        mean = torch.logaddexp(audio_said, text_said) - math.log(2)
        divergence = (
            0.5
            / math.log(2)
            * sum((part.exp() * (part - mean)).sum(-1) for part in (audio_said, text_said))
        )
        return DRKFOutput(
            fused, torch.logit(divergence, eps=1e-6), without_attention(mean, speech, text)
        )
