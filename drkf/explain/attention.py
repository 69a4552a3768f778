"""Attention of the fusion encoder's CLS token, by modality: share, baseline and lift.

Two ways to follow attention through the layers, each one product of matrices over all places:

* rollout (Abnar & Zuidema 2020, eq. 1): prod_l (A_l + I) / 2, heads averaged;
* gradient-weighted (Chefer et al. 2021, eqs. 5-6): prod_l (I + E_h[(dy/dA_l * A_l)^+]), y the
  emotion's logit, without the identity part that CLS keeps for itself, scaled to add up to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from drkf.analysis import AttentionEvidence, PerModality
from drkf.explain.utterance import EncodedUtterance
from drkf.model import DRKF
from drkf.model.fusion import AUDIO, CLS, TEXT, FusionOutput
from drkf.model.sequence import TokenSequence

CAVEAT = (
    "Where the model looked, not why it decided. A voice has far more tokens than its words, so "
    "read its fair share: 1 is what length alone would give."
)
GRADIENT_CAVEAT = (
    "Attention that could push for the emotion: it shows support only, never what spoke against "
    "it. Read its fair share: 1 is what length alone would give."
)


def rollout(model: DRKF, encoded: EncodedUtterance) -> AttentionEvidence:
    """Attention rollout from CLS, by modality. Cost: one pass."""
    with torch.no_grad():
        fusion = model.fuse(encoded.speech, encoded.text, need_weights=True).fusion
    return rollout_of(encoded, fusion)


def rollout_of(encoded: EncodedUtterance, fusion: FusionOutput) -> AttentionEvidence:
    """Attention rollout from CLS of a pass that was made already."""
    return by_modality("rollout", encoded, fusion, rollout_rows(fusion.attentions))


def gradient_weighted(model: DRKF, encoded: EncodedUtterance, label: int) -> AttentionEvidence:
    """Gradient-weighted attention from CLS for the logit of ``label``, by modality.

    Cost: a pass and its gradient, about three passes.
    """
    fusion, rows = gradient_rows(model, encoded, label)
    return by_modality("gradient-weighted", encoded, fusion, rows)


def rollout_rows(attentions: Sequence[Tensor]) -> Tensor:
    """Attention (B, heads, N, N) of each layer -> CLS's rollout (B, N); rows add up to 1."""
    # The product of (A + I) / 2 is that of A + I, halved for every layer.
    return cls_row([attention.mean(1) for attention in attentions]) / 2 ** len(attentions)


def attention_gradients(
    model: DRKF, encoded: EncodedUtterance, label: int
) -> tuple[FusionOutput, tuple[Tensor, ...]]:
    """The fusion encoder's output with its attention, and the gradient of the utterance's logit
    of ``label`` with respect to each layer's attention (W, heads, N, N)."""
    with torch.enable_grad():
        # Leaves of a graph of this call's own: the model's weights need no gradient.
        speech, text = (
            TokenSequence(x.hidden.detach().requires_grad_(), x.mask)
            for x in (encoded.speech, encoded.text)
        )
        output = model.fuse(speech, text, need_weights=True)
        logit = encoded.average(output.emotion_logits)[label]
        gradients = torch.autograd.grad(logit, output.fusion.attentions)
    attentions = tuple(attention.detach() for attention in output.fusion.attentions)
    return replace(output.fusion, attentions=attentions), gradients


def gradient_rows(
    model: DRKF, encoded: EncodedUtterance, label: int
) -> tuple[FusionOutput, Tensor]:
    """The fusion encoder's output, and CLS's gradient-weighted attention (W, N).

    Rows add up to 1, or to 0 where no attention could raise the logit.
    """
    fusion, gradients = attention_gradients(model, encoded, label)
    rows = cls_row(
        [
            (gradient * attention).clamp_min(0).mean(1)
            for gradient, attention in zip(gradients, fusion.attentions, strict=True)
        ]
    )
    rows[:, CLS] -= 1  # the identity; what is left there is attention of CLS to itself
    total = rows.sum(1, keepdim=True)
    return fusion, torch.where(total > 0, rows / total, 0)


def cls_row(layers: Sequence[Tensor]) -> Tensor:
    """The CLS row (B, N) of prod_l (I + M_l), last layer first; M_l (B, N, N)."""
    B, N, _ = layers[0].shape
    row = torch.zeros(B, N, dtype=layers[0].dtype, device=layers[0].device)
    row[:, CLS] = 1
    for matrix in reversed(layers):
        row = row + torch.einsum("bi,bij->bj", row, matrix)
    return row


def by_modality(
    method: str, encoded: EncodedUtterance, fusion: FusionOutput, rows: Tensor
) -> AttentionEvidence:
    """Sums CLS's attention (W, N) by modality, windows averaged with the utterance's weights.

    The lift is the mass on a modality divided by the mass that it would have if each window's
    audio and text mass were spread evenly over the window's tokens: for one window, the
    modality's part of that mass divided by its baseline. A missing modality has None
    everywhere; the one that is alone has baseline and lift 1. Without any mass on either the
    lifts are None.
    """
    weights = encoded.weights
    audio, text = ((fusion.token_types == kind) & fusion.mask for kind in (AUDIO, TEXT))  # (W, N)
    mass_a, mass_t = (rows * audio).sum(1), (rows * text).sum(1)
    count_a, count_t = audio.sum(1).float(), text.sum(1).float()
    length_a = count_a / (count_a + count_t).clamp_min(1)
    length_t = count_t / (count_a + count_t).clamp_min(1)

    def mean(per_window: Tensor) -> float:
        return float((weights * per_window).sum())

    share_a, share_t = mean(mass_a), mean(mass_t)
    even_a, even_t = mean((mass_a + mass_t) * length_a), mean((mass_a + mass_t) * length_t)
    return AttentionEvidence(
        method=method,
        share=_present(encoded, share_a, share_t),
        special=1 - share_a - share_t,
        baseline=_present(encoded, mean(length_a), mean(length_t)),
        lift=_present(
            encoded, share_a / even_a if even_a else None, share_t / even_t if even_t else None
        ),
    )


def _present(encoded: EncodedUtterance, audio: float | None, text: float | None) -> PerModality:
    return PerModality(audio if encoded.has_audio else None, text if encoded.has_text else None)
