"""The components of the tab "Class"."""

from __future__ import annotations

import gradio as gr

from drkf.gallery import GalleryItem, load_gallery
from drkf.ui.parts import plot
from drkf.ui.texts import classroom as text
from drkf.ui.texts import page as text_page

CURRENT = "current"
"""The choice of what was analysed last, beside the examples' ids."""
BOTH, CLIP, WORDS = "both", "clip", "words"
"""What phones get."""


def title_of(item: GalleryItem) -> str:
    """What an example is called, in the visitor's language."""
    return text_page.EXAMPLE_TITLES.get(item.id, item.title)


class ClassPanel:
    """A room with its code, a question, the count, and what is uncovered."""

    def __init__(self) -> None:
        with gr.Column(elem_id="class"):
            gr.Markdown(text.INTRO)
            self.open = gr.Button(text.OPEN, variant="primary", elem_id="class-open")
            self.address = gr.Textbox(visible=False)
            self.room = gr.HTML(elem_id="class-room")
            with gr.Column(visible=False) as self.lesson:
                with gr.Row():
                    self.example = gr.Dropdown(
                        [(text.CURRENT, CURRENT), *((title_of(i), i.id) for i in load_gallery())],
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
                self.status = gr.HTML(
                    html_template='<div aria-live="polite">${value}</div>', elem_id="class-status"
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

    @property
    def results(self) -> list[gr.Component | gr.Column]:
        """What is hidden while a round is open."""
        return [self.said, self.bars, self.measures]
