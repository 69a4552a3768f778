"""Figures of two analyses side by side, and of the grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from drkf.figures.style import (
    CONTRADICTION,
    DARK_INK,
    FAINT,
    INCONSISTENCY_SCALE,
    INK,
    VOICE_COLOUR,
    WORDS_COLOUR,
    add_legend,
    add_thresholds,
    axis_reach,
    emotion_colour,
    escape,
    finish,
    ink_on,
    number_or_zero,
    swatch,
    value_labels,
    wrapped,
)
from drkf.figures.wording import ENGLISH, Wording
from drkf.whatif.comparison import Comparison, Grid, GridCell

PROBABILITY_CHANGE_HEIGHT = 540
CHANGE_ROW_HEIGHT = 46
READING_ROW_HEIGHT = 64  # for three lines of type
READING_CHARACTERS = 18  # of a line
GRID_ROW_HEIGHT = 62
GRID_ROW_CHARACTERS, GRID_COLUMN_CHARACTERS = 22, 12


def probability_change(comparison: Comparison, wording: Wording = ENGLISH) -> go.Figure:
    """Fused class probabilities before (pale) and after, with the difference."""
    before, after = comparison.before.fused, comparison.after.fused
    deltas = comparison.probability_delta
    rows = [
        _Change(
            swatch(label, wording.emotion(label)),
            INK,
            before.as_mapping()[label],
            after.as_mapping()[label],
            delta,
        )
        for label, delta in deltas.items()
    ]
    figure = _changes(rows, wording)
    # Room for the numbers beyond a full bar, on a telephone as well.
    figure.update_layout(height=PROBABILITY_CHANGE_HEIGHT, margin_r=76)
    figure.update_xaxes(range=[0, 1.05], tickvals=[0, 0.25, 0.5, 0.75, 1])
    return figure


def shapley_change(comparison: Comparison, wording: Wording = ENGLISH) -> go.Figure:
    """Shapley values of voice and words before (pale) and after, with the difference.

    A pair of rows for each emotion that was predicted, before or after.
    """
    rows = []
    for change in comparison.shapley:
        before, after, delta = change.before.phi, change.after.phi, change.delta
        emotion = escape(wording.emotion(change.emotion))
        rows += [
            _Change(
                f"{wording.voice}<br>{emotion}",
                VOICE_COLOUR,
                before.audio,
                after.audio,
                delta.audio,
            ),
            _Change(
                f"{wording.words}<br>{emotion}", WORDS_COLOUR, before.text, after.text, delta.text
            ),
        ]
    figure = _changes(rows, wording, signed=True)
    reach = axis_reach([value for row in rows for value in (row.before, row.after) if value])
    figure.update_xaxes(
        range=[-1.5 * reach, 1.5 * reach],
        title_text=wording.push_each,
        zeroline=True,
        zerolinecolor=INK,
    )
    return figure


def inconsistency_change(comparison: Comparison, wording: Wording = ENGLISH) -> go.Figure:
    """The three readings of inconsistency before (pale) and after, with the difference."""
    delta = comparison.inconsistency_delta
    before, after = comparison.before.inconsistency, comparison.after.inconsistency
    names = (
        ("discrimination", wording.discrimination, delta.discrimination),
        ("divergence", wording.divergence, delta.divergence),
        ("neutral_shift", wording.neutral_shift, delta.neutral_shift),
    )
    rows = [
        _Change(
            wrapped(shown, READING_CHARACTERS),
            INK,
            None if before is None else getattr(before, name),
            None if after is None else getattr(after, name),
            difference,
        )
        for name, shown, difference in names
    ]
    # The numbers stand beside the names: at the bars the thresholds would cross them.
    figure = _changes(
        [replace(row, name=f"{row.name}<br>{row.told(wording)}") for row in rows], wording
    )
    figure.update_traces(text=None)
    figure.update_layout(height=90 + READING_ROW_HEIGHT * len(rows))
    evidence = before or after
    if evidence is not None:
        thresholds = [evidence.threshold, evidence.divergence_threshold, evidence.shift_threshold]
        add_thresholds(
            figure, list(figure.data[0].y), thresholds, 0.8 * CHANGE_ROW_HEIGHT, wording.threshold
        )
    figure.update_xaxes(range=[0, 1.05], tickvals=[0, 0.5, 1])
    return figure


def grid_emotions(grid: Grid, wording: Wording = ENGLISH) -> go.Figure:
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
        lambda cell: f"{escape(wording.emotion(cell.emotion))}<br>{cell.probability:.2f}",
        lambda cell: ink_on(emotion_colour(cell.emotion)),
        {"colorscale": steps, "zmin": -0.5, "zmax": count - 0.5},
    )


def grid_inconsistency(grid: Grid) -> go.Figure:
    """P(inconsistent) of every voice with every sentence; a sign on those that contradict."""
    return _grid_map(
        grid,
        lambda cell: cell.inconsistency,
        lambda cell: f"{CONTRADICTION + ' ' if cell.contradicts else ''}{cell.inconsistency:.2f}",
        lambda cell: DARK_INK,
        {"colorscale": list(INCONSISTENCY_SCALE), "zmin": 0, "zmax": 1},
    )


@dataclass(frozen=True)
class _Change:
    """A row of a before-after figure; None where a value does not exist."""

    name: str
    colour: str
    before: float | None
    after: float | None
    delta: float | None

    def told(self, wording: Wording) -> str:
        before, after = (
            wording.none if value is None else f"{value:.2f}" for value in (self.before, self.after)
        )
        return after if before == after else f"{before} → {after}{self.difference}"

    @property
    def difference(self) -> str:
        """The difference in brackets; nothing where it rounds to zero or does not exist."""
        if self.delta is None or round(self.delta, 2) == 0:
            return ""
        return f" ({self.delta:+.2f})"


def _changes(rows: Sequence[_Change], wording: Wording, signed: bool = False) -> go.Figure:
    """Two bars a row: before, pale, above after."""
    figure = go.Figure()
    sign = "+" if signed else ""
    for name, values, opacity in (
        (wording.before, [row.before for row in rows], 0.45),
        (wording.after, [row.after for row in rows], 1.0),
    ):
        labels = [wording.none if value is None else f"{value:{sign}.2f}" for value in values]
        if name == wording.after:
            labels = [label + row.difference for label, row in zip(labels, rows, strict=True)]
        figure.add_bar(
            name=name,
            y=[row.name for row in rows],
            x=[number_or_zero(value) for value in values],
            orientation="h",
            marker_color=[row.colour for row in rows],
            marker_opacity=opacity,
            **{**value_labels([]), "text": labels},
        )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    add_legend(figure, [(FAINT, "■", wording.before), (INK, "■", wording.after_difference)])
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
        ticktext=[wrapped(voice, GRID_COLUMN_CHARACTERS) for voice in grid.voices],
        side="top",
        tickangle=0,
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(grid.sentences))),
        ticktext=[wrapped(sentence, GRID_ROW_CHARACTERS) for sentence in grid.sentences],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    return finish(figure, 90 + GRID_ROW_HEIGHT * len(grid.sentences))
