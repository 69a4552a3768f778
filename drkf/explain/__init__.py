"""Explanations: evidence for one encoded utterance, each kind with its cost and its limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from drkf.analysis import AttentionEvidence, ShapleyEvidence
from drkf.errors import ExplanationError
from drkf.explain import attention, relevance, shapley
from drkf.explain.hiding import Hiding
from drkf.explain.phrases import MAX_PAIRS, nearest_pairs
from drkf.explain.units import find_units
from drkf.explain.utterance import EncodedUtterance

Unit = Literal["change of the probability", "change of the logit", "share of attention"]


@dataclass(frozen=True)
class Explainer:
    """An explanation of an emotion's logit, and what an interface must know to draw it.

    Args:
        name: as in ``EXPLAINERS``.
        title: its name for people, in English, a few words that follow "measured by".
        gives: the kind of evidence.
        needs: "both" where it says something only if voice and words are there.
        signed: whether values below 0, "speaks against", occur.
        unit: what a value counts.
        caveat: its caption for people, in English: what it says and what it does not. The page
            shows both; its other languages translate them in ``drkf/ui/texts``.
        passes: about how many fusion encoder passes an utterance costs (a pass and its
            gradient count as three).
        explain: (utterance whose parts can be hidden, index of the emotion) ->
            AttentionEvidence, ShapleyEvidence or RelevanceEvidence of ``drkf.analysis``, by what
            it gives.
    """

    name: str
    title: str
    gives: Literal["attention", "shapley", "relevance"]
    needs: Literal["any", "both"]
    signed: bool
    unit: Unit
    caveat: str
    passes: Callable[[EncodedUtterance], int]
    explain: Callable[[Hiding, int], Any]


def _rollout(hiding: Hiding, label: int) -> AttentionEvidence:
    """Rollout is the same for every emotion."""
    return attention.rollout(hiding.model, hiding.encoded)


def _gradient_weighted(hiding: Hiding, label: int) -> AttentionEvidence:
    return attention.gradient_weighted(hiding.model, hiding.encoded, label)


def _shapley(hiding: Hiding, label: int) -> ShapleyEvidence:
    return shapley.shapley(hiding.model, hiding.encoded, label)


EXPLAINERS: Mapping[str, Explainer] = MappingProxyType(
    {
        explainer.name: explainer
        for explainer in (
            Explainer(
                "rollout",
                title="rollout",
                gives="attention",
                needs="both",
                signed=False,
                unit="share of attention",
                caveat=attention.CAVEAT,
                passes=lambda encoded: 1,
                explain=_rollout,
            ),
            Explainer(
                "gradient-weighted",
                title="gradient-weighted",
                gives="attention",
                needs="both",
                signed=False,
                unit="share of attention",
                caveat=attention.GRADIENT_CAVEAT,
                passes=lambda encoded: 3,
                explain=_gradient_weighted,
            ),
            Explainer(
                "shapley",
                title="Shapley values",
                gives="shapley",
                needs="both",
                signed=True,
                unit="change of the logit",
                caveat=shapley.CAVEAT,
                passes=lambda encoded: 4,
                explain=_shapley,
            ),
            Explainer(
                "occlusion",
                title="leaving out",
                gives="relevance",
                needs="any",
                signed=True,
                unit="change of the probability",
                caveat=relevance.CAVEAT,
                passes=lambda encoded: (
                    len(find_units(encoded)) + 1 + len(nearest_pairs(len(encoded.words), MAX_PAIRS))
                ),
                explain=relevance.occlusion,
            ),
        )
    }
)

METHODS = tuple(name for name, explainer in EXPLAINERS.items() if explainer.gives == "relevance")
"""The relevance methods a user may choose from."""
RETIRED_METHODS = ("gradient", "attention")
"""What older checkpoints may name as their best: they are explained by ``METHODS`` as well."""
ATTENTION_METHODS = tuple(name for name, one in EXPLAINERS.items() if one.gives == "attention")
"""The ways to follow attention that a user may choose from."""


def known_method(method: str | None) -> str:
    """A relevance method by its name; None is the one that was measured to be truest.

    Raises:
        ExplanationError: there is no such method.
    """
    if method is None:
        return METHODS[0]
    if method not in METHODS:
        raise ExplanationError(
            f"There is no relevance method {method!r}: choose one of {', '.join(METHODS)}."
        )
    return method


__all__ = [
    "ATTENTION_METHODS",
    "EXPLAINERS",
    "METHODS",
    "RETIRED_METHODS",
    "Explainer",
    "known_method",
]
