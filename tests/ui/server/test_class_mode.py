"""The mode for a class, searched for a way to a microphone or an upload."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app, launch
from drkf.ui.server import class_mode
from drkf.ui.texts.en import classroom as text
from tests.browser.conftest import address_of_free_port

PASSWORD = "blue whale"


@pytest.fixture(scope="module")
def address(tiny_checkpoint: Path) -> Iterator[str]:
    app = build_app(EmotionPipeline.from_pretrained(tiny_checkpoint), for_class=True)
    yield launch(app, "127.0.0.1", int(address_of_free_port()["PORT"]), PASSWORD)
    app.close(verbose=False)


@pytest.fixture(scope="module")
def visitor(address: str) -> Iterator[httpx.Client]:
    """Somebody who gave the password."""
    with httpx.Client(base_url=address, timeout=60) as client:
        told = client.post("login", data={"username": "anybody", "password": PASSWORD})
        assert told.status_code == 200
        yield client


def test_the_password_keeps_others_out(address: str) -> None:
    with httpx.Client(base_url=address, timeout=60) as stranger:
        refused = stranger.post("login", data={"username": "anybody", "password": "red whale"})
        assert refused.status_code == 400
        assert stranger.get("config").status_code == 401
        assert stranger.get("vote").status_code == 200  # phones give the code of a room
        assert stranger.get("healthz").status_code == 200


def test_the_page_neither_records_nor_uploads(visitor: httpx.Client) -> None:
    page = visitor.get("")
    assert "microphone=()" in page.headers["permissions-policy"]
    assert "drkfMicrophone" not in page.text
    config = visitor.get("config").json()
    assert text.MODE in json.dumps(config["i18n_translations"], ensure_ascii=False)
    [verdict] = [one for one in config["components"] if one["props"].get("elem_id") == "verdict"]
    assert "STATUS_EMPTY_CLASS" in verdict["props"]["value"]
    shown = [one for one in config["components"] if one["props"].get("visible") is not False]
    assert not [one for one in shown if one["type"] in ("file", "uploadbutton", "image", "video")]
    sounds = [one for one in config["components"] if one["type"] == "audio"]
    assert sounds and not any(one["props"].get("interactive", True) for one in sounds)
    assert "live-microphone" not in json.dumps(config)


def test_the_server_takes_no_file_whoever_sends_it(visitor: httpx.Client) -> None:
    sent = {"files": ("voice.wav", b"RIFF", "audio/wav")}
    for path in ("gradio_api/upload", "upload", "gradio_api/upload?upload_id=x"):
        refused = visitor.post(path, files=sent)
        assert (refused.status_code, refused.text) == (403, text.MODE_NO_UPLOAD), path


def test_there_is_no_endpoint_and_no_tool_for_programs(visitor: httpx.Client) -> None:
    assert visitor.get("gradio_api/info").json()["named_endpoints"] == {}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert visitor.post("gradio_api/mcp/", json=body).status_code in (403, 404, 405)


@pytest.mark.parametrize(
    ("value", "chosen"), [("1", True), ("yes", True), ("", False), ("0", False)]
)
def test_the_environment_chooses_the_mode(
    monkeypatch: pytest.MonkeyPatch, value: str, chosen: bool
) -> None:
    monkeypatch.setenv("DRKF_CLASS", value)
    assert class_mode.is_chosen() is chosen
