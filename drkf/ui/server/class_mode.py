"""The mode for a class: no voice of a visitor gets in, neither by microphone nor by upload.

``DRKF_CLASS=1`` chooses it. The page then leaves out what records or uploads, the named endpoints
and MCP are not there, and below all of them the server refuses uploads and tells the browser to
give the page no microphone.
"""

from __future__ import annotations

import os
import re

from gradio.context import Context
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drkf.ui.texts import classroom as text

UPLOADS = re.compile(r"/(upload|stream|component_server|mcp)(?![a-z])", re.IGNORECASE)
"""Routes of Gradio's that take files, or what may hold them."""
NO_DEVICES = "microphone=(), camera=(), display-capture=()"


def is_chosen() -> bool:
    """Whether the environment asks for the mode."""
    return os.environ.get("DRKF_CLASS", "").strip().lower() in ("1", "true", "yes")


def on_this_page() -> bool:
    """Whether the page that is being built is one for a class."""
    return bool(getattr(Context.root_block, "class_mode", False))


class ClassGuard:
    """Refuses every upload, and has browsers refuse the microphone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD") and UPLOADS.search(scope["path"]):
            await PlainTextResponse(text.MODE_NO_UPLOAD, 403)(scope, receive, send)
            return

        async def without_devices(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Permissions-Policy"] = NO_DEVICES
            await send(message)

        await self.app(scope, receive, without_devices)
