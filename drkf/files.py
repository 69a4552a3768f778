"""Files that are written completely or not at all, whenever the process ends, and JSON files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any

PACKAGE = Path(str(resources.files("drkf")))

#: The folder of the presets: TOML files of settings.
CONFIGS = PACKAGE / "configs"

SHIPPED = Path("checkpoints/drkf-compact")
"""The checkpoint that comes with DRKF, by its path in the repository."""


def bundled(name: str) -> Path:
    """A file or folder that comes with DRKF, by its path in the repository.

    An installed wheel holds it under ``drkf/bundled`` (setup.py says what); a checkout where it is.
    """
    packaged = PACKAGE / "bundled" / name
    return packaged if packaged.exists() else PACKAGE.parent / name


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A temporary path to write to; it replaces ``path`` when the block ends without an error."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with suppress(OSError):  # the first error is the one to tell
            part.unlink(missing_ok=True)


def remove_parts(folder: Path) -> None:
    """Deletes half-written files that killed processes left in ``folder``.

    Only for a folder that no other process writes to at the same time.
    """
    for part in folder.glob("*.part"):
        part.unlink(missing_ok=True)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Writes a JSON file completely or not at all."""
    with whole(path) as part:
        part.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path, error: Callable[[str], Exception], remedy: str) -> dict[str, Any]:
    """The JSON object in a file.

    Args:
        error: the exception to raise, made from its message.
        remedy: what the user can do where the file is missing or damaged, for the message.

    Raises:
        ``error``: the file is missing, is not JSON, or holds something else than an object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise error(f"{path} is missing: {remedy}") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as problem:
        raise error(f"{path} is damaged ({problem}): {remedy}") from None
    if not isinstance(data, dict):
        raise error(f"{path} is damaged (not a JSON object): {remedy}")
    return data
