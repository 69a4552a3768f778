"""Figures of relevance: the voice over time, and its words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from drkf.analysis import Analysis, RelevanceEvidence, WordRelevance
from drkf.explain import EXPLAINERS
from drkf.figures.style import INK, VOICE_COLOUR, WORDS_COLOUR, axis_reach, escape, finish, nothing
from drkf.figures.wording import ENGLISH, Wording

TIMELINE_HEIGHT = 220
TIMELINE_WORDS_HEIGHT = 440
WORDS_HEIGHT = 240

MAX_WORD_LABELS = 30
MAX_TIMED_LABELS = 44
MAX_LABEL_CHARACTERS = 14
WAVEFORM_POINTS = 600


def voice_timeline(
    analysis: Analysis,
    samples: np.ndarray | None,
    sample_rate: int = 16_000,
    wording: Wording = ENGLISH,
) -> go.Figure:
    """The waveform with the relevance of each span of time over it.

    Where the recogniser gave word times, a second panel has the words at their times, on a value
    axis of the same length.

    Args:
        samples: mono audio, float in -1..1, shape [n]; None where there is no voice.
        sample_rate: in Hz.
    """
    if samples is None or len(samples) == 0:
        return nothing(wording.needs_voice, TIMELINE_HEIGHT)
    relevance, length = analysis.relevance, len(samples) / sample_rate
    spans = relevance.times if relevance is not None else ()
    figure = go.Figure()
    figure.add_bar(
        x=[(span.start_seconds + span.end_seconds) / 2 for span in spans],
        width=[span.end_seconds - span.start_seconds for span in spans],
        y=[span.effect for span in spans],
        marker_color=VOICE_COLOUR,
        marker_opacity=0.6,
        hovertemplate="%{x:.2f} s: %{y:+.2f}<extra></extra>",
    )
    _add_waveform(figure, samples, sample_rate)
    value_axis = _relevance_axis(relevance)
    figure.update_layout(
        xaxis={"title": {"text": wording.seconds}, "range": [0, length]},
        yaxis={
            **value_axis,
            "title": {"text": wording.relevance_of_voice.format(unit=_unit(relevance, wording))},
        },
        yaxis2={"overlaying": "y", "range": [-1, 1], "visible": False},
    )
    if not analysis.transcript.words:
        return finish(figure, TIMELINE_HEIGHT)
    timed = relevance.words if relevance is not None else ()
    _add_timed_words(figure, timed, length)
    figure.update_layout(
        xaxis={"anchor": "y", "title": {"text": wording.seconds, "standoff": 0}},
        yaxis={"domain": [0.6, 1]},
        yaxis3={
            **value_axis,
            "domain": [0.06, 0.44],
            "title": {"text": wording.relevance_of_words.format(unit=_unit(relevance, wording))},
        },
        xaxis2={"matches": "x", "anchor": "y3"},
    )
    return finish(figure, TIMELINE_WORDS_HEIGHT)


def _add_waveform(figure: go.Figure, samples: np.ndarray, sample_rate: int) -> None:
    """The outline of the sound, on an axis of its own."""
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


def word_relevance(analysis: Analysis, wording: Wording = ENGLISH) -> go.Figure:
    """How far the answer's probability, or its logit, changes without each word, in order."""
    relevance = analysis.relevance
    shown = relevance.words if relevance is not None else ()
    if not shown:
        explained = relevance is not None or analysis.text is None
        return nothing(wording.needs_words if explained else wording.explaining, WORDS_HEIGHT)
    values = [word.effect for word in shown]
    strongest = sorted(range(len(shown)), key=lambda i: -abs(values[i]))[:MAX_WORD_LABELS]
    labelled = sorted(strongest)
    few = len(shown) <= 8
    figure = go.Figure(
        go.Bar(
            x=list(range(len(shown))),
            y=values,
            marker_color=WORDS_COLOUR,
            hovertext=[f"{escape(w.word)}: {w.effect:+.2f}" for w in shown],
            hoverinfo="text",
            text=[f"{round(value, 2) + 0.0:.2f}" for value in values] if few else None,
            textposition="outside" if few else None,
            textangle=0,
            constraintext="none",
            cliponaxis=False,
            textfont={"color": INK, "size": 12},
        )
    )
    figure.update_xaxes(
        tickvals=labelled,
        ticktext=[escape(_shortened(shown[i].word)) for i in labelled],
        tickangle=-40,
        # A short sentence keeps slim bars instead of a few wide blocks.
        range=[-0.6, max(len(shown), 8) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(**_relevance_axis(relevance), title_text=_unit(relevance, wording))
    return finish(figure, WORDS_HEIGHT)


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
        y=[word.effect for word, *_ in timed],
        marker_color=WORDS_COLOUR,
        marker_opacity=0.75,
        hovertext=[f"{escape(word.word)}: {word.effect:+.2f}" for word, *_ in timed],
        hoverinfo="text",
        xaxis="x2",
        yaxis="y3",
    )
    labels: dict[float, str] = {}
    for word, start, end in sorted(timed, key=lambda entry: -abs(entry[0].effect)):
        middle = (start + end) / 2
        if all(abs(middle - other) >= length / MAX_TIMED_LABELS for other in labels):
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
        [word.effect for word in words] + [span.effect for span in times], smallest=0.25
    )


def _relevance_axis(relevance: RelevanceEvidence | None) -> dict[str, object]:
    reach = relevance_reach(relevance)
    low = -reach if relevance is None or EXPLAINERS[relevance.method].signed else 0.0
    return {"range": [1.2 * low, 1.2 * reach], "tickvals": sorted({low, 0.0, reach})}


def _unit(relevance: RelevanceEvidence | None, wording: Wording) -> str:
    """What a relevance value counts, short enough for an axis."""
    if relevance is None:
        return wording.probability_change
    units = {
        "change of the probability": wording.probability_change,
        "change of the logit": wording.signed_relevance,
        "share of attention": wording.unsigned_relevance,
    }
    return units[EXPLAINERS[relevance.method].unit]


def _shortened(word: str) -> str:
    if len(word) <= MAX_LABEL_CHARACTERS:
        return word
    return word[: MAX_LABEL_CHARACTERS - 1] + "…"


def _waveform(samples: np.ndarray, sample_rate: int) -> tuple[list[float], list[float]]:
    """Lowest and highest sample of each of a few hundred bins, in turn, scaled to the peak."""
    step = max(1, len(samples) // WAVEFORM_POINTS)
    bins = samples[: len(samples) // step * step].reshape(-1, step)
    outline = np.stack([bins.min(axis=1), bins.max(axis=1)], axis=1).ravel()
    seconds = np.repeat((np.arange(len(bins)) + 0.5) * step / sample_rate, 2)
    peak = float(np.abs(outline).max()) or 1.0
    return seconds.round(3).tolist(), (outline / peak * 0.95).round(3).tolist()
