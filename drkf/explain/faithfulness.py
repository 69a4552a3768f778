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
from drkf.explain.hiding import hidden_logits, probabilities
from drkf.explain.units import Units, find_units
from drkf.explain.utterance import EncodedUtterance
from drkf.model import DRKF

FRACTION = 0.2
RANDOM_RANKINGS = 3


def faithfulness(
    model: DRKF, encoded: EncodedUtterance, relevance: RelevanceEvidence, label: int
) -> FaithfulnessEvidence:
    """Comprehensiveness and sufficiency of a map for the probability of ``label``.

    The random rankings are the same for utterances of as many units. Cost: eight times the text
    and the voice are encoded again, and once the text for each word where the map does not know
    the changes of probability.

    Raises:
        ValueError: the map is not one of this utterance's units.
        ExplanationError: the utterance was encoded without its source.
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
    named = top_units(rankings)  # (rankings, U)
    choices = torch.cat([torch.zeros_like(named[:1]), named, ~named])
    logits = hidden_logits(model, encoded, units, choices)
    probability = probabilities(encoded, logits)[:, label]
    drops = probability[0] - probability[1:]  # without what is named, then with it alone
    comprehensiveness, sufficiency = drops.view(2, len(rankings))
    return FaithfulnessEvidence(
        comprehensiveness=float(comprehensiveness[0]),
        sufficiency=float(sufficiency[0]),
        random_comprehensiveness=float(comprehensiveness[1:].mean()),
        random_sufficiency=float(sufficiency[1:].mean()),
        share_of_best=_share_of_best(model, encoded, units, relevance, label),
    )


def top_units(rankings: Tensor) -> Tensor:
    """Rankings (M, U) of unit indices, best first -> (M, U) True on the first ``FRACTION``."""
    U = rankings.shape[1]
    ranks = rankings.argsort(dim=1)  # (M, U): the place of each unit
    return ranks < max(1, math.ceil(FRACTION * U))


def _share_of_best(
    model: DRKF, encoded: EncodedUtterance, units: Units, relevance: RelevanceEvidence, label: int
) -> float | None:
    """See ``FaithfulnessEvidence``."""
    count = len(units.words)
    if not count:
        return None
    if relevance.method == "occlusion":
        falls = torch.tensor([word.change or 0.0 for word in relevance.words])
    else:
        choices = torch.zeros(count + 1, len(units), dtype=torch.bool)
        choices[1:, :count] = torch.eye(count, dtype=torch.bool)
        logits = hidden_logits(model, encoded, units, choices)
        probability = probabilities(encoded, logits)[:, label]
        falls = probability[0] - probability[1:]
    best = float(falls.max())
    if best <= 0:
        return None
    first = int(torch.tensor([word.effect for word in relevance.words]).argmax())
    return float(falls[first]) / best
