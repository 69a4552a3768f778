"""Figures say what the analysis says, keep their axes, and never read a user's text as HTML."""

import dataclasses
import json
import math

import numpy as np
import plotly.graph_objects as go

from drkf import figures
from drkf.analysis import (
    Analysis,
    PerModality,
    Prediction,
    Transcript,
)
from drkf.figures import style
from drkf.labels import EMOTIONS
from tests.helpers.predictions import FUSED, VOICE, WORDS

HOSTILE = '<img src=x onerror="alert(1)">&<b>bold</b>'


def voice_only(analysis: Analysis) -> Analysis:
    return dataclasses.replace(
        analysis,
        fused=VOICE,
        text=None,
        transcript=Transcript("", "none"),
        inconsistency=None,
        shapley=None,
        relevance=dataclasses.replace(analysis.relevance, words=()),
    )


def every_figure(analysis: Analysis, samples: np.ndarray | None) -> dict[str, go.Figure]:
    return {
        "probabilities": figures.probability_bars(analysis),
        "attention": figures.attention_bars(analysis),
        "shapley": figures.shapley_bars(analysis),
        "gauge": figures.inconsistency_gauge(analysis),
        "readings": figures.inconsistency_readings(analysis),
        "timeline": figures.voice_timeline(analysis, samples),
        "words": figures.word_relevance(analysis),
    }


def message(figure: go.Figure) -> str | None:
    """What an empty figure says."""
    if figure.data:
        return None
    return figure.layout.annotations[0].text


def test_probabilities_stand_side_by_side_with_label_and_value(analysis):
    figure = figures.probability_bars(analysis)
    assert [list(bar.x) for bar in figure.data] == [
        list(p.probabilities) for p in (FUSED, VOICE, WORDS)
    ]
    assert [bar.name for bar in figure.data] == ["voice and words", "voice only", "words only"]
    assert figure.data[1].text[0] == "0.80"
    for label, tick in zip(EMOTIONS, figure.data[0].y, strict=True):
        assert label in tick and style.EMOTION_COLOURS[label] in tick
    # Without a legend of its own, the line on top must name each bar's colour.
    for name in ("voice and words", "voice only", "words only"):
        assert name in figure.layout.title.text


def test_probability_axis_is_the_same_for_every_result(analysis):
    ranges = {
        tuple(figures.probability_bars(a).layout.xaxis.range)
        for a in (analysis, voice_only(analysis), dataclasses.replace(analysis, fused=WORDS))
    }
    assert ranges == {(0, 1)}


def test_one_modality_gives_one_bar_per_emotion(analysis):
    (bars,) = figures.probability_bars(voice_only(analysis)).data
    assert bars.name == "voice only" and list(bars.x) == list(VOICE.probabilities)
    words_only = dataclasses.replace(analysis, fused=WORDS, audio=None)
    (bars,) = figures.probability_bars(words_only).data
    assert bars.name == "words only" and list(bars.x) == list(WORDS.probabilities)


def test_attention_shows_share_baseline_and_lift_and_cls_apart(analysis):
    for method, shares, lifts in (
        ("rollout", [0.81, 0.12, 0.07], ["×0.90", "×2.00"]),
        ("gradient-weighted", [0.5, 0.4, 0.1], ["×0.60", "×40.00"]),
    ):
        figure = figures.attention_bars(analysis, method)
        assert method in figure.layout.title.text
        share, baseline = (trace for trace in figure.data if trace.type == "bar")
        assert list(share.x) == shares
        assert list(share.y) == ["voice", "words", "sentence marks"]
        assert list(baseline.x) == [0.94, 0.06] and list(baseline.y) == ["voice", "words"]
        stalks = [trace for trace in figure.data if trace.type == "scatter"]
        assert [trace.text[1] for trace in stalks] == lifts
        # A lift beyond the axis stays on it, its number stays true.
        low, high = figure.layout.xaxis2.range
        assert all(low <= math.log10(trace.x[1]) <= high for trace in stalks)
        assert tuple(figure.layout.xaxis.range) == (0, 1)


def test_attention_that_is_not_computed_yet_is_not_called_by_its_name(analysis):
    early = dataclasses.replace(analysis, attention=analysis.attention[:1])
    title = figures.attention_bars(early, "gradient-weighted").layout.title.text
    assert "rollout" in title and "gradient-weighted" not in title


def test_shapley_bars_are_signed_and_fit_their_axis(analysis):
    figure = figures.shapley_bars(analysis)
    assert list(figure.data[0].x) == [1.4, -0.6, 0.3]
    assert list(figure.data[0].text) == ["+1.40", "-0.60", "+0.30"]
    assert "anger" in figure.layout.xaxis.title.text
    large = dataclasses.replace(analysis.shapley, phi=PerModality(9.0, -20.0))
    low, high = figures.shapley_bars(
        dataclasses.replace(analysis, shapley=large)
    ).layout.xaxis.range
    assert low < -20 and high == -low


def test_gauge_shows_probability_threshold_and_verdict(analysis):
    (gauge,) = figures.inconsistency_gauge(analysis).data
    assert gauge.value == 0.83
    assert gauge.gauge.threshold.value == 0.55
    assert tuple(gauge.gauge.axis.range) == (0, 1)
    assert analysis.agreement == "emotion in audio"
    assert gauge.title.text == ""  # neutral words do not contradict
    joyful = Prediction(EMOTIONS, tuple(float(label == "joy") for label in EMOTIONS))
    split = dataclasses.replace(analysis, text=joyful)
    (gauge,) = figures.inconsistency_gauge(split).data
    assert gauge.title.text == "disagree"
    (gauge,) = figures.inconsistency_gauge(dataclasses.replace(split, audio=joyful)).data
    assert gauge.title.text == "agree"


def test_readings_stand_beside_their_thresholds(analysis):
    bars, thresholds = figures.inconsistency_readings(analysis).data
    assert list(bars.x) == [0.83, 0.62, 0.41]
    # Number and side are written, not only drawn.
    assert [name.split("<br>")[-1] for name in bars.y] == ["0.83 ≠", "0.62 ≠", "0.41 ="]
    assert list(thresholds.x) == [0.55, 0.5, 0.5] and list(thresholds.y) == list(bars.y)


def test_readings_leave_out_what_was_not_computed(analysis):
    early = dataclasses.replace(analysis.inconsistency, neutral_shift=None)
    figure = figures.inconsistency_readings(dataclasses.replace(analysis, inconsistency=early))
    assert list(figure.data[0].x) == [0.83, 0.62]


def test_what_is_still_being_explained_says_so(analysis):
    early = dataclasses.replace(analysis, shapley=None, relevance=None)
    assert message(figures.shapley_bars(early)) == "Explaining …"
    assert message(figures.word_relevance(early)) == "Explaining …"


def test_no_text_from_outside_becomes_html(analysis, samples):
    hostile = tuple(HOSTILE + label for label in EMOTIONS)
    strange = dataclasses.replace(
        analysis,
        fused=Prediction(hostile, FUSED.probabilities),
        shapley=dataclasses.replace(analysis.shapley, emotion=HOSTILE),
    )
    for name, figure in every_figure(strange, samples).items():
        for forbidden in ("<img", "<b>"):
            assert forbidden not in json.loads(json.dumps(figure.to_json())), name
    assert any("&lt;img" in tick for tick in figures.word_relevance(strange).layout.xaxis.ticktext)


def test_what_needs_both_modalities_says_so(analysis, samples):
    shown = every_figure(voice_only(analysis), samples)
    for name in ("attention", "shapley", "gauge", "readings"):
        assert message(shown[name]) == "Needs both voice and words", name
    assert message(shown["words"]) == "Needs words"
    assert message(shown["timeline"]) is None
    assert message(figures.voice_timeline(analysis, None)) == "Needs a voice"


def test_heights_are_fixed_so_that_the_page_does_not_jump(analysis, samples):
    both = every_figure(analysis, samples)
    one = every_figure(voice_only(analysis), None)
    for name in both:
        assert both[name].layout.height == one[name].layout.height, name
        assert both[name].layout.height >= 150, name


def test_only_trace_types_that_old_plotly_knows(analysis, samples):
    types = {
        trace.type for figure in every_figure(analysis, samples).values() for trace in figure.data
    }
    assert types <= {"bar", "scatter", "indicator"}
