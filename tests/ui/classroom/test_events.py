"""The teacher's side, without a browser: ask, count, uncover, export."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import gradio as gr
import pytest

from drkf.classroom.rooms import Rooms
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui.analyse import Session
from drkf.ui.classroom.events import ClassEvents
from drkf.ui.classroom.panel import BOTH, CLIP, CURRENT, ROW, WORDS, ClassPanel, ClassRow
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts.de import classroom as german
from drkf.ui.texts.en import classroom as text
from tests.helpers.classes import phone, vote

TEACHER: Any = SimpleNamespace(session_hash="teacher")


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture
def events(pipeline: EmotionPipeline) -> ClassEvents:
    app: Any = SimpleNamespace(rooms=Rooms(), uploads=Uploads(), server_name="0.0.0.0")
    with gr.Blocks():
        return ClassEvents(pipeline, app, ClassPanel())


def ask(
    events: ClassEvents,
    example: str,
    given: str = BOTH,
    last: Session | None = None,
    row: ClassRow | None = None,
) -> Any:
    *_, updates = events.on_ask(example, given, last, row, TEACHER)
    return updates


def shown(updates: Any, component: Any) -> str:
    value = updates[component]
    return value["value"] if isinstance(value, dict) else value


@pytest.fixture
def opened(events: ClassEvents) -> Iterator[ClassEvents]:
    events.on_open("http://10.0.0.7:7860/", TEACHER)
    yield events


def test_a_room_is_shown_with_its_codes(events: ClassEvents) -> None:
    updates = events.on_open("http://10.0.0.7:7860/", TEACHER)
    room = events.app.rooms.of("teacher")
    assert room is not None
    told = shown(updates, events.panel.room)
    assert f"http://10.0.0.7:7860/vote?room={room.code}" in told and "<svg" in told
    assert f"{room.code[:4]} {room.code[4:]}" in told
    assert updates[events.panel.lesson]["visible"] is True


def test_from_the_question_to_the_figures(opened: ClassEvents) -> None:
    panel = opened.panel
    updates = ask(opened, "joy")
    assert "Votes: <b>0</b> of 0 phones" in shown(updates, panel.status)
    assert updates[panel.bars]["visible"] is False
    room = opened.app.rooms.of("teacher")
    assert room is not None
    for number, emotion in enumerate(["joy", "joy", "surprise"]):
        room.vote(phone(number), 1, vote(emotion, "certain", "yes"))
    counted = shown(opened.on_tick(TEACHER), panel.status)
    assert "<b>3</b> of 3 phones" in counted and "surprise" not in counted
    updates = opened.on_uncover(TEACHER)
    said = re.sub("<[^>]+>", "", shown(updates, panel.said))
    assert "The class reads most often joy (2 votes)" in said and "Meant was: joy" in said
    assert "Of all pairs of voters 33% agree" in said and "certain 3" in said
    bars = updates[panel.bars]["value"].data
    assert len(bars) == 4  # the class, both together, the voice, the words
    assert max(bars[0].x) == pytest.approx(2 / 3)
    assert "1 round, 3 votes" in updates[panel.figures]
    table, picture = re.findall(r"base64,([^\"]+)", updates[panel.downloads])
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(table).decode("utf-8-sig"))))
    assert [row["emotion"] for row in rows] == ["joy", "joy", "surprise"]
    drawn = ElementTree.fromstring(base64.b64decode(picture))
    words = "".join(drawn.itertext())
    assert "Round 1: Good news" in words and "3 votes" in words
    with pytest.raises(Exception, match="over"):
        room.vote(phone(9), 1, vote())


def test_kappa_comes_with_the_second_round(opened: ClassEvents) -> None:
    room = opened.app.rooms.of("teacher")
    assert room is not None
    for number, emotion in enumerate(["joy", "anger"], start=1):
        ask(opened, emotion)
        for voter in range(3):
            room.vote(phone(voter), number, vote(emotion))
        updates = opened.on_uncover(TEACHER)
        kappa = re.findall(r"<b>([^<]+)</b>", updates[opened.panel.figures])[0]
        assert kappa == ("–", "1.00")[number - 1]


@pytest.mark.parametrize(("given", "clip", "words"), [(BOTH, 1, 1), (CLIP, 1, 0), (WORDS, 0, 1)])
def test_phones_get_what_the_teacher_chose(
    opened: ClassEvents, given: str, clip: bool, words: bool
) -> None:
    ask(opened, "fine-but-angry", given)
    room = opened.app.rooms.of("teacher")
    assert room is not None and room.current is not None
    question = room.current.question
    assert (question.clip is not None, bool(question.words)) == (bool(clip), bool(words))
    assert question.meant is None  # voice and words contradict each other: neither is right


def test_words_alone_are_shown_whatever_was_chosen(opened: ClassEvents) -> None:
    ask(opened, "words-joy", CLIP)
    room = opened.app.rooms.of("teacher")
    assert room is not None and room.current is not None
    assert room.current.question.words and room.current.question.clip is None


def test_what_was_just_recorded_is_asked_about(opened: ClassEvents, tmp_path: Path) -> None:
    item = next(one for one in load_gallery() if one.audio is not None)
    assert item.audio is not None
    path = tmp_path / "recording.flac"
    path.write_bytes(item.audio.read_bytes() + b" ")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    utterance = opened.pipeline.encode(item.audio, "it is so", transcribe=False)
    opened.app.uploads.add("teacher", "analyse", str(path))
    ask(opened, CURRENT, BOTH, Session(utterance, digest))
    room = opened.app.rooms.of("teacher")
    assert room is not None and room.current is not None
    assert room.current.question.clip == path and room.current.question.words == "it is so"


def test_with_nothing_to_ask_about_one_sentence_says_so(opened: ClassEvents) -> None:
    assert text.NO_ROW in shown(ask(opened, ROW), opened.panel.status)
    for example in (CURRENT, "no-such-example"):
        assert text.NOTHING_ANALYSED in shown(ask(opened, example), opened.panel.status)


def test_a_room_that_is_gone_is_said_and_no_longer_asked_for(opened: ClassEvents) -> None:
    opened.app.rooms.close("teacher")
    for updates in (ask(opened, "joy"), opened.on_tick(TEACHER), opened.on_uncover(TEACHER)):
        assert text.ROOM_GONE in shown(updates, opened.panel.status)


def test_a_row_of_a_set_is_asked_about_until_its_clip_is_gone(
    opened: ClassEvents, tmp_path: Path
) -> None:
    item = next(one for one in load_gallery() if one.audio is not None)
    assert item.audio is not None
    path = tmp_path / "row.flac"
    path.write_bytes(item.audio.read_bytes())
    utterance = opened.pipeline.encode(path, "it is so", transcribe=False)
    row = ClassRow("Row 7: x", path, "anger", utterance)
    ask(opened, ROW, BOTH, row=row)
    room = opened.app.rooms.of("teacher")
    assert room is not None and room.current is not None
    asked = room.current.question
    assert (asked.title, asked.clip, asked.meant) == ("Row 7: x", path, "anger")
    path.unlink()
    told = shown(ask(opened, ROW, BOTH, row=row), opened.panel.status)
    assert text.ROW_GONE in html.unescape(told)


def test_ten_clips_are_labelled_and_measured(opened: ClassEvents) -> None:
    panel = opened.panel
    *reading, updates = opened.on_annotate(CLIP, TEACHER)
    assert "clip 10 of 10" in shown(reading[-1], panel.status)
    assert "0</b> of 0 phones" in shown(updates, panel.status)
    room = opened.app.rooms.of("teacher")
    assert room is not None and len(room.asked) == 10
    meant = [one.question.meant for one in room.asked]
    assert len(set(meant)) >= 5 and None not in meant
    assert len({one.question.clip for one in room.asked}) == 10
    assert not any(one.question.words for one in room.asked)  # the voice alone
    for one in room.asked:
        room.vote(phone(1), one.number, vote(one.question.meant or ""))
        if one.place < 3:
            room.vote(phone(2), one.number, vote("fear"))
    counted = shown(opened.on_tick(TEACHER), panel.status)
    assert "<b>1</b> of 2 phones" in counted and "Labels so far: 12" in counted
    updates = opened.on_uncover(TEACHER)
    said = shown(updates, panel.said)
    assert "10 clips, labelled by 2 annotators" in said
    kappas = re.findall(r"<td><b>([^<]+)</b></td>", said)
    assert kappas[2] == "1.00"  # the majority, where there is one, is as acted
    assert said.count("<tr>") == 5 + 1 + 10
    assert updates[panel.bars]["visible"] is False
    assert "10 rounds, 12 votes" in updates[panel.figures]


def test_the_rooms_errors_are_in_the_teachers_language(
    opened: ClassEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkf.classroom.room.MAX_ROUNDS", 0)
    monkeypatch.setattr("drkf.classroom.rooms.MAX_ROOMS", 0)
    with i18n.speaking("de"):
        full = german.TOO_MANY_ROUNDS.format(rounds=100)
        assert full in shown(ask(opened, "joy"), opened.panel.status)
        closed = opened.on_open("", TEACHER)
        assert german.NO_ROOM_LEFT in shown(closed, opened.panel.room)
