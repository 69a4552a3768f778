"""What works without the extras, and the one line that names a missing one."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from drkf import extras
from drkf.errors import MissingExtraError
from drkf.extras import EXTRAS
from tests.helpers.installed import add_needs, project, run_commands

REFUSED = {
    "demo": "app",
    "listen": "mic",
    "train --speech s --text t --audio-encoder a --text-encoder t": "train",
    "benchmark meld --root .": "train",
    "ablate --speech s --text t": "train",
    "evaluate --manifest in.csv": "workbench",
    "faithfulness --speech s --text t": "workbench",
    "analyze-set --manifest in.csv --out out": "workbench",
}

#: Modules that need an extra; every other one is imported without any.
WORKBENCH = (
    "evaluation.calibration",
    "evaluation.card_figures",
    "evaluation.dev_set",
    "evaluation.faithfulness",
    "evaluation.held_out",
    "evaluation.metrics",
    "evaluation.verdicts",
    "evaluation.yardstick",
    "experiments.ablation",
    "experiments.benchmark",
    "experiments.fold_checkpoint",
    "experiments.scoring",
    "training.about",
    "training.export",
    "training.fusion",
    "training.interpolation",
    "training.loop",
    "training.speech",
    "training.trainer",
    "workbench",
)
APP = ("ui",)


@pytest.fixture(scope="module")
def core(
    tmp_path_factory: pytest.TempPathFactory, tiny_checkpoint: Path, miniature: tuple[Path, Path]
) -> dict[str, Any]:
    """What commands and imports give where this environment's other packages are hidden."""
    folder = tmp_path_factory.mktemp("core")
    (folder / "in.csv").write_text("id,audio,text,emotion\nb,,i am happy,joy\n")
    checkpoint = ["--checkpoint", str(tiny_checkpoint)]
    needed: set[str] = set()
    add_needs(project()["dependencies"], set(), needed)
    hidden = [
        module
        for module, packages in packages_distributions().items()
        if not {canonicalize_name(package) for package in packages} & (needed | {"drkf"})
    ]
    assert {module for modules in EXTRAS.values() for module in modules} - set(hidden) == {
        "jinja2",  # PyTorch needs it
        "markdown_it",  # the hub's command line needs it
    }
    return run_commands(
        Path(sys.executable),
        [
            ["size"],
            ["analyze", "--text", "i am happy", "--json", *checkpoint],
            ["predict", "--manifest", "in.csv", "--out", "out.jsonl", *checkpoint],
            ["data", "inspect", "meld", "."],
            ["push", "user/model", *checkpoint],
            ["deploy", "user/space", *checkpoint],
            *(command.split() for command in REFUSED),
        ],
        folder,
        {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "none"},
        hidden=hidden,
    )


def test_the_core_commands_run_without_extras(core: dict[str, Any]) -> None:
    size, analyze, predict, data, push, deploy = core["answers"][:6]
    assert size["code"] == 0 and "315.4 M" in size["out"], size
    assert json.loads(analyze["out"])["checkpoint"] == "untrained-tiny", analyze
    assert predict["code"] == 0, predict
    assert data["code"] == 2 and "not installed" not in data["err"], data
    for upload in (push, deploy):  # got as far as the hub
        assert upload["code"] == 2 and "the hub cannot be reached" in upload["err"], upload


def test_every_other_command_names_its_extra_in_one_line(core: dict[str, Any]) -> None:
    for (command, extra), refused in zip(REFUSED.items(), core["answers"][6:], strict=True):
        assert refused["code"] == 2, command
        (line,) = refused["err"].splitlines()
        assert line.startswith("drkf: ") and line.endswith(f"pip install 'drkf[{extra}]'"), command


def test_only_what_an_extra_is_for_needs_it(core: dict[str, Any]) -> None:
    assert set(core["unimportable"]) == {f"drkf.{name}" for name in (*WORKBENCH, *APP)}
    for name in WORKBENCH:
        assert any(module in core["unimportable"][f"drkf.{name}"] for module in EXTRAS["workbench"])


def test_the_extras_bring_the_modules_that_they_are_asked_for() -> None:
    provided = packages_distributions()
    for extra, modules in EXTRAS.items():
        packages = {
            canonicalize_name(requirement.name)
            for line in project()["optional-dependencies"][extra]
            for requirement in [Requirement(line)]
            if requirement.name != "drkf"
        }
        packages |= {"mcp"} if "gradio" in packages else set()  # by gradio's extra
        for module in modules:
            brought = {canonicalize_name(name) for name in provided[module]}
            assert brought & packages, (extra, module)
        assert len(modules) == len(packages) or extra == "offline", extra


def test_a_missing_extra_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)  # another test may need it
    with pytest.raises(MissingExtraError, match=r"sounddevice is not.*pip install 'drkf\[mic\]'"):
        extras.require_extra("mic")
