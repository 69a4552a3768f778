"""app.py's ways to fail."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

APP = Path(__file__).resolve().parents[1] / "app.py"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs app.py's ``main`` with the given environment and returns its exit status."""
    spec = importlib.util.spec_from_file_location("demo_app", APP)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(**environment: str) -> int:
        for name in ("HOST", "PORT", "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return module.main()

    return run


def assert_one_line(errors: str, *mentions: str) -> None:
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    for mention in mentions:
        assert mention in lines[0]


def test_missing_checkpoint_ends_the_program_with_one_line(tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing-here")
    result = subprocess.run(
        [sys.executable, str(APP)],
        env={**os.environ, "DRKF_CHECKPOINT": missing},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert_one_line(result.stderr, missing)


def test_a_server_that_is_told_to_stop_leaves_no_files(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    """As ``docker stop`` and a Space that is put to sleep do."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GRADIO_")
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(APP)],
        env={
            **environment,
            "DRKF_CHECKPOINT": str(tiny_checkpoint),
            "PORT": str(port),
            "TMPDIR": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None and str(port) in server.stdout.readline()
        sent = httpx.post(
            f"http://127.0.0.1:{port}/gradio_api/upload", files={"files": ("me.wav", b"my voice")}
        )
        (path,) = sent.json()
        assert Path(path).is_relative_to(tmp_path) and Path(path).is_file()
        server.terminate()
        assert server.wait(30) == 0
    finally:
        server.kill()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not list(tmp_path.glob("drkf-*"))


def test_corrupt_checkpoint_is_named(
    start: Callable[..., int], tiny_checkpoint: Path, tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    for source in tiny_checkpoint.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    capfd.readouterr()
    assert start(DRKF_CHECKPOINT=str(tmp_path)) == 2
    assert_one_line(capfd.readouterr().err, "model.safetensors")


@pytest.mark.parametrize("port", ["many", "0", "99999", "-1"])
def test_impossible_port_is_refused(
    start: Callable[..., int], port: str, capfd: pytest.CaptureFixture
) -> None:
    assert start(PORT=port) == 2
    assert_one_line(capfd.readouterr().err, "PORT", port)


def test_taken_port_is_named(
    start: Callable[..., int], tiny_checkpoint: Path, capfd: pytest.CaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        capfd.readouterr()
        assert start(DRKF_CHECKPOINT=str(tiny_checkpoint), HOST="127.0.0.1", PORT=port) == 2
    assert_one_line(capfd.readouterr().err, f"127.0.0.1:{port}")
