"""Analysis -> Plotly figures: one function a figure, the same colours and axes everywhere."""

from __future__ import annotations

import math

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from drkf.analysis import Analysis, PerModality, Prediction
from drkf.figures.style import (
    AGREEMENT,
    CONTRADICTION,
    FAINT,
    INK,
    THRESHOLD_COLOUR,
    VOICE_COLOUR,
    WORDS_COLOUR,
    add_legend,
    add_thresholds,
    axis_reach,
    escape,
    finish,
    nothing,
    number_or_zero,
    swatch,
    value_labels,
    wrapped,
)
from drkf.figures.wording import ENGLISH, Wording

#: Pixels. Fixed, so that the page does not jump from one result to the next.
PROBABILITIES_HEIGHT = 620
ATTENTION_HEIGHT = 350
SHAPLEY_HEIGHT = 230
GAUGE_HEIGHT = 210
READINGS_HEIGHT = 280
READING_CHARACTERS = 18  # of a line


def probability_bars(analysis: Analysis, wording: Wording = ENGLISH) -> go.Figure:
    """Class probabilities: fused, voice only and words only, side by side.

    With one modality missing there is one bar an emotion: fused and the other would be the same.
    """
    series: list[tuple[str, Prediction, str]]
    if analysis.audio is not None and analysis.text is not None:
        series = [
            (wording.fused, analysis.fused, INK),
            (wording.voice_only, analysis.audio, VOICE_COLOUR),
            (wording.words_only, analysis.text, WORDS_COLOUR),
        ]
    elif analysis.audio is not None:
        series = [(wording.voice_only, analysis.fused, VOICE_COLOUR)]
    else:
        series = [(wording.words_only, analysis.fused, WORDS_COLOUR)]
    figure = go.Figure()
    for name, prediction, colour in series:
        figure.add_bar(
            name=name,
            y=[swatch(label, wording.emotion(label)) for label in prediction.labels],
            x=list(prediction.probabilities),
            orientation="h",
            marker_color=colour,
            **value_labels(prediction.probabilities),
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 1], dtick=0.25, title_text=wording.probability)
    add_legend(figure, [(colour, "■", name) for name, _, colour in series])
    return finish(figure, PROBABILITIES_HEIGHT, barmode="group", bargap=0.22)


def attention_bars(
    analysis: Analysis, method: str = "rollout", wording: Wording = ENGLISH
) -> go.Figure:
    """Attention share beside the share that length alone would give, and their ratio, the lift.

    The upper panel holds shares in 0..1, CLS and SEP apart; the lower one the lift on a
    logarithmic axis around 1.

    Args:
        method: of ``AttentionEvidence``; another takes its place until it has been computed.
    """
    if not analysis.attention or _one_modality(analysis):
        return nothing(wording.needs_both, ATTENTION_HEIGHT)
    chosen = (evidence for evidence in analysis.attention if evidence.method == method)
    evidence = next(chosen, analysis.attention[0])
    figure = make_subplots(rows=2, cols=1, row_heights=[0.58, 0.42], vertical_spacing=0.2)
    shares, baseline = (
        [number_or_zero(values.audio), number_or_zero(values.text)]
        for values in (evidence.share, evidence.baseline)
    )
    shares.append(evidence.special)
    figure.add_bar(
        y=[wording.voice, wording.words, wording.special],
        x=shares,
        orientation="h",
        marker_color=[VOICE_COLOUR, WORDS_COLOUR, FAINT],
        name="share",
        **value_labels(shares),
        row=1,
        col=1,
    )
    figure.add_bar(
        name="baseline",
        y=[wording.voice, wording.words],
        x=baseline,
        orientation="h",
        marker={"color": "rgba(0, 0, 0, 0)", "line": {"color": INK, "width": 1.5}},
        **value_labels(baseline),
        row=1,
        col=1,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, row=1, col=1)
    figure.update_xaxes(range=[0, 1], dtick=0.25, row=1, col=1)
    _add_lift(figure, evidence.lift, wording)
    add_legend(
        figure,
        [(INK, "■", wording.share.format(method=evidence.method)), (INK, "□", wording.baseline)],
    )
    return finish(figure, ATTENTION_HEIGHT, barmode="group", bargap=0.2)


def shapley_bars(analysis: Analysis, wording: Wording = ENGLISH) -> go.Figure:
    """What voice and words each added to the predicted emotion's logit, signed."""
    evidence = analysis.shapley
    if _one_modality(analysis):
        return nothing(wording.needs_both, SHAPLEY_HEIGHT)
    if evidence is None:
        return nothing(wording.explaining, SHAPLEY_HEIGHT)
    values = [
        number_or_zero(evidence.phi.audio),
        number_or_zero(evidence.phi.text),
        evidence.interaction,
    ]
    figure = go.Figure(
        go.Bar(
            y=[wording.voice, wording.words, wording.together],
            x=values,
            orientation="h",
            marker_color=[VOICE_COLOUR, WORDS_COLOUR, FAINT],
            **value_labels(values, signed=True),
        )
    )
    reach = axis_reach(values)
    figure.update_xaxes(
        # Room beyond the longest bar for its value.
        range=[-1.25 * reach, 1.25 * reach],
        title_text=wording.push.format(emotion=escape(wording.emotion(evidence.emotion))),
        zeroline=True,
        zerolinecolor=INK,
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return finish(figure, SHAPLEY_HEIGHT)


def inconsistency_gauge(analysis: Analysis, wording: Wording = ENGLISH) -> go.Figure:
    """P(inconsistent) of the discrimination head from 0 to 1, with the decision threshold."""
    evidence = analysis.inconsistency
    if evidence is None:
        return nothing(wording.needs_both, GAUGE_HEIGHT)
    titles = {"agree": wording.agree, "contradict": wording.disagree}  # neutral sides: neither
    figure = go.Figure(
        go.Indicator(
            mode="gauge+number",
            value=evidence.discrimination,
            number={"valueformat": ".2f", "font": {"size": 40, "color": INK}},
            title={
                "text": titles.get(analysis.agreement or "", ""),
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


def inconsistency_readings(analysis: Analysis, wording: Wording = ENGLISH) -> go.Figure:
    """The three readings of inconsistency, each from 0 to 1 and beside its threshold."""
    evidence = analysis.inconsistency
    if evidence is None:
        return nothing(wording.needs_both, READINGS_HEIGHT)
    readings = [
        (wording.discrimination, evidence.discrimination, evidence.threshold),
        (wording.divergence, evidence.divergence, evidence.divergence_threshold),
    ]
    if evidence.neutral_shift is not None:
        readings.append((wording.neutral_shift, evidence.neutral_shift, evidence.shift_threshold))
    # The numbers stand beside the names: at the bars the thresholds would cross them.
    signs = [CONTRADICTION if value >= threshold else AGREEMENT for _, value, threshold in readings]
    names = [
        f"{wrapped(name, READING_CHARACTERS)}<br>{value:.2f} {sign}"
        for (name, value, _), sign in zip(readings, signs, strict=True)
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
    add_thresholds(figure, names, [threshold for *_, threshold in readings], 34, wording.threshold)
    figure.update_xaxes(range=[0, 1], dtick=0.25)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    add_legend(figure, [(THRESHOLD_COLOUR, "┃", wording.beyond_threshold)])
    return finish(figure, READINGS_HEIGHT, bargap=0.35)


def _add_lift(figure: go.Figure, lift: PerModality, wording: Wording) -> None:
    """A stalk from 1 (as much as length alone gives) to the lift of each modality."""
    for name, value, colour in (
        (wording.voice, lift.audio, VOICE_COLOUR),
        (wording.words, lift.text, WORDS_COLOUR),
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
    figure.add_vline(x=1, line={"color": INK, "width": 1, "dash": "dot"}, row=2, col=1)
    # Room above the first marker for its number.
    figure.update_yaxes(range=[1.6, -0.8], showgrid=False, row=2, col=1)
    figure.update_xaxes(
        type="log",
        range=[math.log10(0.08), math.log10(12.5)],
        tickvals=[0.1, 0.25, 0.5, 1, 2, 4, 10],
        ticktext=["⅒", "¼", "½", "1", "2", "4", "10"],
        title_text=wording.lift,
        row=2,
        col=1,
    )


def _one_modality(analysis: Analysis) -> bool:
    return analysis.audio is None or analysis.text is None
