"""Untrusted zip files: clips and tables are taken out, the rest is left or refused."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from drkf.data.clips import CLIP_SUFFIXES
from drkf.data.tables import TABLE_SUFFIXES
from drkf.errors import ArchiveError, shorten

MAX_FILES = 20_000
MAX_TOTAL_BYTES = 2 * 2**30
MAX_FILE_BYTES = 256 * 2**20
#: A file may grow by this factor, once it is beyond ``RATIO_FROM`` (digital silence packs 1000:1).
MAX_RATIO = 200
RATIO_FROM = 16 * 2**20
#: The list of files at a zip's end; zipfile would read all of it at once.
MAX_DIRECTORY_BYTES = 16 * 2**20
NESTED_SUFFIXES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")

UNKNOWN_PACKING = "{name} is packed in a way that is not known: use plain zip."

_CHUNK = 1 << 16
_UTF8_FLAG = 0x800
_END = b"PK\x05\x06"
_END_64_LOCATOR = b"PK\x06\x07"


@dataclass(frozen=True)
class Unpacked:
    """``files``: name in the archive -> path on disk. ``skipped``: name -> why it was left."""

    files: Mapping[str, Path]
    skipped: Mapping[str, str]


def unpack(source: str | Path, folder: str | Path, name: str = "The zip file") -> Unpacked:
    """Takes clips and tables out of a zip file, into a folder that must be the caller's own.

    Nothing in the archive's headers is believed: names are rebuilt, sizes counted while reading.
    Other kinds of files are left out and listed. On an error nothing stays on disk.

    Raises:
        ArchiveError: the archive is damaged or too large, or holds what an archive of clips has no
            use for: paths that leave the folder, links, devices, encryption, other archives.
    """
    folder = Path(folder)
    made: list[Path] = []
    try:
        with Path(source).open("rb") as file:
            _check_directory(file, name)
            with zipfile.ZipFile(file) as archive:
                return _extract(archive, folder, name, made)
    except ArchiveError:
        _remove(made)
        raise
    except NotImplementedError:
        _remove(made)
        raise ArchiveError(UNKNOWN_PACKING.format(name=name)) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        struct.error,
        ValueError,
        RuntimeError,
    ) as error:
        _remove(made)
        raise ArchiveError(f"{name} is damaged ({shorten(str(error))}): pack it again.") from None
    except OSError as error:
        _remove(made)
        raise ArchiveError(f"{name} cannot be unpacked: {error.strerror}.") from None


def _extract(archive: zipfile.ZipFile, folder: Path, name: str, made: list[Path]) -> Unpacked:
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise ArchiveError(f"{name} holds over {MAX_FILES} files: split it.")
    wanted: dict[str, zipfile.ZipInfo] = {}
    skipped: dict[str, str] = {}
    for entry in entries:
        inside = _safe_name(entry, name)
        suffix = PurePosixPath(inside).suffix.lower()
        parts = PurePosixPath(inside).parts
        if entry.is_dir() or not parts or "__MACOSX" in parts or parts[-1].startswith("."):
            continue
        if suffix in NESTED_SUFFIXES:
            raise ArchiveError(
                f"{name} holds another archive ({shorten(inside)}): unpack that one first."
            )
        if suffix not in (*CLIP_SUFFIXES, *TABLE_SUFFIXES):
            skipped[shorten(inside)] = "neither a clip nor a table"
        elif inside in wanted:
            skipped[shorten(inside)] = "there are two files of this name"
        else:
            wanted[inside] = entry
    files: dict[str, Path] = {}
    total = 0
    folder.mkdir(parents=True, exist_ok=True)
    for number, (inside, entry) in enumerate(wanted.items()):
        # A name of our own: what the archive says never becomes a path.
        path = folder / f"{number:06}{PurePosixPath(inside).suffix.lower()}"
        made.append(path)
        total += _copy(archive, entry, path, MAX_TOTAL_BYTES - total, f"{name}: {shorten(inside)}")
        files[inside] = path
    if not files:
        raise ArchiveError(f"{name} holds no clip and no table.")
    return Unpacked(files, skipped)


def _safe_name(entry: zipfile.ZipInfo, name: str) -> str:
    """The entry's name with forward slashes; refuses names that only an attack would have."""
    # The name as stored: zipfile cuts it at a NUL.
    inside = _decoded(entry).replace("\\", "/")
    shown = shorten(inside)
    if "\0" in inside:
        raise ArchiveError(f"{name} has a file name with a NUL in it ({shown}).")
    if inside.startswith("/") or re.match(r"[A-Za-z]:", inside):
        raise ArchiveError(f"{name} has an absolute path in it ({shown}): pack it again.")
    if ".." in PurePosixPath(inside).parts:
        raise ArchiveError(f"{name} has a path that leaves its folder ({shown}): pack it again.")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveError(f"{name} holds a link or a device ({shown}): pack the files themselves.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # LZMA's header may ask for gigabytes before a byte is unpacked.
        raise ArchiveError(UNKNOWN_PACKING.format(name=name))
    if entry.flag_bits & 0x1:
        raise ArchiveError(f"{name} is encrypted ({shown}): pack it without a password.")
    return inside


def _decoded(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: many programs write UTF-8 without saying so, which zipfile then
    reads as cp437."""
    if entry.flag_bits & _UTF8_FLAG:
        return entry.orig_filename
    try:
        return entry.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.orig_filename


def _copy(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int, shown: str
) -> int:
    """Writes one file and returns its size, counted while reading."""
    size = 0
    with archive.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise ArchiveError(
                    f"{shown}: the archive holds over {MAX_TOTAL_BYTES >> 30} GB: split it."
                )
            if size > MAX_FILE_BYTES:
                raise ArchiveError(
                    f"{shown} is larger than {MAX_FILE_BYTES >> 20} MB: leave it out."
                )
            if size > RATIO_FROM and size > MAX_RATIO * max(entry.compress_size, 1):
                raise ArchiveError(f"{shown} grows over {MAX_RATIO} times when unpacked: refused.")
            target.write(chunk)
    return size


def _check_directory(file: BinaryIO, name: str) -> None:
    """Refuses a list of files too long to hold in memory, before zipfile reads it."""
    size = file.seek(0, 2)
    start = max(0, size - (1 << 16) - 22)
    file.seek(start)
    tail = file.read()
    end = len(tail) - 22 if tail[-22:-18] == _END and tail[-2:] == b"\0\0" else tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        raise ArchiveError(f"{name} is not a zip file, or not all of it: pack it again.")
    (directory,) = struct.unpack_from("<L", tail, end + 12)
    locator = start + end - 20
    if locator >= 56:
        file.seek(locator)
        if file.read(4) == _END_64_LOCATOR:  # then zipfile believes the record before it
            file.seek(locator - 56 + 40)
            (directory,) = struct.unpack("<Q", file.read(8))
    file.seek(0)
    if directory > MAX_DIRECTORY_BYTES:
        raise ArchiveError(f"{name} holds too many files: split it.")


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
