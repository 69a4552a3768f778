"""Whether a relevance map is true to the model: comprehensiveness and sufficiency.

ERASER (DeYoung et al. 2020, eqs. 1-2), with p the probability of the emotion and r_f the most
relevant share f of the units, words and spans of voice ranked together:

    comprehensiveness = mean_f p(all) - p(all without r_f)    high: what it names was needed
    sufficiency       = mean_f p(all) - p(r_f alone)          low: what it names is enough

at f = 20 % (at least one unit), beside the mean of the same for random rankings. What is left out
leaves the text and the sound, which are encoded again: hidden after the encoders, a word would
live on in its neighbours.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from drkf.analysis import FaithfulnessEvidence, RelevanceEvidence
from drkf.explain.hiding import Hiding

FRACTION = 0.2
RANDOM_RANKINGS = 2


def faithfulness(hiding: Hiding, relevance: RelevanceEvidence, label: int) -> FaithfulnessEvidence:
    """Comprehensiveness and sufficiency of a map for the probability of ``label``.

    The random rankings are the same for utterances of as many units. Cost: twice as many texts and
    sounds as there are rankings, as far as ``hiding`` has not encoded them already.

    Raises:
        ValueError: the map is not one of this utterance's units.
    """
    units = hiding.units
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
    named = top_units(rankings)  # (rankings, U)
    _, falls = hiding.falls(torch.cat([named, ~named]), label)  # without it, then with it alone
    comprehensiveness, sufficiency = falls.view(2, len(rankings))
    return FaithfulnessEvidence(
        comprehensiveness=float(comprehensiveness[0]),
        sufficiency=float(sufficiency[0]),
        random_comprehensiveness=float(comprehensiveness[1:].mean()),
        random_sufficiency=float(sufficiency[1:].mean()),
        share_of_best=_share_of_best(hiding, relevance, label),
    )


def top_units(rankings: Tensor) -> Tensor:
    """Rankings (M, U) of unit indices, best first -> (M, U) True on the first ``FRACTION``."""
    U = rankings.shape[1]
    ranks = rankings.argsort(dim=1)  # (M, U): the place of each unit
    return ranks < max(1, math.ceil(FRACTION * U))


def _share_of_best(hiding: Hiding, relevance: RelevanceEvidence, label: int) -> float | None:
    """See ``FaithfulnessEvidence``."""
    count = len(hiding.units.words)
    if not count:
        return None
    each = torch.eye(len(hiding.units), dtype=torch.bool)[:count]
    _, falls = hiding.falls(each, label)
    best = float(falls.max())
    if best <= 0:
        return None
    first = int(torch.tensor([word.effect for word in relevance.words]).argmax())
    return float(falls[first]) / best
