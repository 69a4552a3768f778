"""What the figures of a set share: rows of intervals, matrices of counts, names and lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from drkf.figures.style import (
    DARK_INK,
    FAINT,
    INK,
    add_legend,
    escape,
    finish,
    swatch,
)
from drkf.workbench import metrics
from drkf.workbench.metrics import Interval
from drkf.workbench.results import Results

Mask = NDArray[np.bool_] | None
#: Pixels.
ROW_HEIGHT = 40
CURVE_HEIGHT = 380
MAX_NAME = 28
#: On a light and on a dark page dark type is readable on all of it.
COUNT_SCALE = ((0.0, "#F1F6F7"), (0.5, "#B5DAE0"), (1.0, "#6DB7C4"))
NO_LABELS = "No row has both a result and a label"
SHARE_AXIS = {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
#: Room for markers at both ends.
WIDE_SHARE_AXIS = {**SHARE_AXIS, "range": [-0.02, 1.02]}


def chosen(results: Results, mask: Mask) -> Results:
    return results if mask is None else results.rows(mask)


def rows_height(count: int) -> int:
    return 100 + ROW_HEIGHT * count


def matrix_height(count: int) -> int:
    return 150 + 52 * count


def interval_rows(
    names: Sequence[str], intervals: Sequence[Interval], colours: Sequence[str], height: int
) -> go.Figure:
    """A row for each value in 0..1 with its interval; the numbers stand under the names."""
    figure = go.Figure()
    figure.add_scatter(
        x=[one.value for one in intervals],
        y=list(range(len(names))),
        error_x=error_bars(intervals),
        mode="markers",
        marker={"color": list(colours), "size": 12, "line": {"color": INK, "width": 1}},
        hovertext=[interval_text(one) for one in intervals],
        hoverinfo="text",
        cliponaxis=False,
    )
    figure.update_xaxes(**WIDE_SHARE_AXIS)
    # Numbers as places: a speaker called 03 must not become the number 3 on the axis.
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[
            f"{name}<br>{interval_text(one)}" for name, one in zip(names, intervals, strict=True)
        ],
        tickfont={"size": 12},
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return finish(figure, height)


def add_count_bars(
    figure: go.Figure, name: str, lengths: Sequence[float], labels: Sequence[str], colour: str
) -> None:
    """Bars to the right, one a row from 0 on, each with its label at its end.

    Args:
        lengths: (rows,) below 0 they reach to the left.
        labels: (rows,) the numbers that stand beside them.
    """
    figure.add_bar(
        name=name,
        y=list(range(len(lengths))),
        x=list(lengths),
        orientation="h",
        marker_color=colour,
        text=list(labels),
        textposition="outside",
        textfont={"color": INK, "size": 12},
        constraintext="none",
        cliponaxis=False,
        hoverinfo="skip",
    )


def name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """The names of the rows of ``add_count_bars``, the first at the top."""
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=list(names),
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )


def share_wrong(right: Interval) -> Interval:
    """The share wrong where this is the share right."""
    return Interval(1 - right.value, 1 - right.high, 1 - right.low)


def overall_line(figure: go.Figure, results: Results, told: str = "") -> None:
    """The share wrong of all rows, on an axis that says so."""
    truth, predicted = metrics.truth_and_predicted(results)
    overall = float((truth != predicted).mean())
    reference_line(figure, overall, f"all rows {overall:.2f}{told}")
    figure.update_xaxes(title_text="share wrong")


def reference_line(figure: go.Figure, value: float, name: str) -> None:
    figure.add_vline(x=value, line={"color": INK, "dash": "dot", "width": 1.5})
    add_legend(figure, [(INK, "┄", name)])


def error_bars(intervals: Sequence[Interval]) -> dict[str, object]:
    """The intervals as the error bars of a trace with the values on the x axis."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, one.high - one.value) for one in intervals],
        "arrayminus": [max(0.0, one.value - one.low) for one in intervals],
        "color": INK,
        "thickness": 1.5,
        "width": 4,
    }


def interval_text(one: Interval) -> str:
    return f"{one.value:.2f} ({one.low:.2f}–{one.high:.2f})"


def p_value_text(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def count_matrix(
    labels: Sequence[str], counts: NDArray[np.int64], across: str, height: int
) -> go.Figure:
    """Counts (L, L), coloured by the share of their row; the diagonal is framed."""
    total = counts.sum(1, keepdims=True)
    share = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    places = list(range(len(labels)))
    figure = go.Figure(
        go.Heatmap(
            x=places,
            y=places,
            z=share,
            zmin=0,
            zmax=1,
            colorscale=[list(step) for step in COUNT_SCALE],
            showscale=False,
            xgap=2,
            ygap=2,
            text=[[str(count) if count else "" for count in row] for row in counts],
            texttemplate="%{text}",
            textfont={"color": DARK_INK, "size": 14},
            customdata=[[[label, other] for other in labels] for label in labels],
            hovertext=[
                [
                    f"{escape(label)} → {escape(other)}: {counts[i, j]} ({share[i, j]:.2f})"
                    for j, other in enumerate(labels)
                ]
                for i, label in enumerate(labels)
            ],
            hoverinfo="text",
        )
    )
    for i in places:
        figure.add_shape(
            type="rect", x0=i - 0.49, x1=i + 0.49, y0=i - 0.49, y1=i + 0.49,
            line={"color": FAINT, "width": 2},
        )  # fmt: skip
    axis = {"tickvals": places, "showgrid": False, "zeroline": False}
    figure.update_xaxes(
        **axis,
        ticktext=[escape(label) for label in labels],
        tickangle=-35,
        title_text=f"{across} (down: label)",
        range=[-0.5, len(labels) - 0.5],
    )
    figure.update_yaxes(
        **axis,
        ticktext=[f"{swatch(label)} ({n})" for label, n in zip(labels, counts.sum(1), strict=True)],
        range=[len(labels) - 0.5, -0.5],
    )
    return finish(figure, height)


def short_name(name: str) -> str:
    """A name from outside, short enough for an axis, escaped."""
    line = " ".join(name.split())
    if len(line) > MAX_NAME:
        line = line[: MAX_NAME - 1] + "…"
    return escape(line)
