"""How the demo starts, stops, and fails: by app.py, as ``drkf demo`` does."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from drkf.cli.demo import chosen_host, serve

APP = Path(__file__).resolve().parents[1] / "app.py"


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Serves with the given environment and returns the exit status."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(**environment: str) -> int:
        for name in ("HOST", "PORT", "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return serve()

    return run


def assert_one_line(errors: str, *mentions: str) -> None:
    lines = errors.strip().splitlines()
    assert len(lines) == 1, errors
    for mention in mentions:
        assert mention in lines[0]


def test_missing_checkpoint_ends_the_program_with_one_line(
    start: Callable[..., int], tmp_path: Path, capfd: pytest.CaptureFixture
) -> None:
    missing = str(tmp_path / "nothing-here")
    capfd.readouterr()
    assert start(DRKF_CHECKPOINT=missing) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert_one_line(said.err, missing)


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


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "127.0.0.1"),
        ({"HOST": "0.0.0.0"}, "0.0.0.0"),
        ({"HOST": "::"}, "::"),
        ({"HOST": "[::1]"}, "::1"),
        ({"HOST": "localhost"}, "localhost"),
        ({"HOST": "x86_64-conda-linux-gnu"}, "127.0.0.1"),  # conda's
        ({"HOST": "desk.example.org"}, "127.0.0.1"),  # tcsh's
        ({"HOST": "desk", "GRADIO_SERVER_NAME": "0.0.0.0"}, "0.0.0.0"),
    ],
)
def test_only_an_address_is_a_wish_to_serve_there(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("HOST", "GRADIO_SERVER_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert chosen_host() == expected


def test_another_failure_is_told_as_it_is(
    start: Callable[..., int],
    tiny_checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture,
) -> None:
    """Nothing that goes wrong later is blamed on the address."""

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("drkf.ui.build_app", no_room)
    capfd.readouterr()
    assert start(DRKF_CHECKPOINT=str(tiny_checkpoint), PORT=free_port()) == 2
    errors = capfd.readouterr().err
    assert_one_line(errors, "No space left on device")
    assert "address" not in errors


def free_port(host: str = "127.0.0.1") -> str:
    with socket.create_server(
        (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    ) as free:
        return str(free.getsockname()[1])


def test_ctrl_c_while_it_starts_is_one_line(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, str(APP)],
        env={**os.environ, "PORT": free_port(), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("drkf-*")):  # its first deed
        assert time.monotonic() < deadline and server.poll() is None
        time.sleep(0.02)
    time.sleep(1)  # somewhere in the imports
    server.send_signal(signal.SIGINT)
    printed, errors = server.communicate(timeout=60)
    assert server.returncode == 130 and printed == ""
    assert_one_line(errors, "stopped")
    assert not list(tmp_path.iterdir())


def has_ipv6() -> bool:
    try:
        free_port("::1")
    except OSError:
        return False
    return True


#: Every address and this machine's own, by IPv6 where it has that.
EVERY, OWN = ("::", "::1") if has_ipv6() else ("0.0.0.0", "127.0.0.1")


@pytest.mark.parametrize(
    ("host", "told"), [(EVERY, signal.SIGINT), (OWN, signal.SIGTERM)], ids=["every", "own"]
)
def test_a_hard_machine_to_serve_on(
    tiny_checkpoint: Path, tmp_path: Path, host: str, told: signal.Signals
) -> None:
    """IPv6, a proxy without exceptions, a home that is not there, an old encoding. Told to stop,
    by Ctrl-C or as ``docker stop`` and a Space that is put to sleep do, it leaves nothing behind.
    """
    port = free_port(host)
    server = subprocess.Popen(
        [sys.executable, str(APP)],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "DRKF_CHECKPOINT": str(tiny_checkpoint),
            "HOST": host,
            "PORT": port,
            "TMPDIR": str(tmp_path),
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
            "HOME": "/dev/null/nowhere",
            "PYTHONIOENCODING": "ascii",
            "PYTHONPATH": str(APP.parent),
            "OMP_NUM_THREADS": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None and server.stderr is not None
        line = server.stdout.readline()
        assert port in line, server.stderr.read()
        address = f"http://{f'[{OWN}]' if ':' in OWN else OWN}:{port}"
        health = httpx.get(f"{address}/healthz", trust_env=False).json()
        assert health["status"] == "ok" and health["recogniser"] == "loaded"
        sent = httpx.post(
            f"{address}/gradio_api/upload",
            files={"files": ("me.wav", b"my voice")},
            trust_env=False,
        )
        (path,) = sent.json()
        assert Path(path).is_relative_to(tmp_path) and Path(path).is_file()
        server.send_signal(told)
        assert server.wait(30) == 0
        assert server.stderr.read() == ""  # of what it imports, neither
    finally:
        server.kill()
    assert not list(tmp_path.iterdir())
