"""The app in a process of its own, a real Chromium with a fake microphone, and a spoken clip."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import Browser, sync_playwright

from drkf.audio.clip import SAMPLE_RATE
from tests.helpers.sound import read_spoken
from tests.helpers.visitor import AppPage, RunningApp

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 240


@pytest.fixture(scope="session")
def start_app(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[Path | None], RunningApp]]:
    """Starts ``app.py`` with a checkpoint (None: the shipped one) on a free port.

    Another argument is what the process runs before it, in Python.
    """
    running: list[subprocess.Popen[bytes]] = []

    def start(checkpoint: Path | None, before: str = "") -> RunningApp:
        folder = tmp_path_factory.mktemp("app")
        files, log = folder / "files", folder / "log.txt"
        environment = {**os.environ, **address_of_free_port(), "GRADIO_TEMP_DIR": str(files)}
        environment.pop("DRKF_CHECKPOINT", None)
        if checkpoint is not None:
            environment["DRKF_CHECKPOINT"] = str(checkpoint)
        app = [str(ROOT / "app.py")]
        if before:
            main = f"import runpy; runpy.run_path({app[0]!r}, run_name='__main__')"
            app = ["-c", f"{before}; {main}"]
        with log.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, *app],
                cwd=folder,
                env=environment,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            for line in log.read_text().splitlines():
                if "http://" in line:
                    return RunningApp("http://" + line.split("http://")[1].strip(), files, log)
            time.sleep(0.1)
        raise AssertionError(f"the app did not start:\n{log.read_text()}")

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=20)


def address_of_free_port() -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return {"HOST": "127.0.0.1", "PORT": str(probe.getsockname()[1])}


@pytest.fixture(scope="session")
def app(start_app: Callable[[Path | None], RunningApp], tiny_checkpoint: Path) -> RunningApp:
    """The app around an untrained tiny model."""
    return start_app(tiny_checkpoint)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``SPOKEN`` as Chromium's microphone reads it, with a quiet second at its end."""
    path = tmp_path_factory.mktemp("clip") / "speech.wav"
    samples = np.concatenate([read_spoken("prize"), np.zeros(SAMPLE_RATE, np.float32)])
    soundfile.write(path, samples, SAMPLE_RATE)
    return path


@pytest.fixture(scope="session")
def browser(clip: Path) -> Iterator[Browser]:
    """Chromium whose microphone hears the clip, over and over."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={clip}",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, app: RunningApp) -> Iterator[Callable[..., AppPage]]:
    """Opens the app as another visitor each time; fails on errors in a page's console."""
    pages: list[AppPage] = []

    def open_page(address: str = app.address, **context: Any) -> AppPage:
        context.setdefault("viewport", {"width": 1440, "height": 900})
        visitor = browser.new_context(permissions=["microphone"], **context)
        pages.append(AppPage(visitor.new_page(), address))
        return pages[-1]

    yield open_page
    for page in pages:
        page.page.context.close()
    assert [fault for page in pages for fault in page.faults] == []
