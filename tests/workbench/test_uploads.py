"""A visitor's uploads: copied under names of our own, joined, and refused as a whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from drkf.errors import ArchiveError, ManifestError
from drkf.workbench import archive
from drkf.workbench.uploads import Intake, load_example


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "set"
    place.mkdir()
    return place


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def test_tables_clips_and_zip_files_join(tmp_path: Path, folder: Path) -> None:
    table = tmp_path / "manifest.csv"
    table.write_text("file,emotion\nsub/a.wav,joy\nb.wav,anger\nc.wav,joy\n")
    clip = tmp_path / "b.wav"
    clip.write_bytes(b"b")
    packed = write_zip(tmp_path / "clips.zip", {"clips/sub/a.wav": b"a", "readme.txt": b"x"})
    other = tmp_path / "notes.pdf"
    other.write_bytes(b"x")
    intake = Intake().add([table, packed], folder).add([clip, other], folder)
    assert set(intake.files) == {"manifest.csv", "clips/sub/a.wav", "b.wav"}
    assert set(intake.skipped) == {"readme.txt", "notes.pdf"}
    assert all(path.resolve().is_relative_to(folder) for path in intake.files.values())
    assert not any(name in str(path) for name in intake.files for path in intake.files.values())
    assert intake.tables() == ["manifest.csv"]
    finder = intake.finder()
    assert finder.find("sub/a.wav").read_bytes() == b"a"
    assert finder.find("b.wav").read_bytes() == b"b"
    with pytest.raises(ManifestError, match="not among the uploaded files"):
        finder.find("c.wav")
    with pytest.raises(ManifestError):
        finder.find("/etc/passwd")
    assert len(intake.sheet("manifest.csv")) == 3
    assert len(intake.sheet("")) == 2  # the clips alone


def test_the_table_nearest_to_the_top_comes_first(tmp_path: Path, folder: Path) -> None:
    packed = write_zip(tmp_path / "x.zip", {"deep/a.csv": b"id\n1", "z.csv": b"id\n1"})
    assert Intake().add([packed], folder).tables() == ["z.csv", "deep/a.csv"]


def test_a_hostile_zip_takes_nothing_with_it(tmp_path: Path, folder: Path) -> None:
    packed = write_zip(tmp_path / "evil.zip", {"ok.wav": b"a", "../../evil.wav": b"x"})
    before = Intake()
    with pytest.raises(ArchiveError, match="leaves its folder"):
        before.add([packed], folder)
    assert not before.files
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".wav"]


def test_too_much_is_refused(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 2 << 30)
    clip = tmp_path / "b.wav"
    clip.write_bytes(b"bb")
    intake = Intake().add([clip], folder)
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 3)
    clip = clip.rename(tmp_path / "c.wav")
    with pytest.raises(ManifestError, match="split the set"):
        intake.add([clip], folder)


def test_the_example_set_is_there() -> None:
    intake, table = load_example()
    assert table == "manifest.csv" and len(intake.sheet(table)) > 40


def test_two_clips_of_one_name_are_both_kept_and_told_apart(tmp_path: Path, folder: Path) -> None:
    paths = []
    for name in ("a", "b", "again"):
        (tmp_path / name).mkdir()
        paths.append(tmp_path / name / "01.flac")
        paths[-1].write_bytes(b"b" if name == "again" else name.encode())
    intake = Intake().add(paths[:2], folder).add(paths[2:], folder)
    assert {name: path.read_bytes() for name, path in intake.files.items()} == {
        "01.flac": b"a",
        "01 (2).flac": b"b",
    }
    with pytest.raises(ManifestError, match=r"01\.flac, 01 \(2\)\.flac"):
        intake.finder().find("01.flac")
    assert len(intake.finder().clips()) == 2


def test_a_corrected_table_takes_the_place_of_the_one_before(tmp_path: Path, folder: Path) -> None:
    table = tmp_path / "set.csv"
    table.write_text("text\none\n")
    intake = Intake().add([table], folder)
    table.write_text("text\ntwo\n")
    intake = intake.add([table], folder)
    assert intake.tables() == ["set.csv"] and intake.sheet("set.csv").cells["text"] == ["two"]
