"""One reader for every kind of table: encodings, delimiters, headers, and cells without a value."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from drkf.data.columns import guess_columns
from drkf.data.tables import cell_text, read_sheet
from drkf.errors import ManifestError
from tests.helpers.tables import rows_of, write

ROWS = (
    ("id", "audio", "text", "emotion"),
    ("a1", "clips/joy.flac", "I am so happy", "happy"),
    ("a2", "clips/fear.flac", "Help; please, now", "fea"),
)


def lines(delimiter: str, end: str = "\n") -> str:
    quoted = [[f'"{cell}"' if " " in cell else cell for cell in row] for row in ROWS]
    return "".join(delimiter.join(row) + end for row in quoted)


@pytest.mark.parametrize(
    "content",
    [
        lines(",").encode(),
        lines(";", "\r\n").encode("utf-8-sig"),
        lines("\t", "\r\n").encode("utf-16"),
        lines("\t").encode("utf-16-le"),
        lines("|").encode("utf-32"),
        b"sep=;\r\n" + lines(";", "\r\n").encode(),
        b'\xef\xbb\xbf"sep=|"\r\n' + lines("|").encode(),
        b"\n\n  \n" + lines(",").encode(),
        b'# exported by "a tool", today\n# speaker, then words\n\n' + lines(";").encode(),
        b'"My set" of clips; 2026, second version\n\n' + lines(",").encode(),
        lines(",").encode() + b"\n,,,\n\n",
        lines(",", ",,\n").encode(),
    ],
    ids=[
        *("comma", "semicolon bom", "utf16 tab", "utf16 no bom", "utf32 bar", "sep line"),
        *("quoted sep line", "blank lines", "comments", "a title", "blank rows", "empty columns"),
    ],
)
def test_every_spelling_of_a_table_is_the_same_table(tmp_path: Path, content: bytes) -> None:
    sheet = read_sheet(write(tmp_path / "t.csv", content))
    assert sheet.columns[:4] == ROWS[0]
    assert list(zip(*(sheet.cells[name] for name in ROWS[0]), strict=True)) == list(ROWS[1:])
    assert sheet.errors == ("", "")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "I can’t believe it, café “ok”"),
        ("cp1252", "¿Por qué me haces esto? ¡No puedo creerlo, mañana!"),
        ("cp1252", "Ich möchte das schöne Geschenk, groß und überraschend"),
        ("cp1250", "Jestem dziś bardzo smutna, nie mogę w to uwierzyć, żółty"),
        ("cp1250", "Jsem velmi šťastný, že tě vidím, proč mi to děláš"),
        ("cp1251", "Я так рад тебя видеть, почему ты так со мной"),
        ("gb18030", "我很高兴见到你，你为什么这样对我，我不敢相信"),
        ("cp932", "会えてとても嬉しい。どうしてそんなことをするの"),
        ("cp949", "만나서 정말 기뻐요, 왜 나한테 이러는 거야"),
    ],
)
def test_text_of_other_encodings_is_not_garbled(tmp_path: Path, encoding: str, text: str) -> None:
    content = f'id;text;emotion\n1;"{text}";joy\n2;"{text}";anger\n'.encode(encoding)
    assert read_sheet(write(tmp_path / "t.csv", content)).cells["text"] == [text, text]


def test_a_cell_without_a_value_has_no_words(tmp_path: Path) -> None:
    content = (
        '{"id":1,"text":NaN,"emotion":"joy"}\n{"id":2,"text":"I am sad","emotion":NaN}\n'
        '{"id":3,"text":null,"emotion":null}\n{"id":4,"text":"hi","emotion":"joy"}\n'
        '{"id":5,"text":"nan","emotion":"joy"}\n{"id":6,"text":-Infinity,"emotion":"joy"}\n'
    )
    rows = rows_of(write(tmp_path / "t.jsonl", content))
    assert [row.text for row in rows] == ["", "I am sad", "", "hi", "", ""]
    assert [row.label for row in rows] == ["joy", "", "", "joy", "joy", "joy"]
    assert rows[0].error == rows[2].error == "neither audio nor text"
    assert cell_text(float("nan")) == cell_text("NULL") == cell_text([None]) == ""
    assert cell_text("Nan is my grandmother") == "Nan is my grandmother"


def test_class_numbers_give_way_to_the_classes_names(tmp_path: Path) -> None:
    content = "text,label,label_text\nI am happy,1,joy\nI am sad,0,sadness\nGo away,3,anger\n"
    path = write(tmp_path / "t.csv", content)
    assert guess_columns(read_sheet(path))["label"] == "label_text"
    assert [row.label for row in rows_of(path)] == ["joy", "sadness", "anger"]


def test_cells_with_several_labels(tmp_path: Path) -> None:
    content = (
        '{"text":"a","emotion":["joy","surprise"]}\n{"text":"b","emotion":"sad|angry"}\n'
        '{"text":"c","emotion":"[\'fear\', \'sadness\']"}\n'
    )
    rows = rows_of(write(tmp_path / "t.jsonl", content))
    assert [row.label for row in rows] == ["joy", "sadness", "fear"]
    assert rows[0].original_label == "joy|surprise"


def test_excel(tmp_path: Path) -> None:
    path = tmp_path / "set.xlsx"
    frame = pd.DataFrame([["1", "", "Übung macht froh", "happy"], [2.0, None, 3, "N/A"]])
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame().to_excel(book, sheet_name="empty")
        head = pd.DataFrame([["Recorded in May", "", "", ""], ROWS[0]])
        pd.concat([head, frame]).to_excel(book, sheet_name="set", header=False, index=False)
    sheet = read_sheet(path)
    assert sheet.columns == ROWS[0]
    assert sheet.cells["id"] == ["1", "2"] and sheet.cells["text"] == ["Übung macht froh", "3"]
    assert sheet.cells["audio"] == ["", ""] and sheet.cells["emotion"] == ["happy", ""]


def test_a_table_without_a_header_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "x/1.wav,joy\nx/2.wav,anger\n")
    with pytest.raises(ManifestError, match=r"must name the columns; it names the clip x/1\.wav"):
        read_sheet(path)


def test_the_line_of_an_open_quote_is_the_file_s(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", '# a\n# b\nid,text\n1,"x" y\n')
    with pytest.raises(ManifestError, match=r"line 4: .*Check the quotes"):
        read_sheet(path)
