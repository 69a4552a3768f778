"""Fusion encoder (FE): a transformer over [CLS] A [SEP] T [SEP] that returns its attention."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from drkf.errors import ConfigError
from drkf.model.sequence import TokenSequence

CLS, AUDIO, TEXT, SEP = range(4)


@dataclass(frozen=True, eq=False)
class FusionOutput:
    """What the fusion encoder saw and made of it.

    ``cls`` (B, d) is the fused vector; ``attentions`` holds, for each layer, the attention
    weights (B, heads, N, N), still in the graph, or is empty where they were not asked for;
    ``mask`` (B, N) is True on real tokens and ``token_types`` (N,) says what each place is
    (``CLS``, ``AUDIO``, ``TEXT``, ``SEP``).
    """

    cls: Tensor
    attentions: tuple[Tensor, ...]
    mask: Tensor
    token_types: Tensor


class SelfAttention(nn.Module):
    """Multi-head attention with a key padding mask; eager where weights are wanted, since the
    fused kernels return none. With ``cls_only`` just the first place asks."""

    def __init__(self, width: int, heads: int, dropout: float):
        super().__init__()
        if width % heads:
            raise ConfigError(f"hidden_size {width} is not a multiple of fusion_heads {heads}")
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)

    def forward(
        self, x: Tensor, mask: Tensor, need_weights: bool, cls_only: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        B, N, d = x.shape
        Q = 1 if cls_only else N
        w_q, w_kv = self.qkv.weight.split([d, 2 * d])
        b_q, b_kv = self.qkv.bias.split([d, 2 * d])
        q = F.linear(x[:, :Q], w_q, b_q).view(B, Q, self.heads, -1).transpose(1, 2)
        k, v = F.linear(x, w_kv, b_kv).view(B, N, 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        keys = mask[:, None, None, :]  # (B, 1, 1, N)
        dropout = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            scores = q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5
            weights = scores.masked_fill(~keys, float("-inf")).softmax(-1)  # (B, heads, N, N)
            mixed = F.dropout(weights, dropout) @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=keys, dropout_p=dropout)
        return self.output(mixed.transpose(1, 2).reshape(B, Q, d)), weights


class FusionLayer(nn.Module):
    """Pre-norm transformer layer."""

    def __init__(self, width: int, heads: int, ff_size: int, dropout: float):
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads, dropout)
        self.ff_norm = nn.LayerNorm(width)
        self.ff = nn.Sequential(
            nn.Linear(width, ff_size), nn.GELU(), nn.Dropout(dropout), nn.Linear(ff_size, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, mask: Tensor, need_weights: bool, cls_only: bool = False
    ) -> tuple[Tensor, Tensor | None]:
        attended, weights = self.attention(self.attention_norm(x), mask, need_weights, cls_only)
        x = (x[:, :1] if cls_only else x) + self.dropout(attended)
        return x + self.dropout(self.ff(self.ff_norm(x))), weights


class FusionEncoder(nn.Module):
    """Joins the modalities: learned CLS and SEP, modality-type and position embeddings."""

    def __init__(
        self,
        width: int,
        layers: int,
        heads: int,
        ff_size: int,
        dropout: float,
        max_audio_tokens: int,
        max_text_tokens: int,
    ):
        super().__init__()
        self.special = nn.Parameter(torch.randn(3, width) * 0.02)  # CLS, SEP, SEP
        self.token_type = nn.Embedding(4, width)
        self.audio_position = nn.Embedding(max_audio_tokens, width)
        self.text_position = nn.Embedding(max_text_tokens, width)
        for embedding in (self.token_type, self.audio_position, self.text_position):
            nn.init.normal_(embedding.weight, std=0.02)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            FusionLayer(width, heads, ff_size, dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(
        self, speech: TokenSequence, text: TokenSequence, need_weights: bool = False
    ) -> FusionOutput:
        """(B, Ta, d) and (B, Tt, d) -> FusionOutput over N = Ta + Tt + 3 places.

        Raises:
            ValueError: a sequence is longer than the learned positions.
        """
        B, Ta, _ = speech.hidden.shape
        Tt = text.hidden.shape[1]
        device = speech.hidden.device
        audio_at = torch.arange(Ta, device=device)
        spare = self.audio_position.num_embeddings - Ta
        if spare < 0 or Tt > self.text_position.num_embeddings:
            raise ValueError(
                f"{Ta} speech and {Tt} text tokens, but the fusion encoder has positions for "
                f"{self.audio_position.num_embeddings} and {self.text_position.num_embeddings}"
            )
        if self.training:
            # Clips in training are short: a random offset trains the later positions too.
            audio_at = audio_at + torch.randint(spare + 1, (), device=device)
        cls, sep_a, sep_t = (row.expand(B, 1, -1) for row in self.special)
        a = speech.hidden + self.audio_position(audio_at)
        t = text.hidden + self.text_position(torch.arange(Tt, device=device))
        token_types = torch.tensor(
            [CLS] + [AUDIO] * Ta + [SEP] + [TEXT] * Tt + [SEP], device=device
        )
        x = torch.cat([cls, a, sep_a, t, sep_t], dim=1) + self.token_type(token_types)
        real = torch.ones(B, 1, dtype=torch.bool, device=device)
        mask = torch.cat([real, speech.mask, real, text.mask, real], dim=1)
        x = self.dropout(x)
        keys = mask
        if not need_weights:
            x, keys = drop_masked(x, mask)
        attentions = []
        for number, fusion_layer in enumerate(self.layers, start=1):
            # CLS alone leaves the last layer: the other places need no answer there.
            cls_only = number == len(self.layers) and not need_weights
            x, weights = fusion_layer(x, keys, need_weights, cls_only)
            if weights is not None:
                attentions.append(weights)
        return FusionOutput(self.norm(x[:, 0]), tuple(attentions), mask, token_types)


def drop_masked(x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Moves real places to the front of each row and cuts what no row uses: (B, N, d) -> (B, M, d).

    Order is kept, CLS stays first, and nothing else depends on the place once positions are in x,
    so the result is the same at less cost.
    """
    if mask.all():
        return x, mask
    longest = int(mask.sum(1).max())
    places = mask.to(torch.uint8).argsort(dim=1, descending=True, stable=True)[:, :longest]
    index = places.unsqueeze(-1).expand(-1, -1, x.shape[-1])
    return x.gather(1, index), mask.gather(1, places)
