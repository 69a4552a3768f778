"""The optional parts of an installation, and the one line that names a missing one."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from drkf.errors import MissingExtraError

#: Extra -> the modules that it brings, as pyproject.toml lists their packages.
EXTRAS: dict[str, tuple[str, ...]] = {
    "workbench": ("accelerate", "jinja2", "openpyxl", "pandas", "pyarrow", "sklearn"),
    "app": ("gradio", "mcp", "markdown_it", "segno"),  # with the workbench's
    "train": ("torchaudio",),  # with the workbench's
    "mic": ("sounddevice",),
}


def require_extra(extra: str) -> None:
    """Checks that an extra is installed, without importing it.

    Raises:
        MissingExtraError: a module of it is missing. The message says how to install it.
    """
    needed = EXTRAS[extra] + (EXTRAS["workbench"] if extra in ("app", "train") else ())
    missing = [name for name in needed if name not in sys.modules and find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed: "
            f"pip install 'drkf[{extra}]'"
        )


def extra_of(module: str) -> str | None:
    """The first extra that brings a module; None for a module of no extra."""
    return next((extra for extra, modules in EXTRAS.items() if module in modules), None)
