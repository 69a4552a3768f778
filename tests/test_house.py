"""The house keeps its measures: sizes of modules, functions and classes, and one meaning a name."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "drkf"
MAX_MODULE, MAX_FUNCTION, MAX_CLASS = 450, 60, 300
"""Lines."""
MIN_COPY, SHORT = 6, 6
"""Lines of a function that may not stand in another one, all but two of more characters."""

DATA = ("ui/texts/*/*.py",)
"""Tables of data, which may be as long as what they list."""

#: Names that may have several homes, because each package has one of its own by convention.
CONVENTIONS = frozenset({"main", "add_parser", "run", "build"})


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def too_long() -> Iterator[tuple[str, int]]:
    """What is over its limit, as "file" or "file:name", with its lines."""
    for path in modules():
        if any(path.match(f"drkf/{pattern}") for pattern in DATA):
            continue
        name = name_of(path)
        lines = len(path.read_text("utf-8").splitlines())
        if lines > MAX_MODULE:
            yield name, lines
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                limit = MAX_FUNCTION
            elif isinstance(node, ast.ClassDef):
                limit = MAX_CLASS
            else:
                continue
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            if lines > limit:
                yield f"{name}:{node.name}", lines


def test_nothing_is_longer_than_a_reader_can_hold() -> None:
    assert not dict(too_long())


def defined(node: ast.stmt) -> str | None:
    """The name of a class, a function or a type that a statement at a module's top defines."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return node.name
        case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
            # Types have capitals and small letters, constants capitals only; T is a type variable.
            return name if name[:1].isupper() and not name.isupper() else None
    return None


def homonyms() -> dict[str, list[str]]:
    """Public classes, functions and types that more than one module defines, with those."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        for node in parsed(path).body:
            name = defined(node)
            if name and not name.startswith("_") and name not in CONVENTIONS:
                homes[name].append(name_of(path))
    return {name: found for name, found in homes.items() if len(found) > 1}


def test_a_public_name_has_one_meaning() -> None:
    assert not homonyms()


def pieces(path: Path) -> Iterator[tuple[str, int]]:
    """Every ``MIN_COPY`` lines of code in a row within a function, and where they begin."""
    lines = path.read_text("utf-8").splitlines()
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node) else node.body
        if not body:
            continue
        first = body[0].lineno
        numbered = [
            (number, line.strip())
            for number, line in enumerate(lines[first - 1 : node.end_lineno], start=first)
            if line.strip() and not line.strip().startswith("#")
        ]
        for start in range(len(numbered) - MIN_COPY + 1):
            found = numbered[start : start + MIN_COPY]
            if sum(len(line) > SHORT for _, line in found) >= MIN_COPY - 2:
                yield "\n".join(line for _, line in found), found[0][0]


def test_nothing_is_written_twice() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for path in modules():
        if not any(path.match(f"drkf/{pattern}") for pattern in DATA):
            for piece, line in pieces(path):
                places[piece].add(f"{name_of(path)}:{line}")
    assert not [sorted(found) for found in places.values() if len(found) > 1]


def test_private_names_stay_in_their_module() -> None:
    """Nothing imports ``_name`` from another module of ours."""
    found = [
        f"{name_of(path)}: {node.module}.{alias.name}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("drkf")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert not found


def test_no_test_is_skipped() -> None:
    """A test that may skip may have skipped for months: it checks what it can everywhere."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node).startswith("pytest.")
        and node.attr in ("skip", "skipif", "xfail", "importorskip")
    ]
    assert not found


#: A line that breaks each contract of pyproject.toml, by its name: where it stands, what it says.
BREAKS = {
    "A module imports only from the floors below its own": ("labels.py", "import drkf.pipeline"),
    "No circles of imports between siblings": ("audio/decode.py", "import drkf.audio.clip"),
    "Gradio stays in the web app": ("figures/style.py", "import gradio"),
    "Plotly stays in the figures, the workbench and the web app": ("batch.py", "import plotly"),
    "The command line's arguments stay in the command line": ("hub.py", "import argparse"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the linter says of a copy of the package with every contract broken."""
    copy = tmp_path_factory.mktemp("broken")
    shutil.copytree(PACKAGE, copy / "drkf", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", copy)
    for name, line in BREAKS.values():
        path = copy / "drkf" / name
        path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [linter, "--no-logo", "--no-cache"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 1, checked.stdout + checked.stderr
    return checked.stdout


@pytest.mark.parametrize("contract", BREAKS)
def test_a_broken_contract_fails_and_names_the_import(broken: str, contract: str) -> None:
    assert f"{contract} BROKEN" in broken
    name, line = BREAKS[contract]
    importer = "drkf." + name.removesuffix(".py").replace("/", ".")
    imported = line.removeprefix("import ")
    package = importer.rpartition(".")[0]  # circles are told by the names within their package
    within = f"{importer.removeprefix(package)} -> {imported.removeprefix(package)}"
    assert f"{importer} -> {imported}" in broken or within in broken


def floors() -> list[str]:
    """The floors of the contract, from the top."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = (rule["layers"] for rule in rules["contracts"] if rule["type"] == "layers")
    return layers


def test_the_rule_is_said_as_it_is_checked() -> None:
    """The docstring of the package lists the floors of the contract."""
    said = (ast.get_docstring(parsed(PACKAGE / "__init__.py")) or "").partition("::")[2]
    listed = [" ".join(floor.split()) for floor in said.split(">")]
    assert listed == [floor for floor in floors() if floor != "__main__"]


def test_the_picture_is_the_checked_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    picture = page.partition("```\n")[2].partition("```")[0].splitlines()
    shown = [re.split(r"\s{2,}", line)[0].replace("│", "|") for line in picture]
    assert shown == [floor for floor in floors() if floor != "__main__"]


def test_the_contracts_are_the_ones_that_are_broken_here() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert {rule["name"] for rule in rules["contracts"]} == set(BREAKS)
