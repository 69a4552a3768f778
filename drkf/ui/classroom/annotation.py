"""Ten clips that each pupil labels alone: which ones, and what the labels come to."""

from __future__ import annotations

import html
import random
from collections.abc import Iterator, Sequence

from drkf.classroom.agreement import AnnotationAgreement, majority, measure_annotation
from drkf.classroom.rounds import ModelAnswer, Question, Round
from drkf.data.columns import guess_columns, guess_label_map
from drkf.pipeline import EmotionPipeline
from drkf.ui.texts import classroom as text
from drkf.ui.texts import figures as text_figures
from drkf.workbench.rows import Row, make_rows
from drkf.workbench.uploads import load_example

ANNOTATED_CLIPS = 10


def example_clips(labels: tuple[str, ...], draw: random.Random) -> list[Row]:
    """Clips of the bundled set, about as many of each label, in an order by chance.

    Raises:
        ManifestError: this installation has no such set.
    """
    intake, name = load_example()
    sheet = intake.sheet(name)
    columns = guess_columns(sheet)
    names = guess_label_map(sheet, columns["label"], labels, columns["corpus"])
    rows = make_rows(sheet, columns, names, intake.finder())
    return balanced([row for row in rows if row.audio and row.label and not row.error], draw)


def balanced(rows: Sequence[Row], draw: random.Random) -> list[Row]:
    """At most ``ANNOTATED_CLIPS`` rows: one of each label in turn, then shuffled."""
    by_label: dict[str, list[Row]] = {}
    for row in draw.sample(rows, len(rows)):
        by_label.setdefault(row.label, []).append(row)
    chosen: list[Row] = []
    while len(chosen) < ANNOTATED_CLIPS and any(by_label.values()):
        chosen += [left.pop() for left in by_label.values() if left]
    chosen = chosen[:ANNOTATED_CLIPS]
    draw.shuffle(chosen)
    return chosen


def questions_of(pipeline: EmotionPipeline, rows: Sequence[Row]) -> Iterator[Question]:
    """A question for each row, once the model has read it."""
    for row in rows:
        utterance = pipeline.encode(row.audio, row.text, transcribe=False)
        yield Question(
            title=row.text or row.id,
            words=row.text,
            clip=row.audio,
            meant=row.label,
            reading=ModelAnswer.of(pipeline.predict(utterance)),
        )


def annotation_html(rounds: Sequence[Round]) -> str:
    """The measures of the labels, and each clip with what it was labelled."""
    found = measure_annotation(rounds)
    head = text.ANNOTATION.format(clips=found.clips, annotators=found.annotators)
    return (
        f"<h2>{head}</h2><table>{_measures(found)}</table><p>{text.ANNOTATION_HELP}</p>"
        f'<table class="class-clips">{_clips(rounds)}</table>'
    )


def _measures(found: AnnotationAgreement) -> str:
    values = ((name, getattr(found, key)) for key, name in text.ANNOTATION_MEASURES.items())
    nothing = text.CLASS_WORDING.nothing
    return "".join(
        f'<tr><th scope="row">{name}</th>'
        f"<td><b>{nothing if value is None else f'{value:.2f}'}</b></td></tr>"
        for name, value in values
    )


def _clips(rounds: Sequence[Round]) -> str:
    columns = "".join(f'<th scope="col">{name}</th>' for name in text.ANNOTATION_COLUMNS)
    body = "".join(
        f'<tr><th scope="row">{one.place}</th><td>{html.escape(one.question.title)}</td>'
        f"<td>{_labels(one)}</td><td>{_name(one.question.meant)}</td>"
        f"<td>{_name(one.question.reading.fused.emotion)}</td></tr>"
        for one in rounds
    )
    return f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody>"


def _labels(one: Round) -> str:
    """All labels that were given, the most frequent ones first."""
    counts = one.counts()
    winner = majority(list(counts.values()), one.labels)
    given = sorted((label for label in counts if counts[label]), key=lambda label: -counts[label])
    told = (f"{_name(label)} {counts[label]}" for label in given)
    bold = (
        f"<b>{said}</b>" if label == winner else said
        for label, said in zip(given, told, strict=True)
    )
    return ", ".join(bold) or text.CLASS_WORDING.nothing


def _name(label: str | None) -> str:
    if label is None:
        return text.CLASS_WORDING.nothing
    return html.escape(text_figures.WORDING.emotion(label))
