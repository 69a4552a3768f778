"""Which words and which quarter-seconds of voice carried the predicted emotion.

Occlusion and mask work at the input: a word leaves the text, a span leaves the sound, and both are
encoded again. Gradient and attention work after the encoders, on the tokens of A and T, where what
a part told its neighbours stays. Values are signed and positive where a part supports the emotion,
unless the method says otherwise.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from drkf.analysis import RelevanceEvidence
from drkf.explain.attention import attention_gradients, gradient_rows
from drkf.explain.hiding import hidden_logits, probabilities
from drkf.explain.phrases import find_phrases
from drkf.explain.units import find_units
from drkf.explain.utterance import EncodedUtterance
from drkf.model import DRKF
from drkf.model.fusion import AUDIO, TEXT, FusionOutput

OCCLUSION_CAVEAT = (
    "How far the emotion's probability falls when a word is taken out of the text, or a quarter "
    "second of the sound is made quiet. Parts that say the same cover for each other."
)
MASK_CAVEAT = (
    'How far the emotion\'s probability falls when a word is replaced by "some word", or a quarter '
    "second of the sound is made quiet. Parts that say the same cover for each other."
)
GRADIENT_CAVEAT = (
    "How the emotion's logit begins to fall as a part fades out of the model's attention: fast, "
    "and right for small changes only."
)
ATTENTION_CAVEAT = (
    "Each part's share of the gradient-weighted attention: it shows support only, never what "
    "spoke against the emotion."
)


def occlusion(model: DRKF, encoded: EncodedUtterance, label: int) -> RelevanceEvidence:
    """v(all) - v(all but the unit), v the logit of ``label``, the unit hidden in the input
    (Zeiler & Fergus 2014); with pairs of words that act together.

    Cost: for each word the text is encoded again, for each span of voice its window, and for each
    of them the fusion encoder passes once; at most ``phrases.MAX_PAIRS`` further texts.

    Raises:
        ExplanationError: the utterance was encoded without its source.
    """
    evidence = _hide_each("occlusion", model, encoded, label, "")
    return replace(evidence, phrases=find_phrases(model, encoded, label, evidence.words))


def mask(model: DRKF, encoded: EncodedUtterance, label: int) -> RelevanceEvidence:
    """As occlusion, with the text encoder's mask token in the place of a hidden word; a text
    encoder without one gets nothing there.

    Cost: as occlusion without its pairs.

    Raises:
        ExplanationError: the utterance was encoded without its source.
    """
    word = encoded.source.mask_word if encoded.source is not None else None
    return _hide_each("mask", model, encoded, label, word or "")


def _hide_each(
    method: str, model: DRKF, encoded: EncodedUtterance, label: int, replacement: str
) -> RelevanceEvidence:
    units = find_units(encoded)
    none = torch.zeros(1, len(units), dtype=torch.bool)
    one_each = torch.eye(len(units), dtype=torch.bool)
    logits = hidden_logits(model, encoded, units, torch.cat([none, one_each]), replacement)
    probability = probabilities(encoded, logits)[:, label]  # (1 + U,)
    return units.evidence(
        method,
        model.config.labels[label],
        logits[0, label] - logits[1:, label],
        probability[0] - probability[1:],
    )


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
