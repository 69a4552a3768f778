"""The web server under Gradio: it fetches no address, limits requests and tells its health."""

from __future__ import annotations

import errno
import re
from typing import Any

import gradio as gr
from gradio.exceptions import InvalidPathError
from gradio_client.utils import is_file_obj_with_meta, is_http_url_like, traverse
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drkf.classroom.rooms import Rooms
from drkf.pipeline import EmotionPipeline
from drkf.ui.server.assets import asset_routes
from drkf.ui.server.class_mode import ClassGuard
from drkf.ui.server.lesson import lesson_routes
from drkf.ui.server.sessions import Sessions
from drkf.ui.server.uploads import Uploads
from drkf.ui.server.votes import VotePages
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import page as text

FETCHES = re.compile("/(proxy=|file=/*https?:)", re.IGNORECASE)
"""Paths that Gradio answers with what an address elsewhere answers."""
SAVES = re.compile("/deep_link/?$", re.IGNORECASE)
"""Where Gradio writes what a page shows to the disk, for a link that this app does not offer."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a disk, or of a limit on files, that takes no more."""
MAX_BODY = 170_000_000
"""Bytes of a request: the largest upload (``MAX_UPLOAD``), as base64 in JSON."""


class App(gr.Blocks):
    """Blocks that know their visitors' files and their health, and fetch no address."""

    def __init__(
        self,
        pipeline: EmotionPipeline,
        uploads: Uploads,
        sessions: Sessions,
        class_mode: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.pipeline = pipeline
        self.uploads = uploads
        self.sessions = sessions
        self.class_mode = class_mode
        self.rooms = Rooms()
        self.texts = i18n.PageTexts(self)

    @property
    def config(self) -> Any:
        """What the page is built from, with the texts in the language of this request."""
        return {**self._config, "i18n_translations": self.texts.translations_dict}

    @config.setter
    def config(self, built: Any) -> None:
        self._config = built

    async def process_api(self, *arguments: Any, **options: Any) -> Any:
        """Runs an event in the language of its visitor."""
        wanted = i18n.of_visitor(getattr(options.get("request"), "headers", None) or {})
        with i18n.speaking(wanted):
            return await super().process_api(*arguments, **options)

    async def preprocess_data(
        self, block_fn: Any, inputs: list[Any], *rest: Any, **options: Any
    ) -> Any:
        traverse(inputs, _refuse_address, is_file_obj_with_meta)
        try:
            return await super().preprocess_data(block_fn, inputs, *rest, **options)
        except InvalidPathError as error:
            raise gr.Error(text.NOT_UPLOADED, print_exception=False) from error
        except ValueError as error:  # too few inputs, or of another type
            raise gr.Error(text.BAD_REQUEST, print_exception=False) from error

    def health(self) -> dict[str, Any]:
        """What ``/healthz`` answers; runs no model."""
        info = self.pipeline.info
        return {
            "status": "ok",
            "checkpoint": {"name": info.name, "hash": info.checkpoint_hash},
            "recogniser": self.pipeline.recognizer.state,
        }


def _refuse_address(file: dict[str, Any]) -> dict[str, Any]:
    if is_http_url_like(str(file.get("path"))):
        raise gr.Error(text.NO_ADDRESSES, print_exception=False)
    return file


def server_options(app: App) -> dict[str, Any]:
    """Options of the web application (FastAPI's) under Gradio's routes."""

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse(app.health(), headers={"Cache-Control": "no-store"})

    async def no_room(request: Request, error: Exception) -> PlainTextResponse:
        if isinstance(error, OSError) and error.errno in FULL:
            return PlainTextResponse(text.NO_ROOM, 507)
        raise error

    return {
        "routes": [
            Route("/healthz", healthz),
            *asset_routes(),
            *VotePages(app.rooms).routes,
            *lesson_routes(),
        ],
        "middleware": [
            Middleware(Guard),
            *([Middleware(ClassGuard)] if app.class_mode else []),
        ],
        "exception_handlers": {OSError: no_room},
        # No pages about the server's inner routes: they load scripts from elsewhere.
        "docs_url": None,
        "redoc_url": None,
    }


class Guard:
    """Refuses what would fetch an address or save a page, and bodies without end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        i18n.requested.set(i18n.of_visitor(Headers(scope=scope)))
        if FETCHES.search(scope["path"]):
            await PlainTextResponse(text.NO_ADDRESSES, 403)(scope, receive, send)
            return
        if SAVES.search(scope["path"]):
            await Response(status_code=404)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                # To the application the sender is gone: it reads no further.
                return {"type": "http.disconnect"}
            return message

        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > MAX_BODY:
            await PlainTextResponse(text.TOO_LARGE, 413)(scope, receive, send)
            return
        await self.app(scope, counted, send)
