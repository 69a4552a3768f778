"""The wheel, installed away from this checkout: complete by itself, and honest about extras."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from tests.helpers.installed import ROOT, build_wheel, make_environment

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``drkf`` command of an installation without extras."""
    folder = tmp_path_factory.mktemp("core")
    return make_environment(folder, wheel).with_name("drkf")


@pytest.fixture
def run(core: Path, tmp_path: Path) -> Run:
    """Runs the command in an empty folder; nothing leads back to the checkout."""

    def drkf(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [core, *arguments],
            cwd=tmp_path,
            env=surroundings(tmp_path),
            capture_output=True,
            text=True,
            timeout=280,
        )

    return drkf


def surroundings(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "2",
    }


def test_its_metadata_are_complete(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        said = HeaderParser().parsestr(archive.read(metadata).decode())
    assert said["License-Expression"] == "MIT AND CC-BY-NC-SA-4.0"
    assert set(said.get_all("License-File")) == {"LICENSE"}
    assert said["Description-Content-Type"] == "text/markdown"
    assert set(said.get_all("Provides-Extra")) == {"workbench", "app", "train", "mic", "offline"}
    assert said.get_all("Project-URL")
    assert "drkf/py.typed" in names and "drkf/configs/paper.toml" in names
    assert "drkf/bundled/checkpoints/drkf-compact/model.safetensors" in names
    assert "drkf/bundled/assets/gallery/gallery.json" in names
    assert not [name for name in names if name.startswith(("tests/", "scripts/"))]
    assert wheel.stat().st_size < 100e6  # what package indexes take


def test_the_core_analyses_by_itself(run: Run, tmp_path: Path) -> None:
    assert run("--version").stdout.startswith("drkf 0.")
    clip = ROOT / "assets" / "gallery" / "anger.flac"
    analysed = run("analyze", clip, "--text", "You lied to me.", "--json")
    assert analysed.returncode == 0, analysed.stderr
    assert json.loads(analysed.stdout)["checkpoint"] == "drkf-compact"

    (tmp_path / "in.csv").write_text(f"id,audio,text\na,{clip},You lied to me.\nb,,I am so happy\n")
    predicted = run("predict", "--manifest", "in.csv", "--out", "out.jsonl")
    assert predicted.returncode == 0, predicted.stderr
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["a", "b"] and rows[1]["emotion"] == "joy"


def test_the_core_counts_the_papers_model(run: Run) -> None:
    sized = run("size")
    assert sized.returncode == 0, sized.stderr
    assert "315.4 M" in sized.stdout


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("demo",), "app"),
        (("analyze-set", "--manifest", "in.csv", "--out", "out"), "workbench"),
        (("evaluate", "--manifest", "in.csv"), "workbench"),
        (("listen",), "mic"),
        (("benchmark", "meld", "--root", "."), "train"),
        (
            (
                *("train", "--speech", ".", "--text", ".", "--audio-encoder", "a"),
                *("--text-encoder", "t"),
            ),
            "train",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_missing_extra_is_one_line(run: Run, arguments: tuple[str, ...], extra: str) -> None:
    refused = run(*arguments)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith("drkf: ") and line.endswith(f"pip install 'drkf[{extra}]'")


def test_the_app_serves_with_its_examples(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    python = make_environment(tmp_path_factory.mktemp("app"), wheel, "app", "workbench", "offline")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [python.with_name("drkf"), "demo", "--port", str(port)],
        cwd=tmp_path,
        env=surroundings(tmp_path),
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
