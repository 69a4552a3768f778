"""Visitors' files on the disk: deleted when replaced, when the session ends, or by age."""

from __future__ import annotations

import functools
import shutil
import tempfile
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gradio.route_utils import GradioMultiPartParser
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

#: Ended sessions that are remembered; a call that was still queued starts long before so many end.
ENDED = 4096


@dataclass
class Held:
    """What a session has on the disk: files by the tab that uses them, and its own folder.

    ``used`` is when it last took or asked for any of it.
    """

    used: float = 0.0
    files: dict[str, set[Path]] = field(default_factory=dict)
    folder: Path | None = None


class Uploads:
    """Remembers which tab of which session uses which file, and deletes files that none uses.

    Gradio names an upload by its content, so that two sessions, or two tabs of one, can share a
    file: it is deleted with its last user. Safe under concurrent use.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Held] = {}
        self._ended: deque[str] = deque(maxlen=ENDED)
        self._root = tempfile.TemporaryDirectory(prefix="drkf-")  # deleted when the process ends

    def add(self, session: str, tab: str, path: str) -> None:
        """The tab uses this file as well."""
        with self._lock:
            self._use(session).files.setdefault(tab, set()).add(Path(path))

    def replace(self, session: str, tab: str, path: str | None) -> None:
        """The tab uses this file and no other; with None no file."""
        with self._lock:
            files = self._use(session).files
            before = files.pop(tab, set())
            if path is not None:
                files[tab] = {Path(path)}
            self._delete(before)

    def remove(self, session: str, tab: str, path: str) -> None:
        """The tab does not use this file any more; its others stay."""
        with self._lock:
            self._use(session).files.get(tab, set()).discard(Path(path))
            self._delete({Path(path)})

    def files(self, session: str, tab: str) -> set[Path]:
        """What the tab uses."""
        with self._lock:
            return set(self._held.get(session, Held()).files.get(tab, set()))

    def folder(self, session: str) -> Path:
        """A folder of the session's own, outside of what the server serves."""
        with self._lock:
            held = self._use(session)
            if held.folder is None:
                held.folder = Path(tempfile.mkdtemp(dir=self._root.name))
            return held.folder

    def touch(self, session: str) -> None:
        """The session is at work with what it has."""
        with self._lock:
            self._use(session)

    def empty(self, session: str) -> None:
        """Deletes the session's folder with all that is in it."""
        with self._lock:
            held = self._use(session)
            folder, held.folder = held.folder, None
        _delete_folder(folder)

    def settle(self, session: str) -> None:
        """A call of the session is over. If the session ended before it, or while it ran, its
        files are deleted now: nothing else would delete them."""
        with self._lock:
            ended = session in self._ended
        if ended:
            self.close(session)

    def close(self, session: str) -> None:
        """The session is over: deletes its files and its folder."""
        with self._lock:
            self._ended.append(session)
            folder = self._release(session)
        _delete_folder(folder)

    def sweep(self, seconds: float) -> None:
        """Deletes the files of sessions that have used none of them for ``seconds``."""
        with self._lock:
            before = time.time() - seconds
            idle = [session for session, held in self._held.items() if held.used <= before]
            folders = [self._release(session) for session in idle]
        for folder in folders:
            _delete_folder(folder)

    def sweep_every(self, pause: float, seconds: float) -> None:
        """Calls ``sweep`` every ``pause`` seconds in a thread, also while nobody visits."""

        def sweep() -> None:
            while True:
                time.sleep(pause)
                self.sweep(seconds)

        threading.Thread(target=sweep, name="sweep", daemon=True).start()

    def forget(self, path: str | None) -> None:
        """Deletes a file that came without a session, unless some session uses it."""
        if path is None:
            return
        with self._lock:
            if Path(path) not in self._in_use():
                Path(path).unlink(missing_ok=True)
                with suppress(OSError):  # not empty: other files came with it
                    Path(path).parent.rmdir()

    def _use(self, session: str) -> Held:
        held = self._held.setdefault(session, Held())
        held.used = time.time()
        return held

    def _release(self, session: str) -> Path | None:
        """Deletes the session's files, and returns the folder that is left to delete."""
        held = self._held.pop(session, Held())
        self._delete(set().union(*held.files.values()))
        return held.folder

    def _in_use(self) -> set[Path]:
        return {
            path for held in self._held.values() for files in held.files.values() for path in files
        }

    def _delete(self, paths: set[Path]) -> None:
        for unused in paths - self._in_use():
            unused.unlink(missing_ok=True)


def _delete_folder(folder: Path | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def delete_broken_uploads() -> None:
    """Has Gradio delete what has come of an upload that breaks off.

    Gradio does so where the request is malformed, but not where its sender goes away.
    """
    parse = GradioMultiPartParser.parse

    @functools.wraps(parse)
    async def parse_or_delete(self: GradioMultiPartParser) -> FormData:
        try:
            return await parse(self)
        except BaseException as error:  # the end of a cancelled task among them
            for file in self._files_to_close_on_error:
                file.close()
                Path(file.name).unlink(missing_ok=True)
            if isinstance(error, ClientDisconnect):  # nobody is there to answer, and no fault
                raise HTTPException(400, "The upload broke off: send it again.") from None
            raise

    GradioMultiPartParser.parse = parse_or_delete  # type: ignore[method-assign]
