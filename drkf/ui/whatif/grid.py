"""The grid: every chosen voice says every sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import gradio as gr

from drkf import figures
from drkf.audio.clip import Clip
from drkf.errors import ScenarioError
from drkf.gallery import GalleryItem
from drkf.pipeline import EmotionPipeline
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.events import Updates, Values
from drkf.ui.evidence import how_to_read
from drkf.ui.parts import error_html, plot, status_html
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.whatif.state import CURRENT, Lab
from drkf.whatif.comparison import Grid, grid
from drkf.whatif.voices import GalleryVoice

MAX_IN_GRID = 6  # voices, and sentences: more would not be readable on a telephone
FIRST_IN_GRID = ("anger", "joy", "sadness", "neutral")


class GridPanel:
    """Adds the grid to the current Blocks.

    Args:
        voices: the gallery's voices by id.
        lab: the state with the voice that is worked on, which can be one of the grid's.
    """

    def __init__(
        self, pipeline: EmotionPipeline, voices: Mapping[str, GalleryItem], lab: gr.State
    ) -> None:
        self._pipeline, self._lab = pipeline, lab
        self._items = voices
        self._filled_first: Grid | None = None
        self.filled = gr.State(False, time_to_live=SESSION_SECONDS)
        first = [key for key in FIRST_IN_GRID if key in voices]
        with gr.Column(elem_classes="card", elem_id="grid"):
            gr.Markdown("### " + text.GRID)
            gr.Markdown(text.GRID_HELP)
            self.status = gr.HTML(
                html_template='<div aria-live="polite">${value}</div>', elem_id="grid-status"
            )
            with gr.Row(visible=False) as self.maps:
                with gr.Column(min_width=400):
                    gr.Markdown("#### " + text.GRID_EMOTION)
                    self.emotions = plot("grid-emotions")
                with gr.Column(min_width=400):
                    gr.Markdown("#### " + text.GRID_INCONSISTENCY)
                    self.inconsistency = plot("grid-inconsistency")
            gr.Markdown(text.GRID_CAVEAT, elem_classes="caveat")
            self._add_choice(first)
            how_to_read(text_evidence.GRID_HOW)

    def _add_choice(self, first: Sequence[str]) -> None:
        with gr.Accordion(text.GRID_CHOOSE, open=False, elem_id="grid-choice"):
            with gr.Row():
                named = [(voice_title(item), key) for key, item in self._items.items()]
                self.voices = gr.CheckboxGroup(
                    [(text.GRID_CURRENT, CURRENT), *named],
                    value=list(first),
                    label=text.GRID_VOICES,
                    elem_id="grid-voices",
                )
                self.sentences = gr.Textbox(
                    "\n".join(self._items[key].words for key in first),
                    label=text.GRID_SENTENCES,
                    lines=4,
                    max_lines=MAX_IN_GRID,
                    elem_id="grid-sentences",
                )
            self.fill = gr.Button(text.GRID_BUTTON, variant="primary", elem_id="grid-fill")

    def connect(self, tab: gr.Tab, event: Mapping[str, Any]) -> None:
        """Adds the events, with the options of the model's work.

        Args:
            tab: the grid is filled when it is opened.
        """
        shown = [self.status, self.maps, self.emotions, self.inconsistency]
        options = {**event, "show_progress_on": self.status}
        tab.select(self.on_open, {self.filled}, [self.filled, *shown], **options)
        self.fill.click(self.on_fill, {self.voices, self.sentences, self._lab}, shown, **options)

    def on_open(self, values: Values) -> Iterator[Updates]:
        """The first grid, which is the same for all visitors and so is worked out once."""
        if values[self.filled]:
            yield {self.status: gr.skip()}
            return
        try:
            yield {self.filled: True, self.status: status_html(text.GRID_WORKING)}
            if self._filled_first is None:
                first = [key for key in FIRST_IN_GRID if key in self._items]
                clips = {key: GalleryVoice(key).load() for key in first}
                sentences = [self._items[key].words for key in first]
                self._filled_first = grid(self._pipeline, clips, sentences)
            found = self._filled_first
            named = tuple(voice_title(self._items[key]) for key in found.voices)
            yield self._show(replace(found, voices=named))
        except Exception as error:  # nothing may reach the page as a traceback
            yield self._show_error(error)

    def on_fill(self, values: Values) -> Iterator[Updates]:
        written: str = values[self.sentences]
        lines = [line for line in written.splitlines() if line.strip()]
        try:
            clips = self._clips(values[self.voices], lines, values[self._lab])
            yield {self.status: status_html(text.GRID_WORKING)}
            table = grid(self._pipeline, clips, lines)
            yield self._show(table)
        except Exception as error:
            yield self._show_error(error)

    def _show(self, table: Grid) -> Updates:
        return {
            self.status: "",
            self.maps: gr.update(visible=True),
            self.emotions: figures.grid_emotions(table, text_figures.WORDING),
            self.inconsistency: figures.grid_inconsistency(table),
        }

    def _show_error(self, error: Exception) -> Updates:
        return {self.status: error_html(error), self.maps: gr.update(visible=False)}

    def _clips(
        self, chosen: Sequence[str], lines: Sequence[str], state: Lab | None
    ) -> dict[str, Clip]:
        """The chosen voices by the names that the grid shows."""
        if max(len(chosen), len(lines)) > MAX_IN_GRID:
            raise ScenarioError(text.GRID_TOO_LARGE.format(most=MAX_IN_GRID))
        clips: dict[str, Clip] = {}
        for key in chosen:
            if key != CURRENT:
                clips[voice_title(self._items[key])] = GalleryVoice(key).load()
            elif state is None or state.base.clip is None:
                raise ScenarioError(text.LAB_NO_CURRENT)
            else:
                clips[text.GRID_CURRENT] = state.base.clip
        return clips


def voice_title(item: GalleryItem) -> str:
    """An example's title, and how its voice is meant to sound."""
    emotion = item.voice_emotion or ""

    def titled() -> str:
        title = text.EXAMPLE_TITLES.get(item.id, item.title)
        return f"{title} ({text.ADJECTIVES.get(emotion, emotion)})"

    return i18n.each(titled)
