"""The tools for MCP clients, called by MCP's own client."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, Tool

from drkf.labels import EMOTIONS
from tests.helpers.visitor import RunningApp

SENTENCE = "I never want to see you again"


def with_session(app: RunningApp, work: Callable[[ClientSession], Awaitable[Any]]) -> Any:
    """What ``work`` returns, given a session over streamable HTTP."""

    async def run() -> Any:
        async with (
            streamable_http_client(f"{app.address}gradio_api/mcp/") as (reading, writing, _),
            ClientSession(reading, writing) as session,
        ):
            await session.initialize()
            return await work(session)

    return finished(run)


def finished(work: Callable[[], Awaitable[Any]]) -> Any:
    """Runs ``work`` in a thread of its own: Playwright's loop may be running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, work).result()


def call(app: RunningApp, tool: str, **arguments: Any) -> CallToolResult:
    return with_session(app, lambda session: session.call_tool(tool, arguments))


def said(result: CallToolResult) -> str:
    (content,) = result.content
    assert content.type == "text"
    return content.text


def answer(result: CallToolResult) -> Any:
    assert not result.isError, said(result)
    return json.loads(said(result))


def data_uri(path: Path) -> str:
    return "data:audio/wav;base64," + base64.b64encode(path.read_bytes()).decode()


def test_the_endpoints_are_the_tools_and_say_what_they_take(app: RunningApp) -> None:
    async def tools(session: ClientSession) -> list[Tool]:
        return (await session.list_tools()).tools

    found = {tool.name: tool for tool in with_session(app, tools)}
    assert set(found) == {"analyze", "counterfactuals", "transcribe"}
    for tool in found.values():
        assert tool.description and "Returns:" in tool.description
        assert "upload_file_to_gradio" not in tool.description
        for parameter in tool.inputSchema["properties"].values():
            assert "string" in parameter["type"] and parameter["description"]
    for name in ("analyze", "counterfactuals"):
        assert set(found[name].inputSchema["properties"]) == {"audio", "text"}
        assert "required" not in found[name].inputSchema
    assert found["transcribe"].inputSchema["required"] == ["audio"]


def test_typed_words(app: RunningApp) -> None:
    for nothing in ({}, {"audio": None}):
        analysis = answer(call(app, "analyze", text=SENTENCE, **nothing))
        assert analysis["emotion"] in EMOTIONS
        assert analysis["transcript"]["text"] == SENTENCE
        assert analysis["audio_probabilities"] is None


def test_a_clip_and_words(app: RunningApp, clip: Path) -> None:
    analysis = answer(call(app, "analyze", audio=data_uri(clip), text=SENTENCE))
    assert analysis["clip_seconds"] > 2
    assert 0 <= analysis["inconsistency"]["discrimination"] <= 1
    assert analysis["shapley"] and analysis["relevance"]


def test_a_clip_is_recognised(app: RunningApp, clip: Path) -> None:
    assert "happy" in said(call(app, "transcribe", audio=data_uri(clip))).lower()


def test_a_clip_that_was_uploaded(app: RunningApp, clip: Path) -> None:
    content = clip.read_bytes() + bytes(2)  # nobody else's file, as Gradio names it by its content
    uploaded = httpx.post(
        f"{app.address}gradio_api/upload", files={"files": ("speech.wav", content)}
    ).json()[0]
    address = f"{app.address}gradio_api/file={uploaded}"
    analysis = answer(call(app, "analyze", audio=address, text=SENTENCE))
    assert analysis["clip_seconds"] > 2
    assert not Path(uploaded).exists()


def test_no_clip_stays_on_the_server(app: RunningApp, clip: Path, tmp_path: Path) -> None:
    before = set(app.recordings())
    answer(call(app, "analyze", audio=data_uri(clip), text=SENTENCE))
    noise = tmp_path / "noise"
    noise.write_bytes(b"these are not sound waves")
    assert call(app, "analyze", audio=data_uri(noise)).isError
    assert set(app.recordings()) <= before  # those of pages that were closed may go meanwhile


@pytest.mark.parametrize(
    "audio",
    [
        "{clip}",
        "file://{clip}",
        "file:///etc/passwd",
        "../../etc/passwd",
        "{app}gradio_api/file={clip}",
        "{app}gradio_api/file=/etc/passwd",
        "{app}gradio_api/file={files}/../{clip}",
        "http://127.0.0.1:1/speech.wav",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/speech.wav",
        "https://example.org/speech.wav",
        "{app}healthz",
        "data:audio/wav;base64,no base64",
        "data:,text",
        "",
    ],
)
def test_paths_and_addresses_are_refused(app: RunningApp, clip: Path, audio: str) -> None:
    """Neither a file of the server nor anything in its network is read for a caller."""
    filled = audio.format(clip=clip, app=app.address, files=app.files)

    async def both(session: ClientSession) -> list[CallToolResult]:
        return [
            await session.call_tool(tool, {"audio": filled}) for tool in ("analyze", "transcribe")
        ]

    for refused in with_session(app, both):
        assert refused.isError
        assert any(
            reason in said(refused) for reason in ("data URI", "was not uploaded by a user")
        ), said(refused)


def test_a_file_object_in_place_of_a_clip_is_refused(app: RunningApp, clip: Path) -> None:
    disguised = {"path": str(clip), "meta": {"_type": "gradio.FileData"}}
    refused = call(app, "analyze", audio=disguised)
    assert refused.isError and "not of type" in said(refused)


def test_errors_are_one_plain_line(app: RunningApp) -> None:
    refused = call(app, "analyze")
    assert refused.isError
    assert said(refused) == "Record or upload speech, or type a sentence."
    assert call(app, "nothing").isError


def test_calls_at_the_same_time_do_not_mix(app: RunningApp, clip: Path) -> None:
    sentences = [f"This is sentence {i}" for i in range(6)]

    async def all_at_once(session: ClientSession) -> list[str]:
        found: list[str] = [""] * len(sentences)

        async def one(i: int) -> None:
            arguments = {"audio": data_uri(clip), "text": sentences[i]}
            analysis = answer(await session.call_tool("analyze", arguments))
            found[i] = analysis["transcript"]["text"]

        async with anyio.create_task_group() as group:
            for i in range(len(sentences)):
                group.start_soon(one, i)
        return found

    assert with_session(app, all_at_once) == sentences


def test_the_older_transport_works_too(app: RunningApp) -> None:
    async def run() -> CallToolResult:
        async with (
            sse_client(f"{app.address}gradio_api/mcp/sse") as streams,
            ClientSession(*streams) as session,
        ):
            await session.initialize()
            return await session.call_tool("analyze", {"text": SENTENCE})

    assert answer(finished(run))["transcript"]["text"] == SENTENCE


def test_programs_still_call_the_same_endpoints(app: RunningApp) -> None:
    client = Client(app.address, verbose=False, analytics_enabled=False)
    assert client.predict(text=SENTENCE, api_name="/analyze")["emotion"] in EMOTIONS
