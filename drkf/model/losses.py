"""The total loss and its named components (DRKF, section 3; the paper's weights by default)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class LossWeights:
    """L = ce CE + bce BCE + mi (MI_S + MI_T + MI_ST) + mse (MSE_S + MSE_T) + kld (KLD_S + KLD_T
    + CE_S + CE_T), CE_S and CE_T being the unimodal classifiers' own cross-entropies."""

    ce: float = 1.0
    bce: float = 0.2
    mi_s: float = 0.2
    mi_t: float = 0.2
    mi_st: float = 0.2
    mse: float = 0.2
    kld: float = 1.0


@dataclass(frozen=True, eq=False)
class Losses:
    """Unweighted components, each a scalar in the graph; zero where a batch has nothing for it."""

    ce: Tensor
    bce: Tensor
    mi_s: Tensor
    mi_t: Tensor
    mi_st: Tensor
    mse_s: Tensor
    mse_t: Tensor
    kld_s: Tensor
    kld_t: Tensor
    ce_s: Tensor
    ce_t: Tensor

    def total(self, weights: LossWeights) -> Tensor:
        return (
            weights.ce * self.ce
            + weights.bce * self.bce
            + weights.mi_s * self.mi_s
            + weights.mi_t * self.mi_t
            + weights.mi_st * self.mi_st
            + weights.mse * (self.mse_s + self.mse_t)
            + weights.kld * (self.kld_s + self.kld_t + self.ce_s + self.ce_t)
        )

    def as_floats(self) -> dict[str, float]:
        """Component name -> value, for logs."""
        return {f.name.upper(): float(getattr(self, f.name).detach()) for f in fields(self)}


def soft_cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of logits (N, L) to target distributions (N, L); 0 for no rows."""
    if len(logits) == 0:
        return logits.sum() * 0.0
    return F.cross_entropy(logits.float(), targets, label_smoothing=smoothing)


def kl_divergence(p_logits: Tensor, q_logits: Tensor) -> Tensor:
    """Mean KL(p || q) in nats of two batches of logits (N, L); p is the reference and gets no
    gradient. Never negative, zero for equal distributions; 0 for no rows."""
    if len(p_logits) == 0:
        return q_logits.sum() * 0.0
    log_p = p_logits.detach().float().log_softmax(-1)
    log_q = q_logits.float().log_softmax(-1)
    return F.kl_div(log_q, log_p, reduction="batchmean", log_target=True)


def masked_mse(prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error of (B, T, d) over the real tokens of mask (B, T); 0 for none."""
    squared = (prediction - target).float().square().mean(-1)  # (B, T)
    weights = mask.to(squared.dtype)
    return (squared * weights).sum() / weights.sum().clamp_min(1)


def binary_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy with logits (N,) and targets (N,) in 0..1; 0 for no rows."""
    if len(logits) == 0:
        return logits.sum() * 0.0
    return F.binary_cross_entropy_with_logits(logits.float(), targets.float())


def zero_like(reference: Tensor) -> Tensor:
    return torch.zeros((), device=reference.device)
