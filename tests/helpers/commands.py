"""Runs commands of ``drkf`` one after another in this process; see ``installed.run_commands``.

    echo '{"commands": [["size"]], "hidden": []}' | python -P commands.py

The last line of stdout is JSON: ``answers`` has each command's exit code and output,
``unimportable`` the modules of drkf that cannot be imported and why, where modules are hidden.
It runs where the tests are not installed, and so imports nothing of them.
"""

from __future__ import annotations

import io
import json
import pkgutil
import sys
from collections.abc import Collection
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.machinery import PathFinder
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    if asked["hidden"]:
        hide(asked["hidden"])
    answers = [answer(command) for command in asked["commands"]]
    missing = unimportable() if asked["hidden"] else {}
    print(json.dumps({"answers": answers, "unimportable": missing}))


def hide(modules: Collection[str]) -> None:
    """Lets Python's finder see none of these top-level modules."""

    class Finder(PathFinder):
        @classmethod
        def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
            return None if name in modules else super().find_spec(name, path, target)

    sys.meta_path[sys.meta_path.index(PathFinder)] = Finder


def answer(command: list[str]) -> dict[str, Any]:
    from drkf.cli import main as drkf

    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = drkf(command)
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


def unimportable() -> dict[str, str]:
    import drkf
    from drkf.errors import DRKFError

    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(drkf.__path__, "drkf.", onerror=lambda name: None):
        if not module.name.endswith("__main__"):
            try:
                import_module(module.name)
            except (ImportError, DRKFError) as error:
                found[module.name] = str(error)
    return found


if __name__ == "__main__":
    main()
