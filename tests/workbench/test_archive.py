"""Honest zip files are unpacked; hostile ones are refused in one line and leave nothing."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from drkf.errors import ArchiveError
from drkf.workbench import archive
from drkf.workbench.archive import unpack

Write = Callable[[zipfile.ZipFile], None]


def packed(path: Path, write: Write) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        write(file)
    return path


def refused(path: Path, folder: Path, message: str) -> None:
    with pytest.raises(ArchiveError, match=message) as caught:
        unpack(path, folder)
    assert str(caught.value).isprintable()
    assert not folder.exists() or not list(folder.iterdir())


def test_clips_and_tables_are_taken_out(tmp_path: Path) -> None:
    def write(file: zipfile.ZipFile) -> None:
        file.writestr("set/labels.csv", "id,text\n")
        file.writestr("set/wavs/a.wav", b"sound")
        file.writestr("set/wavs/Ä ö.WAV", b"more")
        file.writestr("set/", b"")
        file.writestr("set/readme.pdf", b"pdf")
        file.writestr("__MACOSX/set/._a.wav", b"fork")
        file.writestr(".DS_Store", b"x")

    found = unpack(packed(tmp_path / "set.zip", write), tmp_path / "out")
    assert set(found.files) == {"set/labels.csv", "set/wavs/a.wav", "set/wavs/Ä ö.WAV"}
    assert found.files["set/wavs/a.wav"].read_bytes() == b"sound"
    assert found.skipped == {"set/readme.pdf": "neither a clip nor a table"}
    assert all(path.parent == tmp_path / "out" for path in found.files.values())


def named(name: str) -> Write:
    return lambda file: file.writestr(zipfile.ZipInfo(name), b"x")


def with_mode(mode: int) -> Write:
    def write(file: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("link.wav")
        info.create_system = 3
        info.external_attr = (mode | 0o777) << 16
        file.writestr(info, "/etc/passwd")

    return write


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (named("../evil.wav"), "leaves its folder"),
        (named("a/../../evil.wav"), "leaves its folder"),
        (named("..\\evil.wav"), "leaves its folder"),
        (named("../evil.txt"), "leaves its folder"),
        (named("/evil.wav"), "absolute"),
        (named("\\\\host\\evil.wav"), "absolute"),
        (named("C:\\evil.wav"), "absolute"),
        (with_mode(stat.S_IFLNK), "link"),
        (with_mode(stat.S_IFIFO), "link or a device"),
        (with_mode(stat.S_IFCHR), "link or a device"),
        (named("inner.zip"), "another archive"),
        (named("a/inner.tar.gz"), "another archive"),
        (named("readme.txt"), "no clip and no table"),
    ],
)
def test_what_no_honest_archive_holds_is_refused(
    tmp_path: Path, write: Write, message: str
) -> None:
    path = packed(tmp_path / "set.zip", write)
    refused(path, tmp_path / "out", message)
    assert not (tmp_path / "evil.wav").exists()


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "set.zip", named("a.wav"))
    content = bytearray(path.read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    path.write_bytes(content)
    refused(path, tmp_path / "out", "encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_plain_zip_is_unpacked(tmp_path: Path, method: int) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("a.wav", b"sound" * 100)
    refused(path, tmp_path / "out", "use plain zip")


def test_bombs_are_stopped_while_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "RATIO_FROM", 1 << 20)
    path = packed(tmp_path / "bomb.zip", lambda file: file.writestr("a.wav", bytes(8 << 20)))
    assert path.stat().st_size < 20_000
    refused(path, tmp_path / "ratio", "grows over 200 times")

    # A header that lies about the size changes nothing.
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<L", content, at + 24, 10)
    (tmp_path / "liar.zip").write_bytes(content)
    refused(tmp_path / "liar.zip", tmp_path / "liar", "grows over|damaged")

    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 1 << 20)
    refused(path, tmp_path / "file", "larger than 1 MB|grows over")
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 3 << 16)

    def many(file: zipfile.ZipFile) -> None:
        for i in range(4):
            file.writestr(f"{i}.wav", bytes(1 << 16))

    refused(packed(tmp_path / "many.zip", many), tmp_path / "total", "split it")
    monkeypatch.setattr(archive, "MAX_FILES", 3)
    refused(packed(tmp_path / "many.zip", many), tmp_path / "count", "over 3 files")


def test_a_long_list_of_files_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def many(file: zipfile.ZipFile) -> None:
        for i in range(50):
            file.writestr(f"{i}.wav", b"")

    path = packed(tmp_path / "many.zip", many)
    monkeypatch.setattr(archive, "MAX_DIRECTORY_BYTES", 1000)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # would fail if it were called
    refused(path, tmp_path / "out", "too many files")


def test_damage_is_one_line(tmp_path: Path) -> None:
    whole = packed(tmp_path / "set.zip", lambda f: f.writestr("a.wav", bytes(range(256)) * 40))
    content = whole.read_bytes()
    damaged = bytearray(content)
    damaged[45] ^= 0xFF
    for name, data in (
        ("cut.zip", content[: len(content) // 2]),
        ("flipped.zip", bytes(damaged)),
        ("empty.zip", b""),
        ("text.zip", b"hello" * 100),
        ("end.zip", b"PK\x05\x06" + b"\xff" * 18),
    ):
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name, tmp_path / f"{name}-out", "pack it again|split it")
    refused(tmp_path / "missing.zip", tmp_path / "out", "cannot be unpacked")


def test_two_files_of_one_name(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.wav", b"first")
        file.writestr("a.wav", b"second")
    (tmp_path / "twice.zip").write_bytes(buffer.getvalue())
    found = unpack(tmp_path / "twice.zip", tmp_path / "out")
    assert found.files["a.wav"].read_bytes() == b"first"
    assert "two files" in found.skipped["a.wav"]
