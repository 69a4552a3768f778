"""Files that are written whole or not at all, whenever the process ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: The folder of the presets: TOML files of settings.
CONFIGS = Path(__file__).parent / "configs"


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of ``path`` only when writing has succeeded."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        with suppress(OSError):  # the first error is the one to tell
            part.unlink(missing_ok=True)
