"""How good the answers are: headline figures, confusion, calibration, two checkpoints."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from drkf.figures.style import (
    FAINT,
    INK,
    THRESHOLD_COLOUR,
    VOICE_COLOUR,
    WORDS_COLOUR,
    add_legend,
    axis_reach,
    finish,
    nothing,
    swatch,
)
from drkf.workbench import metrics
from drkf.workbench.comparison import BROKEN, FIXED, PairedComparison
from drkf.workbench.figures.parts import (
    CURVE_HEIGHT,
    NO_LABELS,
    SHARE_AXIS,
    WIDE_SHARE_AXIS,
    Mask,
    add_count_bars,
    chosen,
    count_matrix,
    interval_rows,
    matrix_height,
    name_rows,
    p_value_text,
    rows_height,
)
from drkf.workbench.results import Results

RELIABILITY_HEIGHT = 480
MAX_POINTS = 400
"""Points of a curve; more would not be seen."""


def headline_figure(results: Results, mask: Mask = None) -> go.Figure:
    """WA, UAR, WF1, macro-F1, ECE and AURC with their 95 % bootstrap intervals."""
    names = ("WA", "UAR", "WF1", "macro-F1", "ECE", "AURC")
    height = rows_height(len(names))
    results = chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, height)
    found = metrics.headline(results)
    return interval_rows(names, [found.figures[name] for name in names], [INK] * len(names), height)


def confusion_figure(results: Results, mask: Mask = None) -> go.Figure:
    """Labels down, predictions across: counts, and colour by the share of the label's rows.

    A cell's ``customdata`` is (label, prediction).
    """
    height = matrix_height(len(results.labels))
    results = chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, height)
    return count_matrix(results.labels, metrics.confusion(results), "predicted", height)


def confusion_cell(results: Results, label: str, predicted: str) -> NDArray[np.bool_]:
    """(n,) True on the rows that a cell of the confusion matrix counts."""
    table = results.table
    cell = (table["label"] == label) & (table["emotion"] == predicted)
    return cell.to_numpy(dtype=bool) & results.scored


def reliability_figure(results: Results, mask: Mask = None) -> go.Figure:
    """Accuracy of each confidence bin against its confidence, and how many rows the bin has."""
    results = chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, RELIABILITY_HEIGHT)
    found = metrics.reliability(results)
    centres, width = (found.edges[:-1] + found.edges[1:]) / 2, float(np.diff(found.edges)[0])
    told = [
        f"confidence {confidence:.2f}<br>right {accuracy:.2f}<br>{count} rows"
        for confidence, accuracy, count in zip(
            found.confidence, found.accuracy, found.count, strict=True
        )
    ]
    figure = make_subplots(
        rows=2, cols=1, row_heights=[0.72, 0.28], shared_xaxes=True, vertical_spacing=0.06
    )
    figure.add_bar(
        x=centres, y=found.accuracy, width=0.9 * width, marker_color=VOICE_COLOUR,
        hovertext=told, hoverinfo="text", row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": INK, "dash": "dot", "width": 1.5},
        hoverinfo="skip", row=1, col=1,
    )  # fmt: skip
    figure.add_scatter(
        x=found.confidence, y=found.accuracy, mode="markers",
        marker={"color": INK, "size": 9, "symbol": "diamond"},
        hovertext=told, hoverinfo="text", row=1, col=1,
    )  # fmt: skip
    figure.add_bar(
        x=centres, y=found.count / found.count.sum(), width=0.9 * width, marker_color=FAINT,
        hovertext=told, hoverinfo="text", row=2, col=1,
    )  # fmt: skip
    figure.update_yaxes(**WIDE_SHARE_AXIS, title_text="share right", row=1, col=1)
    figure.update_yaxes(range=[0, 1], tickvals=[0, 0.5, 1], title_text="rows", row=2, col=1)
    figure.update_xaxes(**SHARE_AXIS)
    figure.update_xaxes(title_text="confidence", row=2, col=1)
    add_legend(
        figure,
        [(INK, "◆", f"ECE {found.ece:.2f}"), (INK, "┄", "as confident as right")],
    )
    return finish(figure, RELIABILITY_HEIGHT)


def risk_coverage_figure(results: Results, mask: Mask = None) -> go.Figure:
    """Error among the most confident rows over how many are kept; where the checkpoint's
    "uncertain" cuts."""
    results = chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, CURVE_HEIGHT)
    found = metrics.risk_coverage(results)
    n = len(found.risk)
    at = np.unique(np.linspace(0, n - 1, min(n, MAX_POINTS)).round().astype(int))
    figure = go.Figure()
    figure.add_scatter(
        x=found.coverage[at], y=found.risk[at], mode="lines",
        line={"color": VOICE_COLOUR, "width": 3},
        hovertemplate="%{x:.2f} kept: %{y:.2f} wrong<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=found.risk[-1], line={"color": INK, "dash": "dot", "width": 1.5})
    entries = [(VOICE_COLOUR, "━", f"AURC {found.aurc:.2f}"), (INK, "┄", "all rows")]
    if found.certain is not None:
        coverage, risk = found.certain
        figure.add_scatter(
            x=[coverage], y=[risk], mode="markers",
            marker={"color": WORDS_COLOUR, "size": 15, "symbol": "star"},
            hovertemplate="%{x:.2f} certain: %{y:.2f} wrong<extra></extra>", cliponaxis=False,
        )  # fmt: skip
        entries.append((WORDS_COLOUR, "★", f"certain: {coverage:.2f} kept, {risk:.2f} wrong"))
    add_legend(figure, entries)
    figure.update_xaxes(**WIDE_SHARE_AXIS, title_text="share kept, most confident first")
    figure.update_yaxes(**WIDE_SHARE_AXIS, title_text="share wrong")
    return finish(figure, CURVE_HEIGHT)


def flips_figure(comparison: PairedComparison) -> go.Figure:
    """For each label, rows that the second checkpoint gets right instead of the first (to the
    right), and the other way round (to the left)."""
    table = comparison.table
    labels = sorted(table["label"].unique())
    values = {}
    for change, sign in ((FIXED, 1), (BROKEN, -1)):
        counts = table[table["change"] == change]["label"].value_counts()
        values[change] = [sign * int(counts.get(label, 0)) for label in labels]
    figure = go.Figure()
    for change, colour in ((FIXED, VOICE_COLOUR), (BROKEN, THRESHOLD_COLOUR)):
        told = [f"{value:+d}" if value else "" for value in values[change]]
        add_count_bars(figure, change, values[change], told, colour)
    name_rows(figure, [swatch(label) for label in labels])
    end = 1.2 * axis_reach([*values[FIXED], *values[BROKEN]], smallest=4.0)
    figure.update_xaxes(range=[-end, end], zeroline=True, zerolinecolor=INK, title_text="rows")
    fixed, broken = comparison.count(FIXED), comparison.count(BROKEN)
    add_legend(
        figure,
        [
            (THRESHOLD_COLOUR, "■", f"broken {broken}"),
            (VOICE_COLOUR, "■", f"fixed {fixed}"),
            (INK, "", f"McNemar {p_value_text(comparison.p)}"),
        ],
    )
    return finish(figure, rows_height(len(labels)), barmode="overlay", bargap=0.35)
