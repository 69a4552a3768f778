"""The guard before the web application: addresses and bodies without end."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from anyio.from_thread import start_blocking_portal

from drkf.ui.server.app import MAX_BODY, Guard

CHUNK = bytes(10_000_000)


def answer(path: str, chunks: Iterable[bytes] = (b"",), length: int | None = None) -> list[dict]:
    """What goes back to a client, where the application counts the bytes of the body."""
    sent: list[dict] = []
    coming = list(chunks)

    async def application(scope: dict, receive, send) -> None:
        count = 0
        while (message := await receive())["type"] == "http.request":
            count += len(message["body"])
            if not message["more_body"]:
                await send({"type": "read", "bytes": count})
                return
        await send({"type": "gone"})

    async def receive() -> dict:
        body = coming.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(coming)}

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers}
    with start_blocking_portal() as portal:  # another test's browser may hold this thread's loop
        portal.call(Guard(application), scope, receive, send)
    return sent


def test_an_ordinary_request_passes() -> None:
    assert answer("/gradio_api/queue/join", [b"ab", b"c"], 3) == [{"type": "read", "bytes": 3}]
    assert answer("/gradio_api/file=/tmp/gradio/http/a.wav") == [{"type": "read", "bytes": 0}]


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=http://10.0.0.1/",
        "/gradio_api/file=https://example.org/",
        "/gradio_api/file=/HTTP://10.0.0.1/",
        "/gradio_api/proxy=https://example.hf.space/file=x",
        "/file=http://10.0.0.1/",
    ],
)
def test_what_would_fetch_an_address_is_refused(path: str) -> None:
    assert answer(path)[0]["status"] == 403


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    assert answer("/gradio_api/mcp/", length=MAX_BODY + 1)[0]["status"] == 413
    assert answer("/gradio_api/mcp/", length=MAX_BODY) == [{"type": "read", "bytes": 0}]


def test_a_body_that_never_ends_is_not_read_on() -> None:
    endless = (CHUNK for _ in range(MAX_BODY // len(CHUNK) + 2))
    assert answer("/gradio_api/mcp/", endless) == [{"type": "gone"}]


def test_no_page_is_saved_as_a_link() -> None:
    assert answer("/gradio_api/deep_link")[0]["status"] == 404
