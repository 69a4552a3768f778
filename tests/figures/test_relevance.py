"""Figures of relevance: the voice over time, and its words."""

import dataclasses

import numpy as np
import pytest

from drkf import figures
from drkf.analysis import (
    Analysis,
    Transcript,
    TranscriptWord,
    WordRelevance,
)
from drkf.figures import relevance as relevance_figures

HOSTILE = '<img src=x onerror="alert(1)">&<b>bold</b>'


def test_timeline_lays_relevance_over_the_waveform(analysis, samples):
    bars, wave = figures.voice_timeline(analysis, samples).data
    np.testing.assert_allclose(bars.x, [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(bars.width, 0.25)
    np.testing.assert_allclose(bars.y, [-0.3, -0.1, 0.1, 0.3])
    # The outline is scaled to the peak, in time order, and short enough to send.
    assert max(wave.y) == pytest.approx(0.95, abs=0.01)
    assert min(wave.y) == pytest.approx(-0.95, abs=0.01)
    assert np.all(np.diff(wave.x) >= 0) and wave.x[-1] <= 1.0
    assert len(wave.x) < 3_000


def recognised(analysis: Analysis, count: int, seconds: float) -> Analysis:
    """Words with times, evenly over the clip; each stronger than the one before."""
    step = seconds / count
    words = tuple(
        WordRelevance(f"word{i}", 0, 1, 0.01 * (i + 1), i * step, (i + 0.8) * step)
        for i in range(count)
    )
    return dataclasses.replace(
        analysis,
        transcript=Transcript(
            "heard", "asr", words=tuple(TranscriptWord(w.word, 0, 1, 1) for w in words)
        ),
        relevance=dataclasses.replace(analysis.relevance, words=words),
    )


def test_recognised_words_stand_under_the_moment_they_were_said(analysis, samples):
    figure = figures.voice_timeline(recognised(analysis, 4, 1.0), samples)
    words = figure.data[-1]
    np.testing.assert_allclose(words.x, [0.1, 0.35, 0.6, 0.85])
    np.testing.assert_allclose(words.width, 0.2)
    assert list(words.y) == [0.01, 0.02, 0.03, 0.04]
    layout = figure.layout
    assert words.xaxis == "x2" and layout.xaxis2.matches == "x"
    assert list(layout.xaxis2.ticktext) == ["word0", "word1", "word2", "word3"]
    np.testing.assert_allclose(layout.xaxis2.tickvals, words.x)
    # Voice and words are drawn to one scale, in panels of one height.
    assert layout.yaxis.range == layout.yaxis3.range
    heights = [layout[name].domain[1] - layout[name].domain[0] for name in ("yaxis", "yaxis3")]
    assert heights[0] == pytest.approx(heights[1], abs=0.03)
    # The panel for the words is there before their relevance is known.
    early = dataclasses.replace(recognised(analysis, 4, 1.0), relevance=None)
    assert figures.voice_timeline(early, samples).layout.height == layout.height


def test_crowded_words_keep_the_labels_of_the_strongest_apart(analysis, samples):
    layout = figures.voice_timeline(recognised(analysis, 300, 1.0), samples).layout
    places = np.array(layout.xaxis2.tickvals)
    assert 20 < len(places) <= relevance_figures.MAX_TIMED_LABELS + 1
    assert np.diff(places).min() >= 1 / relevance_figures.MAX_TIMED_LABELS
    assert "word299" in layout.xaxis2.ticktext


def test_values_that_cannot_be_negative_have_no_axis_for_it(analysis, samples):
    shares = dataclasses.replace(
        analysis.relevance, method="attention", words=(WordRelevance("I", 0, 1, 0.2),)
    )
    unsigned = dataclasses.replace(analysis, relevance=shares)
    for figure in (figures.voice_timeline(unsigned, samples), figures.word_relevance(unsigned)):
        assert figure.layout.yaxis.range[0] == 0
        assert "share" in figure.layout.yaxis.title.text
    assert "probability" in figures.word_relevance(analysis).layout.yaxis.title.text
    slopes = dataclasses.replace(analysis.relevance, method="gradient")
    sloping = dataclasses.replace(analysis, relevance=slopes)
    assert "push" in figures.word_relevance(sloping).layout.yaxis.title.text


@pytest.mark.parametrize("length", [1, 37, 601, 9_999_999])
def test_waveform_of_any_length(analysis, length):
    wave = figures.voice_timeline(analysis, np.ones(length, dtype=np.float32)).data[1]
    assert 2 <= len(wave.x) <= 4 * relevance_figures.WAVEFORM_POINTS


def test_silence_draws_a_flat_line(analysis):
    wave = figures.voice_timeline(analysis, np.zeros(16_000, dtype=np.float32)).data[1]
    assert set(wave.y) == {0.0}


def test_words_keep_their_order_and_sign(analysis):
    figure = figures.word_relevance(analysis)
    assert list(figure.data[0].y) == [0.1, -0.7, 1.3]
    assert figure.layout.xaxis.ticktext[0] == "I" and figure.layout.xaxis.ticktext[2] == "this"


def test_long_texts_label_only_the_strongest_words(analysis):
    words = tuple(WordRelevance(f"word{i}", 0, 1, float(i)) for i in range(200))
    relevance = dataclasses.replace(analysis.relevance, words=words)
    figure = figures.word_relevance(dataclasses.replace(analysis, relevance=relevance))
    assert len(figure.data[0].y) == 200
    assert list(figure.layout.xaxis.ticktext) == [f"word{i}" for i in range(170, 200)]
