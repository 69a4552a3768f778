"""What breaks around the running app: its recogniser, disk, checkpoint, clients and queue."""

from __future__ import annotations

import io
import os
import resource
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
import soundfile
from gradio_client import Client, handle_file
from playwright.sync_api import TimeoutError, expect

from drkf.ui import QUEUE_LENGTH
from drkf.ui.texts.en import page as text
from tests.helpers.visitor import AppPage, RunningApp

SENTENCE = "I never want to see you again"
WAIT_SECONDS = 120
GRADIO_BUSY = "This application is currently busy. Please try again."
"""Gradio's page has a sentence of its own for the status 503."""


def connect(app: RunningApp) -> Client:
    return Client(app.address, verbose=False, analytics_enabled=False)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def process_of(app: RunningApp) -> psutil.Process:
    """The process that serves the app."""
    port = httpx.URL(app.address).port
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # one of the browser's, which come and go
            if any(c.laddr.port == port and c.status == "LISTEN" for c in child.net_connections()):
                return child
    raise AssertionError("the app's process was not found")


def test_no_recogniser_and_a_checkpoint_deleted_while_it_serves(
    start_app: Callable[[Path | None], RunningApp],
    tiny_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,
) -> None:
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    monkeypatch.setenv("DRKF_ASR_MODEL", str(tmp_path / "nothing"))
    app = start_app(folder)
    for file in folder.iterdir():
        os.truncate(file, 0)
    shutil.rmtree(folder)

    client = connect(app)
    voice = client.predict(handle_file(clip), None, api_name="/analyze")
    assert voice["text_probabilities"] is None and len(voice["warnings"]) == 1
    assert "The voice alone is analysed." in voice["warnings"][0]
    both = client.predict(handle_file(clip), SENTENCE, api_name="/analyze")
    assert both["inconsistency"] and not both["warnings"]
    assert client.predict(None, SENTENCE, api_name="/analyze")["text_probabilities"]
    assert httpx.get(f"{app.address}healthz").json()["status"] == "ok"
    assert "Traceback" not in app.log.read_text()
    assert app.log.read_text().count("DRKF_ASR_MODEL") == 1  # says why, once


def test_a_disk_that_takes_no_more(
    visit: Callable[..., AppPage], app: RunningApp, clip: Path
) -> None:
    """Files may not grow beyond 1 kB for a while: to the app it is as if the disk were full."""
    process = process_of(app)
    page = visit()
    page.expected_fault = "507"
    client = connect(app)
    unlimited = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (1_000, unlimited[1]))
    try:
        page.choose_file(clip)
        expect(page.page.get_by_text(text.NO_ROOM).first).to_be_visible()
        with pytest.raises(httpx.HTTPStatusError, match="507"):
            client.predict(handle_file(clip), SENTENCE, api_name="/analyze")
        page.type_words(SENTENCE)  # needs no disk
        page.answer()
    finally:
        process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, unlimited[1]))
    assert client.predict(handle_file(clip), SENTENCE, api_name="/analyze")["emotion"]
    # Gradio leaves the nameless beginning of an upload (tmp…) until the cache is cleaned.
    for file in app.recordings():
        with suppress(FileNotFoundError):  # of a page that was closed
            assert file.name != clip.name or file.stat().st_size > 1_000
    assert "Traceback" not in app.log.read_text()


def test_a_client_that_goes_away_in_the_middle(app: RunningApp, clip: Path) -> None:
    before = set(app.recordings())
    for round_number in range(4):
        session = f"gone{round_number}"
        with clip.open("rb") as file:
            uploaded = httpx.post(
                f"{app.address}gradio_api/upload",
                files={"files": (f"gone-{round_number}.wav", file.read() + bytes([round_number]))},
                timeout=60,
            ).json()[0]
        analyze = next(
            d["id"]
            for d in httpx.get(f"{app.address}config").json()["dependencies"]
            if d["api_name"] == "analyze"
        )
        given = {"path": uploaded, "meta": {"_type": "gradio.FileData"}}
        with (
            httpx.Client(timeout=60) as http,
            http.stream("GET", f"{app.address}gradio_api/heartbeat/{session}") as heart,
        ):
            next(heart.iter_raw())
            joined = http.post(
                f"{app.address}gradio_api/queue/join",
                json={"data": [given, ""], "fn_index": analyze, "session_hash": session},
            )
            assert joined.status_code == 200
            with http.stream(
                "GET", f"{app.address}gradio_api/queue/data", params={"session_hash": session}
            ) as answers:
                for line in answers.iter_lines():
                    if "process_starts" in line:
                        break
    assert connect(app).predict(None, SENTENCE, api_name="/analyze")["emotion"]
    until(lambda: set(app.recordings()) <= before, "the clips of clients that went are still there")
    assert "Traceback" not in app.log.read_text()


def test_a_full_queue_says_busy(
    visit: Callable[..., AppPage],
    start_app: Callable[[Path | None], RunningApp],
    tiny_checkpoint: Path,
    clip: Path,
) -> None:
    """On an app of its own, which would be busy for long after. Its analyses take so long that
    hardly a place becomes free."""
    voice, rate = soundfile.read(clip)
    long_clip = io.BytesIO()
    soundfile.write(long_clip, np.resize(voice, rate * 120), rate, format="WAV")
    app = start_app(tiny_checkpoint)
    page = visit(app.address)
    page.expected_fault = "503"
    box = page.page.locator("#words textarea")
    box.fill(SENTENCE)
    uploaded = httpx.post(
        f"{app.address}gradio_api/upload", files={"files": ("queue.wav", long_clip.getvalue())}
    ).json()[0]
    dependencies = httpx.get(f"{app.address}config").json()["dependencies"]
    analyze = next(d["id"] for d in dependencies if d["api_name"] == "analyze")
    given = {"path": uploaded, "meta": {"_type": "gradio.FileData"}}

    http = httpx.Client(timeout=WAIT_SECONDS)

    def join(number: int) -> httpx.Response:
        return http.post(
            f"{app.address}gradio_api/queue/join",
            json={"data": [given, ""], "fn_index": analyze, "session_hash": f"line{number}"},
        )

    def fill_up() -> list[httpx.Response]:
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(join, range(2 * QUEUE_LENGTH)))

    def page_is_told() -> bool:
        fill_up()  # a place may have become free since
        box.press("Enter")
        with suppress(TimeoutError):
            page.page.get_by_text(GRADIO_BUSY).first.wait_for(timeout=2_000)
            return True
        return False

    answers = fill_up()
    refused = [a for a in answers if a.status_code != 200]
    assert len(answers) - len(refused) >= QUEUE_LENGTH
    assert refused and {a.status_code for a in refused} == {503}
    assert {a.json()["detail"] for a in refused} == {text.BUSY}
    until(page_is_told, "the page never said that the app is busy")
    assert http.get(f"{app.address}healthz").json()["status"] == "ok"
    process_of(app).kill()
