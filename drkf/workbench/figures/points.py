"""The map of the fused representation."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from drkf.figures.style import (
    FAINT,
    INCONSISTENCY_SCALE,
    INK,
    THRESHOLD_COLOUR,
    VOICE_COLOUR,
    emotion_colour,
    escape,
    finish,
    nothing,
)
from drkf.workbench.figures.parts import (
    Mask,
    short_name,
)
from drkf.workbench.neighbours import EmbeddingMap
from drkf.workbench.results import Results

MapColour = Literal["label", "prediction", "inconsistency", "error"]
MAP_HEIGHT = 620
HOVER_CHARACTERS = 60
#: A shape for each label beside its colour, so that a map can be read without colours.
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "triangle-down", "star")
#: Name, colour (None: by P(inconsistent)), symbol and members (n,) of a map's trace.
_Group = tuple[str, str | None, str, NDArray[np.bool_]]


def map_figure(
    results: Results, drawn: EmbeddingMap, colour: MapColour, mask: Mask = None
) -> go.Figure:
    """The map of the fused vectors; a point's ``customdata`` is its row.

    Args:
        drawn: of the same results, from :func:`drkf.workbench.neighbours.embedding_map`.
        colour: what colours and shapes tell: each row's label, prediction, P(inconsistent), or
            whether the model was right.
    """
    shown = drawn.shown if mask is None else drawn.shown & mask
    if not shown.any():
        return nothing("No row to draw", MAP_HEIGHT)
    groups, marker = _map_groups(results, colour)
    figure = go.Figure()
    for name, group_colour, symbol, members in groups:
        rows = np.flatnonzero(members & shown)
        if not len(rows):
            continue
        table = results.table.iloc[rows]
        values = table["inconsistency"].tolist() if group_colour is None else group_colour
        figure.add_scatter(
            x=drawn.points[rows, 0],
            y=drawn.points[rows, 1],
            mode="markers",
            name=escape(name),
            marker={"size": 8, "symbol": symbol, "color": values, "opacity": 0.85, **marker},
            customdata=rows,
            hovertext=_hover(table, results.labels),
            hoverinfo="text",
        )
    # All points, not only the shown ones, set the axes: filtering must not move them.
    placed = drawn.points[drawn.shown]
    low, high = placed.min(0), placed.max(0)
    pad = 0.05 * np.maximum(high - low, 1)
    figure.update_xaxes(visible=False, range=[low[0] - pad[0], high[0] + pad[0]])
    figure.update_yaxes(visible=False, range=[low[1] - pad[1], high[1] + pad[1]])
    legend = {"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "font": {"size": 13}}
    return finish(figure, MAP_HEIGHT, showlegend=True, legend=legend)


def _map_groups(results: Results, colour: MapColour) -> tuple[list[_Group], dict[str, object]]:
    """The traces of a map, and what their markers share."""
    table = results.table

    def where(condition: pd.Series) -> NDArray[np.bool_]:
        return condition.fillna(False).to_numpy(dtype=bool)

    if colour in ("label", "prediction"):
        column = table["label" if colour == "label" else "emotion"]
        groups: list[_Group] = [
            (label, emotion_colour(label), SYMBOLS[i % len(SYMBOLS)], where(column == label))
            for i, label in enumerate(results.labels)
        ]
        return [*groups, ("no label", FAINT, "circle-open", where(column == ""))], {}
    if colour == "error":
        correct = table["correct"]
        return [
            ("no label", FAINT, "circle-open", where(correct.isna())),
            ("right", VOICE_COLOUR, "circle", where(correct)),
            ("wrong", THRESHOLD_COLOUR, "x", where(~correct)),
        ], {}
    marker = {
        "colorscale": [list(step) for step in INCONSISTENCY_SCALE],
        "cmin": 0,
        "cmax": 1,
        "line": {"color": INK, "width": 0.8},
        "colorbar": {"title": {"text": "P"}, "thickness": 12, "len": 0.6, "outlinewidth": 0},
    }
    flagged = table["inconsistent"]
    return [
        ("one modality", FAINT, "circle-open", where(table["inconsistency"].isna())),
        ("agree", None, "circle", where(~flagged)),
        ("disagree", None, "x", where(flagged)),
    ], marker


def _hover(table: pd.DataFrame, labels: Sequence[str]) -> list[str]:
    """What a point says: id, label and prediction, inconsistency, words; escaped."""
    confidence = table[[f"p_{label}" for label in labels]].max(axis=1)
    lines = []
    for row, sure in zip(table.itertuples(), confidence, strict=True):
        said = f"{escape(row.label or 'no label')} → {escape(row.emotion)} {sure:.2f}"
        if not np.isnan(row.inconsistency):
            said += f", inconsistency {row.inconsistency:.2f}"
        words = textwrap.shorten(row.text, HOVER_CHARACTERS, placeholder=" …")
        parts = (short_name(row.id), said, escape(words))
        lines.append("<br>".join(part for part in parts if part))
    return lines
