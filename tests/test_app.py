"""app.py's ways to fail, and how the tab "Analyse" spares work."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from drkf.ui.uploads import Uploads

APP = Path(__file__).resolve().parents[1] / "app.py"


def run_app(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(APP)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_line(result: subprocess.CompletedProcess[str], *mentions: str) -> None:
    assert result.returncode == 2, result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    for mention in mentions:
        assert mention in lines[0]


def test_missing_checkpoint_is_one_line_and_exit_2(tmp_path: Path) -> None:
    missing = tmp_path / "nothing-here"
    assert_one_line(run_app(DRKF_CHECKPOINT=str(missing)), str(missing))


def test_corrupt_checkpoint_is_one_line_and_exit_2(tiny_checkpoint: Path, tmp_path: Path) -> None:
    for source in tiny_checkpoint.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert_one_line(run_app(DRKF_CHECKPOINT=str(tmp_path)), "model.safetensors")


@pytest.mark.parametrize("port", ["many", "99999"])
def test_unusable_port_is_one_line_and_exit_2(tiny_checkpoint: Path, port: str) -> None:
    assert_one_line(run_app(DRKF_CHECKPOINT=str(tiny_checkpoint), PORT=port), "PORT")


def test_taken_port_is_one_line_and_exit_2(tiny_checkpoint: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run_app(DRKF_CHECKPOINT=str(tiny_checkpoint), HOST="127.0.0.1", PORT=port)
    assert_one_line(result, port)


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

    def test_sessions_without_files_and_files_already_gone(self, clip: Path) -> None:
        uploads = Uploads()
        uploads.replace("a", None)
        uploads.replace("b", str(clip))
        clip.unlink()
        uploads.replace("b", None)
