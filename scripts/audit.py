"""Checks what the demo is built from: pins, known vulnerabilities, weights, pickle, licences.

    python scripts/audit.py        (or: make audit)

Each check prints one line. The exit status is 1 where one fails. Advisories need a network: where
their service knows nothing of the packages, that is said, and the other checks still count.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path

from packaging.markers import Marker

from drkf.audio.whisper_weights import find_model
from drkf.errors import DRKFError
from drkf.files import SHIPPED
from drkf.pipeline import EmotionPipeline

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ("requirements.txt", "requirements-test.txt")
CHECKPOINT = ROOT / SHIPPED
PIN = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*")
ADVISORY_SECONDS = 300

PICKLE_SUFFIXES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy", ".npz", ".h5"}
PICKLE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
#: The second byte is the protocol; protocols 0 and 1 have no signature.
PICKLE_START = re.compile(rb"\x80[\x02-\x05]")

#: What a package may be under to be installed with an MIT-licensed app: permissive, or copyleft
#: by the file or by the library.
LICENCES = re.compile(
    r"MIT|BSD|Apache|ISC|MPL|Mozilla|PSF|Python|Zlib|CC0|BSL-1\.0|LGPL|Unlicense|HPND|CMU",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|General Public)|proprietary|commercial", re.I)


@dataclass(frozen=True)
class Finding:
    """The outcome of one check. ``checked`` is False where it could not be made."""

    subject: str
    said: str
    problems: tuple[str, ...] = ()
    checked: bool = True

    def __str__(self) -> str:
        state = "not checked" if not self.checked else "FAILED" if self.problems else "ok"
        lines = [f"{self.subject}: {state}. {self.said}", *(f"  - {p}" for p in self.problems)]
        return "\n".join(lines)


def main() -> int:
    findings = [check() for check in CHECKS]
    print("\n".join(str(finding) for finding in findings))
    return int(any(finding.problems for finding in findings))


def pins(root: Path = ROOT) -> Finding:
    """Every requirement is one exact version, and that version is installed."""
    problems, count = [], 0
    for name, line in requirement_lines(root):
        if not PIN.fullmatch(line):
            problems.append(f"{name}: {line} is not an exact pin")
            continue
        count += 1
        package, pinned = line.split("==")
        try:
            installed = version(package).split("+")[0]
        except PackageNotFoundError:
            problems.append(f"{name}: {package} is not installed")
            continue
        if installed != pinned:
            problems.append(f"{name}: {package} {installed} is installed instead of {pinned}")
    return Finding("Pins", f"{count} packages are pinned and installed so.", tuple(problems))


def requirement_lines(root: Path) -> Iterator[tuple[str, str]]:
    """File and requirement, of those that count on this machine."""
    for name in REQUIREMENTS:
        for line in (root / name).read_text("utf-8").splitlines():
            wanted, _, marker = line.partition("#")[0].partition(";")
            here = not marker or Marker(marker).evaluate()
            if wanted.strip() and not wanted.startswith("-r ") and here:
                yield name, wanted.strip()


def advisories(command: tuple[str, ...] = (sys.executable, "-m", "pip_audit")) -> Finding:
    """Known vulnerabilities of the run-time requirements, by pip-audit."""
    arguments = [
        "--no-deps",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "--timeout",
        "15",
        "-f",
        "json",
    ]
    try:
        result = subprocess.run(
            [*command, "-r", str(ROOT / "requirements.txt"), *arguments],
            capture_output=True,
            text=True,
            timeout=ADVISORY_SECONDS,
        )
        found = json.loads(result.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, OSError, ValueError, KeyError):
        return Finding(
            "Advisories",
            "The advisory service cannot be reached: run this where there is a network.",
            checked=False,
        )
    known = [package for package in found if "skip_reason" not in package]
    if not known:
        return Finding(
            "Advisories",
            f"The advisory service here knows none of the {len(found)} packages (a mirror?): run "
            "this where there is a network.",
            checked=False,
        )
    problems = tuple(
        f"{package['name']} {package['version']}: {flaw['id']}, mended in "
        f"{', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in known
        for flaw in package["vulns"]
    )
    said = f"{len(known)} of {len(found)} packages were looked up."
    return Finding("Advisories", said, problems)


def weights(folder: Path = CHECKPOINT) -> Finding:
    """The checkpoint is whole and as committed; the recogniser's files have their hashes."""
    problems, said = [], ""
    try:
        info = EmotionPipeline.from_pretrained(folder, device="cpu").info
        said = f"{info.name} loads strictly (sha256 {info.checkpoint_hash[:16]}…)."
    except DRKFError as error:
        problems.append(str(error))
    if changed := git("status", "--porcelain", "--", str(folder)):
        problems.append(f"differs from what is committed: {', '.join(changed)}")
    try:
        find_model()
        said += " The recogniser's files have the hashes in drkf/audio/transcribe.py."
    except DRKFError as error:
        problems.append(str(error))
    return Finding("Weights", said.strip(), tuple(problems))


def pickle(files: list[Path] | None = None) -> Finding:
    """No file holds a pickle, and no code reads one."""
    files = tracked_files() if files is None else files
    problems = []
    for path in files:
        if path.suffix in PICKLE_SUFFIXES or PICKLE_START.match(path.read_bytes()[:2]):
            problems.append(f"{path.name} holds a pickle, or may")
        elif path.suffix == ".py":
            problems += [f"{path.name}:{line}: {what}" for line, what in unsafe_calls(path)]
    return Finding("Pickle", f"{len(files)} files hold none and read none.", tuple(problems))


def unsafe_calls(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that could execute what a file holds."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in PICKLE_MODULES:
                yield node.lineno, f"imports {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
            owner = getattr(node.func.value, "id", "")
            if given.get("allow_pickle"):
                yield node.lineno, "allows pickle"
            if (owner, node.func.attr) == ("torch", "load") and not given.get("weights_only"):
                yield node.lineno, "torch.load without weights_only"


def licences(root: Path = ROOT) -> Finding:
    """The licence of every package that the app runs with."""
    kinds: set[str] = set()
    problems = []
    for name, line in requirement_lines(root):
        if name != REQUIREMENTS[0]:
            continue  # tools of development are not given away with the app
        package = line.split("==")[0]
        try:
            licence = licence_of(package)
        except PackageNotFoundError:
            continue  # the pins say so
        kinds.add(licence)
        if FORBIDDEN.search(licence) or not LICENCES.search(licence):
            problems.append(f"{package}: {licence or 'none stated'}")
    return Finding("Licences", f"{len(kinds)} wordings, all permissive or weak.", tuple(problems))


def licence_of(package: str) -> str:
    found = metadata(package)
    if expression := found.get("License-Expression"):
        return expression
    classifiers = [c for c in found.get_all("Classifier") or [] if c.startswith("License ::")]
    if classifiers:
        return "; ".join(c.rsplit(" :: ", 1)[-1] for c in classifiers)
    return (found.get("License") or "").split("\n")[0].strip()


def tracked_files() -> list[Path]:
    return [path for name in git("ls-files") if (path := ROOT / name).is_file()]


def git(*arguments: str) -> list[str]:
    """The lines that git says of this checkout; none where this is no checkout."""
    try:
        result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return []
    return result.stdout.splitlines()


CHECKS: tuple[Callable[[], Finding], ...] = (pins, advisories, weights, pickle, licences)

if __name__ == "__main__":
    sys.exit(main())
