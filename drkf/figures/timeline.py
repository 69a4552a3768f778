"""Emotions and inconsistency over time: moments, and the Plotly figure of many of them."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from drkf.conversation.moment import Moment
from drkf.figures import style
from drkf.figures.wording import ENGLISH, Wording
from drkf.labels import EMOTIONS

HEIGHT = 520  # pixels
LANE_FILL = 0.86  # of a lane's height that probability 1 fills
SILENCE_COLOUR = "rgba(127, 127, 127, 0.16)"
MAX_TICKS = 5  # more would run into one another on a telephone
MAX_SIGNS = 20  # more of them would run into one another on a telephone
HOVER_CHARACTERS = 60


def clock(seconds: float) -> str:
    """Minutes and seconds: 75.2 -> "1:15"."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def emotions_over_time(
    moments: Sequence[Moment],
    start_seconds: float,
    end_seconds: float,
    threshold: float | None = None,
    labels: Sequence[str] = EMOTIONS,
    chosen: int | None = None,
    wording: Wording = ENGLISH,
    height: int = HEIGHT,
) -> go.Figure:
    """A lane for each emotion, filled as high as its probability, and inconsistency below.

    The emotion that wins is dark, the others are pale; silence is grey over all lanes. The axes
    depend on the time range and the labels alone.

    Args:
        start_seconds, end_seconds: the range shown.
        threshold: ED's decision threshold; a line, where given.
        chosen: index of the moment to frame.
        wording: of the visitor's language.
        height: in pixels.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.76, 0.24], vertical_spacing=0.05
    )
    spoken = [(i, moment) for i, moment in enumerate(moments) if moment.prediction is not None]
    for lane, label in enumerate(labels):
        _add_lane(figure, lane, label, spoken, wording)
    _add_inconsistency(figure, spoken, (end_seconds - start_seconds) / MAX_SIGNS, wording)
    style.finish(figure, height, barmode="overlay", bargap=0)
    figure.update_layout(shapes=_shapes(moments, len(labels), threshold, chosen))
    figure.update_layout(margin={"l": 8, "r": 16, "t": 12, "b": 8})
    figure.update_yaxes(
        range=[len(labels), 0],
        tickvals=[lane + 0.5 for lane in range(len(labels))],
        ticktext=[style.swatch(label, wording.emotion(label)) for label in labels],
        ticklabelstandoff=6,
        showgrid=False,
        zeroline=False,
        row=1,
        col=1,
    )
    figure.update_yaxes(
        ticklabelstandoff=6,
        range=[0, 1.4],
        tickvals=[0, 0.5, 1],
        title_text=wording.inconsistency,
        row=2,
        col=1,
    )
    ticks = _ticks(start_seconds, end_seconds)
    figure.update_xaxes(
        range=[start_seconds, end_seconds],
        tickvals=ticks,
        ticktext=[clock(tick) for tick in ticks],
        tickangle=0,
        zeroline=False,
    )
    return figure


def _shapes(
    moments: Sequence[Moment], lanes: int, threshold: float | None, chosen: int | None
) -> list[dict[str, object]]:
    """The lanes' lower edges, silence, the threshold and the frame of the chosen moment.

    All at once: Plotly's add_vrect takes as long for one as this for all of them.
    """
    shapes = [_across(lane + 1, "y", style.GRID, 1) for lane in range(lanes)]
    shapes += [_span(*silence, fillcolor=SILENCE_COLOUR) for silence in _silences(moments)]
    if threshold is not None:
        shapes.append(_across(threshold, "y2", style.THRESHOLD_COLOUR, 2))
    if chosen is not None:
        frame = moments[chosen]
        line = {"color": style.INK, "width": 2}
        shapes.append(_span(frame.start_seconds, frame.end_seconds, line=line))
    return shapes


def _add_lane(
    figure: go.Figure,
    lane: int,
    label: str,
    spoken: Sequence[tuple[int, Moment]],
    wording: Wording,
) -> None:
    """One emotion's probability over time: bars that stand on the lane's lower edge."""
    rows = [
        (index, moment, moment.prediction.as_mapping().get(label, 0.0), moment.prediction.emotion)
        for index, moment in spoken
        if moment.prediction is not None
    ]
    figure.add_bar(
        name=label,
        x=[(moment.start_seconds + moment.end_seconds) / 2 for _, moment, _, _ in rows],
        width=[moment.seconds for _, moment, _, _ in rows],
        base=[lane + 1] * len(rows),
        y=[-LANE_FILL * probability for _, _, probability, _ in rows],
        marker={
            "color": style.emotion_colour(label),
            "opacity": [1.0 if winner == label else 0.4 for _, _, _, winner in rows],
            "line": {"width": 0},
        },
        customdata=[index for index, _, _, _ in rows],
        hovertext=[
            _told(moment, wording.emotion(label), probability) for _, moment, probability, _ in rows
        ],
        hoverinfo="text",
        row=1,
        col=1,
    )


def _add_inconsistency(
    figure: go.Figure, spoken: Sequence[tuple[int, Moment]], apart: float, wording: Wording
) -> None:
    """Bars of P(inconsistent); a sign over those that reach the threshold, ``apart`` seconds from
    the one before."""
    judged = [(index, moment) for index, moment in spoken if moment.inconsistency is not None]
    figure.add_bar(
        name="inconsistency",
        x=[(moment.start_seconds + moment.end_seconds) / 2 for _, moment in judged],
        width=[moment.seconds for _, moment in judged],
        y=[moment.inconsistency for _, moment in judged],
        marker={
            "color": style.INK,
            "opacity": [0.9 if moment.contradicts else 0.4 for _, moment in judged],
            "line": {"width": 0},
        },
        text=_signs([moment for _, moment in judged], apart),
        textposition="outside",
        textangle=0,
        textfont={"color": style.INK, "size": 12},
        constraintext="none",
        cliponaxis=False,
        customdata=[index for index, _ in judged],
        hovertext=[
            f"{clock(moment.start_seconds)} {wording.inconsistency} {moment.inconsistency:.2f} "
            f"{style.CONTRADICTION if moment.contradicts else style.AGREEMENT}"
            for _, moment in judged
        ],
        hoverinfo="text",
        row=2,
        col=1,
    )


def _signs(judged: Sequence[Moment], apart: float) -> list[str]:
    """The contradiction's sign where there is room for it, nothing elsewhere."""
    signs, last = [], -math.inf
    for moment in judged:
        shown = moment.contradicts and moment.start_seconds - last >= apart
        last = moment.start_seconds if shown else last
        signs.append(style.CONTRADICTION if shown else "")
    return signs


def _told(moment: Moment, emotion: str, probability: float) -> str:
    words = html.escape(textwrap.shorten(moment.words, HOVER_CHARACTERS), quote=False)
    told = f"{clock(moment.start_seconds)} {html.escape(emotion)} {probability:.2f}"
    return f"{told}<br>{words}" if words else told


def _silences(moments: Sequence[Moment]) -> list[tuple[float, float]]:
    """Start and end of each stretch in which nobody speaks."""
    found: list[tuple[float, float]] = []
    for moment in moments:
        if moment.prediction is not None:
            continue
        if found and found[-1][1] == moment.start_seconds:
            found[-1] = (found[-1][0], moment.end_seconds)
        else:
            found.append((moment.start_seconds, moment.end_seconds))
    return found


def _span(start: float, end: float, **look: object) -> dict[str, object]:
    """A rectangle over both panels."""
    place = {"type": "rect", "xref": "x", "yref": "paper", "x0": start, "x1": end, "y0": 0, "y1": 1}
    return {**place, "line": {"width": 0}, "layer": "below", **look}


def _across(height: float, axis: str, colour: str, width: int) -> dict[str, object]:
    """A horizontal line over a panel's whole width."""
    place = {"type": "line", "xref": "paper", "yref": axis, "x0": 0, "x1": 1}
    return {**place, "y0": height, "y1": height, "line": {"color": colour, "width": width}}


def _ticks(start: float, end: float) -> list[float]:
    """Round times, a few of them."""
    steps = (1, 2, 5, 10, 20, 30, 60, 120)
    step = next((s for s in steps if (end - start) / s <= MAX_TICKS), steps[-1])
    first = int(-(-start // step))
    return [float(i * step) for i in range(first, int(end // step) + 1)]
