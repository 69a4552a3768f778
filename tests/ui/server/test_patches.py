"""What Gradio does by itself: a test here fails when a patch of ours is no longer needed."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from gradio.mcp import GradioMCPServer
from gradio.route_utils import GradioMultiPartParser
from gradio.routes import App
from gradio.state_holder import StateHolder
from starlette.datastructures import Headers

from drkf.ui.server import GRADIO
from drkf.ui.texts.en import page as text


@pytest.fixture
def blocks() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as built:
        gr.Textbox("kept", label="Words")
        gr.Button().click(lambda: None, concurrency_limit=1)
    return built


def test_the_patches_are_for_this_version() -> None:
    assert gr.__version__.startswith(f"{GRADIO}.")


def test_gradio_still_serves_what_other_addresses_answer(blocks: gr.Blocks) -> None:
    client = TestClient(App.create_app(blocks), raise_server_exceptions=False)
    assert client.get("/gradio_api/proxy=https://localhost:1/x").status_code != 404


def test_gradio_still_tells_the_sizes_of_its_queue(blocks: gr.Blocks) -> None:
    blocks.queue(max_size=1)
    client = TestClient(App.create_app(blocks))
    call = {"data": [], "fn_index": 0, "session_hash": "a"}
    answers = [client.post("/gradio_api/queue/join", json=call) for _ in range(2)]
    assert answers[1].status_code == 503
    assert answers[1].json()["detail"] != text.BUSY and "1" in answers[1].json()["detail"]


def test_gradio_still_copies_every_component_into_a_session(blocks: gr.Blocks) -> None:
    holder = StateHolder()
    holder.set_blocks(blocks)
    assert len(holder["a"].config_values) > 0


def test_gradio_still_prints_python_to_tools() -> None:
    assert "str(" in inspect.getsource(GradioMCPServer.postprocess_output_data)


def test_gradio_still_keeps_what_came_of_a_broken_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    parse = getattr(GradioMultiPartParser.parse, "__wrapped__", GradioMultiPartParser.parse)
    boundary = b"cut"

    async def broken() -> AsyncIterator[bytes]:
        yield (
            b"--" + boundary + b"\r\nContent-Disposition: form-data; "
            b'name="files"; filename="a.wav"\r\n\r\n' + 5000 * b"sound"
        )
        raise asyncio.CancelledError

    headers = Headers({"content-type": "multipart/form-data; boundary=cut"})
    parser = GradioMultiPartParser(headers, broken(), max_file_size=10**6)
    # In a thread of its own: Playwright leaves an event loop running in the main one.
    with ThreadPoolExecutor(1) as pool, pytest.raises(asyncio.CancelledError):
        pool.submit(lambda: asyncio.run(parse(parser))).result()
    assert [path for path in tmp_path.rglob("*") if path.is_file()]


def test_gradio_still_has_one_language_of_headings() -> None:
    with gr.Blocks(analytics_enabled=False):
        table = gr.Dataframe(headers=['__i18n__{"__type__": "translation_metadata", "key": "k"}'])
    assert table.postprocess([["1"]]).headers[0].startswith("__i18n__")
