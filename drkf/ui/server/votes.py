"""The voting page for phones, ``/vote``: plain HTML beside Gradio's page, and what it asks."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from drkf.analysis import Prediction
from drkf.audio.encode import as_mp3
from drkf.classroom.agreement import majority
from drkf.classroom.room import Room, VoteError
from drkf.classroom.rooms import Rooms, TriesError
from drkf.classroom.rounds import Poll, Round, Vote
from drkf.errors import AudioError
from drkf.labels import EMOTIONS
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import classroom as text
from drkf.ui.texts import figures as text_figures

STATIC = Path(__file__).parents[1] / "static"
TYPES = {"vote.css": "text/css", "vote.js": "text/javascript"}
HEADERS = {
    # Nothing is loaded from elsewhere, and nothing in the page's own text runs.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "media-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
PLAYABLE = (".flac", ".m4a", ".mp3", ".wav")
"""What every telephone plays; anything else is sent as MP3."""
MAX_BALLOT = 2_000
"""Bytes of a vote."""
VOTE = {"phone": str, "round": int, "emotion": str, "sure": str, "agree": str}
ANSWER = {"phone": str, "poll": int, "choice": int}
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
STATUS = {"late": 409, "double": 409, "invalid": 400, "full": 429, "no_room": 404, "tries": 429}


class VotePages:
    """What phones ask for, answered from the rooms of this server."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    @property
    def routes(self) -> list[Route]:
        """The routes of the voting page, for the application under Gradio's."""
        return [
            Route("/vote", _page),
            Route("/vote/{name:str}", _file),
            Route("/vote/{code:str}/state", self.state),
            Route("/vote/{code:str}/cast", self.cast, methods=["POST"]),
            Route("/vote/{code:str}/answer", self.answer, methods=["POST"]),
            Route("/vote/{code:str}/{number:int}/clip", self.clip),
        ]

    async def state(self, request: Request) -> Response:
        phone = request.query_params.get("phone", "")
        try:
            room = self._room(request, phone)
            room.join(phone)
        except VoteError as error:
            return _refusal(error.reason)
        return JSONResponse(state_of(room, phone), headers=HEADERS)

    async def cast(self, request: Request) -> Response:
        """A vote for an emotion."""
        try:
            ballot = await _ballot(request, VOTE)
            room = self._room(request, ballot["phone"])
            vote = Vote(ballot["emotion"], ballot["sure"], ballot["agree"])
            room.vote(ballot["phone"], ballot["round"], vote)
        except VoteError as error:
            return _refusal(error.reason)
        return JSONResponse({"counted": True}, headers=HEADERS)

    async def answer(self, request: Request) -> Response:
        """An answer to a poll."""
        try:
            ballot = await _ballot(request, ANSWER)
            room = self._room(request, ballot["phone"])
            room.answer(ballot["phone"], ballot["poll"], ballot["choice"])
        except VoteError as error:
            return _refusal(error.reason)
        return JSONResponse({"counted": True}, headers=HEADERS)

    async def clip(self, request: Request) -> Response:
        try:
            room = self._room(request, request.query_params.get("phone", ""))
        except VoteError as error:
            return _refusal(error.reason)
        number = request.path_params["number"]
        path = next((one.question.clip for one in room.asked if one.number == number), None)
        if path is None or not path.is_file():  # it went with the teacher's next clip
            return _refusal("no_clip", 404)
        if path.suffix in PLAYABLE:
            return FileResponse(path, headers=HEADERS)
        try:  # not kept: a room holds no sound
            mp3 = await run_in_threadpool(as_mp3, path)
        except AudioError:
            return _refusal("no_clip", 404)
        return Response(mp3, media_type="audio/mpeg", headers=HEADERS)

    def _room(self, request: Request, phone: str) -> Room:
        """The room of the path. Raises VoteError where there is none, or codes are tried."""
        code = request.path_params["code"]
        if (room := self._rooms.known(code, phone)) is not None:
            return room
        try:
            room = self._rooms.find(code, request.client.host if request.client else "")
        except TriesError as error:
            raise VoteError("tries", str(error)) from None
        if room is None:
            raise VoteError("no_room", "There is no such room.")
        return room


def state_of(room: Room, phone: str) -> dict[str, Any]:
    """What a phone is told of a room: the answers only once they are uncovered."""
    if (poll := room.poll) is not None:
        return _state_of_poll(poll, phone)
    if (current := room.current_of(phone)) is None:
        return {"round": None}
    question = current.question
    told: dict[str, Any] = {
        "round": current.number,
        "labels": current.labels,
        "words": question.words,
        "clip": question.clip is not None,
        "voted": phone in current.votes,
    }
    if current.total > 1:
        told |= {"place": current.place, "total": current.total}
        if not current.open:
            told["annotated"] = _annotated(room.asked, phone)
    elif not current.open:
        answer = question.reading
        told["title"] = question.title
        told["result"] = {
            "counts": current.counts(),
            "probabilities": answer.fused.as_mapping(),
            "fused": _told(answer.fused),
            "voice": _told(answer.audio),
            "words_alone": _told(answer.text),
        }
    return told


def _state_of_poll(poll: Poll, phone: str) -> dict[str, Any]:
    wanted = i18n.language()
    told: dict[str, Any] = {
        "poll": poll.number,
        "question": poll.question[wanted],
        "answers": poll.answers[wanted],
        "voted": phone in poll.votes,
    }
    if not poll.open:
        told |= {"counts": poll.counts(), "right": poll.right}
    return told


def _annotated(rounds: Sequence[Round], phone: str) -> list[dict[str, Any]]:
    """Each clip, as this phone labelled it, as it was meant, and as the model and most read it."""
    return [
        {
            "place": one.place,
            "words": one.question.words,
            "own": one.votes[phone].emotion if phone in one.votes else None,
            "meant": one.question.meant,
            "model": one.question.reading.fused.emotion,
            "class": majority(list(one.counts().values()), one.labels),
        }
        for one in rounds
    ]


def page_html() -> str:
    """The page in the language of the request."""
    says = {
        **text.VOTE_SAYS,
        "emotions": {label: text_figures.WORDING.emotion(label) for label in EMOTIONS},
        "sure": text.VOTE_SURE,
        "agree": text.VOTE_AGREE,
    }
    filled = {
        "lang": i18n.language(),
        # In a script element "<" alone could end it.
        "texts": json.dumps(says, ensure_ascii=False).replace("<", "\\u003c"),
        **{name: html.escape(said) for name, said in text.VOTE.items()},
    }
    return PLACEHOLDER.sub(lambda place: filled[place[1]], _static("vote.html"))


async def _page(request: Request) -> Response:
    return HTMLResponse(page_html(), headers=HEADERS)


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in TYPES:
        return _refusal("no_room")
    return Response(
        _static(name),
        media_type=TYPES[name],
        headers={**HEADERS, "Cache-Control": "max-age=300"},
    )


async def _ballot(request: Request, kinds: Mapping[str, type]) -> dict[str, Any]:
    """The body of a vote, with fields of the types they should have."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BALLOT:
                raise VoteError("invalid", "A vote is not that long.")
        ballot = json.loads(body)
    except (ClientDisconnect, ValueError, RecursionError):
        raise VoteError("invalid", "A vote is a JSON object.") from None
    if not isinstance(ballot, dict) or not all(
        type(ballot.get(name)) is kind for name, kind in kinds.items()
    ):
        raise VoteError("invalid", f"A vote has {', '.join(kinds)}.")
    return ballot


def _told(prediction: Prediction | None) -> dict[str, Any] | None:
    if prediction is None:
        return None
    return {"emotion": prediction.emotion, "probability": prediction.confidence}


def _refusal(reason: str, status: int | None = None) -> JSONResponse:
    return JSONResponse(
        {"reason": reason, "message": text.VOTE_REFUSED[reason]},
        status or STATUS[reason],
        headers=HEADERS,
    )


@cache
def _static(name: str) -> str:
    return (STATIC / name).read_text("utf-8")
