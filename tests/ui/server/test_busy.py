"""What a full queue and a full disk answer."""

from __future__ import annotations

import errno
import os
from typing import Any

import gradio as gr
import pytest
from fastapi.testclient import TestClient
from gradio.routes import App

from drkf.classroom.rooms import Rooms
from drkf.ui.server import mcp
from drkf.ui.server.app import server_options
from drkf.ui.server.busy import say_busy
from drkf.ui.texts.en import page as text


def test_a_full_queue_says_one_sentence() -> None:
    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Button().click(lambda: None, concurrency_limit=1)
    blocks.queue(max_size=2)
    say_busy(blocks)
    # Its start-up is left out: nothing takes calls out of the queue.
    client = TestClient(App.create_app(blocks))

    def join(session: str):
        return client.post(
            "/gradio_api/queue/join", json={"data": [], "fn_index": 0, "session_hash": session}
        )

    assert [join(name).status_code for name in "ab"] == [200, 200]
    refused = join("c")
    assert refused.status_code == 503 and refused.json() == {"detail": text.BUSY}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_says_one_sentence(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    async def full(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    with gr.Blocks(analytics_enabled=False) as blocks:
        gr.Audio()
    blocks.max_file_size = None
    blocks.rooms, blocks.class_mode = Rooms(), False
    app = App.create_app(blocks, app_kwargs=server_options(blocks))  # type: ignore[arg-type]
    monkeypatch.setattr("gradio.routes.upload_fn", full)
    answer = TestClient(app).post("/gradio_api/upload", files={"files": ("a.wav", b"sound")})
    assert (answer.status_code, answer.text) == (507, text.NO_ROOM)


def test_a_full_disk_says_it_to_tools_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tempfile.mkdtemp", full)
    with pytest.raises(mcp.ToolError, match=text.NO_ROOM):
        mcp._clip("data:audio/wav;base64,AAAA")
