"""The rooms of one server: opened by a teacher's page, found by a code, gone with the page."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable

from drkf.classroom.room import Room
from drkf.errors import ClassroomError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is read as something else: 0 and O, 1, I and L."""
CODE_LENGTH = 8
"""31**8 is 8.5e11 codes: a thousand tries a second for two hours find one of ``MAX_ROOMS`` rooms
with a probability of 0.0004."""
MAX_ROOMS = 50
ROOM_SECONDS = 2 * 3600
MAX_WRONG = 30
"""Wrong codes from one address in ``WRONG_SECONDS``; a class often shares one address."""
WRONG_SECONDS = 60
MAX_CALLERS = 10_000


class Rooms:
    """All rooms; safe under concurrent use.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rooms: dict[str, Room] = {}
        self._salt = secrets.token_bytes(16)
        #: When wrong codes came, by caller, for ``WRONG_SECONDS``. A caller is a salted hash.
        self._wrong: dict[bytes, list[float]] = {}

    def open(self, owner: str) -> Room:
        """A new room for a teacher's page, which ends the one that the page had.

        Raises:
            ClassroomError: there are ``MAX_ROOMS`` rooms already.
        """
        with self._lock:
            self._drop(lambda room: room.owner == owner)
            if len(self._rooms) >= MAX_ROOMS:
                raise NoRoomLeftError("All rooms of this server are taken: try again later.")
            code = _new_code()
            while code in self._rooms:
                code = _new_code()
            room = Room(code, owner, ends=self._clock() + ROOM_SECONDS)
            self._rooms[code] = room
            return room

    def of(self, owner: str) -> Room | None:
        """The room of a teacher's page."""
        with self._lock:
            self._drop(lambda room: False)
            return next((room for room in self._rooms.values() if room.owner == owner), None)

    def find(self, code: str, caller: str) -> Room | None:
        """The room with this code, however it is typed; None if there is none.

        Args:
            caller: the address that asks. Only a salted hash of it is kept, for a minute, and
                only after a wrong code.

        Raises:
            TriesError: too many wrong codes from there; even the right one is refused for a while.
        """
        typed = normal_code(code)
        hashed = hashlib.blake2b(caller.encode(), key=self._salt, digest_size=16).digest()
        with self._lock:
            self._drop(lambda room: False)
            now = self._clock()
            recent = [at for at in self._wrong.get(hashed, ()) if now - at < WRONG_SECONDS]
            if len(recent) >= MAX_WRONG:
                raise TriesError("Too many wrong codes from here: wait a minute.")
            room = self._rooms.get(typed)
            if room is None:
                self._forget_wrong(now)
                self._wrong[hashed] = [*recent, now]
            return room

    def known(self, code: str, phone: str) -> Room | None:
        """The room that a phone is in already: it is let in while others try wrong codes."""
        with self._lock:
            self._drop(lambda room: False)
            room = self._rooms.get(normal_code(code))
        return room if room is not None and room.has(phone) else None

    def close(self, owner: str) -> None:
        """Deletes the room of a teacher's page that was closed."""
        with self._lock:
            self._drop(lambda room: room.owner == owner)

    def _drop(self, ended: Callable[[Room], bool]) -> None:
        now = self._clock()
        self._rooms = {
            code: room for code, room in self._rooms.items() if not ended(room) and room.ends > now
        }

    def _forget_wrong(self, now: float) -> None:
        self._wrong = {
            caller: times
            for caller, times in self._wrong.items()
            if now - times[-1] < WRONG_SECONDS
        }
        while len(self._wrong) >= MAX_CALLERS:
            self._wrong.pop(next(iter(self._wrong)))


class NoRoomLeftError(ClassroomError):
    """There are ``MAX_ROOMS`` rooms."""


class TriesError(ClassroomError):
    """Somebody tries codes."""


def normal_code(typed: str) -> str:
    """A code as rooms know it: capitals, without spaces and hyphens."""
    return "".join(typed.split()).replace("-", "").upper()[: 2 * CODE_LENGTH]


def shown_code(code: str) -> str:
    """A code as people read it aloud: two groups of four."""
    return f"{code[:4]} {code[4:]}"


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
