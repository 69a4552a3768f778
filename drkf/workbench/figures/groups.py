"""Where the model fails: facets, slices and labels to check."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from drkf.figures.style import (
    FAINT,
    INK,
    THRESHOLD_COLOUR,
    emotion_colour,
    escape,
    nothing,
)
from drkf.workbench import neighbours, slices
from drkf.workbench.figures.parts import (
    Mask,
    chosen,
    count_matrix,
    interval_rows,
    matrix_height,
    overall_line,
    rows_height,
    share_wrong,
    short_name,
)
from drkf.workbench.results import Results
from drkf.workbench.slices import Condition

MAX_SHOWN = 30
"""Rows of a figure that has one for each slice or speaker."""


def facet_figure(results: Results, name: str, mask: Mask = None) -> go.Figure:
    """The share wrong for each value of a facet (see :data:`drkf.workbench.slices.FACETS`) with
    its 95 % Wilson interval; the dotted line is that of all rows. Of many values the worst are
    drawn. A point's ``customdata`` is the key of its
    conditions (:func:`drkf.workbench.slices.conditions_key`)."""
    results = chosen(results, mask)
    parts = slices.parts(results, name) if results.scored.any() else ()
    if not parts:
        return nothing(f"No labelled row has a known {escape(name)}", rows_height(3))
    shown = parts
    if len(parts) > MAX_SHOWN:
        shown = tuple(sorted(parts, key=lambda part: part.right.value))[:MAX_SHOWN]
    names = [f"{short_name(part.name)} (n {part.count})" for part in shown]
    colours = [emotion_colour(part.name) if name == "label" else INK for part in shown]
    height = rows_height(len(shown))
    figure = interval_rows(names, [share_wrong(part.right) for part in shown], colours, height)
    figure.data[0].customdata = [slices.conditions_key(((name, part.name),)) for part in shown]
    overall_line(figure, results)
    if len(shown) < len(parts):
        figure.update_xaxes(title_text=f"share wrong, the worst {len(shown)} of {len(parts)}")
    return figure


def worst_slices_figure(results: Results, mask: Mask = None, max_slices: int = 12) -> go.Figure:
    """The share wrong in the worst slices, worst first, with 95 % Wilson intervals; a star marks
    those that pass the test (see :func:`drkf.workbench.slices.search`). A point's ``customdata``
    is the key of its conditions (:func:`drkf.workbench.slices.conditions_key`)."""
    results = chosen(results, mask)
    found = slices.search(results).slices[:max_slices] if results.scored.any() else ()
    if not found:
        return nothing("No slice fails more often than chance would make it", rows_height(3))
    names = [
        f"{escaped_name(one.conditions)} (n {one.count}){' ★' if one.significant else ''}"
        for one in found
    ]
    colours = [THRESHOLD_COLOUR if one.significant else FAINT for one in found]
    figure = interval_rows(names, [one.error for one in found], colours, rows_height(len(found)))
    figure.data[0].customdata = [slices.conditions_key(one.conditions) for one in found]
    overall_line(figure, results, ", ★ more than chance")
    return figure


def escaped_name(conditions: tuple[Condition, ...]) -> str:
    """As it is written in figures, escaped."""
    names = []
    for name, value in conditions:
        plain = f"{name}: {value}" if name in ("inconsistent", "uncertain") else value
        names.append(short_name(plain))
    return " · ".join(names)


def suspects_figure(results: Results, mask: Mask = None) -> go.Figure:
    """Label-noise suspects: the label down, what the model confidently says across; counts."""
    height = matrix_height(len(results.labels))
    # Judged among all rows: whether a label looks wrong is no matter of what else is shown.
    found = [one for one in neighbours.label_suspects(results) if mask is None or mask[one.row]]
    if not found:
        return nothing("No label looks wrong", height)
    index = {label: i for i, label in enumerate(results.labels)}
    counts = np.zeros((len(index), len(index)), dtype=np.int64)
    for one in found:
        counts[index[one.label], index[one.suggested]] += 1
    return count_matrix(results.labels, counts, "confidently predicted", height)
