"""A recorded conversation, its timeline, and all about one of its utterances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from drkf.analysis import Analysis
from drkf.conversation.recording import (
    Conversation,
    ConversationProgress,
    analyse_conversation,
)
from drkf.figures.timeline import emotions_over_time
from drkf.pipeline import EmotionPipeline, Heard, Utterance
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.answer import Answering
from drkf.ui.events import AT_ONCE, QUIET, Updates, Values, cumulative
from drkf.ui.evidence import Evidence
from drkf.ui.live.talk_html import (
    conversation_html,
    conversation_progress_html,
    row_text,
    utterance_html,
)
from drkf.ui.parts import error_html, plot, recorder, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import live as text_live
from drkf.ui.verdict import sides_html, verdict_sentence

TAB = "live"
CHOOSE_BY_CLICK = (Path(__file__).parents[1] / "static" / "conversation.js").read_text()


@dataclass(frozen=True, eq=False)
class Talk:
    """A visitor's conversation, and the utterance that is open, once it has been explained."""

    conversation: Conversation
    opened: Utterance | None = None
    analysis: Analysis | None = None


class TalkPanel:
    """Adds the conversation's components to the current Blocks."""

    def __init__(self, pipeline: EmotionPipeline, uploads: Uploads) -> None:
        self._pipeline, self._uploads = pipeline, uploads
        self.talk = gr.State(None, time_to_live=SESSION_SECONDS)
        gr.Markdown(f"## {text_live.TALK}")
        with gr.Row():
            with gr.Column(scale=2, min_width=320):
                self.audio = recorder(text_live.TALK_AUDIO, "talk-audio", "upload")
                gr.Markdown(text_live.TALK_HELP, elem_classes="caveat")
                self.stop = gr.Button(text_live.TALK_STOP, visible=False, elem_id="talk-stop")
                self.utterances = gr.Radio(
                    [], label=text_live.TALK_LIST, visible=False, elem_id="talk-list"
                )
            with gr.Column(scale=5, min_width=320):
                with gr.Column(elem_classes="card"):
                    self.status = gr.HTML(
                        status_html(text_live.TALK_EMPTY),
                        html_template='<div aria-live="polite">${value}</div>',
                        elem_id="talk-status",
                    )
                with gr.Column(visible=False, elem_classes="card") as self.course:
                    self.timeline = plot("talk-course")
                    gr.Markdown(text_live.TALK_CAVEAT, elem_classes="caveat")
                self.evidence = Evidence("talk-")
        self.answering = Answering(pipeline, self.evidence)

    def connect(self, concurrency: dict[str, Any]) -> None:
        """Adds the events."""
        work = {**QUIET, **concurrency}
        attention: set[Any] = {self.talk, self.evidence.attention_method}
        opened = [self.talk, self.status, self.timeline, *self.evidence.components]
        outputs = [*opened, self.stop, self.course, self.utterances]
        running = gr.on(
            [self.audio.stop_recording, self.audio.upload],
            self.on_recording,
            self.audio,
            outputs,
            **work,
        )
        opening = self.utterances.input(
            self.on_choice,
            {self.utterances, *attention},
            opened,
            trigger_mode="always_last",
            **work,
        )
        self.evidence.attention_method.input(
            self.on_attention,
            attention,
            [self.evidence.attention, self.evidence.attention_caveat],
            trigger_mode="always_last",
            **AT_ONCE,
        )
        self.stop.click(self.on_stop, None, [self.status, self.stop], cancels=running, **AT_ONCE)
        self.audio.clear(self.on_cleared, None, outputs, cancels=[running, opening], **AT_ONCE)
        gr.on(None, None, None, None, js=CHOOSE_BY_CLICK, api_visibility="private")

    @cumulative
    def on_recording(self, path: str | None, request: gr.Request) -> Iterator[Updates]:
        """Progress, then the timeline and the list."""
        try:
            self._uploads.replace(request.session_hash or "", TAB, path)
            yield {
                **self._show_nothing(text_live.TALK_READING),
                self.stop: gr.update(visible=True),
            }
            for found in analyse_conversation(self._pipeline, path):
                if isinstance(found, ConversationProgress):
                    yield {self.status: conversation_progress_html(found)}
                else:
                    yield self._show(found)
        except Exception as error:  # nothing may reach the page as a traceback
            yield {self.status: error_html(error), self.stop: gr.update(visible=False)}

    @cumulative
    def on_choice(self, values: Values) -> Iterator[Updates]:
        """One utterance, as the tab "Analyse" shows it: the answer first, then explanations."""
        index: int | None = values[self.utterances]
        now: Talk | None = values[self.talk]
        if index is None or now is None:
            yield {self.status: gr.skip()}
            return
        try:
            yield from self._open(now.conversation, index, values)
        except Exception as error:
            yield {self.status: error_html(error), **self.evidence.hide()}

    def on_attention(self, values: Values) -> Updates:
        """Another way to follow attention in the utterance that is open."""
        now: Talk | None = values[self.talk]
        if now is None or now.analysis is None:
            return {self.evidence.attention: gr.skip()}
        method = values[self.evidence.attention_method]
        return self.evidence.show_attention(now.analysis, method)

    def on_stop(self) -> Updates:
        """The visitor stopped the analysis of the recording."""
        return {
            self.status: status_html(text_live.TALK_STOPPED),
            self.stop: gr.update(visible=False),
        }

    def on_cleared(self, request: gr.Request) -> Updates:
        self._uploads.replace(request.session_hash or "", TAB, None)
        return self._show_nothing(text_live.TALK_EMPTY)

    def _show_nothing(self, told: str) -> Updates:
        """No recording, and nothing of an earlier one."""
        return {
            self.talk: None,
            self.status: status_html(told),
            self.stop: gr.update(visible=False),
            self.course: gr.update(visible=False),
            self.utterances: gr.update(choices=[], value=None, visible=False),
            **self.evidence.hide(),
        }

    def _show(self, found: Conversation) -> Updates:
        choices = [(row_text(said), index) for index, said in enumerate(found.utterances)]
        return {
            self.talk: Talk(found),
            self.status: conversation_html(found),
            self.stop: gr.update(visible=False),
            self.course: gr.update(visible=True),
            self.timeline: self._timeline(found),
            self.utterances: gr.update(choices=choices, value=None, visible=True),
        }

    def _open(self, found: Conversation, index: int, values: Values) -> Iterator[Updates]:
        yield {
            self.status: status_html(text_live.TALK_OPEN),
            self.timeline: self._timeline(found, index),
        }
        said = found.utterances[index].transcript
        voice = self._pipeline.encode_heard(Heard(found.clip_of(index), said))
        for answer in self.answering.steps(voice, values[self.evidence.attention_method]):
            read = answer.analysis
            told = sides_html(read) + verdict_sentence(read)
            yield {
                self.talk: Talk(found, voice, read) if answer.explained else Talk(found),
                self.status: utterance_html(found, index, told),
                **answer.updates,
            }

    def _timeline(self, found: Conversation, chosen: int | None = None) -> go.Figure:
        """The conversation's course; ``chosen`` is the index of the open utterance."""
        frame = None
        if chosen is not None:
            start = found.utterances[chosen].start_seconds
            frame = next(
                i
                for i, moment in enumerate(found.moments)
                if moment.prediction is not None and moment.start_seconds == start
            )
        labels = self._pipeline.info.labels
        end = found.clip.seconds
        wording = text_figures.WORDING
        return emotions_over_time(found.moments, 0.0, end, found.threshold, labels, frame, wording)
