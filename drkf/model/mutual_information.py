"""Contrastive mutual-information estimation within and between modalities."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from drkf.model.sequence import TokenSequence, masked_mean


def nt_xent(first: Tensor, second: Tensor, temperature: Tensor | float) -> Tensor:
    """NT-Xent (Chen et al. 2020, eq. 1) of two views: (N, d), (N, d) -> scalar, nats.

    Each of the 2N vectors must pick its other view among the remaining 2N - 1.
    """
    N = len(first)
    z = F.normalize(torch.cat([first, second]).float(), dim=-1)  # (2N, d)
    similarity = z @ z.T / temperature
    itself = torch.eye(2 * N, dtype=torch.bool, device=z.device)
    similarity = similarity.masked_fill(itself, float("-inf"))
    partner = torch.arange(2 * N, device=z.device).roll(N)
    return F.cross_entropy(similarity, partner)


def info_nce(first: Tensor, second: Tensor, temperature: Tensor | float) -> Tensor:
    """Symmetric InfoNCE (van den Oord et al. 2018, eq. 4): (N, d), (N, d) -> scalar, nats.

    Row i of one modality must pick row i of the other among N, and the reverse.
    """
    a = F.normalize(first.float(), dim=-1)
    b = F.normalize(second.float(), dim=-1)
    similarity = a @ b.T / temperature  # (N, N)
    target = torch.arange(len(a), device=a.device)
    return (F.cross_entropy(similarity, target) + F.cross_entropy(similarity.T, target)) / 2


def contrast(
    loss: Callable[[Tensor, Tensor, Tensor], Tensor],
    first: Tensor,
    second: Tensor,
    temperature: Tensor,
) -> Tensor:
    """``loss`` of two views (n, d); 0 for fewer than two rows, with nothing to contrast."""
    if len(first) < 2:
        # Still in the graph: data-parallel training waits for a gradient of every weight.
        return 0.0 * (first.sum() + second.sum() + temperature.sum())
    return loss(first, second, temperature)


def cross_speaker_contrast(
    vectors: Tensor, labels: Tensor, speakers: Tensor, temperature: float
) -> Tensor:
    """Supervised contrast (Khosla et al. 2020, eq. 2) with the same emotion of another speaker as
    positives: (N, d), label and speaker numbers (N,) -> scalar, nats.

    The same emotion of the same speaker is neither a positive nor a negative: what is to be
    learned is what an emotion has in common in different voices. Rows without a positive do not
    count; 0 where there are none.
    """
    z = F.normalize(vectors.float(), dim=-1)
    similarity = z @ z.T / temperature
    same_emotion = labels[:, None] == labels[None]
    same_speaker = speakers[:, None] == speakers[None]
    positive = same_emotion & ~same_speaker
    compared = ~(same_emotion & same_speaker)
    floor = torch.finfo(similarity.dtype).min
    log_total = similarity.masked_fill(~compared, floor).logsumexp(1, keepdim=True)
    log_share = similarity - log_total
    count = positive.sum(1)
    rows = count > 0
    if not rows.any():
        return 0.0 * vectors.sum()
    return -((log_share * positive).sum(1)[rows] / count[rows]).mean()


def mi_bound(loss: Tensor, candidates: int) -> Tensor:
    """The InfoNCE lower bound on mutual information, log(candidates) - loss, in nats."""
    return math.log(candidates) - loss


def bounds(
    mi_audio: Tensor, mi_text: Tensor, mi_audio_text: Tensor, audio: int, text: int, both: int
) -> dict[str, float]:
    """The bounds of a batch's contrastive losses, by name, for logs.

    Args:
        audio, text, both: utterances that were contrasted within speech, within text, between.
    """
    losses = {
        "I_AUDIO": (mi_audio, 2 * audio - 1),
        "I_TEXT": (mi_text, 2 * text - 1),
        "I_AUDIO_TEXT": (mi_audio_text, both),
    }
    return {
        name: float(mi_bound(loss.detach(), max(candidates, 1)))
        for name, (loss, candidates) in losses.items()
    }


class MutualInformation(nn.Module):
    """Projection heads and the learned temperature of the contrastive terms."""

    def __init__(self, width: int, projection_size: int):
        super().__init__()
        self.speech_projection = projection(width, projection_size)
        self.text_projection = projection(width, projection_size)
        self.raw_temperature = nn.Parameter(torch.tensor(-2.0))

    @property
    def temperature(self) -> Tensor:
        """In [0.01, 0.99]: a sigmoid keeps it there, the floor keeps the logits finite."""
        return 0.01 + 0.98 * torch.sigmoid(self.raw_temperature)

    def project_speech(self, sequence: TokenSequence) -> Tensor:
        """(B, T, d) -> (B, projection_size), pooled over real tokens."""
        return self.speech_projection(masked_mean(sequence.hidden, sequence.mask))

    def project_text(self, sequence: TokenSequence) -> Tensor:
        """(B, T, d) -> (B, projection_size), pooled over real tokens."""
        return self.text_projection(masked_mean(sequence.hidden, sequence.mask))


def projection(width: int, size: int) -> nn.Module:
    return nn.Sequential(nn.Linear(width, size), nn.GELU(), nn.Linear(size, size))
