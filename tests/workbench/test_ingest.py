"""Tables of all kinds become rows; what cannot be used says why, and nothing else is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.errors import CorpusError, ManifestError
from drkf.workbench import ingest
from drkf.workbench.ingest import Disk, Files, Row


def rows_of(path: Path, finder: ingest.Finder | None = None) -> list[Row]:
    """As guessed, without correction."""
    sheet = ingest.read_sheet(path)
    columns = ingest.guess_columns(sheet, finder if isinstance(finder, Files) else None)
    labels = ingest.guess_label_map(sheet, columns["label"])
    return ingest.make_rows(sheet, columns, labels, finder)


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


MELD = (
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID\n"
    '1,"Oh, my God!",Rachel,surprise,positive,0,0\n'
    "2,I hate you.,Ross,anger,negative,0,1\n"
    "3,Hi,Joey,neutral,neutral,1,0\n"
)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID",
            {"id": "Sr No.", "text": "Utterance", "speaker": "Speaker", "label": "Emotion"},
        ),
        ("path,sentence,gender", {"audio": "path", "text": "sentence", "gender": "gender"}),
        ("file_name;transcript;label", {"audio": "file_name", "text": "transcript"}),
        ("ID\twav\tEMO\tSpk_ID", {"id": "ID", "audio": "wav", "label": "EMO", "speaker": "Spk_ID"}),
        ("clip|transcription|major emotion|dataset", {"audio": "clip", "corpus": "dataset"}),
    ],
)
def test_columns_are_guessed_by_name(tmp_path: Path, header: str, expected: dict[str, str]) -> None:
    delimiter = next(d for d in ",;\t|" if d in header)
    width = len(header.split(delimiter))
    lines = [delimiter.join(["0", *"x" * (width - 1)]), delimiter.join(["1", *"x" * (width - 1)])]
    path = write(tmp_path / "t.csv", "\n".join([header, *lines]))
    guess = ingest.guess_columns(ingest.read_sheet(path))
    assert {meaning: guess[meaning] for meaning in expected} == expected


def test_columns_are_guessed_by_what_is_in_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv", "a,b,c\nx/1.wav,happy,I am so glad\nx/2.wav,sad,it is a loss\n"
    )
    guess = ingest.guess_columns(ingest.read_sheet(path))
    assert (guess["audio"], guess["label"], guess["text"]) == ("a", "b", "c")


def test_an_id_that_repeats_is_no_id(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,text\n0,one\n0,two\n")
    assert ingest.guess_columns(ingest.read_sheet(path))["id"] is None
    sheet = ingest.read_sheet(path)
    rows = ingest.make_rows(sheet, {"id": "id", "text": "text"}, {})
    assert [row.id for row in rows] == ["0", "0 (2)"]


def test_one_column_may_have_commas(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", 'text\nWell, yes; no\n"quoted, too"\n')
    assert [row.text for row in rows_of(path)] == ["Well, yes; no", "quoted, too"]
    assert not any(row.error for row in rows_of(path))


def test_meld_as_it_ships(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path / "meld.csv", MELD))
    assert [row.id for row in rows] == ["1", "2", "3"]
    assert [row.label for row in rows] == ["surprise", "anger", "neutral"]
    assert rows[0].text == "Oh, my God!" and rows[0].speaker == "Rachel" and not rows[0].error


def test_encodings_and_json_lines(tmp_path: Path) -> None:
    line = "text;emotion\nIch freue mich über das schöne Geschenk;happy\n"
    for name, content in (
        ("utf8.csv", line.encode()),
        ("mark.csv", line.encode("utf-8-sig")),
        ("utf16.csv", line.encode("utf-16")),
        ("windows.csv", line.encode("cp1252")),
    ):
        row = rows_of(write(tmp_path / name, content))[0]
        assert (row.text, row.label) == ("Ich freue mich über das schöne Geschenk", "joy")
    objects = [
        {"text": "fine", "emotion": "neutral", "id": 7, "audio": None},
        {"text": "so sad", "emotion": ["sad"], "id": 8, "audio": {"path": "b.wav", "bytes": None}},
    ]
    lines = "\n".join([json.dumps(o) for o in objects] + ["{broken", "[1, 2]", "\\ud800"])
    rows = rows_of(write(tmp_path / "t.jsonl", lines), Files({"b.wav": tmp_path / "b.wav"}))
    assert [(row.id, row.label) for row in rows[:2]] == [("7", "neutral"), ("8", "sadness")]
    assert rows[1].audio == tmp_path / "b.wav"
    assert [row.error for row in rows[2:]] == ["not JSON", "not a JSON object", "not JSON"]


def test_bad_rows_are_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", b"sound")
    table = "id,audio,text\n1,a.wav,\n2,,\n3,missing.wav,words\n4,a.wav,w,too,many\n5,a,\n6,,fine\n"
    rows = rows_of(write(tmp_path / "t.csv", table), Disk(tmp_path))
    assert [row.error for row in rows] == [
        "",
        "neither audio nor text",
        "no clip at missing.wav",
        "5 cells under 3 columns",
        "",
        "",
    ]
    assert rows[4].audio == tmp_path / "a.wav"  # named without its suffix


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", "empty"),
        ("t.csv", "id,text\n", "no row"),
        ("t.csv", 'id,text\n1,"never closed\n2,x\n', "quotes"),
        ("t.xlsx", "PK", "unknown kind"),
        ("t.csv", "a,b\n1,2\n", "Neither audio nor text"),
    ],
)
def test_an_unusable_table_is_refused(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(ManifestError, match=message) as caught:
        rows_of(write(tmp_path / name, content))
    assert "\n" not in str(caught.value)


def test_columns_and_splits_that_do_not_exist_are_refused(tmp_path: Path) -> None:
    sheet = ingest.read_sheet(write(tmp_path / "t.csv", "text,split\nfine,dev\nso sad,test\n"))
    columns = ingest.guess_columns(sheet)
    assert [row.text for row in ingest.make_rows(sheet, columns, {}, split="test")] == ["so sad"]
    with pytest.raises(ManifestError, match="'all'"):
        ingest.make_rows(sheet, columns, {}, split="all")
    with pytest.raises(ManifestError, match="'nowhere'"):
        ingest.make_rows(sheet, {**columns, "label": "nowhere"}, {})
    with pytest.raises(ManifestError, match="splits"):
        ingest.make_rows(sheet, {**columns, "split": None}, {}, split="test")


def test_labels_are_mapped_visibly_and_unmapped_ones_stay(tmp_path: Path) -> None:
    names = ["Happy", "exc", "fru", "", "ANGRY", "excited", "Happy"]
    text = "".join(f"some words,{name}\n" for name in names)
    sheet = ingest.read_sheet(write(tmp_path / "t.csv", "text,label\n" + text))
    assert ingest.label_counts(sheet, "label") == {
        "Happy": 2,
        "ANGRY": 1,
        "exc": 1,
        "excited": 1,
        "fru": 1,
    }
    labels = ingest.guess_label_map(sheet, "label")
    assert labels == {"Happy": "joy", "ANGRY": "anger", "exc": "joy", "excited": "joy", "fru": ""}
    rows = ingest.make_rows(sheet, {"text": "text", "label": "label"}, labels | {"exc": "surprise"})
    assert [row.label for row in rows] == ["joy", "surprise", "", "", "anger", "joy", "joy"]
    assert rows[2].original_label == "fru" and not rows[2].error
    assert ingest.guess_label_map(sheet, "label", ("anger", "neutral"))["Happy"] == ""


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


def test_clips_and_sentences_need_no_table(tmp_path: Path) -> None:
    for name in ("angry/1.wav", "happy/2.wav", "sad/3.flac", "notes.txt", "angry/.hidden.wav"):
        write(tmp_path / name, b"x")
    files = Files.under(tmp_path)
    sheet = ingest.clips_sheet(files)
    columns = ingest.guess_columns(sheet, files)
    rows = ingest.make_rows(sheet, columns, ingest.guess_label_map(sheet, columns["label"]), files)
    assert [(row.id, row.label) for row in rows] == [
        ("angry/1.wav", "anger"),
        ("happy/2.wav", "joy"),
        ("sad/3.flac", "sadness"),
    ]
    sheet = ingest.texts_sheet("I am glad\n\n  so sad  \n")
    rows = ingest.make_rows(sheet, ingest.guess_columns(sheet), {})
    assert [(row.id, row.text) for row in rows] == [("row-1", "I am glad"), ("row-2", "so sad")]
    with pytest.raises(ManifestError, match="sentence"):
        ingest.texts_sheet(" \n")
    with pytest.raises(ManifestError, match="clip"):
        ingest.clips_sheet(Files({"a.txt": tmp_path / "a.txt"}))


def test_clips_called_by_their_ids(tmp_path: Path) -> None:
    files = Files({f"set/utt{i}.wav": tmp_path / f"{i}" for i in range(3)})
    table = "utt_id,text\nutt0,one\nutt1,two\nutt2,three\n"
    rows = rows_of(write(tmp_path / "t.csv", table), files)
    assert [row.audio for row in rows] == [tmp_path / "0", tmp_path / "1", tmp_path / "2"]


def test_a_corpus_as_its_owners_ship_it(tmp_path: Path) -> None:
    for name in ("03-01-05-01-01-01-01.wav", "03-01-03-01-02-01-02.wav"):
        path = tmp_path / f"Actor_{name[-6:-4]}" / name
        path.parent.mkdir()
        soundfile.write(path, np.zeros(8000), 16_000)
    write(tmp_path / "stray.wav", b"x")
    sheet = ingest.corpus_sheet("ravdess", tmp_path)
    columns = ingest.guess_columns(sheet)
    labels = ingest.guess_label_map(sheet, columns["label"])
    rows = ingest.make_rows(sheet, columns, labels, Disk(tmp_path))
    assert [row.label for row in rows] == ["joy", "anger"]
    assert [row.gender for row in rows] == ["female", "male"]
    assert all(row.audio is not None and row.audio.is_file() and row.text for row in rows)
    assert sum(sheet.skipped.values()) == 1
    with pytest.raises(CorpusError, match="Known"):
        ingest.corpus_sheet("unheard-of", tmp_path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    for name in ("t.csv", "t.tsv", "t.jsonl"):
        try:
            rows = rows_of(write(folder / name, content))
        except ManifestError as error:
            assert "\n" not in str(error)
        else:
            assert len({row.id for row in rows}) == len(rows)
