"""What happens in the tab "Class"."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.classroom.agreement import measure_lesson
from drkf.classroom.room import MAX_ROUNDS, Room, TooManyRoundsError
from drkf.classroom.rooms import NoRoomLeftError
from drkf.classroom.rounds import ModelAnswer, Question, Round
from drkf.errors import ClassroomError
from drkf.figures.classroom import class_bars, class_confusion
from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui import browser
from drkf.ui.analyse import TAB as ANALYSE
from drkf.ui.analyse import Session
from drkf.ui.classroom import said
from drkf.ui.classroom.annotation import annotation_html, example_clips, questions_of
from drkf.ui.classroom.panel import CLIP, CURRENT, ROW, WORDS, ClassPanel, ClassRow, title_of
from drkf.ui.events import AT_ONCE, QUIET, Updates
from drkf.ui.parts import error_html, status_html
from drkf.ui.server.app import App
from drkf.ui.texts import catalogue as i18n
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
            *(panel.room, panel.lesson, panel.open, panel.ask, panel.annotate, panel.uncover),
            panel.status,
            *(panel.tick, panel.figures, panel.class_confusion, panel.model_confusion),
            *(panel.downloads, *panel.results),
        ]
        panel.open.click(self.on_open, panel.address, everything, js=PAGE_ADDRESS, **AT_ONCE)
        work = {**QUIET, **concurrency}
        asking = [panel.example, panel.given, session, panel.row]
        panel.ask.click(self.on_ask, asking, everything, **work)
        panel.annotate.click(self.on_annotate, panel.given, everything, **work)
        uncovered = panel.uncover.click(self.on_uncover, None, everything, **AT_ONCE)
        for start in (panel.open.click, panel.ask.click, panel.annotate.click):
            start(None, None, None, js=browser.show_top("class-top"), **AT_ONCE)
        uncovered.then(None, None, None, js=browser.show_top("class-said"), **AT_ONCE)
        panel.tick.tick(self.on_tick, None, [panel.status, panel.tick, panel.uncover], **AT_ONCE)

    def on_open(self, page: str, request: gr.Request) -> Updates:
        """A new room; the page's old one, and its lesson, end."""
        panel = self.panel
        try:
            room = self.app.rooms.open(request.session_hash or "")
        except ClassroomError as error:
            return {panel.room: error_html(in_words(error))}
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
        self,
        example: str,
        given: str,
        last: Session | None,
        row: ClassRow | None,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """The model reads first, then the phones are asked."""
        panel = self.panel
        yield {panel.status: status_html(text.READING)}
        try:
            room = self._room(request)
            question = self._question(example, last, row, request.session_hash or "")
            room.ask(_as_given(question, given))
        except Exception as error:  # nothing may reach the page as a traceback
            yield {panel.status: error_html(in_words(error))}
            return
        yield self._asked(room)

    def on_annotate(self, given: str, request: gr.Request) -> Iterator[Updates]:
        """Ten clips, read by the model and then labelled by each phone alone."""
        panel = self.panel
        yield {panel.status: status_html(text.READING)}
        try:
            room = self._room(request)
            rows = example_clips(self.pipeline.info.labels, random.Random())
            questions: list[Question] = []
            for question in questions_of(self.pipeline, rows):
                questions.append(_as_given(question, given))
                told = text.READING_CLIPS.format(done=len(questions), total=len(rows))
                yield {panel.status: status_html(told)}
            room.ask_all(questions)
        except Exception as error:
            yield {panel.status: error_html(in_words(error))}
            return
        yield self._asked(room)

    def _asked(self, room: Room) -> Updates:
        """A round is open, or ten are."""
        panel = self.panel
        return {
            panel.status: said.count_html(room, room.asked),
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
        asked = room.asked
        if not asked or not asked[-1].open:
            return {panel.tick: gr.Timer(active=False)}
        return {panel.status: said.count_html(room, asked)}

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
            panel.measures: gr.update(visible=True),
            panel.figures: said.measures_html(told),
            panel.class_confusion: class_confusion(told.class_confusion, wording, words),
            panel.model_confusion: class_confusion(told.model_confusion, wording, words),
            panel.downloads: said.downloads_html(rounds, labels),
            **self._uncovered(room.asked),
        }

    def _uncovered(self, asked: list[Round]) -> Updates:
        """What the round, or the ten clips, came to."""
        panel = self.panel
        votes = sum(len(one.votes) for one in asked)
        status = i18n.counted(text.UNCOVERED, votes) + " " + text.UNCOVERED_LATE
        updates: Updates = {panel.status: status_html(status)}
        if len(asked) > 1:
            shown = annotation_html(asked)
            return {
                **updates,
                panel.said: gr.update(value=shown, visible=True),
                panel.bars: gr.update(visible=False),
            }
        bars = class_bars(asked[0], text_figures.WORDING, text.CLASS_WORDING)
        return {
            **updates,
            panel.said: gr.update(value=said.result_html(asked[0]), visible=True),
            panel.bars: gr.update(value=bars, visible=True),
        }

    def _room(self, request: gr.Request) -> Room:
        room = self.app.rooms.of(request.session_hash or "")
        if room is None:
            raise ClassroomError(text.ROOM_GONE)
        return room

    def _question(
        self, example: str, last: Session | None, row: ClassRow | None, session: str
    ) -> Question:
        """Voice and words of an example, of a row, or of what was analysed last, with the model's
        answer."""
        item = self.items.get(example)
        if item is not None:
            return self._question_of(item)
        if example == ROW:
            return self._question_of_row(row)
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

    def _question_of_row(self, row: ClassRow | None) -> Question:
        if row is None:
            raise ClassroomError(text.NO_ROW)
        if row.clip is not None and not row.clip.is_file():
            raise ClassroomError(text.ROW_GONE)
        return Question(
            title=row.title,
            words=row.utterance.transcript.text,
            clip=row.clip,
            meant=row.meant,
            reading=ModelAnswer.of(self.pipeline.predict(row.utterance)),
        )

    def _clip_of(self, last: Session, session: str) -> Path | None:
        """The file of the clip analysed last, which its page holds; an example's is its own."""
        if last.digest is None:
            return None
        held = self.app.uploads.files(session, ANALYSE)
        examples = {item.audio for item in self.items.values() if item.audio is not None}
        return _with_digest(held | examples, last.digest)


def in_words(error: Exception) -> Exception:
    """An error of the rooms in the visitor's language; any other as it is."""
    if isinstance(error, TooManyRoundsError):
        return ClassroomError(text.TOO_MANY_ROUNDS.format(rounds=MAX_ROUNDS))
    return ClassroomError(text.NO_ROOM_LEFT) if isinstance(error, NoRoomLeftError) else error


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
