"""Colours, axes and signs that all figures share."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go

#: Okabe-Ito based, so that colour-blind eyes can tell them apart.
EMOTION_COLOURS = {
    "anger": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "joy": "#E69F00",
    "neutral": "#7F7F7F",
    "sadness": "#0072B2",
    "surprise": "#56B4E9",
}
OTHER_COLOUR = "#999933"
"""For a label outside the seven."""
VOICE_COLOUR = "rgb(17, 122, 139)"
WORDS_COLOUR = "rgb(123, 79, 163)"
INK = "rgb(31, 41, 55)"
"""Text and the fused bars. In dark mode the app's style sheet replaces these three by lighter ones,
which it finds by this very spelling."""

#: What stands for them there.
ON_DARK = {INK: "#E5E7EB", VOICE_COLOUR: "#2FA9BC", WORDS_COLOUR: "#AB82D6"}
THRESHOLD_COLOUR = "#C0392B"
GRID = "rgba(127, 127, 127, 0.3)"
FAINT = "rgba(127, 127, 127, 0.55)"
PROJECTOR_TYPE = 17
PROJECTOR_HEIGHT = 400
"""What is this high already stays as it is."""

#: From "agree" to "contradict", the same on a light and on a dark page: dark type is readable on
#: all of it.
INCONSISTENCY_SCALE = ((0.0, "#F7F4FA"), (0.5, "#D3BFE3"), (1.0, "#A67BC9"))
DARK_INK, LIGHT_INK = "#111111", "#FFFFFF"
CONTRADICTION, AGREEMENT = "≠", "="
VOICE, WORDS = "voice", "words"
#: Of a label that is wrapped.
MAX_LABEL_LINES = 4


def emotion_colour(label: str) -> str:
    return EMOTION_COLOURS.get(label, OTHER_COLOUR)


def for_projector(figure: go.Figure) -> go.Figure:
    """The same figure with larger type, for the back of a lecture hall; small ones grow as well."""
    figure.for_each_trace(
        lambda trace: trace.update(textfont_size=1.3 * trace.textfont.size),
        selector=lambda trace: "textfont" in trace and trace.textfont.size is not None,
    )
    figure.update_xaxes(title_font_size=PROJECTOR_TYPE, tickangle=0)
    height, margin = figure.layout.height, figure.layout.margin
    return figure.update_layout(
        font_size=PROJECTOR_TYPE,
        height=max(height, min(1.3 * height, PROJECTOR_HEIGHT)),
        margin_t=1.4 * margin.t,
    )


def add_legend(figure: go.Figure, entries: Sequence[tuple[str, str, str]]) -> None:
    """One line of (colour, mark, name) from the figure's left edge.

    Plotly's own legend begins at the axes and breaks into rows on a telephone.
    """
    line = " &nbsp; ".join(
        # Ink is the text's own colour, which follows the page's light or dark mode.
        f"{mark if colour == INK else _coloured(mark, colour)} {escape(name)}"
        for colour, mark, name in entries
    )
    figure.update_layout(
        title={"text": line, "x": 0, "xref": "container", "font": {"size": 12}},
        title_y=1,
        title_yref="container",
        title_yanchor="top",
        title_pad={"t": 6, "l": 4},
    )


def finish(figure: go.Figure, height: int, **layout: object) -> go.Figure:
    """What all figures share: transparent, no template, no zooming by accident."""
    figure.update_layout(
        template=go.layout.Template(),
        height=height,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        font={"color": INK, "size": 14, "family": "system-ui, sans-serif"},
        margin={"l": 8, "r": 44, "t": 28, "b": 8},
        showlegend=False,
        hoverlabel={"bgcolor": "#FFFFFF", "font": {"color": "#111111"}},
        dragmode=False,
    )
    figure.update_layout(**layout)
    figure.update_xaxes(
        gridcolor=GRID,
        automargin=True,
        fixedrange=True,
        zerolinecolor=FAINT,
    )
    figure.update_yaxes(gridcolor=GRID, automargin=True, fixedrange=True, zerolinecolor=FAINT)
    return figure


def nothing(reason: str, height: int) -> go.Figure:
    """An empty figure of the usual height that says why it is empty."""
    figure = go.Figure()
    figure.add_annotation(
        text=reason, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper", font={"size": 15}
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return finish(figure, height)


def value_labels(values: Sequence[float], signed: bool = False) -> dict[str, object]:
    """The properties that write each bar's value at its end."""
    return {
        "text": [f"{value:+.2f}" if signed else f"{value:.2f}" for value in values],
        "textposition": "outside",
        "textangle": 0,
        "textfont": {"color": INK, "size": 12},
        "constraintext": "none",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.2f}<extra></extra>",
    }


def swatch(label: str, name: str | None = None) -> str:
    """The emotion's colour and its name; the label itself where no other name is given."""
    return f"{_coloured('■', emotion_colour(label))} {escape(name or label)}"


def _coloured(mark: str, colour: str) -> str:
    return f'<span style="color:{colour}">{mark}</span>'


def escape(text: str) -> str:
    """Plotly reads a subset of HTML in every label: text from outside must not be read so."""
    return html.escape(text, quote=False)


def ink_on(colour: str) -> str:
    """Dark or light type, whichever contrasts more with a colour #RRGGBB (WCAG 2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # On white and on #111111 (luminance 0.0056) the contrasts are equal at this luminance.
    return DARK_INK if luminance > 0.19 else LIGHT_INK


def wrapped(label: str, characters: int) -> str:
    """A label of a grid on a few short lines."""
    lines = textwrap.wrap(label, characters, max_lines=MAX_LABEL_LINES, placeholder=" …")
    return "<br>".join(escape(line) for line in lines)


def number_or_zero(value: float | None) -> float:
    return 0.0 if value is None else value


def axis_reach(values: Sequence[float], smallest: float = 2.0) -> float:
    """Half of a symmetric axis: a power of two, so that most results share the same axis."""
    largest = max((abs(value) for value in values), default=0.0)
    return float(max(smallest, 2 ** math.ceil(math.log2(largest)))) if largest else smallest


def add_thresholds(
    figure: go.Figure,
    rows: Sequence[str],
    thresholds: Sequence[float],
    size: float,
    name: str = "threshold",
) -> None:
    """An upright line of ``size`` pixels on each row of horizontal bars."""
    figure.add_scatter(
        x=list(thresholds),
        y=list(rows),
        mode="markers",
        marker={
            "symbol": "line-ns",
            "size": size,
            "line": {"color": THRESHOLD_COLOUR, "width": 3},
        },
        hovertemplate=f"{escape(name)} %{{x:.2f}}<extra></extra>",
    )
