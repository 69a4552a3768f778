"""What visitors leave on the disk, by session: deleted when replaced, or when the session ends."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

from gradio.route_utils import GradioMultiPartParser
from starlette.datastructures import FormData

#: Ended sessions that are remembered; a call that was still queued starts long before so many end.
ENDED = 4096


class Uploads:
    """Remembers which session uses which uploaded file, and deletes files that none uses.

    Gradio names an upload by its content, so that two sessions can share one file: a file goes
    only with its last user. Safe under concurrent use.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._paths: dict[str, set[Path]] = {}
        self._kept: dict[str, set[Path]] = {}
        self._folders: dict[str, Path] = {}
        self._ended: deque[str] = deque(maxlen=ENDED)
        self._root = tempfile.TemporaryDirectory(prefix="drkf-")  # goes with the process

    def add(self, session: str, path: str) -> None:
        """The session uses this file as well."""
        with self._lock:
            self._paths.setdefault(session, set()).add(Path(path))

    def replace(self, session: str, path: str | None) -> None:
        """The session uses this file and no other but those it keeps; with None no file."""
        with self._lock:
            before = self._paths.pop(session, set())
            if path is not None:
                self._paths[session] = {Path(path)}
            self._delete(before)

    def keep(self, session: str, path: str) -> None:
        """The session uses this file until ``drop`` or its end, whatever else it replaces."""
        with self._lock:
            self._kept.setdefault(session, set()).add(Path(path))

    def drop(self, session: str, path: str) -> None:
        """The session needs a file no more that it kept."""
        with self._lock:
            self._kept.get(session, set()).discard(Path(path))
            self._delete({Path(path)})

    def folder(self, session: str) -> Path:
        """A folder of the session's own, outside of what the server serves."""
        with self._lock:
            if session not in self._folders:
                self._folders[session] = Path(tempfile.mkdtemp(dir=self._root.name))
            return self._folders[session]

    def settle(self, session: str) -> None:
        """A call of the session is over. If the session ended before it, or while it ran, its
        files go now: nobody else will ask for that."""
        with self._lock:
            ended = session in self._ended
        if ended:
            self.close(session)

    def close(self, session: str) -> None:
        """The session is over: its files and its folder go."""
        with self._lock:
            self._ended.append(session)
            before = self._paths.pop(session, set()) | self._kept.pop(session, set())
            self._delete(before)
            folder = self._folders.pop(session, None)
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def remove(self, session: str, path: str) -> None:
        """The session does not use this file any more; its others stay."""
        with self._lock:
            paths = self._paths.get(session, set())
            paths.discard(Path(path))
            if not paths:
                self._paths.pop(session, None)
            if Path(path) not in set().union(*self._paths.values()):
                Path(path).unlink(missing_ok=True)

    def forget(self, path: str | None) -> None:
        """Deletes a file that came without a session, unless some session uses it."""
        if path is None:
            return
        with self._lock:
            if Path(path) not in self._in_use():
                Path(path).unlink(missing_ok=True)
                with suppress(OSError):  # not empty: other files came with it
                    Path(path).parent.rmdir()

    def _in_use(self) -> set[Path]:
        return set().union(*self._paths.values(), *self._kept.values())

    def _delete(self, paths: set[Path]) -> None:
        for unused in paths - self._in_use():
            unused.unlink(missing_ok=True)


def delete_broken_uploads() -> None:
    """Has Gradio delete what has come of an upload that breaks off.

    Gradio does so where the request is malformed, but not where its sender goes away.
    """
    parse = GradioMultiPartParser.parse

    async def parse_or_delete(self: GradioMultiPartParser) -> FormData:
        try:
            return await parse(self)
        except BaseException:  # the end of a cancelled task among them
            for file in self._files_to_close_on_error:
                file.close()
                Path(file.name).unlink(missing_ok=True)
            raise

    GradioMultiPartParser.parse = parse_or_delete  # type: ignore[method-assign]
