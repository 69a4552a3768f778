"""The clips on disk, by session: deleted when replaced, and when their session ends."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path


class Uploads:
    """Remembers which session uses which uploaded file, and deletes files that none uses.

    Gradio names an upload by its content, so that two sessions can share one file: a file goes
    only with its last user. Safe under concurrent use.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: dict[str, set[Path]] = {}

    def add(self, session: str, path: str) -> None:
        """The session uses this file as well."""
        with self._lock:
            self._paths.setdefault(session, set()).add(Path(path))

    def replace(self, session: str, path: str | None) -> None:
        """The session uses this file and no other; with None it uses no file any more."""
        with self._lock:
            before = self._paths.pop(session, set())
            if path is not None:
                self._paths[session] = {Path(path)}
            in_use = set().union(*self._paths.values())
            for unused in before - in_use:
                unused.unlink(missing_ok=True)

    def forget(self, path: str | None) -> None:
        """Deletes a file that came without a session, unless some session uses it."""
        if path is None:
            return
        with self._lock:
            if Path(path) not in set().union(*self._paths.values()):
                Path(path).unlink(missing_ok=True)
                with suppress(OSError):  # not empty: other files came with it
                    Path(path).parent.rmdir()
