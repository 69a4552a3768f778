"""An environment away from this checkout, with a wheel and only the packages that it asks for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Mapping, Sequence
from email.parser import HeaderParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


def project() -> dict[str, Any]:
    """``[project]`` of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def build_wheel(folder: Path) -> Path:
    """The wheel of what git would hold of this checkout, built in ``folder``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    source = folder / "source"
    for name in listed:
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", folder, source)
    (wheel,) = folder.glob("drkf-*.whl")
    return wheel


def make_environment(folder: Path, wheel: Path) -> Path:
    """The Python of an environment with the wheel and what it needs without extras."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    link_needs(python, wheel)
    uv("pip", "install", "--python", python, "--no-deps", wheel)
    return python


def link_needs(python: Path, wheel: Path, *extras: str) -> None:
    """Links from this environment what the wheel needs, with these extras."""
    (packages,) = python.parents[1].glob("lib/python*/site-packages")
    needed: set[str] = set()
    add_needs(metadata(wheel).get_all("Requires-Dist") or [], set(extras), needed)
    for name in needed:
        link(distribution(name), packages)


def metadata(wheel: Path) -> Any:
    """A wheel's metadata, as an e-mail's headers."""
    with ZipFile(wheel) as archive:
        (path,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(path).decode())


def add_needs(requirements: list[str], extras: set[str], found: set[str]) -> None:
    """Adds the packages that these requirements install, and those that these need."""
    for line in requirements:
        requirement = Requirement(line)
        applies = requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        )
        name = canonicalize_name(requirement.name)
        if not applies or (name in found and not requirement.extras):
            continue
        if name == "drkf":
            continue  # an extra that includes another: its packages are listed with that one
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue  # CUDA's packages, beside a CPU build of torch
        found.add(name)
        add_needs(needs, set(requirement.extras), found)


def link(package: Distribution, packages: Path) -> None:
    """Links a package's modules and metadata; nothing of it is copied."""
    names = {
        file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")
    }
    for name in names:
        target = packages / name
        if not target.exists():
            target.symlink_to(Path(str(package.locate_file(name))).resolve())


def run_commands(
    python: Path,
    commands: Sequence[Sequence[str]],
    folder: Path,
    surroundings: Mapping[str, str],
    hidden: Sequence[str] = (),
) -> dict[str, Any]:
    """Runs ``drkf``'s commands in one process in ``folder``, with these top-level modules hidden.

    See ``tests/helpers/commands.py`` for what comes back.
    """
    done = subprocess.run(
        [python, "-P", ROOT / "tests" / "helpers" / "commands.py"],
        input=json.dumps({"commands": commands, "hidden": hidden}),
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def uv(*arguments: str | Path) -> None:
    """Runs uv, which is quicker than pip, on what is here already."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", *arguments, "--offline", "--no-index", "--no-config"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
