"""The wheel, installed away from this checkout: complete by itself, and honest about extras."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.helpers.installed import (
    ROOT,
    build_wheel,
    link_needs,
    make_environment,
    metadata,
    run_commands,
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an installation without extras."""
    return make_environment(tmp_path_factory.mktemp("environment"), wheel)


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An environment from which nothing leads back to the checkout, nor to the hub."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "2",
    }


def test_its_metadata_are_complete(wheel: Path) -> None:
    said = metadata(wheel)
    assert said["License-Expression"] == "MIT AND CC-BY-NC-SA-4.0"
    assert set(said.get_all("License-File")) == {"LICENSE"}
    assert said["Description-Content-Type"] == "text/markdown"
    assert set(said.get_all("Provides-Extra")) == {"workbench", "app", "train", "mic", "offline"}
    assert said.get_all("Project-URL")
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "drkf/py.typed" in names and "drkf/configs/paper.toml" in names
    assert "drkf/bundled/checkpoints/drkf-compact/model.safetensors" in names
    assert "drkf/bundled/assets/gallery/gallery.json" in names
    assert not [name for name in names if name.startswith(("tests/", "scripts/"))]
    assert wheel.stat().st_size < 100e6  # what package indexes take


def test_its_core_works_by_itself(
    python: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    """What is refused without extras, tests/test_extras.py says of every command."""
    said = subprocess.run(
        [python.with_name("drkf"), "--version"],
        cwd=tmp_path,
        env=surroundings,
        capture_output=True,
        text=True,
    )
    assert said.stdout.startswith("drkf 0."), said.stderr
    clip = str(ROOT / "assets" / "gallery" / "anger.flac")
    (tmp_path / "in.csv").write_text(f"id,audio,text\na,{clip},You lied to me.\nb,,I am so happy\n")
    commands = (
        ("analyze", clip, "--text", "You lied to me.", "--json"),
        ("predict", "--manifest", "in.csv", "--out", "out.jsonl"),
        ("size",),
        ("demo",),
    )
    analyzed, predicted, sized, demo = run_commands(python, commands, tmp_path, surroundings)[
        "answers"
    ]
    assert json.loads(analyzed["out"])["checkpoint"] == "drkf-compact", analyzed
    assert predicted["code"] == 0, predicted
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["a", "b"] and rows[1]["emotion"] == "joy"
    assert sized["code"] == 0 and "315.4 M" in sized["out"], sized
    assert demo["code"] == 2 and demo["err"].endswith("pip install 'drkf[app]'\n"), demo


def test_the_app_serves_with_its_examples(
    python: Path, wheel: Path, tmp_path: Path, surroundings: dict[str, str]
) -> None:
    link_needs(python, wheel, "app", "workbench", "offline")  # after the core was tried without
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [python.with_name("drkf"), "demo", "--port", str(port)],
        cwd=tmp_path,
        env=surroundings,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None and str(port) in server.stdout.readline()
        address = f"http://127.0.0.1:{port}"
        health = httpx.get(f"{address}/healthz").json()
        assert health["checkpoint"]["name"] == "drkf-compact" and health["recogniser"] == "loaded"
        (gallery,) = python.parents[1].glob("lib/*/site-packages/drkf/bundled/assets/gallery")
        clip = httpx.get(f"{address}/gradio_api/file={gallery / 'anger.flac'}")
        assert clip.status_code == 200 and clip.content.startswith(b"fLaC")
    finally:
        deadline = time.monotonic() + 60
        server.terminate()
        while server.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        server.kill()
