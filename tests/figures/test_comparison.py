"""Figures of the what-if lab say what the comparison says, in fixed axes and readable ink."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import pytest

from drkf import figures
from drkf.analysis import (
    Analysis,
    InconsistencyEvidence,
    PerModality,
    Prediction,
    ShapleyEvidence,
    Transcript,
)
from drkf.figures import style
from drkf.figures.style import MAX_LABEL_LINES
from drkf.labels import EMOTIONS
from drkf.whatif.comparison import Comparison, Grid, GridCell, ShapleyChange


def analysis(*probabilities: float, readings: tuple[float, float, float] | None) -> Analysis:
    prediction = Prediction(EMOTIONS, probabilities)
    return Analysis(
        fused=prediction,
        audio=prediction if readings else None,
        text=prediction,
        transcript=Transcript("so", "typed"),
        uncertain=False,
        inconsistency=None
        if readings is None
        else InconsistencyEvidence(readings[0], 0.4, readings[1], readings[2], False, 0.55, 0.6),
    )


def shapley(emotion: str, audio: float | None, text: float | None) -> ShapleyEvidence:
    return ShapleyEvidence(emotion, PerModality(audio, text), 0, 0, 0, 0, 0)


BEFORE = analysis(0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, readings=(0.68, 0.7, 0.9))
AFTER = analysis(0.04, 0.05, 0.05, 0.71, 0.05, 0.05, 0.05, readings=(0.24, 0.32, 0.9))
CHANGE = Comparison(
    BEFORE,
    AFTER,
    (
        ShapleyChange(shapley("anger", -0.3, 4.0), shapley("anger", 0.5, 0.06)),
        ShapleyChange(shapley("joy", -0.1, -1.6), shapley("joy", 0.0, 2.5)),
    ),
)
MUTED = Comparison(
    BEFORE,
    analysis(*BEFORE.fused.probabilities, readings=None),
    (ShapleyChange(shapley("anger", -0.3, 4.0), shapley("anger", None, 4.1)),),
)


def test_probabilities_before_and_after_with_their_difference() -> None:
    figure = figures.probability_change(CHANGE)
    before, after = figure.data
    assert list(before.x) == list(BEFORE.fused.probabilities)
    assert list(after.x) == list(AFTER.fused.probabilities)
    assert after.text[0] == "0.04 (-0.66)" and after.text[3] == "0.71 (+0.66)"
    assert after.text[1] == "0.05"  # what does not move has no difference


def test_axes_stay_from_one_result_to_the_next() -> None:
    for draw in (figures.probability_change, figures.inconsistency_change):
        ranges = {draw(comparison).layout.xaxis.range for comparison in (CHANGE, MUTED)}
        assert len(ranges) == 1


def test_shapley_of_both_emotions() -> None:
    before, after = figures.shapley_change(CHANGE).data
    assert list(before.x) == [-0.3, 4.0, -0.1, -1.6]
    assert list(after.x) == [0.5, 0.06, 0.0, 2.5]
    assert [name.split("<br>")[1] for name in after.y] == ["anger", "anger", "joy", "joy"]
    assert after.text[1] == "+0.06 (-3.94)"
    low, high = figures.shapley_change(CHANGE).layout.xaxis.range
    assert low < -4 and high > 4


def test_a_missing_side_is_none_not_zero() -> None:
    _, after = figures.shapley_change(MUTED).data
    assert after.text == ("none", "+4.10 (+0.10)")
    names = figures.inconsistency_change(MUTED).data[0].y
    assert names[0] == "trained detector<br>0.68 → none"


def test_readings_stand_beside_their_thresholds() -> None:
    figure = figures.inconsistency_change(CHANGE)
    before, after, thresholds = figure.data
    assert list(before.x) == [0.68, 0.7, 0.9] and list(after.x) == [0.24, 0.32, 0.9]
    assert list(thresholds.x) == [0.4, 0.55, 0.6]
    assert thresholds.y == before.y
    assert before.y[0].endswith("0.68 → 0.24 (-0.44)")
    assert before.y[2].endswith("<br>0.90")


HOSTILE = '<img src=x onerror="alert(1)">'
GRID = Grid(
    EMOTIONS,
    ("Enough! (angry)", "A voice with a very long name that goes on and on and on and on"),
    (f"so {HOSTILE}", "hate"),
    (
        (GridCell("anger", 0.9, 0.2, False), GridCell("sadness", 0.45, 0.9, True)),
        (GridCell("joy", 0.5, 0.5, True), GridCell("anger", 0.8, 0.1, False)),
    ),
)


def told(figure: go.Figure) -> list[list[str]]:
    """Annotations by row and column."""
    cells = {(note.y, note.x): note.text for note in figure.layout.annotations}
    return [[cells[y, x] for x in range(2)] for y in range(2)]


def test_grid_of_emotions_has_each_emotions_colour_and_name() -> None:
    figure = figures.grid_emotions(GRID)
    heat = figure.data[0]
    assert told(figure) == [["anger<br>0.90", "sadness<br>0.45"], ["joy<br>0.50", "anger<br>0.80"]]
    low, high = heat.zmin, heat.zmax
    for row, cells in zip(heat.z, GRID.cells, strict=True):
        for value, cell in zip(row, cells, strict=True):
            place = (value - low) / (high - low)
            colour = next(c for edge, c in reversed(heat.colorscale) if edge <= place)
            assert colour == style.EMOTION_COLOURS[cell.emotion]


def test_grid_of_inconsistency_marks_contradictions() -> None:
    figure = figures.grid_inconsistency(GRID)
    assert told(figure) == [["0.20", "≠ 0.90"], ["≠ 0.50", "0.10"]]
    assert [list(row) for row in figure.data[0].z] == [[0.2, 0.9], [0.5, 0.1]]
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 1)


def test_grid_labels_are_short_and_never_html() -> None:
    figure = figures.grid_emotions(GRID)
    rows, columns = figure.layout.yaxis.ticktext, figure.layout.xaxis.ticktext
    assert "<img" not in rows[0] and "&lt;img" in rows[0]
    assert columns[1].count("<br>") < MAX_LABEL_LINES and columns[1].endswith("…")


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_type_on_every_emotion_is_readable(emotion: str) -> None:
    grid = Grid(EMOTIONS, ("a",), ("b",), ((GridCell(emotion, 0.5, 0.5, False),),))
    ink = figures.grid_emotions(grid).layout.annotations[0].font.color
    assert contrast(ink, style.EMOTION_COLOURS[emotion]) >= 4.5


def test_type_on_every_inconsistency_is_readable() -> None:
    ink = figures.grid_inconsistency(GRID).layout.annotations[0].font.color
    assert min(contrast(ink, colour) for _, colour in style.INCONSISTENCY_SCALE) >= 4.5


@pytest.mark.parametrize(
    "draw", [figures.probability_bars, figures.inconsistency_gauge, figures.inconsistency_readings]
)
def test_for_a_projector_type_is_larger_and_nothing_shrinks(
    draw: Callable[[Analysis], go.Figure],
) -> None:
    usual, large = draw(BEFORE), style.for_projector(draw(BEFORE))
    assert large.layout.font.size > usual.layout.font.size
    assert large.layout.height >= usual.layout.height
    for one, other in zip(usual.data, large.data, strict=True):
        if isinstance(one, go.Bar) and one.text is not None:
            assert other.textfont.size > one.textfont.size
            assert list(other.x) == list(one.x)
