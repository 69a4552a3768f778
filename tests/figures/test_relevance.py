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


def test_timeline_lays_the_waveform_over_a_band(analysis, samples):
    band, wave = figures.voice_timeline(analysis, samples).data
    np.testing.assert_allclose(band.x, [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(band.width, 0.25)
    np.testing.assert_allclose(band.customdata, [-0.3, -0.1, 0.1, 0.3])
    # As high as the waveform's panel; strength and sign without relying on colour alone.
    assert band.base == -1 and set(band.y) == {2}
    outer, inner = band.marker.opacity[0], band.marker.opacity[1]
    assert outer == pytest.approx(band.marker.opacity[3], abs=0.002)
    assert outer > 2 * inner > 0
    assert list(band.marker.pattern.shape) == ["/", "/", "", ""]
    assert band.hovertext[3] == "0.75–1.00 s: +0.30"
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
    # Voice and words are in panels of one height.
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


def test_voice_and_words_have_one_scale(analysis, samples):
    """The strongest word is as strong as a moment of the same value would be."""
    loud = dataclasses.replace(
        analysis.relevance, words=(WordRelevance("I", 0, 1, 0.6),), times=analysis.relevance.times
    )
    band = figures.voice_timeline(dataclasses.replace(analysis, relevance=loud), samples).data[0]
    reach = figures.relevance_reach(loud)
    assert band.marker.opacity[3] == pytest.approx(
        relevance_figures.MAX_OPACITY * 0.3 / reach, abs=1e-3
    )
    assert "probability" in figures.word_relevance(analysis).layout.yaxis.title.text


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
