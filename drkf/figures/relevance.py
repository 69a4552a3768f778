"""Figures of relevance: the voice over time, and its words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from drkf.analysis import Analysis, RelevanceEvidence, WordRelevance
from drkf.figures.style import INK, VOICE_COLOUR, WORDS_COLOUR, axis_reach, escape, finish, nothing
from drkf.figures.wording import ENGLISH, Wording

TIMELINE_HEIGHT = 220
TIMELINE_WORDS_HEIGHT = 440
WORDS_HEIGHT = 240

MAX_WORD_LABELS = 30
MAX_TIMED_LABELS = 44
MAX_LABEL_CHARACTERS = 14
WAVEFORM_POINTS = 600
MAX_OPACITY = 0.75  # of the band, so that the waveform is seen before it


def voice_timeline(
    analysis: Analysis,
    samples: np.ndarray | None,
    sample_rate: int = 16_000,
    wording: Wording = ENGLISH,
) -> go.Figure:
    """The waveform over a band that shows the relevance of each span of time.

    Where the recogniser gave word times, a second panel has the words at their times; colours of
    the band and heights of the words have one scale.

    Args:
        samples: mono audio, float in -1..1, shape [n]; None where there is no voice.
        sample_rate: in Hz.
    """
    if samples is None or len(samples) == 0:
        return nothing(wording.needs_voice, TIMELINE_HEIGHT)
    relevance, length = analysis.relevance, len(samples) / sample_rate
    figure = go.Figure()
    _add_band(figure, relevance, wording)
    _add_waveform(figure, samples, sample_rate)
    figure.update_layout(
        xaxis={"title": {"text": wording.seconds}, "range": [0, length]},
        yaxis={"range": [-1, 1], "tickvals": [], "title": {"text": wording.voice}},
    )
    if not analysis.transcript.words:
        return finish(figure, TIMELINE_HEIGHT)
    timed = relevance.words if relevance is not None else ()
    _add_timed_words(figure, timed, length)
    unit = wording.probability_change
    figure.update_layout(
        xaxis={"anchor": "y", "title": {"text": wording.seconds, "standoff": 0}},
        yaxis={"domain": [0.6, 1]},
        yaxis3={
            **_relevance_axis(relevance),
            "domain": [0.06, 0.44],
            "title": {"text": wording.relevance_of_words.format(unit=unit)},
        },
        xaxis2={"matches": "x", "anchor": "y3"},
    )
    return finish(figure, TIMELINE_WORDS_HEIGHT)


def _add_band(figure: go.Figure, relevance: RelevanceEvidence | None, wording: Wording) -> None:
    """A full-height bar for each span: the stronger the colour, the more it counts; hatched where
    it speaks against the answer. ``customdata`` are the values."""
    spans, reach = relevance.times if relevance is not None else (), relevance_reach(relevance)
    values = [span.effect for span in spans]
    figure.add_bar(
        x=[(span.start_seconds + span.end_seconds) / 2 for span in spans],
        width=[span.end_seconds - span.start_seconds for span in spans],
        base=-1,
        y=[2] * len(spans),
        customdata=values,
        marker={
            "color": VOICE_COLOUR,
            "opacity": [round(MAX_OPACITY * min(1.0, abs(value) / reach), 3) for value in values],
            "pattern": {"shape": ["/" if value < 0 else "" for value in values]},
        },
        hovertext=[
            f"{span.start_seconds:.2f}–{span.end_seconds:.2f} s: {span.effect:+.2f}"
            for span in spans
        ],
        hoverinfo="text",
        name=wording.relevance_of_voice.format(unit=wording.probability_change),
    )


def _add_waveform(figure: go.Figure, samples: np.ndarray, sample_rate: int) -> None:
    """The outline of the sound."""
    seconds, outline = _waveform(np.asarray(samples, dtype=np.float32), sample_rate)
    figure.add_scatter(
        x=seconds,
        y=outline,
        mode="lines",
        line={"color": INK, "width": 0.8},
        opacity=0.6,
        hoverinfo="skip",
    )


def word_relevance(analysis: Analysis, wording: Wording = ENGLISH) -> go.Figure:
    """How far the answer's probability falls without each word, in order."""
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
    figure.update_yaxes(**_relevance_axis(relevance), title_text=wording.probability_change)
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
    return {"range": [-1.2 * reach, 1.2 * reach], "tickvals": [-reach, 0.0, reach]}


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
