"""Files of visitors go when nothing uses them any more: replaced, cleared, closed or left alone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from drkf.ui.server.uploads import Uploads


@pytest.fixture
def uploads() -> Uploads:
    return Uploads()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.wav"
    path.touch()
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.wav"
    path.touch()
    return path


def test_a_new_clip_deletes_the_one_before(uploads: Uploads, clip: Path, other: Path) -> None:
    uploads.replace("a", "live", str(clip))
    uploads.replace("a", "live", str(clip))
    assert clip.exists()
    uploads.replace("a", "live", str(other))
    assert not clip.exists() and other.exists()
    uploads.replace("a", "live", None)
    assert not other.exists()


def test_a_shared_file_goes_with_its_last_session(uploads: Uploads, clip: Path) -> None:
    uploads.replace("a", "live", str(clip))
    uploads.add("b", "live", str(clip))
    uploads.replace("a", "live", None)
    assert clip.exists()
    uploads.replace("b", "live", None)
    assert not clip.exists()


@pytest.mark.parametrize("how", ["remove", "replace"])
def test_a_tab_does_not_delete_what_another_uses(
    uploads: Uploads, clip: Path, other: Path, how: str
) -> None:
    uploads.replace("a", "analyse", str(clip))
    uploads.add("a", "live", str(clip))
    uploads.add("a", "live", str(other))
    if how == "remove":
        uploads.remove("a", "live", str(clip))
        assert clip.exists() and other.exists()
        uploads.remove("a", "analyse", str(clip))
        assert not clip.exists() and other.exists()
    else:
        uploads.replace("a", "analyse", None)
        assert clip.exists() and other.exists()
        uploads.replace("a", "live", None)
        assert not clip.exists() and not other.exists()


def test_one_file_of_a_tab_goes_and_its_others_stay(
    uploads: Uploads, clip: Path, other: Path
) -> None:
    uploads.add("a", "api", str(clip))
    uploads.add("a", "api", str(other))
    uploads.add("b", "api", str(other))
    uploads.remove("a", "api", str(clip))
    assert not clip.exists() and other.exists()
    uploads.remove("a", "api", str(other))
    assert other.exists(), "another session uses it"
    uploads.remove("b", "api", str(other))
    assert not other.exists()
    uploads.remove("b", "api", str(other))


def test_a_call_that_outlives_its_session_leaves_nothing(uploads: Uploads, clip: Path) -> None:
    uploads.add("a", "api", str(clip))
    uploads.settle("a")
    assert clip.exists(), "the session is still there"
    uploads.close("a")
    clip.touch()
    uploads.add("a", "api", str(clip))  # a call that was queued starts after the end
    assert clip.exists()
    uploads.settle("a")
    assert not clip.exists()


def test_sessions_without_files_and_files_already_gone(uploads: Uploads, clip: Path) -> None:
    uploads.replace("a", "live", None)
    uploads.replace("b", "live", str(clip))
    clip.unlink()
    uploads.replace("b", "live", None)
    uploads.empty("never seen")
    uploads.close("never seen")


def test_a_folder_is_its_sessions_own_and_goes_with_it(uploads: Uploads, clip: Path) -> None:
    first, second = uploads.folder("a"), uploads.folder("b")
    assert first != second and uploads.folder("a") == first
    (first / "set").mkdir()
    (first / "set" / "words.jsonl").touch()
    uploads.add("a", "exports", str(clip))
    uploads.empty("a")
    assert not first.exists() and clip.exists()
    again = uploads.folder("a")
    assert again.is_dir() and not list(again.iterdir())
    uploads.close("a")
    assert not again.exists() and not clip.exists() and second.is_dir()


def test_what_nobody_has_used_for_long_is_swept(
    uploads: Uploads, clip: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    monkeypatch.setattr("drkf.ui.server.uploads.time.time", lambda: now)
    left, worked_on = uploads.folder("left"), uploads.folder("worked on")
    (left / "words.jsonl").touch()
    uploads.add("left", "live", str(clip))
    uploads.add("left", "live", str(other))
    now += 50
    uploads.touch("worked on")
    uploads.add("worked on", "live", str(other))
    uploads.sweep(100)
    assert left.exists() and clip.exists()
    now += 50
    uploads.sweep(100)
    assert not left.exists() and not clip.exists()
    assert worked_on.exists() and other.exists()
    now += 50
    uploads.sweep(100)
    assert not worked_on.exists() and not other.exists()


def test_it_is_swept_while_nobody_visits(uploads: Uploads) -> None:
    folder = uploads.folder("left")
    uploads.sweep_every(0.01, 0.1)
    deadline = time.monotonic() + 10
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not folder.exists()
