"""Which words and which quarter-seconds of voice carried the predicted emotion.

Every method works after the encoders, on the tokens of A and T: the voice and the words are
encoded once, and what a hidden part told its neighbours inside the encoders stays. Values are
signed and positive where a part supports the emotion, unless the method says otherwise.
"""

from __future__ import annotations

import torch
from torch import Tensor

from drkf.analysis import RelevanceEvidence
from drkf.explain.attention import gradient_rows
from drkf.explain.base import EncodedUtterance, masked_logits, with_gradient
from drkf.explain.units import find_units
from drkf.model import DRKF
from drkf.model.fusion import AUDIO, TEXT

OCCLUSION_CAVEAT = (
    "How far this emotion's logit falls when a part is hidden after the encoders, which have "
    "already told its neighbours about it. Parts that say the same cover for each other."
)
GRADIENT_CAVEAT = (
    "A straight-line guess from the logit's slope, right for small changes only: fast, and rougher "
    "than hiding each part."
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
    """Gradient times input (Shrikumar et al. 2017, eq. 2) of the unit's token vectors.

    The first-order change of the logit of ``label`` between zero vectors and these. Cost: a
    pass and its gradient, about three passes.
    """
    speech, text = with_gradient(encoded.speech), with_gradient(encoded.text)
    with torch.enable_grad():
        logit = encoded.average(model.fuse(speech, text).emotion_logits)[label]
        slopes = torch.autograd.grad(logit, (speech.hidden, text.hidden))
    products = [
        (slope * sequence.hidden.detach()).sum(-1)
        for slope, sequence in zip(slopes, (speech, text), strict=True)
    ]
    units = find_units(encoded)
    return units.evidence("gradient", model.config.labels[label], units.sums(*products))


def attention(model: DRKF, encoded: EncodedUtterance, label: int) -> RelevanceEvidence:
    """Gradient-weighted attention (Chefer et al. 2021) from CLS to the unit's tokens.

    Unsigned, in shares of CLS's whole relevance (see ``drkf.explain.attention``). Cost: a pass
    and its gradient, about three passes.
    """
    fusion, rows = gradient_rows(model, encoded, label)
    weighted: Tensor = rows * encoded.weights[:, None]  # (W, N)
    units = find_units(encoded)
    values = units.sums(
        weighted[:, fusion.token_types == AUDIO], weighted[:, fusion.token_types == TEXT]
    )
    return units.evidence("attention", model.config.labels[label], values)
