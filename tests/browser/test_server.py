"""What the web server answers beside the page: its health, and nothing of other computers."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from tests.helpers.visitor import RunningApp

SENTENCE = "I never want to see you again"


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """The address of another server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/secret.wav", asked
        server.shutdown()


def test_health(app: RunningApp) -> None:
    response = httpx.get(f"{app.address}healthz")
    assert response.status_code == 200
    health = response.json()
    assert health["status"] == "ok"
    assert health["checkpoint"]["name"] == "untrained-tiny"
    assert len(health["checkpoint"]["hash"]) == 64
    assert health["recogniser"] == "loaded"
    assert httpx.head(f"{app.address}healthz").status_code == 200


def test_health_is_answered_while_the_model_works(app: RunningApp, clip: Path) -> None:
    """It does not stand in the queue."""
    client = Client(app.address, verbose=False, analytics_enabled=False)
    jobs = [client.submit(handle_file(clip), "", api_name="/analyze") for _ in range(4)]
    assert httpx.get(f"{app.address}healthz", timeout=60).json()["status"] == "ok"
    assert not all(job.done() for job in jobs)
    assert all(job.result()["emotion"] for job in jobs)


def test_no_address_is_fetched(app: RunningApp, elsewhere: tuple[str, list[str]]) -> None:
    address, asked = elsewhere
    client = Client(app.address, verbose=False, analytics_enabled=False)
    with pytest.raises(AppError, match="fetches no addresses"):
        client.predict(handle_file(address), SENTENCE, api_name="/analyze")
    for path in (f"file={address}", f"file=/{address}", f"proxy={address}", f"FILE={address}"):
        assert httpx.get(f"{app.address}gradio_api/{path}").status_code in (403, 404), path
    assert asked == []


@pytest.mark.parametrize("path", ["/etc/passwd", "{clip}", "{files}/../{clip}", "/"])
def test_no_file_of_the_server_is_read(app: RunningApp, clip: Path, path: str) -> None:
    filled = path.format(clip=clip, files=app.files)
    assert httpx.get(f"{app.address}gradio_api/file={filled}").status_code in (403, 404)
    payload = {"path": filled, "meta": {"_type": "gradio.FileData"}}
    started = httpx.post(
        f"{app.address}gradio_api/call/analyze", json={"data": [payload, SENTENCE]}
    ).json()
    answer = httpx.get(
        f"{app.address}gradio_api/call/analyze/{started['event_id']}", timeout=120
    ).text
    assert "event: error" in answer and "emotion" not in answer


def test_what_it_publishes_of_itself(app: RunningApp) -> None:
    """Only the named endpoints; no page about inner routes; scripts that browsers keep."""
    info = json.loads(httpx.get(f"{app.address}gradio_api/info").text)
    assert set(info["named_endpoints"]) == {"/analyze", "/counterfactuals", "/transcribe"}
    assert httpx.get(f"{app.address}docs").status_code == 404
    script = re.findall(r"assets/[\w-]+\.js", httpx.get(app.address).text)[0]
    kept = httpx.get(f"{app.address}{script}").headers
    assert "immutable" in kept["cache-control"] and kept["content-encoding"] == "gzip"
