"""From the name that a table gives a clip to the clip's file: one way for all commands and pages.

Names reach us changed. A Mac decomposes accents (ü as u and two dots) when it packs a zip file,
Windows writes backslashes, a browser upload loses characters such as ``! $ { }``, a table may know
the clips under folders that are not here, or without their suffix. So a name is compared in
several ways, the strictest first, and a name that fits several files is refused with all of them.
"""

from __future__ import annotations

import os
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from drkf.errors import ManifestError, shorten

#: File kinds that hold an utterance's audio; where a corpus has several, the first is taken.
AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".mp4")
#: Those of every format that ``drkf.audio`` reads, which takes too long to import here.
CLIP_SUFFIXES = (
    *AUDIO_SUFFIXES,
    *(".webm", ".aac", ".mp2", ".oga", ".mkv", ".mov", ".3gp", ".amr", ".caf"),
    *(
        ".aiff",
        ".aif",
        ".au",
        ".wma",
        ".avi",
        ".flv",
        ".mpg",
        ".mpeg",
        ".ts",
        ".ac3",
        ".ape",
        ".wv",
    ),
)

#: Entries of a folder that are indexed when a table's paths do not lead to its clips.
MAX_INDEXED = 200_000
#: A browser upload cuts longer names (gradio_client.utils.strip_invalid_filename_characters).
UPLOAD_BYTES = 200
NAMED = 3
"""Files or names that a message lists before it says how many more there are."""


def is_clip(name: str) -> bool:
    """Whether a file name has the suffix of a clip and is not hidden."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.suffix.lower() in CLIP_SUFFIXES and not path.name.startswith(".")


def normal(name: str) -> str:
    """A name with composed accents, forward slashes and lower-case letters."""
    return unicodedata.normalize("NFC", name).replace("\\", "/").casefold()


def bare(name: str) -> str:
    """What every upload leaves of a name: letters, digits, dots and folders."""
    return re.sub(r"[^\w/.]+|_+", "", normal(name))


@dataclass(frozen=True)
class Match:
    """A file for a name. ``exact``: it differs from the name in spelling alone, not in folders."""

    file: str
    path: Path
    exact: bool


class AmbiguousError(ManifestError):
    """Several files fit a name, or several names a file."""


class Finder(ABC):
    """Turns a table's names for clips into files."""

    @abstractmethod
    def match(self, name: str) -> Match:
        """The file for one name.

        Raises:
            AmbiguousError: several fit.
            ManifestError: there is none, or it may not be read; one line.
        """

    def find(self, name: str) -> Path:
        """The path of :meth:`match`; raises as it does."""
        return self.match(name).path

    def find_all(self, names: Iterable[str]) -> dict[str, Path | ManifestError]:
        """Every name with its file, or why it has none.

        A file that several different names lead to belongs to the one that fits exactly; if
        there is none, to no name at all: ``a/01.wav`` and ``b/01.wav`` are not the same clip.
        """
        matches: dict[str, Match] = {}
        found: dict[str, Path | ManifestError] = {}
        for name in dict.fromkeys(names):
            try:
                matches[name] = self.match(name)
                found[name] = matches[name].path
            except ManifestError as error:
                found[name] = error
        claims: dict[Path, list[str]] = {}
        for name, match in matches.items():
            claims.setdefault(match.path, []).append(name)
        for rivals in claims.values():
            if _one_clip(rivals):
                continue
            for name in rivals:
                if not matches[name].exact:
                    others = [other for other in rivals if other != name]
                    found[name] = AmbiguousError(
                        f"{shorten(name)} could be the file {shorten(matches[name].file)}, which "
                        f"the table also calls {_listed(others)}: give the clips' folders too"
                    )
        return found


class Files(Finder):
    """Clips among the files that were given, and no others.

    A name is looked up, never opened: whatever a table says, only files of this collection are
    read.
    """

    def __init__(self, files: Mapping[str, Path], called: Mapping[str, str] | None = None):
        """Indexes the names.

        Args:
            files: a name of its own, with forward slashes, for each file -> its path.
            called: for some of these names, what the file was called where it came from: of two
                uploads called ``01.wav`` one has to be shown under another name.
        """
        self.files = dict(files)
        self._called = {name: (called or {}).get(name, name) for name in self.files}
        self._whole: dict[str, list[str]] = {}
        #: For each way to compare: the ends of a name (file, folder/file, ...) -> files.
        self._ends: list[dict[str, list[str]]] = [{} for _ in _SPELLINGS]
        for name, original in self._called.items():
            self._whole.setdefault(normal(original), []).append(name)
            if PurePosixPath(original).suffix.lower() in CLIP_SUFFIXES:
                for index, spelling in zip(self._ends, _SPELLINGS, strict=True):
                    for end in {*_ends(spelling(original)), *_ends(spelling(_stem(original)))}:
                        index.setdefault(end, []).append(name)

    @classmethod
    def under(cls, root: str | Path, limit: int | None = None) -> Files:
        """The regular files under ``root``, at most about ``limit``; links that lead out of it
        are left out."""
        root = Path(root).resolve()
        paths: list[Path] = []
        for folder, _, names in os.walk(root):
            paths += [Path(folder) / name for name in names]
            if limit is not None and len(paths) > limit:
                break
        return cls(
            {
                path.relative_to(root).as_posix(): path
                for path in sorted(paths)
                if path.is_file() and path.resolve().is_relative_to(root)
            }
        )

    def clips(self) -> dict[str, Path]:
        """The files that are audio by their names, in order of their names."""
        return {name: path for name, path in sorted(self.files.items()) if is_clip(name)}

    def match(self, name: str) -> Match:
        """The file called ``name``; else the only one whose name ends so, or does but for its
        suffix or for the characters that an upload loses. Folders in front of either are ignored:
        a table may know the clips elsewhere."""
        parts = [part for part in re.split(r"[/\\]+", name.strip()) if part not in ("", ".")]
        if ".." in parts:
            raise ManifestError(f"{shorten(name)} leaves the folder of the uploaded files")
        whole = "/".join(parts)
        found = self._whole.get(normal(whole), [])
        literal = [one for one in found if self._called[one] == whole]  # a.wav beside A.wav
        if found := literal or found:
            return self._only(found, name, exact=True)
        for index, spelling in zip(self._ends, _SPELLINGS, strict=True):
            for i in range(len(parts)):
                if found := index.get(spelling("/".join(parts[i:])), []):
                    return self._only(found, name, exact=i == 0 and spelling is normal)
        if found := self._cut(parts[-1] if parts else ""):
            return self._only(found, name, exact=False)
        raise ManifestError(f"{shorten(name)} is not among the uploaded files")

    def _only(self, found: list[str], name: str, exact: bool) -> Match:
        if len(found) > 1:
            raise AmbiguousError(
                f"{len(found)} files are called {shorten(name)} ({_listed(found)}): write their "
                "folders in the table, and give the clips with their folders (as a zip file)"
            )
        return Match(found[0], self.files[found[0]], exact)

    def _cut(self, name: str) -> list[str]:
        """Files whose name an upload cut because it was too long."""
        stem = bare(_stem(name))
        if len(name.encode()) < UPLOAD_BYTES:
            return []
        cut = {
            one: bare(PurePosixPath(_stem(self._called[one])).name)
            for one in self.clips()
            if len(PurePosixPath(self._called[one]).name.encode()) > UPLOAD_BYTES // 2
        }
        return [one for one, start in cut.items() if start and stem.startswith(start)]


class Disk(Finder):
    """Clips anywhere on this machine, relative to ``folder``: for a trusted command line.

    A path that leads nowhere is looked for among the files under ``folder``, as in an upload.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        self._under: Files | None = None

    def match(self, name: str) -> Match:
        """The file at the path ``name``, or that with the suffix of a clip added; else the only
        file under the folder that is called so (see :meth:`Files.match`)."""
        for spelling in _path_spellings(name):
            try:
                path = self.folder / spelling
                for suffix in ("", *CLIP_SUFFIXES):
                    candidate = path.with_name(path.name + suffix)
                    if candidate.is_file():
                        return Match(str(candidate), candidate, exact=True)
            except (OSError, ValueError):  # too long, NUL, no name at all
                continue
        if self._under is None:
            self._under = Files.under(self.folder, MAX_INDEXED)
        try:
            return self._under.match(name)
        except AmbiguousError:
            raise
        except ManifestError:
            raise ManifestError(f"no clip at {shorten(name)}") from None


_SPELLINGS: tuple[Callable[[str], str], ...] = (normal, bare)


def _path_spellings(name: str) -> list[str]:
    """A path as written, with forward slashes, and with its accents composed and decomposed."""
    slashes = name.replace("\\", "/")
    forms = [unicodedata.normalize(form, slashes) for form in ("NFC", "NFD")]
    return list(dict.fromkeys([name, slashes, *forms]))


def _ends(name: str) -> list[str]:
    """``a/b/c`` -> ``a/b/c``, ``b/c``, ``c``."""
    parts = [part for part in name.split("/") if part]
    return ["/".join(parts[i:]) for i in range(len(parts))]


def _one_clip(names: list[str]) -> bool:
    """Whether these names differ only in spelling and in how many folders they begin with."""
    stems = sorted((_ends(_stem(normal(name))) for name in names), key=len)
    return all(ends[:1] == [] or ends[0] in stems[-1] for ends in stems)


def _stem(name: str) -> str:
    """A path without the suffix of a clip."""
    suffix = PurePosixPath(name).suffix
    return name[: -len(suffix)] if suffix.lower() in CLIP_SUFFIXES else name


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(shorten(name, 40) for name in names[:NAMED]) + more
