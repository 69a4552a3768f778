"""The components of the tab "Class"."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import Utterance
from drkf.ui.classroom.annotation import ANNOTATED_CLIPS
from drkf.ui.parts import plot
from drkf.ui.server import class_mode
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import classroom as text
from drkf.ui.texts import page as text_page

CURRENT, ROW = "current", "row"
"""What was analysed last, and the open row of a set: choices beside the examples' ids."""
ROW_SECONDS = 2 * 3600
"""As long as a room."""
BOTH, CLIP, WORDS = "both", "clip", "words"
"""What phones get."""


@dataclass(frozen=True, eq=False)
class ClassRow:
    """A row of a set that the class is to be asked about.

    ``clip`` is a file of the teacher's page, None without one. ``meant`` is its label among the
    model's, None without one.
    """

    title: str
    clip: Path | None
    meant: str | None
    utterance: Utterance


def title_of(item: GalleryItem) -> str:
    """What an example is called, in the visitor's language."""
    return text_page.EXAMPLE_TITLES.get(item.id, item.title)


class ClassPanel:
    """A room with its code, a question, the count, and what is uncovered.

    ``row`` is the state of the ``ClassRow`` that the tab "Error analysis" has chosen.
    """

    def __init__(self) -> None:
        self.row = gr.State(None, time_to_live=ROW_SECONDS)
        with gr.Column(elem_id="class"):
            gr.Markdown(text.INTRO, elem_id="class-intro")
            gr.HTML(i18n.each(lesson_link), elem_id="class-lesson")
            self.open = gr.Button(text.OPEN, variant="primary", elem_id="class-open")
            self.address = gr.Textbox(visible=False)
            with gr.Row(elem_id="class-top"):  # in sight together, on a projector too
                self.room = gr.HTML(elem_id="class-room")
                self.status = gr.HTML(
                    html_template='<div aria-live="polite">${value}</div>', elem_id="class-status"
                )
            with gr.Column(visible=False) as self.lesson:
                own = [(text.CURRENT, CURRENT)]
                if not class_mode.on_this_page():
                    own.append((text.ROW, ROW))
                with gr.Row():
                    self.example = gr.Dropdown(
                        [*own, *((title_of(item), item.id) for item in load_gallery())],
                        value=CURRENT,
                        label=text.EXAMPLE,
                        elem_id="class-example",
                    )
                    self.given = gr.Radio(
                        [(text.GIVEN[kind], kind) for kind in (BOTH, CLIP, WORDS)],
                        value=BOTH,
                        label=text.GIVEN_LABEL,
                        elem_id="class-given",
                    )
                with gr.Row():
                    self.ask = gr.Button(text.ASK, variant="primary", elem_id="class-ask")
                    self.uncover = gr.Button(
                        text.UNCOVER, interactive=False, elem_id="class-uncover"
                    )
                    self.annotate = gr.Button(
                        text.ANNOTATE.format(count=ANNOTATED_CLIPS), elem_id="class-annotate"
                    )
                self._add_results()
        self.tick = gr.Timer(1.0, active=False)

    def _add_results(self) -> None:
        self.said = gr.HTML(visible=False, elem_id="class-said")
        self.bars = plot("class-bars", visible=False)
        with gr.Column(visible=False, elem_id="class-measures") as self.measures:
            self.figures = gr.HTML(elem_id="class-figures")
            with gr.Row():
                with gr.Column(min_width=320):
                    gr.Markdown("### " + text.CLASS_CONFUSION)
                    self.class_confusion = plot("class-confusion")
                with gr.Column(min_width=320):
                    gr.Markdown("### " + text.MODEL_CONFUSION)
                    self.model_confusion = plot("class-model-confusion")
            self.downloads = gr.HTML(elem_id="class-downloads")

    def choose_row(self, row: ClassRow) -> dict[gr.components.Component, object]:
        """Updates that make this row what the class is asked about next."""
        return {self.row: row, self.example: ROW}

    @property
    def results(self) -> list[gr.Component | gr.Column]:
        """What is hidden while a round is open."""
        return [self.said, self.bars, self.measures]


def lesson_link() -> str:
    """HTML: the way to the lesson as a page to print."""
    return f'<a href="lesson" target="_blank" rel="noopener">{text.LESSON_LINK}</a>'
