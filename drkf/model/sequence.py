"""A padded batch of token sequences and the mask that says which tokens are real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, eq=False)
class TokenSequence:
    """``hidden`` (B, T, d) with ``mask`` (B, T), True on real tokens.

    A row whose mask is all False is a missing modality.
    """

    hidden: Tensor
    mask: Tensor

    @property
    def present(self) -> Tensor:
        """(B,) True where the modality is there."""
        return self.mask.any(dim=1)

    def __getitem__(self, rows: Tensor | slice) -> TokenSequence:
        return TokenSequence(self.hidden[rows], self.mask[rows])

    def masked(self, keep: Tensor) -> TokenSequence:
        """Hides tokens: ``keep`` broadcasts to (B, T), False hides."""
        return TokenSequence(self.hidden, self.mask & keep)

    def absent(self) -> TokenSequence:
        """The same shape with every token hidden."""
        return TokenSequence(self.hidden, torch.zeros_like(self.mask))

    def to(self, device: torch.device | str) -> TokenSequence:
        return TokenSequence(self.hidden.to(device), self.mask.to(device))

    @classmethod
    def empty(cls, batch: int, width: int, device: torch.device | str = "cpu") -> TokenSequence:
        """A missing modality: no tokens at all."""
        return cls(
            torch.zeros(batch, 0, width, device=device),
            torch.zeros(batch, 0, dtype=torch.bool, device=device),
        )

    @classmethod
    def pad(cls, rows: list[Tensor]) -> TokenSequence:
        """Rows of shape (T_i, d) to one batch, zero-padded on the right."""
        lengths = torch.tensor([len(row) for row in rows], device=rows[0].device)
        hidden = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)  # (B, T, d)
        return cls(hidden, lengths_to_mask(lengths, hidden.shape[1]))

    @classmethod
    def stack(cls, sequences: Sequence[TokenSequence]) -> TokenSequence:
        """The rows of all (B_i, T_i, d) in one batch, zero-padded on the right."""
        length = max(s.mask.shape[1] for s in sequences)
        return cls(
            torch.cat([F.pad(s.hidden, (0, 0, 0, length - s.mask.shape[1])) for s in sequences]),
            torch.cat([F.pad(s.mask, (0, length - s.mask.shape[1])) for s in sequences]),
        )


def lengths_to_mask(lengths: Tensor, size: int) -> Tensor:
    """(B,) lengths to a (B, size) mask, True on the first ``length`` places of each row."""
    return torch.arange(size, device=lengths.device)[None, :] < lengths[:, None]


def masked_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean of (B, T, d) over the real tokens, (B, d); zero for a row without any."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp_min(1)
