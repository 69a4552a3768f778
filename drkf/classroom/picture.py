"""One page that shows a lesson: each round's votes beside the model, and the agreement."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from drkf.classroom.agreement import LessonAgreement, measure_lesson
from drkf.classroom.rounds import Round
from drkf.classroom.wording import ClassWording

WIDTH, HEIGHT = 1600, 1130
"""A page of A4, lying."""
COLUMNS, ROWS = 4, 3
MAX_ROUNDS_SHOWN = COLUMNS * ROWS
MARGIN, TOP, FOOT = 40, 90, 170
BAR, PITCH = 8, 24
NAME_WIDTH, TITLE_CHARACTERS = 92, 36
CLASS_COLOUR, MODEL_COLOUR, INK, QUIET = "#B45F06", "#117A8B", "#1F2937", "#4B5563"


def lesson_svg(
    rounds: Sequence[Round],
    labels: tuple[str, ...],
    wording: ClassWording,
    emotions: Mapping[str, str],
) -> str:
    """An SVG image of the closed rounds, at most ``MAX_ROUNDS_SHOWN``, the last ones.

    Args:
        labels: of the model, in its order.
        emotions: names by label; a label that is not among them is its own name.
    """
    closed = [one for one in rounds if not one.open]
    shown = closed[-MAX_ROUNDS_SHOWN:]
    cell_width = (WIDTH - 2 * MARGIN) / COLUMNS
    cell_height = (HEIGHT - TOP - FOOT) / ROWS
    parts = [_text(MARGIN, 50, wording.title, 30, bold=True)]
    parts += _legend(wording)
    for place, one in enumerate(shown):
        x = MARGIN + cell_width * (place % COLUMNS)
        y = TOP + cell_height * (place // COLUMNS)
        parts += _round(one, x, y, cell_width - 24, wording, emotions)
    parts += _measures(measure_lesson(closed, labels), wording)
    if len(shown) < len(closed):
        said = wording.left_out.format(shown=len(shown), total=len(closed))
        parts.append(_text(WIDTH - MARGIN, HEIGHT - 20, said, 16, colour=QUIET, anchor="end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="system-ui, Arial, sans-serif">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FFFFFF"/>{"".join(parts)}</svg>'
    )


def _round(
    one: Round,
    x: float,
    y: float,
    width: float,
    wording: ClassWording,
    emotions: Mapping[str, str],
) -> list[str]:
    counts, probabilities = one.counts(), one.question.reading.fused.as_mapping()
    votes = sum(counts.values())
    told = wording.one_vote if votes == 1 else wording.votes.format(count=votes)
    heading = wording.round.format(number=one.number, title=one.question.title)
    parts = [
        _text(x, y + 22, _shortened(heading), 18, bold=True),
        _text(x, y + 42, told, 14, colour=QUIET),
    ]
    room = width - NAME_WIDTH - 60
    for place, (label, count) in enumerate(counts.items()):
        top = y + 54 + PITCH * place
        name = _shortened(emotions.get(label, label), 12)
        parts.append(_text(x, top + 14, name, 14))
        share = count / votes if votes else 0.0
        parts += (
            _bar(x + NAME_WIDTH, top, room * share, CLASS_COLOUR),
            _bar(x + NAME_WIDTH, top + BAR + 1, room * probabilities[label], MODEL_COLOUR),
        )
        if count:
            end = x + NAME_WIDTH + room * max(share, probabilities[label]) + 8
            parts.append(_text(end, top + 14, str(count), 14, colour=CLASS_COLOUR))
    return parts


def lesson_measures(told: LessonAgreement, wording: ClassWording) -> list[tuple[str, str]]:
    """The measures of a lesson: the name and the value of each, as text."""
    measures = (
        (wording.kappa, told.kappa, "{:.2f}"),
        (wording.with_model, told.with_model, "{:.0%}"),
        (wording.class_accuracy, told.class_confusion.accuracy, "{:.0%}"),
        (wording.model_accuracy, told.model_confusion.accuracy, "{:.0%}"),
    )
    return [
        (name, wording.nothing if value is None else form.format(value))
        for name, value, form in measures
    ]


def _measures(told: LessonAgreement, wording: ClassWording) -> list[str]:
    parts = []
    for place, (name, shown) in enumerate(lesson_measures(told, wording)):
        y = HEIGHT - FOOT + 46 + 30 * place
        parts.append(_text(MARGIN + 90, y, shown, 24, bold=True, anchor="end"))
        parts.append(_text(MARGIN + 110, y, name, 20))
    return parts


def _legend(wording: ClassWording) -> list[str]:
    parts: list[str] = []
    entries = ((CLASS_COLOUR, wording.class_votes), (MODEL_COLOUR, wording.model))
    for place, (colour, name) in enumerate(entries):
        x = WIDTH - MARGIN - 300 + 150 * place
        parts.append(f'<rect x="{x}" y="34" width="18" height="18" fill="{colour}"/>')
        parts.append(_text(x + 26, 50, name, 20))
    return parts


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>'


def _text(
    x: float,
    y: float,
    said: str,
    size: int,
    colour: str = INK,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}"{weight}>{html.escape(said)}</text>'
    )


def _shortened(said: str, characters: int = TITLE_CHARACTERS) -> str:
    # XML allows no control characters, which words that are typed may hold.
    said = "".join(sign if sign.isprintable() else " " for sign in said)
    return said if len(said) <= characters else said[: characters - 1] + "…"
