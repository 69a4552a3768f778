"""Runs tests on the newest and on the oldest versions of packages that pyproject.toml allows.

    python scripts/test_versions.py [highest] [lowest-direct]       (or: make test-versions)

It installs each set into build/RESOLUTION, which takes gigabytes and minutes. PyTorch is the build
for CPUs of its own index; ``UV_TORCH_BACKEND=`` takes what the package index has instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
RESOLUTIONS = ("highest", "lowest-direct")
TOOLS = ("pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "datasets>=3", "psutil")
#: Needs a browser.
LEFT_OUT = ("--ignore=tests/workbench/test_report.py",)
TESTS = (
    *("tests/test_shipped.py", "tests/test_pipeline.py", "tests/test_checkpoint.py"),
    *("tests/test_display.py", "tests/test_notebook.py", "tests/audio"),
    *("tests/cli", "tests/model", "tests/explain", "tests/figures", "tests/workbench"),
)


def main() -> int:
    chosen = sys.argv[1:] or list(RESOLUTIONS)
    return max(run_tests(resolution) for resolution in chosen)


def run_tests(resolution: str) -> int:
    """Installs the packages and runs the tests; the exit status of what failed first, or 0."""
    folder = ROOT / "build" / resolution
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    surroundings = dict(os.environ)
    backend = surroundings.pop("UV_TORCH_BACKEND", "cpu")
    install = [UV, "pip", "install", "--python", python]
    install += ["--torch-backend", backend] if backend else []
    extras = "workbench,app,train,mic,offline"
    steps: list[list[str | Path]] = [
        [UV, "venv", "--clear", "--python", sys.executable, folder],
        [*install, "--resolution", resolution, "--editable", f"{ROOT}[{extras}]"],
        [UV, "pip", "freeze", "--python", python, "--exclude-editable"],
        # The tools must not move what is tested.
        [*install, "--constraint", installed, *TOOLS],
        [python, "-m", "pytest", "-q", *LEFT_OUT, *TESTS],
    ]
    for step in steps:
        frozen = "freeze" in step
        done = subprocess.run(
            step, cwd=ROOT, env=surroundings, stdout=subprocess.PIPE if frozen else None
        )
        if done.returncode:
            return done.returncode
        if frozen:
            installed.write_bytes(done.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
