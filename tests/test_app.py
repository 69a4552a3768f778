"""app.py's ways to fail, and the files that sessions leave behind."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from drkf.ui.uploads import Uploads

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


class TestUploads:
    @pytest.fixture
    def clip(self, tmp_path: Path) -> Path:
        path = tmp_path / "clip.wav"
        path.touch()
        return path

    def test_a_new_clip_deletes_the_one_before(self, clip: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.wav"
        other.touch()
        uploads = Uploads()
        uploads.replace("a", str(clip))
        uploads.replace("a", str(clip))
        assert clip.exists()
        uploads.replace("a", str(other))
        assert not clip.exists() and other.exists()
        uploads.replace("a", None)
        assert not other.exists()

    def test_a_shared_file_goes_with_its_last_session(self, clip: Path) -> None:
        uploads = Uploads()
        uploads.replace("a", str(clip))
        uploads.add("b", str(clip))
        uploads.replace("a", None)
        assert clip.exists()
        uploads.replace("b", None)
        assert not clip.exists()

    def test_a_call_that_outlives_its_session_leaves_nothing(self, clip: Path) -> None:
        uploads = Uploads()
        uploads.add("a", str(clip))
        uploads.settle("a")
        assert clip.exists(), "the session is still there"
        uploads.close("a")
        clip.touch()
        uploads.add("a", str(clip))  # a call that was queued starts after the end
        assert clip.exists()
        uploads.settle("a")
        assert not clip.exists()

    def test_one_file_of_a_session_goes_and_its_others_stay(
        self, clip: Path, tmp_path: Path
    ) -> None:
        other = tmp_path / "other.wav"
        other.touch()
        uploads = Uploads()
        uploads.add("a", str(clip))
        uploads.add("a", str(other))
        uploads.add("b", str(other))
        uploads.remove("a", str(clip))
        assert not clip.exists() and other.exists()
        uploads.remove("a", str(other))
        assert other.exists(), "another session uses it"
        uploads.remove("b", str(other))
        assert not other.exists()
        uploads.remove("b", str(other))

    def test_sessions_without_files_and_files_already_gone(self, clip: Path) -> None:
        uploads = Uploads()
        uploads.replace("a", None)
        uploads.replace("b", str(clip))
        clip.unlink()
        uploads.replace("b", None)
