"""The tour in a class: where a room is open, phones answer its questions."""

from __future__ import annotations

from dataclasses import dataclass

from drkf.classroom.rooms import Rooms
from drkf.classroom.rounds import Poll
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import classroom as text
from drkf.ui.texts import page as text_page


@dataclass(frozen=True)
class TourPoll:
    """A question of the tour that a room is asked: the number of its poll."""

    number: int


class TourVotes:
    """Asks the room of a teacher's page, if it has one.

    Args:
        rooms: of this server.
        key: the names of the question and of its answers in ``texts/*/page.py``.
    """

    def __init__(self, rooms: Rooms, key: str) -> None:
        self._rooms = rooms
        self._key = key

    def ask(self, owner: str) -> TourPoll | None:
        """Opens the poll; None where there is no room."""
        room = self._rooms.of(owner)
        if room is None:
            return None
        question, answers = {}, {}
        for language in i18n.LANGUAGES:
            with i18n.speaking(language):
                question[language] = str(getattr(text_page, f"{self._key}_QUESTION"))
                answers[language] = tuple(getattr(text_page, f"{self._key}_ANSWERS"))
        return TourPoll(room.open_poll(question, answers).number)

    def count(self, owner: str, asked: TourPoll) -> str | None:
        """HTML: how many have answered; None where nothing comes in any more."""
        room = self._rooms.of(owner)
        poll = None if room is None else room.poll
        if room is None or poll is None or poll.number != asked.number or not poll.open:
            return None
        count = f"<b>{len(poll.votes)}</b>"
        said = text.COUNT.format(count=count, phones=room.phones)
        return f'<div class="class-count">{said}</div>'

    def uncover(self, owner: str, asked: TourPoll, right: int | None) -> Poll | None:
        """Ends the poll; None where its room or its question is gone."""
        room = self._rooms.of(owner)
        return None if room is None else room.close_poll(asked.number, right)


def told_by_class(poll: Poll) -> str:
    """Markdown: what the class answered, and which answer is right."""
    answers, counts = poll.answers[i18n.language()], poll.counts()
    if not sum(counts):
        return text.TOUR_CLASS_NONE + "\n\n"
    rows = "".join(
        f"| {answer}{' ✓' if place == poll.right else ''} | {count} |\n"
        for place, (answer, count) in enumerate(zip(answers, counts, strict=True))
    )
    return f"| {text.TOUR_CLASS} | |\n| --- | --- |\n{rows}\n"
