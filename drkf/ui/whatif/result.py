"""The lab's result: the answer before and after, and the evidence of both."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import gradio as gr

from drkf import figures
from drkf.analysis import Prediction
from drkf.figures import style
from drkf.pipeline import Utterance
from drkf.ui.events import Updates
from drkf.ui.evidence import how_to_read
from drkf.ui.parts import error_html, player_html, plot, status_html
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.texts.translation import translated
from drkf.whatif.application import word_spans
from drkf.whatif.comparison import Comparison
from drkf.whatif.edits import EDITS, Edit, MaskWords, Mute, Rewrite, SwapVoice
from drkf.whatif.voices import GalleryVoice

SHOWN_CHARACTERS = 60  # of new words


class ResultPanel:
    """The answer and its evidence; each is added to the current Blocks where it belongs."""

    def add_answer(self) -> None:
        """Adds what sticks to the top while the controls are moved."""
        self.answer = gr.HTML(
            status_html(text.LAB_EMPTY),
            html_template='<div aria-live="polite">${value}</div>',
            elem_id="lab-answer",
        )

    def add_evidence(self) -> None:
        self.details = gr.HTML(elem_id="lab-details")
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

    @property
    def components(self) -> list[Any]:
        """What ``show`` and the other updates change."""
        return [
            self.answer,
            self.details,
            self.evidence,
            self.probabilities,
            self.shapley,
            self.inconsistency,
        ]

    def show(
        self, comparison: Comparison, edits: Sequence[Edit], before: Utterance, after: Utterance
    ) -> Updates:
        """The comparison: what changed in the answer, and the figures of both."""
        wording = text_figures.WORDING
        return {
            self.answer: comparison_html(comparison, edits, before, after),
            self.details: details_html(comparison, before, after),
            self.evidence: gr.update(visible=True),
            self.probabilities: figures.probability_change(comparison, wording),
            self.shapley: figures.shapley_change(comparison, wording),
            self.inconsistency: figures.inconsistency_change(comparison, wording),
        }

    def show_status(self, status: str) -> Updates:
        return {self.answer: status_html(status)}

    def show_nothing_new(self) -> Updates:
        """Gradio empties every output of an event that yields nothing at all."""
        return {self.answer: gr.skip()}

    def show_error(self, error: Exception) -> Updates:
        return {self.answer: error_html(error), **self.hide_evidence()}

    def hide_evidence(self) -> Updates:
        return {self.details: "", self.evidence: gr.update(visible=False)}


def comparison_html(
    comparison: Comparison, edits: Sequence[Edit], before: Utterance, after: Utterance
) -> str:
    """What was changed and the answers before and after, each side's as well."""
    first, second, changed = comparison.before, comparison.after, bool(edits)
    change = change_html(first.fused, second.fused, changed)
    sides = {
        text.LAB_VOICE_ALONE: change_html(first.audio, second.audio, changed),
        text.LAB_WORDS_ALONE: change_html(first.text, second.text, changed),
    }
    table = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{side}</td></tr>" for name, side in sides.items()
    )
    told = edits_html(edits, before) or html.escape(text.LAB_UNCHANGED)
    return (
        f'<div class="lab-change">{text.LAB_CHANGE.format(edits=told, change=change)}</div>'
        f'<table class="lab-table">{table}</table>'
    )


def change_html(before: Prediction | None, after: Prediction | None, changed: bool) -> str:
    """An emotion and how sure it is, before and after; the name is not said twice."""
    if before is None and after is None:
        return "–"
    if not changed:
        return emotion_html(after)
    if before is not None and after is not None and before.emotion == after.emotion:
        return f"{emotion_html(before)} → {after.confidence:.2f}"
    return f"{emotion_html(before)} → {emotion_html(after)}"


def emotion_html(prediction: Prediction | None) -> str:
    """HTML: an answer with its probability; a dash for None."""
    if prediction is None:
        return "–"
    colour = style.emotion_colour(prediction.emotion)
    name = text_figures.WORDING.emotion(prediction.emotion)
    return (
        f'<span class="swatch" style="background:{colour}"></span>'
        f"<b>{html.escape(name)}</b> {prediction.confidence:.2f}"
    )


def edits_html(edits: Sequence[Edit], before: Utterance) -> str:
    """What the edits do, such as "without <i>hate</i>, +6 dB"; nothing without edits."""
    words = next((e.words for e in edits if isinstance(e, Rewrite)), before.transcript.text)
    return ", ".join(
        edit_html(name, edit, words)
        for name, kind in EDITS.items()
        for edit in edits
        if type(edit) is kind
    )


def edit_html(name: str, edit: Edit, words: str) -> str:
    """What one edit does. ``words`` are those that it masks some of."""
    told: str = text.LAB_EDITS[name]
    match edit:
        case SwapVoice(GalleryVoice(id)):
            title = text.EXAMPLE_TITLES.get(id, id)
            return told.format(voice=html.escape(title))
        case SwapVoice():
            return told.format(voice=text.LAB_VOICE_OTHER)
        case Rewrite(""):
            return str(text.LAB_NO_WORDS)
        case Rewrite(written):
            shown = textwrap.shorten(written, SHOWN_CHARACTERS, placeholder=" …")
            return told.format(words=html.escape(shown))
        case MaskWords(indices):
            spans = word_spans(words)
            hidden = [words[slice(*spans[i])] for i in indices if i < len(spans)]
            return told.format(masked=" ".join(f"<i>{html.escape(word)}</i>" for word in hidden))
        case Mute(modality):
            sides = {"voice": text.LAB_MUTE_VOICE, "words": text.LAB_MUTE_WORDS}
            return told.format(muted=sides[modality])
    return told.format(**asdict(edit))


def details_html(comparison: Comparison, before: Utterance, after: Utterance) -> str:
    """New warnings, and the voices to listen to: both, or the one where they are the same."""
    new = [note for note in comparison.after.warnings if note not in comparison.before.warnings]
    warnings = "".join(f"<li>{html.escape(translated(note))}</li>" for note in new)
    clips = {text.LAB_BEFORE: before.clip, text.LAB_AFTER: after.clip}
    if after.clip is before.clip:
        del clips[text.LAB_AFTER]
    players = "".join(
        f"<label>{name} {player_html(clip, name)}</label>" for name, clip in clips.items() if clip
    )
    return (f'<ul class="verdict-warnings">{warnings}</ul>' if warnings else "") + players
