"""One figure of how good explanations are, beside chance and beside the best that could be had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drkf.evaluation.markdown import table


@dataclass(frozen=True)
class Measure:
    """A mean over ``count`` cases; ``random`` and ``best`` are None where they mean nothing."""

    name: str
    count: int
    value: float
    random: float | None = None
    best: float | None = None


def measure_table(measures: Sequence[Measure]) -> str:
    """A Markdown table, a row for each measure."""
    lines = (
        (one.name, str(one.count), *map(_number, (one.value, one.random, one.best)))
        for one in measures
    )
    return table(("", "n", "explanation", "random", "best possible"), lines)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
