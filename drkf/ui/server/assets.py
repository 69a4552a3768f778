"""Gradio's own scripts and styles: compressed once, and kept by browsers.

A page loads a hundred of them, whose names change with their content. Gradio reads and compresses
them anew for every page, and does not say that they may be kept: that is most of what opening a
page costs the server, thirty times over when a class opens it.
"""

from __future__ import annotations

import gzip
import mimetypes
from functools import cache
from pathlib import Path

from gradio.route_utils import BUILD_PATH_LIB
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

TEXTS = (".css", ".js", ".svg")
"""What becomes smaller; fonts are compressed already."""
KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}


def asset_routes() -> list[Route]:
    """The routes of the scripts and styles, for the application under Gradio's."""
    return [Route("/assets/{name}", _asset)]


@cache
def assets() -> dict[str, Path]:
    """All of them, by their names."""
    return {path.name: path for path in Path(BUILD_PATH_LIB).iterdir()}


@cache
def zipped(name: str) -> bytes:
    """One of them, compressed."""
    return gzip.compress(assets()[name].read_bytes(), compresslevel=6)


def _asset(request: Request) -> Response:
    path = assets().get(request.path_params["name"])
    if path is None:
        return PlainTextResponse("Not Found", 404)
    if path.suffix not in TEXTS or "gzip" not in request.headers.get("accept-encoding", ""):
        return FileResponse(path, headers=KEEP)
    return Response(
        zipped(path.name),
        headers={**KEEP, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
        media_type=mimetypes.guess_type(path.name)[0],
    )
