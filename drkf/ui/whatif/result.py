"""The lab's result: the answer before and after, and the evidence of both."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import gradio as gr

from drkf import figures
from drkf.analysis import Analysis, Prediction
from drkf.figures import style
from drkf.pipeline import Utterance
from drkf.ui.evidence import Updates, how_to_read
from drkf.ui.parts import error_html, player_html, plot, status_html
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import page as text
from drkf.whatif.comparison import Comparison
from drkf.whatif.edits import EDITS, Edit, SwapVoice


class ResultPanel:
    """Adds the answer and its evidence to the current Blocks."""

    def __init__(self) -> None:
        self.answer = gr.HTML(
            status_html(text.LAB_EMPTY),
            html_template='<div aria-live="polite">${value}</div>',
            elem_id="lab-answer",
        )
        with gr.Row(visible=False, equal_height=True, elem_id="lab-evidence") as self.evidence:
            with gr.Column(min_width=400, elem_classes="card"):
                gr.Markdown("### " + text.PROBABILITIES)
                self.probabilities = plot("lab-probabilities")
                gr.Markdown(text.LAB_PROBABILITIES_CAVEAT, elem_classes="caveat")
                how_to_read(text_evidence.CHANGE_PROBABILITIES_HOW)
            with gr.Column(min_width=400, elem_classes="card"):
                gr.Markdown("### " + text.MODALITY)
                self.shapley = plot("lab-shapley")
                gr.Markdown(text.LAB_SHAPLEY_CAVEAT, elem_classes="caveat")
                how_to_read(text_evidence.CHANGE_SHAPLEY_HOW)
                gr.Markdown("### " + text.INCONSISTENCY)
                self.inconsistency = plot("lab-inconsistency")
                gr.Markdown(text.LAB_INCONSISTENCY_CAVEAT, elem_classes="caveat")
                how_to_read(text_evidence.CHANGE_INCONSISTENCY_HOW)
        self.components: list[Any] = [
            self.answer,
            self.evidence,
            self.probabilities,
            self.shapley,
            self.inconsistency,
        ]

    def show(
        self, comparison: Comparison, edits: Sequence[Edit], before: Utterance, after: Utterance
    ) -> Updates:
        return {
            self.answer: comparison_html(comparison, edits, before, after),
            self.evidence: gr.update(visible=True),
            self.probabilities: figures.probability_change(comparison),
            self.shapley: figures.shapley_change(comparison),
            self.inconsistency: figures.inconsistency_change(comparison),
        }

    def show_status(self, status: str) -> Updates:
        return {self.answer: status_html(status)}

    def show_nothing_new(self) -> Updates:
        """Gradio empties every output of an event that yields nothing at all."""
        return {self.answer: gr.skip()}

    def show_error(self, error: Exception) -> Updates:
        return {self.answer: error_html(error), self.evidence: gr.update(visible=False)}


def comparison_html(
    comparison: Comparison, edits: Sequence[Edit], before: Utterance, after: Utterance
) -> str:
    """What was changed, the answers before and after, warnings, and the voices to listen to."""
    told = [text.LAB_EDITS[name].format(**_values_of(edit)) for name, edit in _named(edits)]
    change = text.LAB_CHANGED.format(edits=", ".join(told)) if told else text.LAB_UNCHANGED
    before_now = (comparison.before, comparison.after)
    rows = zip(text.LAB_ROWS, *(_predictions(analysis) for analysis in before_now), strict=True)
    table = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{_named_emotion(first)}</td>"
        f"<td>→</td><td>{_named_emotion(second)}</td></tr>"
        for name, first, second in rows
    )
    new = [note for note in comparison.after.warnings if note not in comparison.before.warnings]
    warnings = "".join(f"<li>{html.escape(note)}</li>" for note in new)
    return (
        f'<div class="lab-change">{html.escape(change)}</div>'
        f'<table class="lab-table"><tr><th></th><th>{text.LAB_BEFORE}</th><th></th>'
        f"<th>{text.LAB_AFTER}</th></tr>{table}</table>"
        + (f'<ul class="verdict-warnings">{warnings}</ul>' if warnings else "")
        + _players(before, after)
    )


def _players(before: Utterance, after: Utterance) -> str:
    """Both voices, or the one where they are the same."""
    clips = {text.LAB_BEFORE: before.clip, text.LAB_AFTER: after.clip}
    if after.clip is before.clip:
        del clips[text.LAB_AFTER]
    return "".join(
        f"<label>{name} {player_html(clip, name)}</label>" for name, clip in clips.items() if clip
    )


def _named(edits: Sequence[Edit]) -> list[tuple[str, Edit]]:
    return [(name, edit) for name, kind in EDITS.items() for edit in edits if type(edit) is kind]


def _values_of(edit: Edit) -> dict[str, Any]:
    return {} if isinstance(edit, SwapVoice) else asdict(edit)


def _predictions(analysis: Analysis) -> tuple[Prediction, Prediction | None, Prediction | None]:
    return analysis.fused, analysis.audio, analysis.text


def _named_emotion(prediction: Prediction | None) -> str:
    if prediction is None:
        return "–"
    colour = style.emotion_colour(prediction.emotion)
    return (
        f'<span class="swatch" style="background:{colour}"></span>'
        f"<b>{html.escape(prediction.emotion)}</b> {prediction.confidence:.2f}"
    )
