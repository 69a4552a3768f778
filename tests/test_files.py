"""Files are complete or not there, and damaged JSON is one line that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drkf.errors import CheckpointError, ConfigError
from drkf.files import read_json, remove_parts, whole, write_json


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(KeyboardInterrupt), whole(path) as part:
        part.write_text("{")
        raise KeyboardInterrupt
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "state.safetensors.123.part").write_bytes(b"half")
    (tmp_path / "state.safetensors").write_bytes(b"whole")
    remove_parts(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["state.safetensors"]


@pytest.mark.parametrize("content", [None, b"{", b"[1]", b"\xff\xfe\x00"])
def test_the_caller_says_what_is_raised_and_what_to_do(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "metrics.json"
    if content is not None:
        path.write_bytes(content)
    for error in (CheckpointError, ConfigError):
        with pytest.raises(error, match=r"metrics\.json is .*: train it again") as caught:
            read_json(path, error, "train it again")
        assert "\n" not in str(caught.value)
