"""One room: its rounds one after another, and a vote a phone a round."""

from __future__ import annotations

import re
import threading
from dataclasses import replace

from drkf.classroom.rounds import AGREE, SURE, Question, Round, Vote
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


class Room:
    """A room with its rounds; safe under concurrent use.

    Args:
        code: by which phones find it.
        owner: the session of the teacher's page.
        ends: when it goes, on the clock of the rooms.
    """

    def __init__(self, code: str, owner: str, ends: float) -> None:
        self.code = code
        self.owner = owner
        self.ends = ends
        self._lock = threading.Lock()
        self._rounds: list[Round] = []
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
        with self._lock:
            if len(self._rounds) >= MAX_ROUNDS:
                raise ClassroomError(
                    f"A room takes {MAX_ROUNDS} rounds: export this lesson and open a new room."
                )
            if self._rounds:
                self._rounds[-1].open = False
            self._rounds.append(Round(len(self._rounds) + 1, question))
            return _copy(self._rounds[-1])

    def uncover(self) -> Round | None:
        """Ends the round that is open and returns it: later votes do not count."""
        with self._lock:
            if not self._rounds:
                return None
            self._rounds[-1].open = False
            return _copy(self._rounds[-1])

    def vote(self, phone: str, number: int, vote: Vote) -> None:
        """Counts a vote for a round.

        Raises:
            VoteError: the round is over ("late"), this phone has voted in it ("double"), it is no
                answer to the question ("invalid"), or the room is full ("full").
        """
        with self._lock:
            self._join(phone)
            current = self._rounds[-1] if self._rounds else None
            if current is None or number != current.number or not current.open:
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

    def _join(self, phone: str) -> None:
        if not PHONE.fullmatch(phone):
            raise VoteError("invalid", "A phone says a number of its own: 32 hexadecimal digits.")
        if phone not in self._phones and len(self._phones) >= MAX_PHONES:
            raise VoteError("full", f"This room is full: it takes {MAX_PHONES} phones.")
        self._phones.add(phone)


def _copy(of: Round) -> Round:
    return replace(of, votes=dict(of.votes))
