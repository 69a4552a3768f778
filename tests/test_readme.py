"""The README: valid front matter for Spaces, commands that exist, a clone that stays small."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard

from drkf.cli import build_parser
from drkf.hub import FREE_HARDWARE

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def pinned(package: str) -> str:
    found = re.search(
        rf"^{package}==(\S+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE
    )
    assert found, package
    return found[1]


def test_front_matter_is_a_space() -> None:
    data = SpaceCard.load(README).data
    assert data.sdk == "gradio"
    assert data.sdk_version == pinned("gradio")
    assert data.python_version == "3.12"  # ZeroGPU's
    assert data.suggested_hardware == FREE_HARDWARE
    assert (ROOT / data.app_file).is_file()
    assert data.license == "mit"


def test_its_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z-]+)", README.read_text()))
    assert named and named <= targets


def test_its_drkf_commands_exist() -> None:
    known = build_parser().format_help()
    for command in re.findall(r"drkf ([a-z-]+) ", README.read_text()):
        assert command in known


def test_its_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_what_is_where_is_the_tree() -> None:
    """Every package has its row, and every row is there."""
    rows = re.findall(r"^\| `([^`]+)` \|", README.read_text("utf-8"), flags=re.MULTILINE)
    for name in rows:
        assert (ROOT / name).exists(), name
    packages = {f"drkf/{path.parent.name}/" for path in ROOT.glob("drkf/*/__init__.py")}
    assert packages <= set(rows), packages - set(rows)


def test_what_a_contributor_is_told_to_change_is_there() -> None:
    """Each row of CONTRIBUTING's table: its files exist, and what it names stands in them."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = [row for row in page.splitlines() if row.startswith(("| an ", "| a "))]
    assert len(rows) == 5
    for row in rows:
        named = re.findall(r"`([^`]+)`", row)
        paths = [ROOT / name for name in named if "/" in name and not re.search("[A-Z]{4}", name)]
        assert paths and all(path.exists() for path in paths), row
        code = "".join(path.read_text("utf-8") for path in paths if path.is_file())
        for name in named:
            if "/" not in name and re.fullmatch(r"\w+", name) and name not in ("run", "model_type"):
                assert re.search(rf"\b{name}\b", code), (name, row)


@pytest.mark.parametrize("name", ["README.md", "SECURITY.md", "drkf/evaluation/card_texts.py"])
def test_the_law_is_said_as_it_is(name: str) -> None:
    """Art. 5(1)(f) forbids the use, whatever anybody consents to."""
    text = " ".join((ROOT / name).read_text("utf-8").split())
    assert "Art. 5(1)(f)" in text and "onsent is no exception" in text
    assert "medical" in text and "consenting" not in text and "judging people" not in text


def test_it_reads_in_a_few_minutes() -> None:
    assert len(README.read_text().split()) < 900


def test_the_clone_stays_small() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    sizes = [(ROOT / name).stat().st_size for name in listed if name and (ROOT / name).is_file()]
    assert sum(sizes) < 110e6
    assert max(sizes) < 95e6
