"""Heads: emotion discrimination (ED), emotion classification (EC), unimodal classifiers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from drkf.model.sequence import TokenSequence


def mlp(inputs: int, hidden: int, outputs: int, dropout: float) -> nn.Module:
    """Two-layer perceptron on a (B, inputs) vector; ED has one output, EC one for each label."""
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, outputs)
    )


class UnimodalClassifier(nn.Module):
    """Attentive statistics pooling (Okabe et al. 2018) and an MLP: one modality -> emotion."""

    def __init__(self, width: int, labels: int, dropout: float):
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(width, width // 2), nn.Tanh(), nn.Linear(width // 2, 1)
        )
        self.classify = nn.Sequential(
            nn.LayerNorm(2 * width), mlp(2 * width, width, labels, dropout)
        )

    def forward(self, sequence: TokenSequence) -> Tensor:
        """(B, T, d) -> logits (B, labels); T must be at least 1."""
        scores = self.score(sequence.hidden).squeeze(-1)  # (B, T)
        # A finite floor: rows without tokens get uniform weights instead of NaN.
        scores = scores.masked_fill(~sequence.mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1).unsqueeze(-1)
        mean = (weights * sequence.hidden).sum(1)
        variance = (weights * sequence.hidden.square()).sum(1) - mean.square()
        return self.classify(torch.cat([mean, variance.clamp_min(1e-6).sqrt()], dim=-1))
