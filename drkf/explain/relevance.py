"""Which words and which quarter-seconds of voice carried the predicted emotion.

Every method works after the encoders, on the tokens of A and T: the voice and the words are
encoded once, and what a hidden part told its neighbours inside the encoders stays. Values are
signed and positive where a part supports the emotion, unless the method says otherwise.
"""

from __future__ import annotations

import torch
from torch import Tensor

from drkf.analysis import RelevanceEvidence
from drkf.explain.attention import attention_gradients, gradient_rows
from drkf.explain.units import find_units
from drkf.explain.utterance import EncodedUtterance, masked_logits
from drkf.model import DRKF
from drkf.model.fusion import AUDIO, TEXT, FusionOutput

OCCLUSION_CAVEAT = (
    "How far this emotion's logit falls when a part is hidden after the encoders, which have "
    "already told its neighbours about it. Parts that say the same cover for each other."
)
GRADIENT_CAVEAT = (
    "How this emotion's logit begins to fall as a part fades out of the model's attention: fast, "
    "and right for small changes only."
)
ATTENTION_CAVEAT = (
    "Each part's share of the gradient-weighted attention: it shows support only, never what "
    "spoke against the emotion."
)


def occlusion(model: DRKF, encoded: EncodedUtterance, label: int) -> RelevanceEvidence:
    """v(all) - v(all but the unit), v the logit of ``label`` (Zeiler & Fergus 2014).

    Cost: a pass for each word and each span of voice, and one more.
    """
    units = find_units(encoded)
    none = torch.zeros(1, len(units), dtype=torch.bool, device=encoded.weights.device)
    one_each = torch.eye(len(units), dtype=torch.bool, device=encoded.weights.device)
    hidden_a, hidden_t = units.tokens(torch.cat([none, one_each]))
    logit = masked_logits(model, encoded, ~hidden_a, ~hidden_t)[:, label]  # (1 + U,)
    return units.evidence("occlusion", model.config.labels[label], logit[0] - logit[1:])


def gradient(model: DRKF, encoded: EncodedUtterance, label: int) -> RelevanceEvidence:
    """First-order occlusion: the slope of the logit of ``label`` as a unit fades from attention.

    A token's gate g multiplies its weight, before normalisation, in every attention a = softmax.
    At g = 1, y the logit, the sum running over layers, heads and queries q,

        dy/dg_i = sum a_qi (dy/da_qi - sum_k a_qk dy/da_qk)

    (the saliency of Michel et al. 2019, eq. 2, with gates on tokens in place of heads). Gradient
    times input on the token vectors would say next to nothing: the fusion encoder normalises
    each vector first, so that shrinking one towards zero changes little. Cost: a pass and its
    gradient, about three passes.
    """
    fusion, gradients = attention_gradients(model, encoded, label)
    slopes = torch.zeros_like(fusion.mask, dtype=encoded.weights.dtype)  # (W, N)
    for a, slope in zip(fusion.attentions, gradients, strict=True):
        weighted = a * slope  # (W, heads, N, N)
        slopes += (weighted - a * weighted.sum(-1, keepdim=True)).sum((1, 2))
    return by_token("gradient", model, encoded, label, fusion, slopes)


def attention(model: DRKF, encoded: EncodedUtterance, label: int) -> RelevanceEvidence:
    """Gradient-weighted attention (Chefer et al. 2021) from CLS to the unit's tokens.

    Unsigned, in shares of CLS's whole relevance (see ``drkf.explain.attention``). Cost: a pass
    and its gradient, about three passes.
    """
    fusion, rows = gradient_rows(model, encoded, label)
    return by_token("attention", model, encoded, label, fusion, rows * encoded.weights[:, None])


def by_token(
    method: str,
    model: DRKF,
    encoded: EncodedUtterance,
    label: int,
    fusion: FusionOutput,
    values: Tensor,
) -> RelevanceEvidence:
    """Values (W, N) of the fusion encoder's places, added up by unit."""
    units = find_units(encoded)
    audio, text = (values[:, fusion.token_types == kind] for kind in (AUDIO, TEXT))
    return units.evidence(method, model.config.labels[label], units.sums(audio, text))
