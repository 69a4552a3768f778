"""Emotions over time: lanes, silence, signs, times."""

from __future__ import annotations

from itertools import pairwise

import pytest

from drkf.analysis import Agreement, Prediction
from drkf.conversation.moment import Moment
from drkf.figures.timeline import MAX_SIGNS, clock, emotions_over_time
from drkf.labels import EMOTIONS


def moments() -> list[Moment]:
    strong = Prediction(EMOTIONS, (0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05))
    return [
        Moment(0, 1, None),
        Moment(1, 2, None),
        Moment(2, 4, strong, 0.8, "contradict", words="<b>hello</b> " * 20),
        Moment(4, 5, strong),
        Moment(5, 6, None),
    ]


def test_the_timeline_has_a_lane_for_each_emotion_and_fixed_axes() -> None:
    figure = emotions_over_time(moments(), 0, 60, 0.4)
    lanes = [trace for trace in figure.data if trace.name in EMOTIONS]
    assert [trace.name for trace in lanes] == list(EMOTIONS)
    for lane, trace in enumerate(lanes):
        assert list(trace.x) == [3, 4.5] and list(trace.width) == [2, 1]
        assert set(trace.base) == {lane + 1}
        assert list(trace.customdata) == [2, 3]
        assert all(-1 < y < 0 for y in trace.y)
    assert lanes[0].y[0] == pytest.approx(14 * lanes[1].y[0])
    assert list(lanes[0].marker.opacity) == [1, 1] and max(lanes[1].marker.opacity) < 1
    [judged] = [trace for trace in figure.data if trace.name == "inconsistency"]
    assert list(judged.y) == [0.8] and list(judged.text) == ["≠"]
    empty = emotions_over_time([], 0, 60, 0.4)
    assert empty.layout.height == figure.layout.height
    for axis in ("yaxis", "yaxis2"):
        assert figure.layout[axis].range == empty.layout[axis].range
    assert figure.layout.xaxis2.range == empty.layout.xaxis2.range == (0, 60)


def test_the_timeline_shows_silence_threshold_and_the_chosen_moment() -> None:
    figure = emotions_over_time(moments(), 0, 60, 0.4, chosen=2)
    rects = [(s.x0, s.x1) for s in figure.layout.shapes if s.type == "rect"]
    assert rects == [(0, 2), (5, 6), (2, 4)], "neighbouring silences are one, and then the frame"
    lines = [s for s in figure.layout.shapes if s.type == "line" and s.yref == "y2"]
    assert [s.y0 for s in lines] == [0.4]


def test_signs_over_a_long_conversation_keep_apart() -> None:
    said = Prediction(EMOTIONS, (0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05))
    found: tuple[Agreement, ...] = ("contradict", "agree", "contradict", "contradict")
    crowd = [Moment(3 * i, 3 * i + 3, said, 0.8, found[i % 4]) for i in range(200)]
    [judged] = [t for t in emotions_over_time(crowd, 0, 600).data if t.name == "inconsistency"]
    signed = [moment for moment, sign in zip(crowd, judged.text, strict=True) if sign]
    assert all(moment.contradicts for moment in signed)
    starts = [moment.start_seconds for moment in signed]
    assert (
        len(starts) > MAX_SIGNS / 2 and min(b - a for a, b in pairwise(starts)) >= 600 / MAX_SIGNS
    )
    assert [told[-1] for told in judged.hovertext[:3]] == ["≠", "=", "≠"]


def test_the_timeline_reads_no_markup_in_words() -> None:
    figure = emotions_over_time(moments(), 0, 60)
    assert "<b>" not in figure.to_json().replace("\\u003c", "<")
    assert "&lt;b&gt;" in figure.data[0].hovertext[0]


def test_times_are_told_in_minutes_and_seconds() -> None:
    assert [clock(s) for s in (0, 59.9, 75.2, 600)] == ["0:00", "0:59", "1:15", "10:00"]
