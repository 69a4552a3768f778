"""A room: a vote a phone a round, and forty at once."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest

from drkf.classroom import room as room_module
from drkf.classroom.room import Room, TooManyRoundsError, VoteError
from drkf.errors import ClassroomError
from drkf.labels import EMOTIONS
from tests.helpers.classes import phone, question, vote


@pytest.fixture
def room() -> Room:
    return Room("CODE", "teacher", ends=1)


def refused(room: Room, *arguments: object) -> str:
    with pytest.raises(VoteError) as told:
        room.vote(*arguments)  # type: ignore[arg-type]
    return told.value.reason


def test_a_vote_counts_once(room: Room) -> None:
    room.ask(question())
    room.vote(phone(1), 1, vote("anger"))
    assert refused(room, phone(1), 1, vote("joy")) == "double"
    assert room.current is not None and room.current.counts()["anger"] == 1
    assert sum(room.current.counts().values()) == 1
    assert tuple(room.current.counts()) == EMOTIONS


def test_a_late_vote_does_not_count(room: Room) -> None:
    assert refused(room, phone(1), 1, vote()) == "late"  # nothing was asked
    room.ask(question())
    room.uncover()
    assert refused(room, phone(1), 1, vote()) == "late"
    room.ask(question())
    assert refused(room, phone(1), 1, vote()) == "late"  # of the round before
    room.vote(phone(1), 2, vote())
    assert [len(done.votes) for done in room.rounds] == [0, 1]


@pytest.mark.parametrize("wrong", [vote("bliss"), vote(sure="very"), vote(agree="maybe")])
def test_what_is_no_answer_does_not_count(room: Room, wrong: object) -> None:
    room.ask(question())
    assert refused(room, phone(1), 1, wrong) == "invalid"


@pytest.mark.parametrize("number", ["", "1", "Z" * 32, "a" * 33, "A" * 32])
def test_a_phone_needs_a_number_of_its_own(room: Room, number: str) -> None:
    room.ask(question())
    assert refused(room, number, 1, vote()) == "invalid"
    assert room.phones == 0


def test_a_room_has_its_limits(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "MAX_PHONES", 2)
    monkeypatch.setattr(room_module, "MAX_ROUNDS", 1)
    room.ask(question())
    room.vote(phone(1), 1, vote())
    room.join(phone(2))
    assert refused(room, phone(3), 1, vote()) == "full"
    room.vote(phone(2), 1, vote())  # who is in stays in
    with pytest.raises(ClassroomError, match="1 rounds"):
        room.ask(question())


def test_what_is_given_out_is_a_copy(room: Room) -> None:
    told = room.ask(question())
    told.votes[phone(9)] = vote()
    assert room.current is not None and not room.current.votes


def test_forty_phones_at_once_each_twice() -> None:
    rooms = [Room("ONE", "a", 1), Room("TWO", "b", 1)]
    rng = random.Random(0)
    cast: list[Counter[str]] = [Counter(), Counter()]
    double: list[int] = [0, 0]
    answers = [[rng.choice(EMOTIONS) for _ in range(40)] for _ in rooms]
    for one in rooms:
        one.ask(question())
    start = threading.Barrier(80)
    lock = threading.Lock()

    def pupil(which: int, number: int) -> None:
        start.wait()
        for _ in range(2):
            try:
                rooms[which].vote(phone(number), 1, vote(answers[which][number]))
                with lock:
                    cast[which][answers[which][number]] += 1
            except VoteError as error:
                assert error.reason == "double"
                with lock:
                    double[which] += 1

    threads = [threading.Thread(target=pupil, args=(w, n)) for w in (0, 1) for n in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert double == [40, 40]
    for which, one in enumerate(rooms):
        done = one.uncover()
        assert done is not None
        assert done.counts() == {label: cast[which][label] for label in EMOTIONS}
        assert cast[which] == Counter(answers[which])


def test_a_phone_goes_through_several_rounds_by_itself(room: Room) -> None:
    room.ask(question())
    asked = room.ask_all([question() for _ in range(3)])
    assert [(one.number, one.place, one.total) for one in asked] == [
        (2, 1, 3),
        (3, 2, 3),
        (4, 3, 3),
    ]
    assert refused(room, phone(1), 1, vote()) == "late"  # the round before
    for number in (2, 3):
        current = room.current_of(phone(1))
        assert current is not None and current.number == number
        room.vote(phone(1), number, vote("anger"))
    other = room.current_of(phone(2))
    assert other is not None and other.number == 2
    assert refused(room, phone(1), 2, vote()) == "double"
    room.uncover()
    assert refused(room, phone(1), 4, vote()) == "late"
    assert [len(one.votes) for one in room.asked] == [1, 1, 0]
    assert not any(one.open for one in room.rounds)
    room.ask(question())
    assert [one.number for one in room.asked] == [5]


def test_no_more_rounds_than_a_room_takes(room: Room) -> None:
    room.ask_all([question() for _ in range(room_module.MAX_ROUNDS - 1)])
    with pytest.raises(TooManyRoundsError):
        room.ask_all([question(), question()])
    assert len(room.rounds) == room_module.MAX_ROUNDS - 1
    assert all(one.open for one in room.asked)  # what was open stays so


def test_a_poll_has_answers_of_its_own(room: Room) -> None:
    room.ask(question())
    poll = room.open_poll({"en": "Which?"}, {"en": ("this", "that")})
    assert refused(room, phone(1), 1, vote()) == "late"
    room.answer(phone(1), poll.number, 1)
    for voter, number, choice, reason in (
        (1, poll.number, 0, "double"),
        (2, poll.number, 2, "invalid"),
        (2, poll.number, -1, "invalid"),
        (2, 7, 0, "late"),
    ):
        with pytest.raises(VoteError) as told:
            room.answer(phone(voter), number, choice)
        assert told.value.reason == reason
    done = room.close_poll(poll.number, right=0)
    assert done is not None and (done.counts(), done.right, done.open) == ((0, 1), 0, False)
    with pytest.raises(VoteError):
        room.answer(phone(3), poll.number, 0)
    room.ask(question())
    assert room.poll is None and room.close_poll(poll.number) is None
