"""Writes requirements.txt, the lock: exact versions of what pyproject.toml allows in ranges.

    python scripts/lock.py              (or: make lock) keeps the versions that still fit
    python scripts/lock.py --upgrade    takes the newest
    python scripts/lock.py --check      fails where the lock is stale; changes nothing

The lock holds for Python 3.11 and newer on Linux, macOS and Windows. CUDA's own packages are left
out: the build of PyTorch that is installed brings the ones that it needs, and a CPU build none.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
OLDEST_PYTHON = "3.11"
OF_CUDA = (
    *("cuda-bindings", "cuda-pathfinder", "cuda-toolkit", "triton", "nvidia-cublas"),
    *("nvidia-cuda-cupti", "nvidia-cuda-nvrtc", "nvidia-cuda-runtime", "nvidia-cudnn-cu13"),
    *("nvidia-cufft", "nvidia-cufile", "nvidia-curand", "nvidia-cusolver", "nvidia-cusparse"),
    *("nvidia-cusparselt-cu13", "nvidia-nccl-cu13", "nvidia-nvjitlink", "nvidia-nvshmem-cu13"),
    "nvidia-nvtx",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    parser.add_argument("--check", action="store_true", help="only say whether the lock is stale")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / LOCK.name
        if not arguments.upgrade:
            shutil.copy2(LOCK, made)  # what is in it is kept where it fits
        done = compile_lock(made)
        if done.returncode != 0:
            print(done.stderr, file=sys.stderr)
            return 2
        if arguments.check:
            stale = made.read_text("utf-8") != LOCK.read_text("utf-8")
            print("The lock is stale: run make lock." if stale else "The lock is up to date.")
            return int(stale)
        shutil.copy2(made, LOCK)
    return 0


def compile_lock(made: Path) -> subprocess.CompletedProcess[str]:
    """Runs uv, which must be installed beside this Python."""
    uv = Path(sys.executable).with_name("uv")
    options = [
        *("--universal", "--python-version", OLDEST_PYTHON, "--all-extras"),
        *("--annotation-style", "line", "--custom-compile-command", "make lock"),
        *(f"--no-emit-package={name}" for name in OF_CUDA),
    ]
    return subprocess.run(
        [uv, "pip", "compile", "--quiet", *options, "-o", made, "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
