"""What columns hold and labels mean is guessed from names and contents."""

from __future__ import annotations

from pathlib import Path

import pytest

from drkf.data.columns import guess_columns, guess_label_map, label_counts
from drkf.data.tables import read_sheet
from drkf.workbench.rows import make_rows
from tests.helpers.tables import write


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
    guess = guess_columns(read_sheet(path))
    assert {meaning: guess[meaning] for meaning in expected} == expected


def test_columns_are_guessed_by_what_is_in_them(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv", "a,b,c\nx/1.wav,happy,I am so glad\nx/2.wav,sad,it is a loss\n"
    )
    guess = guess_columns(read_sheet(path))
    assert (guess["audio"], guess["label"], guess["text"]) == ("a", "b", "c")


def test_an_id_that_repeats_is_no_id(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,text\n0,one\n0,two\n")
    assert guess_columns(read_sheet(path))["id"] is None
    sheet = read_sheet(path)
    rows = make_rows(sheet, {"id": "id", "text": "text"}, {})
    assert [row.id for row in rows] == ["0", "0 (2)"]


def test_labels_are_mapped_visibly_and_unmapped_ones_stay(tmp_path: Path) -> None:
    names = ["Happy", "exc", "fru", "", "ANGRY", "excited", "Happy"]
    text = "".join(f"some words,{name}\n" for name in names)
    sheet = read_sheet(write(tmp_path / "t.csv", "text,label\n" + text))
    assert label_counts(sheet, "label") == {
        "Happy": 2,
        "ANGRY": 1,
        "exc": 1,
        "excited": 1,
        "fru": 1,
    }
    labels = guess_label_map(sheet, "label")
    assert labels == {"Happy": "joy", "ANGRY": "anger", "exc": "joy", "excited": "joy", "fru": ""}
    rows = make_rows(sheet, {"text": "text", "label": "label"}, labels | {"exc": "surprise"})
    assert [row.label for row in rows] == ["joy", "surprise", "", "", "anger", "joy", "joy"]
    assert rows[2].original_label == "fru" and not rows[2].error
    assert guess_label_map(sheet, "label", ("anger", "neutral"))["Happy"] == ""
