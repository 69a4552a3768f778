"""One room: its rounds one after another or several at once, and a vote a phone a round."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from drkf.classroom.rounds import AGREE, SURE, Poll, Question, Round, Vote
from drkf.errors import ClassroomError

MAX_PHONES = 200
MAX_ROUNDS = 100
PHONE = re.compile(r"[0-9a-f]{32}")
"""The random number, 128 bits, by which a phone knows itself."""


class VoteError(ClassroomError):
    """A vote that does not count; ``reason`` is one word for programs."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TooManyRoundsError(ClassroomError):
    """A lesson is over ``MAX_ROUNDS`` long."""


class Room:
    """A room with its rounds; safe under concurrent use.

    Args:
        code: by which phones find it.
        owner: the session of the teacher's page.
        ends: when it is deleted, on the clock of the rooms.
    """

    def __init__(self, code: str, owner: str, ends: float) -> None:
        self.code = code
        self.owner = owner
        self.ends = ends
        self._lock = threading.Lock()
        self._rounds: list[Round] = []
        self._poll: Poll | None = None
        self._polls = 0
        self._phones: set[str] = set()

    def join(self, phone: str) -> None:
        """A phone is here.

        Raises:
            VoteError: it does not say a number of its own, or the room is full.
        """
        with self._lock:
            self._join(phone)

    def has(self, phone: str) -> bool:
        with self._lock:
            return phone in self._phones

    @property
    def phones(self) -> int:
        """How many phones have looked in."""
        with self._lock:
            return len(self._phones)

    def ask(self, question: Question) -> Round:
        """Opens the next round and ends the one before.

        Raises:
            ClassroomError: there were ``MAX_ROUNDS`` rounds.
        """
        return self.ask_all([question])[0]

    def ask_all(self, questions: Sequence[Question]) -> list[Round]:
        """Opens a round for each question at once, which each phone goes through by itself.

        Raises:
            ClassroomError: that would be more than ``MAX_ROUNDS`` rounds.
        """
        with self._lock:
            if len(self._rounds) + len(questions) > MAX_ROUNDS:
                raise TooManyRoundsError(
                    f"A room takes {MAX_ROUNDS} rounds: export this lesson and open a new room."
                )
            self._close()
            self._poll = None
            before, total = len(self._rounds), len(questions)
            self._rounds += [
                Round(before + place, question, place, total)
                for place, question in enumerate(questions, start=1)
            ]
            return [_copy(one) for one in self._rounds[before:]]

    def uncover(self) -> Round | None:
        """Ends what is open and returns the last round: later votes do not count."""
        with self._lock:
            self._close()
            return _copy(self._rounds[-1]) if self._rounds else None

    def vote(self, phone: str, number: int, vote: Vote) -> None:
        """Counts a vote for a round.

        Raises:
            VoteError: the round is over ("late"), this phone has voted in it ("double"), it is no
                answer to the question ("invalid"), or the room is full ("full").
        """
        with self._lock:
            self._join(phone)
            current = next((one for one in self._asked() if one.number == number), None)
            if current is None or not current.open:
                raise VoteError("late", "This round is over: the vote does not count.")
            if phone in current.votes:
                raise VoteError("double", "This phone has voted in this round.")
            if (
                vote.emotion not in current.labels
                or vote.sure not in SURE
                or vote.agree not in AGREE
            ):
                raise VoteError("invalid", "This is no answer to the question.")
            current.votes[phone] = vote

    def open_poll(
        self, question: Mapping[str, str], answers: Mapping[str, tuple[str, ...]]
    ) -> Poll:
        """Asks a question with answers of its own, in each language, and ends what was open."""
        with self._lock:
            self._close()
            self._polls += 1
            self._poll = Poll(self._polls, question, answers)
            return _copy_poll(self._poll)

    def close_poll(self, number: int, right: int | None = None) -> Poll | None:
        """Ends a poll and tells the place of its right answer; None where it is gone."""
        with self._lock:
            poll = self._poll
            if poll is None or poll.number != number:
                return None
            poll.open, poll.right = False, right
            return _copy_poll(poll)

    def answer(self, phone: str, number: int, choice: int) -> None:
        """Counts an answer to a poll.

        Raises:
            VoteError: as for ``vote``.
        """
        with self._lock:
            self._join(phone)
            poll = self._poll
            if poll is None or poll.number != number or not poll.open:
                raise VoteError("late", "This question is over: the answer does not count.")
            if phone in poll.votes:
                raise VoteError("double", "This phone has answered this question.")
            if not 0 <= choice < poll.choices:
                raise VoteError("invalid", "This is no answer to the question.")
            poll.votes[phone] = choice

    @property
    def poll(self) -> Poll | None:
        """A copy of the poll, where the last question was one, whether it is open or not."""
        with self._lock:
            return None if self._poll is None else _copy_poll(self._poll)

    def current_of(self, phone: str) -> Round | None:
        """A copy of the first open round in which this phone has not voted, or else the last."""
        with self._lock:
            asked = self._asked()
            left = (one for one in asked if one.open and phone not in one.votes)
            found = next(left, asked[-1] if asked else None)
            return None if found is None else _copy(found)

    @property
    def asked(self) -> list[Round]:
        """Copies of the rounds that were asked together last."""
        with self._lock:
            return [_copy(one) for one in self._asked()]

    @property
    def current(self) -> Round | None:
        """A copy of the last round, whether it is open or not."""
        with self._lock:
            return _copy(self._rounds[-1]) if self._rounds else None

    @property
    def rounds(self) -> list[Round]:
        """Copies of all rounds, the first one first."""
        with self._lock:
            return [_copy(done) for done in self._rounds]

    def _asked(self) -> list[Round]:
        return self._rounds[-self._rounds[-1].total :] if self._rounds else []

    def _close(self) -> None:
        for one in self._asked():
            one.open = False
        if self._poll is not None:
            self._poll.open = False

    def _join(self, phone: str) -> None:
        if not PHONE.fullmatch(phone):
            raise VoteError("invalid", "A phone says a number of its own: 32 hexadecimal digits.")
        if phone not in self._phones and len(self._phones) >= MAX_PHONES:
            raise VoteError("full", f"This room is full: it takes {MAX_PHONES} phones.")
        self._phones.add(phone)


def _copy_poll(of: Poll) -> Poll:
    return replace(of, votes=dict(of.votes))


def _copy(of: Round) -> Round:
    return replace(of, votes=dict(of.votes))
