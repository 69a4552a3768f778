"""An environment away from this checkout, with a wheel and only the packages that it asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]


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
    run_pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, source)
    (wheel,) = folder.glob("drkf-*.whl")
    return wheel


def make_environment(folder: Path, wheel: Path, *extras: str) -> Path:
    """The Python of an environment with the wheel, and what it needs linked from this one."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    (packages,) = folder.glob("lib/python*/site-packages")
    from email.parser import HeaderParser
    from zipfile import ZipFile

    with ZipFile(wheel) as archive:
        (metadata,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        asked = HeaderParser().parsestr(archive.read(metadata).decode())
    needed: set[str] = set()
    add_needs(asked.get_all("Requires-Dist") or [], set(extras), needed)
    for name in needed:
        link(distribution(name), packages)
    run_pip(f"--python={python}", "install", "--quiet", "--no-deps", "--no-index", wheel)
    return python


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


def run_pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CI": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
