"""The rooms of a server: found by code alone, apart from each other, and gone in time."""

from __future__ import annotations

import pytest

from drkf.classroom import rooms as rooms_module
from drkf.classroom.rooms import ALPHABET, CODE_LENGTH, MAX_WRONG, Rooms, TriesError, shown_code
from drkf.errors import ClassroomError
from tests.helpers.classes import phone, question, vote


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(clock: Clock) -> Rooms:
    return Rooms(clock)


def test_a_room_is_found_however_its_code_is_typed(rooms: Rooms) -> None:
    room = rooms.open("teacher")
    assert len(room.code) == CODE_LENGTH and set(room.code) <= set(ALPHABET)
    for typed in (
        room.code,
        shown_code(room.code),
        room.code.lower(),
        f" {room.code[:4]}-{room.code[4:]} ",
    ):
        assert rooms.find(typed, "10.0.0.1") is room
    assert rooms.of("teacher") is room and rooms.of("somebody") is None


def test_a_room_ends_with_its_page_or_after_two_hours(rooms: Rooms, clock: Clock) -> None:
    first, second = rooms.open("one"), rooms.open("two")
    rooms.close("one")
    assert rooms.find(first.code, "a") is None and rooms.find(second.code, "a") is second
    clock.now = 2 * 3600 - 1
    assert rooms.of("two") is second
    clock.now += 1
    assert rooms.of("two") is None and rooms.find(second.code, "a") is None


def test_a_page_has_one_room(rooms: Rooms) -> None:
    first, second = rooms.open("teacher"), rooms.open("teacher")
    assert rooms.find(first.code, "a") is None and rooms.of("teacher") is second


def test_one_room_sees_nothing_of_another(rooms: Rooms) -> None:
    one, two = rooms.open("one"), rooms.open("two")
    one.ask(question(title="first"))
    two.ask(question(title="second"))
    one.vote(phone(1), 1, vote("joy"))
    two.vote(phone(1), 1, vote("fear"))  # the same phone may be in both
    assert one.current is not None and two.current is not None
    assert one.current.counts()["joy"] == 1 and one.current.counts()["fear"] == 0
    assert two.current.counts()["fear"] == 1 and two.current.question.title == "second"


def test_codes_cannot_be_tried(rooms: Rooms, clock: Clock) -> None:
    room = rooms.open("teacher")
    room.join(phone(1))
    for _ in range(MAX_WRONG):
        assert rooms.find("AAAAAAAA", "10.0.0.1") is None
    with pytest.raises(TriesError, match="wait a minute"):
        rooms.find("AAAAAAAA", "10.0.0.1")
    with pytest.raises(TriesError):  # not even the right one tells that it is right
        rooms.find(room.code, "10.0.0.1")
    assert rooms.find(room.code, "10.0.0.2") is room
    assert rooms.known(room.code, phone(1)) is room  # who is in stays in
    assert rooms.known(room.code, phone(2)) is None
    clock.now = 61
    assert rooms.find(room.code, "10.0.0.1") is room


def test_no_address_is_kept(rooms: Rooms) -> None:
    room = rooms.open("teacher")
    rooms.find("AAAAAAAA", "192.168.77.5")
    rooms.find(room.code, "192.168.77.5")
    assert "192.168.77.5" not in repr(vars(rooms)) + repr(vars(room))


def test_a_server_has_only_so_many_rooms(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms_module, "MAX_ROOMS", 1)
    rooms.open("one")
    with pytest.raises(ClassroomError, match="taken"):
        rooms.open("two")
    rooms.open("one")  # a page's new room takes its old one's place


def test_callers_are_forgotten(rooms: Rooms, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms_module, "MAX_CALLERS", 3)
    for number in range(10):
        rooms.find("AAAAAAAA", str(number))
    assert len(rooms._wrong) == 3
    clock.now = 61
    rooms.find("AAAAAAAA", "another")
    assert len(rooms._wrong) == 1
