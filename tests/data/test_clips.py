"""A name leads to the clip that is meant, or says why not; nothing else is read."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from gradio_client.utils import strip_invalid_filename_characters
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.audio.decode import DEMUXERS
from drkf.data.clips import AmbiguousError, Disk, Files, is_clip
from drkf.errors import ManifestError
from tests.helpers.tables import write


def test_every_format_that_is_read_is_a_clip() -> None:
    for name in DEMUXERS:
        assert all(is_clip(f"a.{suffix}") for suffix in name.split("/"))


def test_only_uploaded_files_are_found(tmp_path: Path) -> None:
    root = tmp_path / "uploads"
    secret = write(tmp_path / "secret.wav", b"secret")
    inside = write(root / "set" / "wavs" / "a.wav", b"a")
    for name in ("set/x/b.wav", "set/y/b.wav", "c.flac"):
        write(root / name, b"b")
    (root / "link.wav").symlink_to(secret)
    (root / "alias.wav").symlink_to(inside)
    (root / "out").symlink_to(tmp_path)
    files = Files.under(root)
    assert "link.wav" not in files.files and "alias.wav" in files.files
    assert files.find("wavs/a.wav") == inside
    assert files.find("set\\wavs\\A.WAV") == inside
    assert files.find("C:\\corpora\\wavs\\a.wav") == inside  # where the table's author had it
    assert files.find("/data/elsewhere/a") == inside
    for name in (
        str(secret),
        "../secret.wav",
        "set/../../secret.wav",
        "..\\secret.wav",
        "link.wav",
        "out/secret.wav",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://localhost/a/secret.wav",
        "b.wav",  # two of them
        "",
        ".",
        "\0",
        "x" * 5000,
    ):
        with pytest.raises(ManifestError) as caught:
            files.find(name)
        assert len(str(caught.value)) < 200 and str(caught.value).isprintable()
    assert files.find("x/b.wav") == root / "set/x/b.wav"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.from_regex(r"(\.\.?[/\\]|/|a|out|secret\.wav)*", fullmatch=True))
def test_no_name_leads_out(name: str) -> None:
    files = Files({"set/a.wav": Path("/safe/1"), "b.wav": Path("/safe/2")})
    try:
        assert files.find(name) in files.files.values()
    except ManifestError as error:
        assert "\n" not in str(error)


NAMES = ("Get out!.flac", "joy {take 1}.flac", "Trauer_Übung.flac", "cost $5.flac", "plain.flac")


def test_names_that_an_upload_strips_are_found() -> None:
    uploaded = [strip_invalid_filename_characters(name) for name in NAMES]
    assert "Get out.flac" in uploaded
    files = Files({name: Path("/up") / name for name in uploaded})
    assert files.find_all(NAMES) == {
        name: Path("/up") / stripped for name, stripped in zip(NAMES, uploaded, strict=True)
    }
    long = "I cannot believe that you did this to me! " * 6 + ".wav"
    cut = strip_invalid_filename_characters(long)
    assert len(cut.encode()) <= 200 < len(long)
    files = Files({cut: Path("/up/long.wav"), "I cannot.wav": Path("/up/other.wav")})
    assert files.find(long) == Path("/up/long.wav")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_composed_or_not_slashes_either_way_and_case(form: str, tmp_path: Path) -> None:
    write(tmp_path / "clips" / unicodedata.normalize(form, "Übung é.flac"), b"x")
    for finder in (Files.under(tmp_path), Disk(tmp_path)):
        for other in ("NFC", "NFD"):
            for name in ("clips/Übung é.flac", "clips\\Übung é.flac", "CLIPS/übung é.FLAC"):
                assert finder.find(unicodedata.normalize(other, name)).is_file()


def test_two_files_that_fit_a_name_are_both_named_and_none_is_taken(tmp_path: Path) -> None:
    for name in ("a/01.flac", "b/01.flac", "c!.wav", "c?.wav"):
        write(tmp_path / name, name.encode())
    for finder in (Files.under(tmp_path), Disk(tmp_path)):
        with pytest.raises(AmbiguousError, match=r"2 files are called 01.flac \(a/01.flac, b/01"):
            finder.find("01.flac")
        with pytest.raises(AmbiguousError, match=r"c!.wav, c\?.wav"):
            finder.find("c.wav")
        assert finder.find("b/01.flac").read_bytes() == b"b/01.flac"
        assert finder.find("c?.wav").read_bytes() == b"c?.wav"


def test_a_file_is_not_the_clip_of_two_names() -> None:
    files = Files({"up/01.wav": Path("/1"), "Get out.wav": Path("/2"), "x/y.wav": Path("/3")})
    found = files.find_all(["a/01.wav", "b/01.wav", "Get out!.wav", "Get out?.wav"])
    assert all(isinstance(one, AmbiguousError) for one in found.values())
    assert "a/01.wav could be the file up/01.wav" in str(found["a/01.wav"])
    assert "b/01.wav" in str(found["a/01.wav"])
    # The one that fits exactly has it; names that begin with more folders are the same name.
    found = files.find_all(["up/01.wav", "old/01.wav", "y", "x/y.wav", "C:\\data\\x\\y.wav"])
    assert found["up/01.wav"] == Path("/1") and isinstance(found["old/01.wav"], AmbiguousError)
    assert found["y"] == found["x/y.wav"] == found["C:\\data\\x\\y.wav"] == Path("/3")


def test_of_uploads_with_one_name_each_keeps_a_name_of_its_own() -> None:
    files = Files(
        {"01.flac": Path("/1"), "01 (2).flac": Path("/2"), "02.flac": Path("/3")},
        called={"01 (2).flac": "01.flac"},
    )
    for name in ("01.flac", "a/01.flac", "01"):
        with pytest.raises(AmbiguousError, match=r"01\.flac, 01 \(2\)\.flac"):
            files.find(name)
    assert files.find("02") == Path("/3")
