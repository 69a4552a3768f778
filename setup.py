"""Adds to the wheel what lies beside the package: the model and the example clips."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
BUNDLED = ("assets/gallery", "assets/workbench", "checkpoints/drkf-compact")


class BuildWithBundle(build_py):
    """``drkf.files.bundled`` finds these folders again. An editable install has them in place."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in BUNDLED:
            target = Path(self.build_lib) / "drkf" / "bundled" / name
            shutil.copytree(ROOT / name, target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithBundle})
