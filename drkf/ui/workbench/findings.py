"""The findings of a set, as sentences."""

from __future__ import annotations

from drkf.ui.texts import workbench as text
from drkf.workbench.findings import SURE, Confusion, Finding, Split, SureErrors, WeakLabels
from drkf.workbench.slices import Condition, Slice


def sentence(finding: Finding) -> str:
    """What was found, with the counts that stand behind it."""
    if isinstance(finding, WeakLabels):
        return text.FINDING_LABELS.format(
            labels=joined(finding.labels),
            right=finding.right,
            count=finding.count,
            rest=finding.rest,
        )
    if isinstance(finding, Split):
        return text.FINDING_SPLIT.format(
            count=finding.count,
            voice=finding.voice,
            words=finding.words,
            answer=finding.answer,
        )
    if isinstance(finding, Confusion):
        return text.FINDING_CONFUSION.format(
            count=finding.count,
            wrong=finding.wrong,
            label=finding.label,
            prediction=finding.prediction.upper(),
        )
    if isinstance(finding, SureErrors):
        return text.FINDING_SURE.format(count=finding.count, wrong=finding.wrong, sure=SURE)
    return text.FINDING_SLICE.format(
        name=slice_title(finding.slice),
        wrong=finding.slice.wrong,
        count=finding.slice.count,
        rest=finding.slice.rest,
    )


def joined(names: tuple[str, ...]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} {text.AND} {last}" if first else last


def slice_title(one: Slice) -> str:
    """The conditions of a slice, and the other ones that the same rows meet."""
    return " = ".join(title(conditions) for conditions in (one.conditions, *one.also))


def title(conditions: tuple[Condition, ...]) -> str:
    return ", ".join(f"{text.FACETS.get(facet, facet)} {value}" for facet, value in conditions)
