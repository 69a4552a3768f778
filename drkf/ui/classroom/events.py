"""What happens in the tab "Class"."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.classroom.agreement import measure_lesson
from drkf.classroom.room import Room
from drkf.classroom.rounds import ModelAnswer, Question
from drkf.errors import ClassroomError
from drkf.figures.classroom import class_bars, class_confusion
from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui.analyse import TAB as ANALYSE
from drkf.ui.analyse import Session
from drkf.ui.classroom import said
from drkf.ui.classroom.panel import CLIP, CURRENT, WORDS, ClassPanel, title_of
from drkf.ui.events import AT_ONCE, QUIET, Updates
from drkf.ui.parts import error_html, status_html
from drkf.ui.server.app import App
from drkf.ui.texts import classroom as text
from drkf.ui.texts import figures as text_figures

PAGE_ADDRESS = "() => location.origin + location.pathname"


class ClassEvents:
    """Opens a room, asks, counts and uncovers. A room belongs to the session of its page."""

    def __init__(self, pipeline: EmotionPipeline, app: App, panel: ClassPanel) -> None:
        self.pipeline = pipeline
        self.app = app
        self.panel = panel
        self.items = {item.id: item for item in load_gallery()}

    def connect(self, session: gr.State, concurrency: dict[str, Any]) -> None:
        panel = self.panel
        everything = [
            *(panel.room, panel.lesson, panel.open, panel.ask, panel.uncover, panel.status),
            *(panel.tick, panel.figures, panel.class_confusion, panel.model_confusion),
            *(panel.downloads, *panel.results),
        ]
        panel.open.click(self.on_open, panel.address, everything, js=PAGE_ADDRESS, **AT_ONCE)
        panel.ask.click(
            self.on_ask,
            [panel.example, panel.given, session],
            everything,
            **QUIET,
            **concurrency,
        )
        panel.uncover.click(self.on_uncover, None, everything, **AT_ONCE)
        panel.tick.tick(self.on_tick, None, [panel.status, panel.tick, panel.uncover], **AT_ONCE)

    def on_open(self, page: str, request: gr.Request) -> Updates:
        """A new room; the page's old one, and its lesson, end."""
        panel = self.panel
        try:
            room = self.app.rooms.open(request.session_hash or "")
        except ClassroomError as error:
            return {panel.room: error_html(error)}
        server = self.app.server_name or "127.0.0.1"
        return {
            panel.room: said.room_html(room, page or "", server),
            panel.open: gr.update(value=text.OPEN_AGAIN, variant="secondary"),
            panel.lesson: gr.update(visible=True),
            panel.status: status_html(text.READY),
            panel.uncover: gr.update(interactive=False),
            **dict.fromkeys(panel.results, gr.update(visible=False)),
        }

    def on_ask(
        self, example: str, given: str, last: Session | None, request: gr.Request
    ) -> Iterator[Updates]:
        """The model reads first, then the phones are asked."""
        panel = self.panel
        yield {panel.status: status_html(text.READING)}
        try:
            room = self._room(request)
            question = self._question(example, last, request.session_hash or "")
            asked = room.ask(_as_given(question, given))
        except Exception as error:  # nothing may reach the page as a traceback
            yield {panel.status: error_html(error)}
            return
        yield {
            panel.status: said.count_html(room, asked),
            panel.tick: gr.Timer(active=True),
            panel.uncover: gr.update(interactive=True, variant="primary"),
            panel.ask: gr.update(variant="secondary"),
            **dict.fromkeys(panel.results, gr.update(visible=False)),
        }

    def on_tick(self, request: gr.Request) -> Updates:
        panel = self.panel
        try:
            room = self._room(request)
        except ClassroomError as error:
            return {
                panel.status: error_html(error),
                panel.tick: gr.Timer(active=False),
                panel.uncover: gr.update(interactive=False),
            }
        current = room.current
        if current is None or not current.open:
            return {panel.tick: gr.Timer(active=False)}
        return {panel.status: said.count_html(room, current)}

    def on_uncover(self, request: gr.Request) -> Updates:
        panel = self.panel
        try:
            room = self._room(request)
        except ClassroomError as error:
            return {panel.status: error_html(error), panel.tick: gr.Timer(active=False)}
        done = room.uncover()
        if done is None:
            return {panel.status: status_html(text.READY)}
        labels, rounds = done.labels, room.rounds
        told = measure_lesson(rounds, labels)
        wording, words = text_figures.WORDING, text.CLASS_WORDING
        return {
            panel.tick: gr.Timer(active=False),
            panel.uncover: gr.update(interactive=False, variant="secondary"),
            panel.ask: gr.update(variant="primary"),
            panel.status: status_html(text.UNCOVERED.format(count=len(done.votes))),
            panel.said: gr.update(value=said.result_html(done), visible=True),
            panel.bars: gr.update(value=class_bars(done, wording, words), visible=True),
            panel.measures: gr.update(visible=True),
            panel.figures: said.measures_html(told),
            panel.class_confusion: class_confusion(told.class_confusion, wording, words),
            panel.model_confusion: class_confusion(told.model_confusion, wording, words),
            panel.downloads: said.downloads_html(rounds, labels),
        }

    def _room(self, request: gr.Request) -> Room:
        room = self.app.rooms.of(request.session_hash or "")
        if room is None:
            raise ClassroomError(text.ROOM_GONE)
        return room

    def _question(self, example: str, last: Session | None, session: str) -> Question:
        """Voice and words of an example, or of what was analysed last, with the model's answer."""
        item = self.items.get(example)
        if item is not None:
            return self._question_of(item)
        if last is None or example != CURRENT:
            raise ClassroomError(text.NOTHING_ANALYSED)
        analysis = last.analysis or self.pipeline.predict(last.utterance)
        return Question(
            title=text.CURRENT,
            words=last.utterance.transcript.text,
            clip=self._clip_of(last, session),
            meant=None,
            reading=ModelAnswer.of(analysis),
        )

    def _question_of(self, item: GalleryItem) -> Question:
        utterance = self.pipeline.encode(item.audio, item.words, transcribe=False)
        voice = item.voice_emotion or item.words_emotion
        return Question(
            title=title_of(item),
            words=item.words,
            clip=item.audio,
            meant=voice if item.agree else None,
            reading=ModelAnswer.of(self.pipeline.predict(utterance)),
        )

    def _clip_of(self, last: Session, session: str) -> Path | None:
        """The file of the clip analysed last, which its page holds; an example's is its own."""
        if last.digest is None:
            return None
        held = self.app.uploads.files(session, ANALYSE)
        examples = {item.audio for item in self.items.values() if item.audio is not None}
        return _with_digest(held | examples, last.digest)


def _with_digest(paths: set[Path], digest: str) -> Path | None:
    """The file with this content; None where it is gone."""
    for path in paths:
        with suppress(OSError), path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == digest:
                return path
    return None


def _as_given(question: Question, given: str) -> Question:
    """What phones get: a clip alone, words alone, or both; always something."""
    if given == CLIP and question.clip is not None:
        return replace(question, words="")
    if given == WORDS and question.words:
        return replace(question, clip=None)
    return question
