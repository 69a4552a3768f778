"""What a class answered, beside what the model reads."""

from __future__ import annotations

import plotly.graph_objects as go

from drkf.classroom.agreement import ConfusionCounts
from drkf.classroom.rounds import Round
from drkf.classroom.wording import ClassWording
from drkf.figures.style import (
    DARK_INK,
    INK,
    VOICE_COLOUR,
    WORDS_COLOUR,
    add_legend,
    finish,
    nothing,
    swatch,
    value_labels,
)
from drkf.figures.wording import Wording

CLASS_COLOUR = "#C77700"
BARS_HEIGHT = 640
CONFUSION_HEIGHT = 380
COUNT_SCALE = ((0.0, "#F4F7FA"), (1.0, "#7DB8C4"))
"""Light enough for dark type all along."""


def class_bars(done: Round, wording: Wording, words: ClassWording) -> go.Figure:
    """The share of the votes for each emotion beside the model's probabilities."""
    answer = done.question.reading
    votes = sum(done.counts().values())
    shares = [count / votes if votes else 0.0 for count in done.counts().values()]
    series = [(words.class_votes, shares, CLASS_COLOUR)]
    series.append((wording.fused, list(answer.fused.probabilities), INK))
    if answer.audio is not None and answer.text is not None:
        series.append((wording.voice_only, list(answer.audio.probabilities), VOICE_COLOUR))
        series.append((wording.words_only, list(answer.text.probabilities), WORDS_COLOUR))
    else:
        series[1] = (words.model, series[1][1], INK)
    names = [swatch(label, wording.emotion(label)) for label in done.labels]
    figure = go.Figure()
    for name, values, colour in series:
        figure.add_bar(
            name=name,
            x=values,
            y=names,
            orientation="h",
            marker={"color": colour},
            **value_labels(values),
        )
    add_legend(figure, [(colour, "■", name) for name, _, colour in series])
    figure.update_xaxes(range=[0, 1.1], title=words.share)
    figure.update_yaxes(autorange="reversed")
    return finish(figure, BARS_HEIGHT, barmode="group", bargap=0.25)


def class_confusion(counts: ConfusionCounts, wording: Wording, words: ClassWording) -> go.Figure:
    """How often each emotion was answered (columns) where one was meant (rows)."""
    if not counts.total:
        return nothing(words.nothing_meant, CONFUSION_HEIGHT)
    names = [wording.emotion(label) for label in counts.labels]
    figure = go.Figure(
        go.Heatmap(
            z=counts.counts,
            x=names,
            y=names,
            colorscale=COUNT_SCALE,
            showscale=False,
            xgap=2,
            ygap=2,
            text=[[str(count or "") for count in row] for row in counts.counts],
            texttemplate="%{text}",
            textfont={"color": DARK_INK},
            hovertemplate=f"{words.meant}: %{{y}}<br>{words.answered}: %{{x}}<br>%{{z}}"
            "<extra></extra>",
        )
    )
    figure.update_xaxes(title=words.answered, showgrid=False)
    figure.update_yaxes(title=words.meant, autorange="reversed", showgrid=False)
    return finish(figure, CONFUSION_HEIGHT)
