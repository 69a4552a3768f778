"""Results -> Plotly figures: one function a figure, each of all rows or of those in a mask."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from drkf.figures.style import (
    DARK_INK,
    FAINT,
    INCONSISTENCY_SCALE,
    INK,
    THRESHOLD_COLOUR,
    VOICE_COLOUR,
    WORDS_COLOUR,
    add_legend,
    axis_reach,
    emotion_colour,
    escape,
    finish,
    nothing,
    swatch,
)
from drkf.workbench import metrics, neighbours, slices
from drkf.workbench.comparison import BROKEN, FIXED, PairedComparison
from drkf.workbench.metrics import FOLLOWED, RIGHT, Interval
from drkf.workbench.neighbours import EmbeddingMap
from drkf.workbench.results import Results
from drkf.workbench.slices import Condition

Mask = NDArray[np.bool_] | None
MapColour = Literal["label", "prediction", "inconsistency", "error"]

#: Pixels.
ROW_HEIGHT = 40
RELIABILITY_HEIGHT = 480
CURVE_HEIGHT = 380
DISAGREEMENT_HEIGHT = 340
MAP_HEIGHT = 620

MOST_ROWS = 30
"""Rows of a figure that has one for each slice or speaker."""
MOST_POINTS = 400
"""Points of a curve; more would not be seen."""
LONGEST_NAME = 28
HOVER_CHARACTERS = 60

#: On a light and on a dark page dark type is readable on all of it.
COUNT_SCALE = ((0.0, "#F1F6F7"), (0.5, "#B5DAE0"), (1.0, "#6DB7C4"))
#: A shape for each label beside its colour, so that a map can be read without colours.
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "triangle-down", "star")
NO_LABELS = "No row has both a result and a label"
_SHARE = {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1]}
#: Room for markers at both ends.
_WIDE_SHARE = {**_SHARE, "range": [-0.02, 1.02]}


def headline(results: Results, mask: Mask = None) -> go.Figure:
    """WA, UAR, WF1, macro-F1, ECE and AURC with their 95 % bootstrap intervals."""
    names = ("WA", "UAR", "WF1", "macro-F1", "ECE", "AURC")
    height = _rows_height(len(names))
    results = _chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, height)
    found = metrics.headline(results)
    return _intervals(names, [found.figures[name] for name in names], [INK] * len(names), height)


def confusion(results: Results, mask: Mask = None) -> go.Figure:
    """Labels down, predictions across: counts, and colour by the share of the label's rows.

    A cell's ``customdata`` is (label, prediction).
    """
    height = _matrix_height(len(results.labels))
    results = _chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, height)
    return _matrix(results.labels, metrics.confusion(results), "predicted", height)


def confusion_cell(results: Results, label: str, predicted: str) -> NDArray[np.bool_]:
    """(n,) True on the rows that a cell of the confusion matrix counts."""
    table = results.table
    cell = (table["label"] == label) & (table["emotion"] == predicted)
    return cell.to_numpy(dtype=bool) & results.scored


def reliability(results: Results, mask: Mask = None) -> go.Figure:
    """Accuracy of each confidence bin against its confidence, and how many rows the bin has."""
    results = _chosen(results, mask)
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
    figure.update_yaxes(**_WIDE_SHARE, title_text="share right", row=1, col=1)
    figure.update_yaxes(range=[0, 1], tickvals=[0, 0.5, 1], title_text="rows", row=2, col=1)
    figure.update_xaxes(**_SHARE)
    figure.update_xaxes(title_text="confidence", row=2, col=1)
    add_legend(
        figure,
        [(INK, "◆", f"ECE {found.ece:.2f}"), (INK, "┄", "as confident as right")],
    )
    return finish(figure, RELIABILITY_HEIGHT)


def risk_coverage(results: Results, mask: Mask = None) -> go.Figure:
    """Error among the most confident rows over how many are kept; where the checkpoint's
    "uncertain" cuts."""
    results = _chosen(results, mask)
    if not results.scored.any():
        return nothing(NO_LABELS, CURVE_HEIGHT)
    found = metrics.risk_coverage(results)
    n = len(found.risk)
    at = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
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
    figure.update_xaxes(**_WIDE_SHARE, title_text="share kept, most confident first")
    figure.update_yaxes(**_WIDE_SHARE, title_text="share wrong")
    return finish(figure, CURVE_HEIGHT)


def facet(results: Results, name: str, mask: Mask = None) -> go.Figure:
    """The share wrong for each value of a facet (see :data:`drkf.workbench.slices.FACETS`) with
    its 95 % Wilson interval; the dotted line is that of all rows. Of many values the worst are
    drawn. A point's ``customdata`` is the key of its
    conditions (:func:`drkf.workbench.slices.conditions_key`)."""
    results = _chosen(results, mask)
    parts = slices.parts(results, name) if results.scored.any() else ()
    if not parts:
        return nothing(f"No labelled row has a known {escape(name)}", _rows_height(3))
    shown = parts
    if len(parts) > MOST_ROWS:
        shown = tuple(sorted(parts, key=lambda part: part.right.value))[:MOST_ROWS]
    names = [f"{_short(part.name)} (n {part.count})" for part in shown]
    colours = [emotion_colour(part.name) if name == "label" else INK for part in shown]
    height = _rows_height(len(shown))
    figure = _intervals(names, [_wrong(part.right) for part in shown], colours, height)
    figure.data[0].customdata = [slices.conditions_key(((name, part.name),)) for part in shown]
    _overall_line(figure, results)
    if len(shown) < len(parts):
        figure.update_xaxes(title_text=f"share wrong, the worst {len(shown)} of {len(parts)}")
    return figure


def worst_slices(results: Results, mask: Mask = None, most: int = 12) -> go.Figure:
    """The share wrong in the worst slices, worst first, with 95 % Wilson intervals; a star marks
    those that pass the test (see :func:`drkf.workbench.slices.search`). A point's ``customdata``
    is the key of its conditions (:func:`drkf.workbench.slices.conditions_key`)."""
    results = _chosen(results, mask)
    found = slices.search(results).slices[:most] if results.scored.any() else ()
    if not found:
        return nothing("No slice fails more often than chance would make it", _rows_height(3))
    names = [
        f"{slice_name(one.conditions)} (n {one.count}){' ★' if one.significant else ''}"
        for one in found
    ]
    colours = [THRESHOLD_COLOUR if one.significant else FAINT for one in found]
    figure = _intervals(names, [one.error for one in found], colours, _rows_height(len(found)))
    figure.data[0].customdata = [slices.conditions_key(one.conditions) for one in found]
    _overall_line(figure, results, ", ★ more than chance")
    return figure


def slice_name(conditions: tuple[Condition, ...]) -> str:
    """As it is written in figures, escaped."""
    names = []
    for name, value in conditions:
        plain = f"{name}: {value}" if name in ("inconsistent", "uncertain") else value
        names.append(_short(plain))
    return " · ".join(names)


def inconsistency(results: Results, mask: Mask = None) -> go.Figure:
    """The share right over P(inconsistent), with 95 % Wilson intervals and numbers of rows."""
    results = _chosen(results, mask)
    found = metrics.inconsistency_curve(results) if results.scored.any() else None
    if found is None or not found.bins:
        return nothing("No labelled row has both voice and words", CURVE_HEIGHT)
    shares = [part.right for part in found.bins]
    figure = go.Figure()
    figure.add_scatter(
        x=[(float(part.name[:3]) + float(part.name[4:])) / 2 for part in found.bins],
        y=[share.value for share in shares],
        error_y=_error_bars(shares),
        mode="markers+text",
        marker={"color": WORDS_COLOUR, "size": 10},
        text=[str(part.count) for part in found.bins],
        textposition="middle right",
        textfont={"color": INK, "size": 12},
        hovertext=[f"{p.name}: {_told(p.right)}, {p.count} rows" for p in found.bins],
        hoverinfo="text",
        cliponaxis=False,
    )
    name = "numbers: rows"
    if found.auroc is not None:
        name += f"; AUROC for errors {_told(found.auroc)}"
    add_legend(figure, [(WORDS_COLOUR, "●", name)])
    figure.update_xaxes(**_WIDE_SHARE, title_text="P(inconsistent)")
    figure.update_yaxes(**_WIDE_SHARE, title_text="share right")
    return finish(figure, CURVE_HEIGHT)


def disagreement(results: Results, mask: Mask = None) -> go.Figure:
    """Where voice and words, each alone, say different things: who was right, and whom the fused
    answer followed. Numbers are rows."""
    results = _chosen(results, mask)
    found = metrics.disagreement(results) if results.scored.any() else None
    if found is None or not found.count.sum():
        return nothing("Voice and words never name different emotions", DISAGREEMENT_HEIGHT)
    total = int(found.count.sum())
    figure = go.Figure()
    for column, (followed, colour) in enumerate(
        zip(FOLLOWED, (VOICE_COLOUR, WORDS_COLOUR, FAINT), strict=True)
    ):
        counts = found.count[:, column]
        figure.add_bar(
            name=followed,
            y=[0, 1, 2],
            x=counts / total,
            orientation="h",
            marker_color=colour,
            text=[f"{followed} {count}" for count in counts],
            textposition="outside",
            textfont={"color": INK, "size": 12},
            constraintext="none",
            cliponaxis=False,
            hoverinfo="skip",
        )
    figure.update_yaxes(
        tickvals=[0, 1, 2],
        ticktext=[
            f"{name} right<br>{count}"
            for name, count in zip(RIGHT, found.count.sum(1), strict=True)
        ],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(**_SHARE, title_text=f"share of {total} rows where they differ")
    add_legend(
        figure,
        [
            (VOICE_COLOUR, "■", "fused followed voice"),
            (WORDS_COLOUR, "■", "words"),
            (FAINT, "■", "another"),
        ],
    )
    return finish(figure, DISAGREEMENT_HEIGHT, barmode="group", bargap=0.25)


def suspects(results: Results, mask: Mask = None) -> go.Figure:
    """Label-noise suspects: the label down, what the model confidently says across; counts."""
    height = _matrix_height(len(results.labels))
    # Judged among all rows: whether a label looks wrong is no matter of what else is shown.
    found = [one for one in neighbours.label_suspects(results) if mask is None or mask[one.row]]
    if not found:
        return nothing("No label looks wrong", height)
    index = {label: i for i, label in enumerate(results.labels)}
    counts = np.zeros((len(index), len(index)), dtype=np.int64)
    for one in found:
        counts[index[one.label], index[one.suggested]] += 1
    return _matrix(results.labels, counts, "confidently predicted", height)


def embedding_map(
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


def flips(comparison: PairedComparison) -> go.Figure:
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
        figure.add_bar(
            name=change,
            y=list(range(len(labels))),
            x=values[change],
            orientation="h",
            marker_color=colour,
            text=[f"{value:+d}" if value else "" for value in values[change]],
            textposition="outside",
            textfont={"color": INK, "size": 12},
            constraintext="none",
            cliponaxis=False,
            hoverinfo="skip",
        )
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[swatch(label) for label in labels],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    end = 1.2 * axis_reach([*values[FIXED], *values[BROKEN]], smallest=4.0)
    figure.update_xaxes(range=[-end, end], zeroline=True, zerolinecolor=INK, title_text="rows")
    fixed, broken = comparison.count(FIXED), comparison.count(BROKEN)
    add_legend(
        figure,
        [
            (THRESHOLD_COLOUR, "■", f"broken {broken}"),
            (VOICE_COLOUR, "■", f"fixed {fixed}"),
            (INK, "", f"McNemar {_p_value(comparison.p)}"),
        ],
    )
    return finish(figure, _rows_height(len(labels)), barmode="overlay", bargap=0.35)


def _chosen(results: Results, mask: Mask) -> Results:
    return results if mask is None else results.rows(mask)


def _rows_height(count: int) -> int:
    return 100 + ROW_HEIGHT * count


def _matrix_height(count: int) -> int:
    return 150 + 52 * count


def _intervals(
    names: Sequence[str], intervals: Sequence[Interval], colours: Sequence[str], height: int
) -> go.Figure:
    """A row for each value in 0..1 with its interval; the numbers stand under the names."""
    figure = go.Figure()
    figure.add_scatter(
        x=[one.value for one in intervals],
        y=list(range(len(names))),
        error_x=_error_bars(intervals),
        mode="markers",
        marker={"color": list(colours), "size": 12, "line": {"color": INK, "width": 1}},
        hovertext=[_told(one) for one in intervals],
        hoverinfo="text",
        cliponaxis=False,
    )
    figure.update_xaxes(**_WIDE_SHARE)
    # Numbers as places: a speaker called 03 must not become the number 3 on the axis.
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[f"{name}<br>{_told(one)}" for name, one in zip(names, intervals, strict=True)],
        tickfont={"size": 12},
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    return finish(figure, height)


def _wrong(right: Interval) -> Interval:
    """The share wrong where this is the share right."""
    return Interval(1 - right.value, 1 - right.high, 1 - right.low)


def _overall_line(figure: go.Figure, results: Results, told: str = "") -> None:
    """The share wrong of all rows, on an axis that says so."""
    truth, predicted = metrics.truth_and_predicted(results)
    overall = float((truth != predicted).mean())
    _reference_line(figure, overall, f"all rows {overall:.2f}{told}")
    figure.update_xaxes(title_text="share wrong")


def _reference_line(figure: go.Figure, value: float, name: str) -> None:
    figure.add_vline(x=value, line={"color": INK, "dash": "dot", "width": 1.5})
    add_legend(figure, [(INK, "┄", name)])


def _error_bars(intervals: Sequence[Interval]) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [max(0.0, one.high - one.value) for one in intervals],
        "arrayminus": [max(0.0, one.value - one.low) for one in intervals],
        "color": INK,
        "thickness": 1.5,
        "width": 4,
    }


def _told(one: Interval) -> str:
    return f"{one.value:.2f} ({one.low:.2f}–{one.high:.2f})"


def _p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _matrix(
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


#: Name, colour (None: by P(inconsistent)), symbol and members (n,) of a map's trace.
_Group = tuple[str, str | None, str, NDArray[np.bool_]]


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
        parts = (_short(row.id), said, escape(words))
        lines.append("<br>".join(part for part in parts if part))
    return lines


def _short(name: str) -> str:
    """A name from outside, short enough for an axis, escaped."""
    line = " ".join(name.split())
    if len(line) > LONGEST_NAME:
        line = line[: LONGEST_NAME - 1] + "…"
    return escape(line)
