"""The total loss and its named components (DRKF, section 3; the paper's weights by default)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional as F

from drkf.model.distributed import batch_mean
from drkf.model.sequence import TokenSequence


@dataclass(frozen=True)
class LossWeights:
    """L = ce CE + bce BCE + mi_audio MI_S + mi_text MI_T + mi_audio_text MI_ST
    + mse (MSE_S + MSE_T) + kld (KLD_S + KLD_T + CE_S + CE_T).

    The paper's symbols (section 3): S is speech, T is text. CE_S and CE_T are the
    unimodal classifiers' own cross-entropies."""

    ce: float = 1.0
    bce: float = 0.2
    mi_audio: float = 0.2
    mi_text: float = 0.2
    mi_audio_text: float = 0.2
    mse: float = 0.2
    kld: float = 1.0


@dataclass(frozen=True, eq=False)
class Losses:
    """Unweighted components, each a scalar in the graph; zero where a batch has nothing for it."""

    ce: Tensor
    bce: Tensor
    mi_audio: Tensor
    mi_text: Tensor
    mi_audio_text: Tensor
    mse_audio: Tensor
    mse_text: Tensor
    kld_audio: Tensor
    kld_text: Tensor
    ce_audio: Tensor
    ce_text: Tensor

    def total(self, weights: LossWeights) -> Tensor:
        """The weighted sum L of ``LossWeights``, a scalar."""
        return (
            weights.ce * self.ce
            + weights.bce * self.bce
            + weights.mi_audio * self.mi_audio
            + weights.mi_text * self.mi_text
            + weights.mi_audio_text * self.mi_audio_text
            + weights.mse * (self.mse_audio + self.mse_text)
            + weights.kld * (self.kld_audio + self.kld_text + self.ce_audio + self.ce_text)
        )

    def as_floats(self) -> dict[str, float]:
        """Component name -> value, for logs."""
        return {f.name.upper(): float(getattr(self, f.name).detach()) for f in fields(self)}


def soft_cross_entropy(
    logits: Tensor, targets: Tensor, smoothing: float = 0.0, allowed: Tensor | None = None
) -> Tensor:
    """Cross-entropy (N,) in nats of logits (N, L) to target distributions (N, L).

    Args:
        allowed: (N, L) True for the classes that each row's softmax is over; None: all. Targets
            are 0 elsewhere.
    """
    if allowed is not None:
        log_p = logits.float().masked_fill(~allowed, torch.finfo(torch.float32).min).log_softmax(-1)
        even = allowed / allowed.sum(-1, keepdim=True)
        smoothed = (1 - smoothing) * targets + smoothing * even
        return -(smoothed * log_p.masked_fill(~allowed, 0.0)).sum(-1)
    return F.cross_entropy(logits.float(), targets, label_smoothing=smoothing, reduction="none")


def kl_divergence(p_logits: Tensor, q_logits: Tensor) -> Tensor:
    """KL(p || q) (N,) in nats of two batches of logits (N, L); p is the reference and gets no
    gradient. Never negative, zero for equal distributions."""
    log_p = p_logits.detach().float().log_softmax(-1)
    log_q = q_logits.float().log_softmax(-1)
    return (log_p.exp() * (log_p - log_q)).sum(-1)


def reconstruction(augmented: TokenSequence, original: TokenSequence) -> Tensor:
    """Mean squared error of (B, T, d) over the real tokens of the whole batch; the original
    gets no gradient; 0 where there are no tokens."""
    squared = (augmented.hidden - original.hidden.detach()).float().square().mean(-1)  # (B, T)
    return batch_mean(squared.flatten(), original.mask.flatten())
