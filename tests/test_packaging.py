"""The pins are exact, complete and the ones that the tests run with."""

import ast
import re
import sys
import tomllib
from importlib.metadata import distribution, packages_distributions, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent


def pins(name: str) -> dict[str, str]:
    """Package -> version; a line that is not an exact pin is an error."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r ")):
            package, exact = re.fullmatch(r"([a-z0-9-]+)==([0-9][0-9.]*)", line).groups()
            found[package] = exact
    return found


def needs(package: str) -> set[str]:
    """The packages that an installed package requires here."""
    requirements = [Requirement(line) for line in distribution(package).requires or []]
    return {
        canonicalize_name(requirement.name)
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    } - {"pip"}  # every environment has its own


def test_everything_installed_is_what_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        for package, pinned in pins(name).items():
            assert version(package).split("+")[0] == pinned, package  # torch says 2.13.0+cpu


def test_the_packages_that_packages_need_are_pinned_too() -> None:
    """Except what torch's CUDA builds add, which torch itself pins."""
    run, test = pins("requirements.txt"), pins("requirements-test.txt")
    for package in run:
        unpinned = {name for name in needs(package) if not name.startswith(("nvidia-", "cuda-"))}
        assert unpinned - {"triton"} <= run.keys(), package
    for package in test:
        assert needs(package) <= run.keys() | test.keys(), package


def test_what_the_code_imports_is_a_run_time_requirement() -> None:
    imported = set()
    for path in [ROOT / "app.py", *ROOT.glob("drkf/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.split(".")[0])
    imported -= sys.stdlib_module_names | {"drkf", "spaces"}  # Spaces brings its own
    provided = packages_distributions()
    for module in imported:
        packages = {canonicalize_name(name) for name in provided.get(module, [module])}
        assert packages & pins("requirements.txt").keys(), module


def test_no_host_of_packages_is_named() -> None:
    """The files must install wherever pip is configured to look."""
    for name in ("requirements.txt", "requirements-test.txt", "pyproject.toml", "Makefile"):
        text = (ROOT / name).read_text()
        assert "://" not in text, name
        assert "index-url" not in text, name


def test_the_command_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"drkf": "drkf.cli:main"}
