"""Whether a relevance map is true to the model: comprehensiveness and sufficiency.

ERASER (DeYoung et al. 2020, eqs. 1-2), with p the probability of the emotion and r_f the most
relevant share f of the units, words and spans of voice ranked together:

    comprehensiveness = mean_f p(all) - p(all without r_f)    high: what it names was needed
    sufficiency       = mean_f p(all) - p(r_f alone)          low: what it names is enough

over f = 10, 20 and 50 % (at least one unit), beside the mean of the same for random rankings.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from drkf.analysis import FaithfulnessEvidence, RelevanceEvidence
from drkf.explain.units import find_units
from drkf.explain.utterance import EncodedUtterance, masked_logits
from drkf.model import DRKF

FRACTIONS = (0.1, 0.2, 0.5)
RANDOM_RANKINGS = 3


def faithfulness(
    model: DRKF, encoded: EncodedUtterance, relevance: RelevanceEvidence, label: int
) -> FaithfulnessEvidence:
    """Comprehensiveness and sufficiency of a map for the probability of ``label``.

    The random rankings are the same for utterances of as many units. Cost: 25 passes, most of
    them over few tokens.

    Raises:
        ValueError: the map is not one of this utterance's units.
    """
    units = find_units(encoded)
    values = torch.tensor(
        [word.value for word in relevance.words] + [span.value for span in relevance.times]
    )
    if len(values) != len(units):
        raise ValueError(f"{len(values)} values for an utterance of {len(units)} units")
    generator = torch.Generator().manual_seed(0)
    rankings = torch.stack(
        [
            values.argsort(descending=True, stable=True),
            *(torch.randperm(len(units), generator=generator) for _ in range(RANDOM_RANKINGS)),
        ]
    )
    named = top_units(rankings).flatten(0, 1).to(encoded.weights.device)  # (rankings * F, U)
    audio, text = units.tokens(torch.cat([torch.zeros_like(named[:1]), named]))
    keep_audio = torch.cat([~audio, audio[1:]])
    keep_text = torch.cat([~text, text[1:]])
    probability = masked_logits(model, encoded, keep_audio, keep_text).softmax(-1)[:, label]
    drops = probability[0] - probability[1:]  # without what is named, then with it alone
    comprehensiveness, sufficiency = drops.view(2, len(rankings), len(FRACTIONS)).mean(-1)
    return FaithfulnessEvidence(
        comprehensiveness=float(comprehensiveness[0]),
        sufficiency=float(sufficiency[0]),
        random_comprehensiveness=float(comprehensiveness[1:].mean()),
        random_sufficiency=float(sufficiency[1:].mean()),
    )


def top_units(rankings: Tensor) -> Tensor:
    """Rankings (M, U) of unit indices, best first -> (M, F, U) True on each fraction's units."""
    U = rankings.shape[1]
    ranks = rankings.argsort(dim=1)  # (M, U): the place of each unit
    counts = torch.tensor([max(1, math.ceil(fraction * U)) for fraction in FRACTIONS])
    return ranks[:, None, :] < counts[None, :, None]
