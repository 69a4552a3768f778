"""The table of a lesson."""

from __future__ import annotations

import csv
import io

from drkf.classroom.export import COLUMNS, lesson_csv
from drkf.classroom.room import Room
from tests.helpers.classes import phone, question, vote


def test_a_row_a_vote_and_no_phone_in_it() -> None:
    room = Room("SECRET", "teacher", 1)
    room.ask(question("joy", title="=1+1"))
    room.vote(phone(7), 1, vote("anger", "certain", "no"))
    room.vote(phone(8), 1, vote("joy"))
    room.ask(question("anger", meant=None))
    room.vote(phone(8), 2, vote("fear", "guess", "unknown"))
    room.ask(question())
    room.vote(phone(7), 3, vote())  # still open: not told
    table = lesson_csv(room.rounds)
    rows = list(csv.DictReader(io.StringIO(table)))
    assert tuple(rows[0]) == COLUMNS
    assert [(r["round"], r["voter"], r["emotion"]) for r in rows] == [
        ("1", "1", "anger"),
        ("1", "2", "joy"),
        ("2", "2", "fear"),
    ]
    assert rows[0]["sure"] == "certain" and rows[0]["voice_and_words_agree"] == "no"
    assert (rows[0]["model"], rows[0]["model_voice"]) == ("joy", "anger")
    assert rows[0]["model_probability"] == "0.7000"
    assert rows[0]["model_finds_contradiction"] == "true" and rows[2]["meant"] == ""
    assert rows[0]["title"] == "'=1+1"  # a spreadsheet computes nothing
    assert phone(7) not in table and "SECRET" not in table
