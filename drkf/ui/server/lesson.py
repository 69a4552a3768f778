"""The lesson as a page to print, ``/lesson``: ``docs/lesson.md`` in the visitor's language."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from drkf.files import bundled
from drkf.ui.server.votes import HEADERS, STATIC
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import classroom as text

WRITTEN_FOR = "http://127.0.0.1:7860/"
"""The address in the lesson's text and links, in whose place the page puts its own."""
BLANK = "______"
"""What pupils fill in: the part that holds it begins a sheet of its own."""
OTHERS = {f"lesson{'' if code == i18n.DEFAULT else '.' + code}.md" for code in i18n.LANGUAGES}


def lesson_routes() -> list[Route]:
    """The routes of the lesson, for the application under Gradio's."""
    return [Route("/lesson", _page), Route("/lesson/lesson.css", _style)]


def source(language: str) -> Path:
    """The lesson's text."""
    return bundled(f"docs/lesson{'' if language == i18n.DEFAULT else '.' + language}.md")


@cache
def lesson_html(language: str) -> str:
    """The lesson as HTML, its links into this app.

    Raises:
        OSError: this installation has no such text.
    """
    tokens = MarkdownIt("commonmark").enable("table").parse(source(language).read_text("utf-8"))
    heading: Token | None = None
    for token in tokens:
        if token.type == "heading_open":
            heading = token
        if BLANK in token.content and heading is not None:
            heading.attrSet("class", "sheet")
        for child in token.children or ():
            if child.type == "link_open":
                _turn(child)
    return MarkdownIt().renderer.render(tokens, MarkdownIt().options, {})


def _turn(link: Token) -> None:
    """A link into the app leads to this one, and one to another language to its page."""
    address = str(link.attrGet("href"))
    if address.startswith(WRITTEN_FOR):
        link.attrSet("href", "./" + address.removeprefix(WRITTEN_FOR))
    elif address in OTHERS:
        language = address.removeprefix("lesson").removesuffix("md").strip(".") or i18n.DEFAULT
        link.attrSet("href", f"lesson?language={language}")


async def _page(request: Request) -> Response:
    asked = request.query_params.get("language")
    language = asked if asked in i18n.LANGUAGES else i18n.language()
    with i18n.speaking(language):
        try:
            here = html.escape(str(request.base_url))
            body = lesson_html(language).replace(WRITTEN_FOR, here)
        except OSError:
            return PlainTextResponse(text.LESSON_MISSING, 404, headers=HEADERS)
        title, hint = html.escape(text.LESSON_LINK), html.escape(text.LESSON_PRINT)
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="lesson/lesson.css"></head>'
        f'<body><p class="screen">{hint}</p><main>{body}</main></body></html>'
    )
    return HTMLResponse(page, headers=HEADERS)


async def _style(request: Request) -> Response:
    style = (STATIC / "lesson.css").read_text("utf-8")
    headers = {**HEADERS, "Cache-Control": "max-age=300"}
    return Response(style, media_type="text/css", headers=headers)
