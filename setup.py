"""Adds to the wheel what lies beside the package: the model, the example clips and the lesson."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
BUNDLED = ("assets/gallery", "assets/workbench", "checkpoints/drkf-compact")
BUNDLED_FILES = ("docs/lesson.md", "docs/lesson.de.md")


class BuildWithBundle(build_py):
    """``drkf.files.bundled`` finds these again. An editable install has them in place."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in BUNDLED:
            target = Path(self.build_lib) / "drkf" / "bundled" / name
            shutil.copytree(ROOT / name, target, dirs_exist_ok=True)
        for name in BUNDLED_FILES:
            target = Path(self.build_lib) / "drkf" / "bundled" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


setup(cmdclass={"build_py": BuildWithBundle})
