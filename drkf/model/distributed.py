"""What processes share: rows gathered with gradient, sums, and means over the whole batch."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn import functional as F

from drkf.model.sequence import TokenSequence


def processes() -> int:
    """How many processes train together; 1 where nothing is distributed."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def rank() -> int:
    """This process's number, from 0."""
    return dist.get_rank() if processes() > 1 else 0


class _GatherRows(torch.autograd.Function):
    """All-gather whose gradient is the sum of what every process asks of these rows."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        parts = [torch.empty_like(rows) for _ in range(processes())]
        dist.all_gather(parts, rows)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        total = gradients[0].clone(memory_format=torch.contiguous_format)
        dist.all_reduce(total)
        return total.chunk(processes())[rank()]


def gather_rows(rows: Tensor) -> Tensor:
    """(n, ...), equal on every process, -> (processes · n, ...) in the order of processes."""
    if processes() == 1:
        return rows
    if rows.dtype == torch.bool:
        return gather_rows(rows.to(torch.uint8)).bool()
    return _GatherRows.apply(rows.contiguous())


def gather_sequence(sequence: TokenSequence) -> TokenSequence:
    """(n, T, d), T as each process has it, -> (processes · n, longest T, d)."""
    if processes() == 1:
        return sequence
    length = torch.tensor(sequence.mask.shape[1], device=sequence.mask.device)
    dist.all_reduce(length, op=dist.ReduceOp.MAX)
    extra = int(length) - sequence.mask.shape[1]
    return TokenSequence(
        gather_rows(F.pad(sequence.hidden, (0, 0, 0, extra))),
        gather_rows(F.pad(sequence.mask, (0, extra))),
    )


def batch_mean(values: Tensor, weights: Tensor) -> Tensor:
    """This process's part of a weighted mean over the whole batch, a scalar.

    Times the number of processes, so that the mean over processes, which is what data-parallel
    training takes of gradients, is the mean over all rows: P · Σ_here w v / Σ_all w.

    Args:
        values: (n,). weights: (n,), without gradient; a batch without any weight gives 0.
    """
    weights = weights.to(values.dtype)
    total = weights.sum().detach()
    if processes() > 1:
        dist.all_reduce(total)
    return processes() * (values * weights).sum() / total.clamp_min(torch.finfo(total.dtype).tiny)
