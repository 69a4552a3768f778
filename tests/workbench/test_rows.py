"""Tables of all kinds become rows; what cannot be used says why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.data.clips import Disk, Files
from drkf.data.columns import guess_columns
from drkf.data.tables import read_sheet
from drkf.errors import ManifestError
from drkf.workbench.rows import make_rows
from tests.helpers.tables import rows_of, write

MELD = (
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID\n"
    '1,"Oh, my God!",Rachel,surprise,positive,0,0\n'
    "2,I hate you.,Ross,anger,negative,0,1\n"
    "3,Hi,Joey,neutral,neutral,1,0\n"
)


def test_meld_as_it_ships(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path / "meld.csv", MELD))
    assert [row.id for row in rows] == ["1", "2", "3"]
    assert [row.label for row in rows] == ["surprise", "anger", "neutral"]
    assert rows[0].text == "Oh, my God!" and rows[0].speaker == "Rachel" and not rows[0].error


def test_one_column_may_have_commas(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", 'text\nWell, yes; no\n"quoted, too"\n')
    assert [row.text for row in rows_of(path)] == ["Well, yes; no", "quoted, too"]
    assert not any(row.error for row in rows_of(path))


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
        ("t.xls", "PK", "unknown kind"),
        ("t.xlsx", "PK", "not an Excel file"),
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
    sheet = read_sheet(write(tmp_path / "t.csv", "text,split\nfine,dev\nso sad,test\n"))
    columns = guess_columns(sheet)
    assert [row.text for row in make_rows(sheet, columns, {}, split="test")] == ["so sad"]
    with pytest.raises(ManifestError, match="'all'"):
        make_rows(sheet, columns, {}, split="all")
    with pytest.raises(ManifestError, match="'nowhere'"):
        make_rows(sheet, {**columns, "label": "nowhere"}, {})
    with pytest.raises(ManifestError, match="splits"):
        make_rows(sheet, {**columns, "split": None}, {}, split="test")


def test_clips_called_by_their_ids(tmp_path: Path) -> None:
    files = Files({f"set/utt{i}.wav": tmp_path / f"{i}" for i in range(3)})
    table = "utt_id,text\nutt0,one\nutt1,two\nutt2,three\n"
    rows = rows_of(write(tmp_path / "t.csv", table), files)
    assert [row.audio for row in rows] == [tmp_path / "0", tmp_path / "1", tmp_path / "2"]


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
