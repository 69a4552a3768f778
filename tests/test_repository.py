"""The files for the repository's host: each parses, and says what is true of this version."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

import drkf
from tests.helpers.installed import ROOT, project


def read(path: str) -> dict:
    return yaml.load((ROOT / path).read_text("utf-8"), yaml.BaseLoader)


def test_the_citation_is_of_this_version_and_the_paper() -> None:
    found = read("CITATION.cff")
    assert found["version"] == drkf.__version__ and found["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= found.keys()
    assert found["references"][0]["url"] == project()["urls"]["Paper"]


def test_ci_runs_what_a_clean_clone_must_pass() -> None:
    (job,) = read(".github/workflows/ci.yml")["jobs"].values()
    assert job["steps"][-1] == {"run": "bash .ci/run"} and (ROOT / ".ci" / "run").is_file()
    (python,) = (
        step["with"]["python-version"] for step in job["steps"] if "python" in step.get("uses", "")
    )
    assert python in SpecifierSet(project()["requires-python"])


@pytest.mark.parametrize(
    "form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda p: p.stem
)
def test_an_issue_form_asks_something(form: Path) -> None:
    found = read(str(form))
    assert found["name"] and found["description"]
    for question in found["body"]:
        assert question["type"] in ("textarea", "input") and question["attributes"]["label"]
