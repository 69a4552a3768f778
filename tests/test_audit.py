"""`make audit`: each check finds what it is for, and says what it could not look up."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def requirements(folder: Path, *lines: str) -> Path:
    (folder / "requirements.txt").write_text("\n".join(["# run time", *lines]))
    (folder / "requirements-test.txt").write_text("-r requirements.txt\n")
    return folder


def answering(text: str) -> tuple[str, ...]:
    """A command that says ``text`` whatever it is asked."""
    return (sys.executable, "-c", f"print({text!r})")


def test_this_repository_passes_what_needs_no_network(audit: ModuleType) -> None:
    for check in (audit.pins, audit.pickle, audit.licences):
        assert check().problems == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("numpy>=2", "not an exact pin"),
        ("numpy", "not an exact pin"),
        ("numpy==2.*", "not an exact pin"),
        ("numpy==0.0.1", "instead of 0.0.1"),
        ("no-such-package-here==1.0", "not installed"),
    ],
)
def test_loose_and_missing_pins_are_found(
    audit: ModuleType, tmp_path: Path, line: str, reason: str
) -> None:
    (problem,) = audit.pins(requirements(tmp_path, line)).problems
    assert reason in problem


def test_vulnerabilities_are_found(audit: ModuleType) -> None:
    report = {
        "dependencies": [
            {"name": "good", "version": "1.0", "vulns": []},
            {
                "name": "bad",
                "version": "2.0",
                "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"], "aliases": []}],
            },
        ]
    }
    finding = audit.advisories(answering(json.dumps(report)))
    assert finding.problems == ("bad 2.0: CVE-1, mended in 2.1",)
    assert "FAILED" in str(finding)


def test_a_service_that_knows_nothing_is_not_a_clean_bill(audit: ModuleType) -> None:
    skipped = [{"name": "numpy", "skip_reason": "Dependency not found"}]
    for answer in (json.dumps({"dependencies": skipped}), "", "no network"):
        finding = audit.advisories(answering(answer))
        assert "not checked" in str(finding) and "network" in str(finding)
        assert not finding.problems


def test_damaged_weights_are_found(
    audit: ModuleType, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    for source in tiny_checkpoint.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    assert audit.weights(tmp_path).problems == ()
    damaged = tmp_path / "model.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    (problem,) = audit.weights(tmp_path).problems
    assert "model.safetensors" in problem


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("weights.pt", b"PK"),
        ("innocent.bin", b"\x80\x04\x95"),
        ("code.py", b"import pickle\n"),
        ("code.py", b"from joblib import load\n"),
        ("code.py", b"import torch\ntorch.load('x')\n"),
        ("code.py", b"import numpy\nnumpy.load('x', allow_pickle=True)\n"),
    ],
)
def test_pickles_are_found(audit: ModuleType, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert len(audit.pickle([path]).problems) == 1


def test_safe_files_are_no_pickles(audit: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text("import torch, numpy\ntorch.load('x', weights_only=True)\nnumpy.load('x')\n")
    assert audit.pickle([path]).problems == ()


@pytest.mark.parametrize(
    ("licence", "fine"),
    [
        ("MIT", True),
        ("BSD License; MIT License", True),
        ("MPL-2.0 AND MIT", True),
        ("GNU Lesser General Public License v2 (LGPLv2)", True),
        ("GPL-3.0", False),
        ("AGPL-3.0-only", False),
        ("Other/Proprietary License", False),
        ("", False),
    ],
)
def test_licences(
    audit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, licence: str, fine: bool
) -> None:
    monkeypatch.setattr(audit, "licence_of", lambda package: licence)
    assert (audit.licences(requirements(tmp_path, "numpy==1")).problems == ()) is fine


def test_a_problem_is_an_exit_status(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    unknown = audit.Finding("One", "Nobody knows.", checked=False)
    bad = audit.Finding("Two", "Looked.", ("broken",))
    monkeypatch.setattr(audit, "CHECKS", (lambda: unknown,))
    assert audit.main() == 0
    monkeypatch.setattr(audit, "CHECKS", (lambda: unknown, lambda: bad))
    assert audit.main() == 1
    assert "broken" in capsys.readouterr().out
