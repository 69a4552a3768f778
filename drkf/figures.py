"""Analysis -> Plotly figures: one function a figure, the same colours and axes everywhere."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from drkf.analysis import Analysis, PerModality, Prediction, RelevanceEvidence, WordRelevance
from drkf.comparison import Comparison, Grid, GridCell
from drkf.explain import EXPLAINERS

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

#: Pixels. Fixed, so that the page does not jump from one result to the next.
PROBABILITIES_HEIGHT = 620
ATTENTION_HEIGHT = 350
SHAPLEY_HEIGHT = 230
GAUGE_HEIGHT = 210
READINGS_HEIGHT = 240
TIMELINE_HEIGHT = 220
TIMELINE_WORDS_HEIGHT = 440
WORDS_HEIGHT = 240
PROBABILITY_CHANGE_HEIGHT = 540
CHANGE_ROW_HEIGHT = 46
GRID_ROW_HEIGHT = 62

MOST_WORD_LABELS = 30
MOST_TIMED_LABELS = 44
LONGEST_WORD_LABEL = 14
WAVEFORM_POINTS = 600

PROJECTOR_TYPE = 17
PROJECTOR_HEIGHT = 400
"""What is this high already stays as it is."""
GRID_ROW_CHARACTERS, GRID_COLUMN_CHARACTERS = 22, 12
GRID_LABEL_LINES = 4
CONTRADICTION, AGREEMENT = "≠", "="
#: From "agree" to "contradict", the same on a light and on a dark page: dark type is readable on
#: all of it.
INCONSISTENCY_SCALE = ((0.0, "#F7F4FA"), (0.5, "#D3BFE3"), (1.0, "#A67BC9"))
DARK_INK, LIGHT_INK = "#111111", "#FFFFFF"

_VOICE, _WORDS, _SPECIAL = "voice", "words", "CLS, SEP"


def emotion_colour(label: str) -> str:
    return EMOTION_COLOURS.get(label, OTHER_COLOUR)


def probabilities(analysis: Analysis) -> go.Figure:
    """Class probabilities: fused, voice only and words only, side by side.

    With one modality missing there is one bar an emotion: fused and the other would be the same.
    """
    series: list[tuple[str, Prediction, str]]
    if analysis.audio is not None and analysis.text is not None:
        series = [
            ("fused", analysis.fused, INK),
            ("voice only", analysis.audio, VOICE_COLOUR),
            ("words only", analysis.text, WORDS_COLOUR),
        ]
    elif analysis.audio is not None:
        series = [("voice only", analysis.fused, VOICE_COLOUR)]
    else:
        series = [("words only", analysis.fused, WORDS_COLOUR)]
    figure = go.Figure()
    for name, prediction, colour in series:
        figure.add_bar(
            name=name,
            y=[swatch(label) for label in prediction.labels],
            x=list(prediction.probabilities),
            orientation="h",
            marker_color=colour,
            **_values(prediction.probabilities),
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 1], dtick=0.25, title_text="probability")
    add_legend(figure, [(colour, "■", name) for name, _, colour in series])
    return finish(figure, PROBABILITIES_HEIGHT, barmode="group", bargap=0.22)


def attention(analysis: Analysis, method: str = "rollout") -> go.Figure:
    """Attention share beside the share that length alone would give, and their ratio, the lift.

    The upper panel holds shares in 0..1, CLS and SEP apart; the lower one the lift on a
    logarithmic axis around 1.

    Args:
        method: of ``AttentionEvidence``; another takes its place until it has been computed.
    """
    if not analysis.attention or _one_modality(analysis):
        return nothing("Needs both voice and words", ATTENTION_HEIGHT)
    chosen = (evidence for evidence in analysis.attention if evidence.method == method)
    evidence = next(chosen, analysis.attention[0])
    figure = make_subplots(rows=2, cols=1, row_heights=[0.58, 0.42], vertical_spacing=0.2)
    shares = [_number(evidence.share.audio), _number(evidence.share.text), evidence.special]
    figure.add_bar(
        y=[_VOICE, _WORDS, _SPECIAL],
        x=shares,
        orientation="h",
        marker_color=[VOICE_COLOUR, WORDS_COLOUR, FAINT],
        name="share",
        **_values(shares),
        row=1,
        col=1,
    )
    baseline = [_number(evidence.baseline.audio), _number(evidence.baseline.text)]
    figure.add_bar(
        name="baseline",
        y=[_VOICE, _WORDS],
        x=baseline,
        orientation="h",
        marker={"color": "rgba(0, 0, 0, 0)", "line": {"color": INK, "width": 1.5}},
        **_values(baseline),
        row=1,
        col=1,
    )
    _add_lift(figure, evidence.lift)
    figure.add_vline(x=1, line={"color": INK, "width": 1, "dash": "dot"}, row=2, col=1)
    figure.update_yaxes(autorange="reversed", showgrid=False, row=1, col=1)
    # Room above the first marker for its number.
    figure.update_yaxes(range=[1.6, -0.8], showgrid=False, row=2, col=1)
    figure.update_xaxes(range=[0, 1], dtick=0.25, row=1, col=1)
    figure.update_xaxes(
        type="log",
        range=[math.log10(0.08), math.log10(12.5)],
        tickvals=[0.1, 0.25, 0.5, 1, 2, 4, 10],
        ticktext=["⅒", "¼", "½", "1", "2", "4", "10"],
        title_text="lift (share ÷ baseline)",
        row=2,
        col=1,
    )
    add_legend(
        figure, [(INK, "■", f"share ({evidence.method})"), (INK, "□", "baseline: by length")]
    )
    return finish(figure, ATTENTION_HEIGHT, barmode="group", bargap=0.2)


def shapley(analysis: Analysis) -> go.Figure:
    """What voice and words each added to the predicted emotion's logit, signed."""
    evidence = analysis.shapley
    if _one_modality(analysis):
        return nothing("Needs both voice and words", SHAPLEY_HEIGHT)
    if evidence is None:
        return nothing("Explaining …", SHAPLEY_HEIGHT)
    values = [_number(evidence.phi.audio), _number(evidence.phi.text), evidence.interaction]
    figure = go.Figure(
        go.Bar(
            y=[_VOICE, _WORDS, "together"],
            x=values,
            orientation="h",
            marker_color=[VOICE_COLOUR, WORDS_COLOUR, FAINT],
            **_values(values, signed=True),
        )
    )
    reach = axis_reach(values)
    figure.update_xaxes(
        # Room beyond the longest bar for its value.
        range=[-1.25 * reach, 1.25 * reach],
        title_text=f"change of the logit of {escape(evidence.emotion)}",
        zeroline=True,
        zerolinecolor=INK,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return finish(figure, SHAPLEY_HEIGHT)


def inconsistency_gauge(analysis: Analysis) -> go.Figure:
    """P(inconsistent) of the discrimination head from 0 to 1, with the decision threshold."""
    evidence = analysis.inconsistency
    if evidence is None:
        return nothing("Needs both voice and words", GAUGE_HEIGHT)
    figure = go.Figure(
        go.Indicator(
            mode="gauge+number",
            value=evidence.discrimination,
            number={"valueformat": ".2f", "font": {"size": 40, "color": INK}},
            title={
                "text": "disagree" if evidence.inconsistent else "agree",
                "font": {"size": 20, "color": INK},
            },
            gauge={
                "axis": {
                    "range": [0, 1],
                    "tickvals": [0, 0.25, 0.5, 0.75, 1],
                    "tickcolor": INK,
                    "tickfont": {"color": INK},
                },
                "bar": {"color": INK, "thickness": 0.45},
                "borderwidth": 0,
                "steps": [
                    {"range": [0, evidence.threshold], "color": "rgba(127, 127, 127, 0.15)"},
                    {"range": [evidence.threshold, 1], "color": "rgba(127, 127, 127, 0.4)"},
                ],
                "threshold": {
                    "value": evidence.threshold,
                    "thickness": 1,
                    "line": {"color": THRESHOLD_COLOUR, "width": 3},
                },
            },
        )
    )
    finish(figure, GAUGE_HEIGHT)
    return figure.update_layout(margin={"l": 30, "r": 36, "t": 50, "b": 12})


def inconsistency_readings(analysis: Analysis) -> go.Figure:
    """The three readings of inconsistency, each from 0 to 1 and beside its threshold."""
    evidence = analysis.inconsistency
    if evidence is None:
        return nothing("Needs both voice and words", READINGS_HEIGHT)
    readings = [
        ("discrimination", evidence.discrimination, evidence.threshold),
        ("divergence", evidence.divergence, evidence.divergence_threshold),
    ]
    if evidence.neutral_shift is not None:
        readings.append(("neutral shift", evidence.neutral_shift, evidence.shift_threshold))
    # The numbers stand beside the names: at the bars the thresholds would cross them.
    names = [
        f"{name}<br>{value:.2f} {CONTRADICTION if value >= threshold else AGREEMENT}"
        for name, value, threshold in readings
    ]
    figure = go.Figure(
        go.Bar(
            y=names,
            x=[value for _, value, _ in readings],
            orientation="h",
            marker_color=[INK, FAINT, FAINT][: len(readings)],
            hovertemplate="%{x:.2f}<extra></extra>",
        )
    )
    _add_thresholds(figure, names, [threshold for *_, threshold in readings], 34)
    figure.update_xaxes(range=[0, 1], dtick=0.25)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    add_legend(figure, [(THRESHOLD_COLOUR, "┃", "its threshold; beyond it ≠")])
    return finish(figure, READINGS_HEIGHT, bargap=0.35)


def voice_timeline(
    analysis: Analysis, samples: np.ndarray | None, sample_rate: int = 16_000
) -> go.Figure:
    """The waveform with the relevance of each span of time over it.

    Where the recogniser gave word times, a second panel has the words at their times, on a value
    axis of the same length.

    Args:
        samples: mono audio, float in -1..1, shape [n]; None where there is no voice.
        sample_rate: in Hz.
    """
    if samples is None or len(samples) == 0:
        return nothing("Needs a voice", TIMELINE_HEIGHT)
    relevance, length = analysis.relevance, len(samples) / sample_rate
    spans = relevance.times if relevance is not None else ()
    figure = go.Figure()
    figure.add_bar(
        x=[(span.start_seconds + span.end_seconds) / 2 for span in spans],
        width=[span.end_seconds - span.start_seconds for span in spans],
        y=[span.value for span in spans],
        marker_color=VOICE_COLOUR,
        marker_opacity=0.6,
        hovertemplate="%{x:.2f} s: %{y:+.2f}<extra></extra>",
    )
    seconds, outline = _waveform(np.asarray(samples, dtype=np.float32), sample_rate)
    figure.add_scatter(
        x=seconds,
        y=outline,
        yaxis="y2",
        mode="lines",
        line={"color": INK, "width": 0.8},
        opacity=0.6,
        hoverinfo="skip",
    )
    value_axis = _relevance_axis(relevance)
    figure.update_layout(
        xaxis={"title": {"text": "seconds"}, "range": [0, length]},
        yaxis={**value_axis, "title": {"text": f"voice: {_unit(relevance)}"}},
        yaxis2={"overlaying": "y", "range": [-1, 1], "visible": False},
    )
    if not analysis.transcript.words:
        return finish(figure, TIMELINE_HEIGHT)
    words = relevance.words if relevance is not None else ()
    _add_timed_words(figure, words, length)
    figure.update_layout(
        xaxis={"anchor": "y", "title": {"text": "seconds", "standoff": 0}},
        yaxis={"domain": [0.6, 1]},
        yaxis3={
            **value_axis,
            "domain": [0.06, 0.44],
            "title": {"text": f"words: {_unit(relevance)}"},
        },
        xaxis2={"matches": "x", "anchor": "y3"},
    )
    return finish(figure, TIMELINE_WORDS_HEIGHT)


def word_relevance(analysis: Analysis) -> go.Figure:
    """How relevant each word is to the predicted emotion's logit, in reading order."""
    relevance = analysis.relevance
    words = relevance.words if relevance is not None else ()
    if not words:
        explained = relevance is not None or analysis.text is None
        return nothing("Needs words" if explained else "Explaining …", WORDS_HEIGHT)
    values = [word.value for word in words]
    strongest = sorted(range(len(words)), key=lambda i: -abs(values[i]))[:MOST_WORD_LABELS]
    labelled = sorted(strongest)
    few = len(words) <= 8
    figure = go.Figure(
        go.Bar(
            x=list(range(len(words))),
            y=values,
            marker_color=WORDS_COLOUR,
            hovertext=[f"{escape(w.word)}: {w.value:+.2f}" for w in words],
            hoverinfo="text",
            text=[f"{round(value, 2) + 0.0:.2f}" for value in values] if few else None,
            textposition="outside" if few else None,
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            textfont={"color": INK, "size": 10},
        )
    )
    figure.update_xaxes(
        tickvals=labelled,
        ticktext=[escape(_shortened(words[i].word)) for i in labelled],
        tickangle=-40,
        # A short sentence keeps slim bars instead of a few wide blocks.
        range=[-0.6, max(len(words), 8) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(**_relevance_axis(relevance), title_text=_unit(relevance))
    return finish(figure, WORDS_HEIGHT)


def probability_change(comparison: Comparison) -> go.Figure:
    """Fused class probabilities before (pale) and after, with the difference."""
    before, after = comparison.before.fused, comparison.after.fused
    deltas = comparison.probability_delta
    rows = [
        _Change(swatch(label), INK, before.as_mapping()[label], after.as_mapping()[label], delta)
        for label, delta in deltas.items()
    ]
    figure = _changes(rows)
    # Room for the numbers beyond a full bar, on a telephone as well.
    figure.update_layout(height=PROBABILITY_CHANGE_HEIGHT, margin_r=76)
    figure.update_xaxes(range=[0, 1.05], tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def shapley_change(comparison: Comparison) -> go.Figure:
    """Shapley values of voice and words before (pale) and after, with the difference.

    A pair of rows for each emotion that was predicted, before or after.
    """
    rows = []
    for change in comparison.shapley:
        before, after, delta = change.before.phi, change.after.phi, change.delta
        emotion = escape(change.emotion)
        rows += [
            _Change(f"{_VOICE}<br>{emotion}", VOICE_COLOUR, before.audio, after.audio, delta.audio),
            _Change(f"{_WORDS}<br>{emotion}", WORDS_COLOUR, before.text, after.text, delta.text),
        ]
    figure = _changes(rows, signed=True)
    reach = axis_reach([value for row in rows for value in (row.before, row.after) if value])
    figure.update_xaxes(
        range=[-1.5 * reach, 1.5 * reach],
        title_text="change of the emotion's logit",
        zeroline=True,
        zerolinecolor=INK,
    )
    return figure


def inconsistency_change(comparison: Comparison) -> go.Figure:
    """The three readings of inconsistency before (pale) and after, with the difference."""
    delta = comparison.inconsistency_delta
    before, after = comparison.before.inconsistency, comparison.after.inconsistency
    names = (
        ("discrimination", delta.discrimination),
        ("divergence", delta.divergence),
        ("neutral_shift", delta.neutral_shift),
    )
    rows = [
        _Change(
            name.replace("_", " "),
            INK,
            None if before is None else getattr(before, name),
            None if after is None else getattr(after, name),
            difference,
        )
        for name, difference in names
    ]
    # The numbers stand beside the names: at the bars the thresholds would cross them.
    figure = _changes([replace(row, name=f"{row.name}<br>{row.told()}") for row in rows])
    figure.update_traces(text=None)
    evidence = before or after
    if evidence is not None:
        thresholds = [evidence.threshold, evidence.divergence_threshold, evidence.shift_threshold]
        _add_thresholds(figure, list(figure.data[0].y), thresholds, 0.8 * CHANGE_ROW_HEIGHT)
    figure.update_xaxes(range=[0, 1.05], tickvals=[0, 0.5, 1])
    return figure


def grid_emotions(grid: Grid) -> go.Figure:
    """The emotion of every voice with every sentence: its colour, its name and probability."""
    count = len(grid.labels)
    steps = [
        ((i + edge) / count, emotion_colour(label))
        for i, label in enumerate(grid.labels)
        for edge in (0, 1)
    ]
    return _grid_map(
        grid,
        lambda cell: grid.labels.index(cell.emotion),
        lambda cell: f"{escape(cell.emotion)}<br>{cell.probability:.2f}",
        lambda cell: _ink_on(emotion_colour(cell.emotion)),
        {"colorscale": steps, "zmin": -0.5, "zmax": count - 0.5},
    )


def grid_inconsistency(grid: Grid) -> go.Figure:
    """P(inconsistent) of every voice with every sentence; a sign on those over the threshold."""
    return _grid_map(
        grid,
        lambda cell: cell.inconsistency,
        lambda cell: f"{CONTRADICTION + ' ' if cell.inconsistent else ''}{cell.inconsistency:.2f}",
        lambda cell: DARK_INK,
        {"colorscale": list(INCONSISTENCY_SCALE), "zmin": 0, "zmax": 1},
    )


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


@dataclass(frozen=True)
class _Change:
    """A row of a before-after figure; None where a value does not exist."""

    name: str
    colour: str
    before: float | None
    after: float | None
    delta: float | None

    def told(self) -> str:
        before, after = (
            "none" if value is None else f"{value:.2f}" for value in (self.before, self.after)
        )
        return f"{before} → {after}{self.difference}"

    @property
    def difference(self) -> str:
        # Plus zero, where rounding would leave -0.00.
        return "" if self.delta is None else f" ({round(self.delta, 2) + 0.0:+.2f})"


def _changes(rows: Sequence[_Change], signed: bool = False) -> go.Figure:
    """Two bars a row: before, pale, above after."""
    figure = go.Figure()
    sign = "+" if signed else ""
    for name, opacity in (("before", 0.45), ("after", 1.0)):
        values = [row.before if name == "before" else row.after for row in rows]
        labels = ["none" if value is None else f"{value:{sign}.2f}" for value in values]
        if name == "after":
            labels = [label + row.difference for label, row in zip(labels, rows, strict=True)]
        figure.add_bar(
            name=name,
            y=[row.name for row in rows],
            x=[_number(value) for value in values],
            orientation="h",
            marker_color=[row.colour for row in rows],
            marker_opacity=opacity,
            **{**_values([]), "text": labels},
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    add_legend(figure, [(FAINT, "■", "before"), (INK, "■", "after (difference)")])
    height = 90 + CHANGE_ROW_HEIGHT * len(rows)
    return finish(figure, height, barmode="group", bargap=0.25)


def _grid_map(
    grid: Grid,
    value: Callable[[GridCell], float],
    label: Callable[[GridCell], str],
    ink: Callable[[GridCell], str],
    scale: dict[str, object],
) -> go.Figure:
    """A row for each sentence, a column for each voice."""
    figure = go.Figure(
        go.Heatmap(
            z=[[value(cell) for cell in row] for row in grid.cells],
            xgap=3,
            ygap=3,
            showscale=False,
            hoverinfo="skip",
            **scale,
        )
    )
    for y, row in enumerate(grid.cells):
        for x, cell in enumerate(row):
            # Plotly's own labels in a cell can have one colour only.
            figure.add_annotation(
                x=x, y=y, text=label(cell), showarrow=False, font={"size": 14, "color": ink(cell)}
            )
    figure.update_xaxes(
        tickvals=list(range(len(grid.voices))),
        ticktext=[_wrapped(voice, GRID_COLUMN_CHARACTERS) for voice in grid.voices],
        side="top",
        tickangle=0,
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(grid.sentences))),
        ticktext=[_wrapped(sentence, GRID_ROW_CHARACTERS) for sentence in grid.sentences],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    return finish(figure, 90 + GRID_ROW_HEIGHT * len(grid.sentences))


def _add_lift(figure: go.Figure, lift: PerModality) -> None:
    """A stalk from 1 (as much as length alone gives) to the lift of each modality."""
    for name, value, colour in (
        (_VOICE, lift.audio, VOICE_COLOUR),
        (_WORDS, lift.text, WORDS_COLOUR),
    ):
        if value is None:
            continue
        # Beyond the axis the marker stays at its end; the number beside it tells the truth.
        shown = min(max(value, 0.1), 10.0)
        figure.add_scatter(
            x=[1, shown],
            y=[name, name],
            mode="lines+markers+text",
            line={"color": colour, "width": 4},
            marker={"size": [0, 12]},
            text=["", f"×{value:.2f}"],
            textposition="top center",
            textfont={"color": INK, "size": 12},
            hovertext=f"×{value:.2f}",
            hoverinfo="text",
            cliponaxis=False,
            row=2,
            col=1,
        )


def _add_thresholds(
    figure: go.Figure, rows: Sequence[str], thresholds: Sequence[float], size: float
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
        hovertemplate="threshold %{x:.2f}<extra></extra>",
    )


def _add_timed_words(figure: go.Figure, words: Sequence[WordRelevance], length: float) -> None:
    """A bar from each word's start to its end; the strongest that have room bear their word."""
    timed = [
        (word, word.start_seconds, word.end_seconds)
        for word in words
        if word.start_seconds is not None and word.end_seconds is not None
    ]
    figure.add_bar(
        x=[(start + end) / 2 for _, start, end in timed],
        width=[max(end - start, 0.02) for _, start, end in timed],
        y=[word.value for word, *_ in timed],
        marker_color=WORDS_COLOUR,
        marker_opacity=0.75,
        hovertext=[f"{escape(word.word)}: {word.value:+.2f}" for word, *_ in timed],
        hoverinfo="text",
        xaxis="x2",
        yaxis="y3",
    )
    labels: dict[float, str] = {}
    for word, start, end in sorted(timed, key=lambda entry: -abs(entry[0].value)):
        middle = (start + end) / 2
        if all(abs(middle - other) >= length / MOST_TIMED_LABELS for other in labels):
            labels[middle] = escape(_shortened(word.word))
    figure.update_layout(
        xaxis2={
            "tickvals": sorted(labels),
            "ticktext": [labels[middle] for middle in sorted(labels)],
            "tickangle": -50,
            "tickfont": {"size": 12},
            "showgrid": False,
        }
    )


def relevance_reach(relevance: RelevanceEvidence | None) -> float:
    """The longest value that the axes of voice and words have room for, the same for both."""
    if relevance is None:
        return axis_reach([], smallest=0.25)
    words, times = relevance.words, relevance.times
    return axis_reach(
        [word.value for word in words] + [span.value for span in times], smallest=0.25
    )


def _relevance_axis(relevance: RelevanceEvidence | None) -> dict[str, object]:
    reach = relevance_reach(relevance)
    low = -reach if relevance is None or EXPLAINERS[relevance.method].signed else 0.0
    return {"range": [1.2 * low, 1.2 * reach], "tickvals": sorted({low, 0.0, reach})}


def _unit(relevance: RelevanceEvidence | None) -> str:
    """What a relevance value counts, short enough for an axis."""
    signed = relevance is None or EXPLAINERS[relevance.method].signed
    return "Δ logit" if signed else "share"


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


def _values(values: Sequence[float], signed: bool = False) -> dict[str, object]:
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


def swatch(label: str) -> str:
    return f"{_coloured('■', emotion_colour(label))} {escape(label)}"


def _coloured(mark: str, colour: str) -> str:
    return f'<span style="color:{colour}">{mark}</span>'


def escape(text: str) -> str:
    """Plotly reads a subset of HTML in every label: text from outside must not be read so."""
    return html.escape(text, quote=False)


def _shortened(word: str) -> str:
    if len(word) <= LONGEST_WORD_LABEL:
        return word
    return word[: LONGEST_WORD_LABEL - 1] + "…"


def _ink_on(colour: str) -> str:
    """Dark or light type, whichever contrasts more with a colour #RRGGBB (WCAG 2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # On white and on #111111 (luminance 0.0056) the contrasts are equal at this luminance.
    return DARK_INK if luminance > 0.19 else LIGHT_INK


def _wrapped(label: str, characters: int) -> str:
    """A label of a grid on a few short lines."""
    lines = textwrap.wrap(label, characters, max_lines=GRID_LABEL_LINES, placeholder=" …")
    return "<br>".join(escape(line) for line in lines)


def _number(value: float | None) -> float:
    return 0.0 if value is None else value


def _one_modality(analysis: Analysis) -> bool:
    return analysis.audio is None or analysis.text is None


def axis_reach(values: Sequence[float], smallest: float = 2.0) -> float:
    """Half of a symmetric axis: a power of two, so that most results share the same axis."""
    largest = max((abs(value) for value in values), default=0.0)
    return float(max(smallest, 2 ** math.ceil(math.log2(largest)))) if largest else smallest


def _waveform(samples: np.ndarray, sample_rate: int) -> tuple[list[float], list[float]]:
    """Lowest and highest sample of each of a few hundred bins, in turn, scaled to the peak."""
    step = max(1, len(samples) // WAVEFORM_POINTS)
    bins = samples[: len(samples) // step * step].reshape(-1, step)
    outline = np.stack([bins.min(axis=1), bins.max(axis=1)], axis=1).ravel()
    seconds = np.repeat((np.arange(len(bins)) + 0.5) * step / sample_rate, 2)
    peak = float(np.abs(outline).max()) or 1.0
    return seconds.round(3).tolist(), (outline / peak * 0.95).round(3).tolist()
