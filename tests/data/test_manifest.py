import json
import random
from pathlib import Path

import pytest

from drkf.data.manifest import (
    Input,
    Item,
    RowError,
    read_inputs,
    read_manifest,
    write_manifest,
)
from drkf.data.split import split_by_speaker
from drkf.errors import ManifestError


def table(folder: Path, content: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


HEADER = "id,audio,text,emotion,speaker,split\n"


def test_reads_every_column(tmp_path):
    path = table(
        tmp_path,
        "id,audio,corpus,speaker,gender,emotion,original_label,intensity,language,transcript,"
        "seconds,split,dialogue,turn,ignored\n"
        'a1,clips/a1.ogg,ravdess,actor-1,female,anger,05,strong,en,"Kids, talking.",2.304,train,'
        "d0,3,x\n",
    )
    assert read_manifest(path) == [
        Item(
            id="a1",
            audio=tmp_path / "clips/a1.ogg",
            text="Kids, talking.",
            emotions=("anger",),
            speaker="actor-1",
            split="train",
            corpus="ravdess",
            gender="female",
            language="en",
            dialogue="d0",
            turn=3,
            original_label="05",
            intensity="strong",
            seconds=2.304,
        )
    ]


def test_text_only_multi_label_and_synonyms(tmp_path):
    path = table(tmp_path, "id,text,emotions\na,Good!,Happy|neutral|joy\nb,Oh no,sad\n")
    items = read_manifest(path)
    assert [item.emotions for item in items] == [("joy", "neutral"), ("sadness",)]
    assert items[0].emotion == "joy"
    assert items[0].audio is None and items[0].speaker is None and items[0].split is None


def test_absolute_audio_stays_absolute(tmp_path):
    path = table(tmp_path, HEADER + "a,/clips/a.wav,,anger,,\n")
    assert read_manifest(path)[0].audio == Path("/clips/a.wav")


def test_tsv_jsonl_and_byte_order_mark(tmp_path):
    tsv = table(tmp_path, "﻿ID\tText\tEmotion\na\tHi, you\tjoy\n", "m.tsv")
    jsonl = table(
        tmp_path,
        '{"id": 7, "text": "Hi, you", "emotion": ["joy", "surprise"]}\n\n'
        '{"id": "b", "transcript": "x", "emotion": "fear", "turn": 2}\n',
        "m.jsonl",
    )
    assert read_manifest(tsv) == [Item("a", None, "Hi, you", ("joy",))]
    assert read_manifest(jsonl) == [
        Item("7", None, "Hi, you", ("joy", "surprise")),
        Item("b", None, "x", ("fear",), turn=2),
    ]


def test_other_label_sets(tmp_path):
    path = table(tmp_path, "id,text,emotion\na,x,frustration\n")
    assert read_manifest(path, ("frustration", "joy"))[0].emotions == ("frustration",)


BAD_TABLES = {
    "missing file": (None, "no such file"),
    "empty": ("", "file is empty"),
    "no header": ("a1,a1.wav,hello,anger,s,train\na2,a2.wav,x,joy,s,dev\n", "the clip a1.wav"),
    "no rows": (HEADER, "no row"),
    "no emotion column": ("id,text\na,b\n", "no column emotion"),
    "no audio or text column": ("id,emotion\na,joy\n", "no column audio or text"),
    "duplicate ids": (HEADER + "a,,x,joy,,\na,,y,joy,,\n", "'a' is given to several rows"),
    "unclosed quote": (HEADER + 'a,,"x,joy,,\n', "Check the quotes"),
    "only bad rows": (HEADER + "a,,x,bliss,,\n", "unknown emotion 'bliss'"),
}


@pytest.mark.parametrize("case", BAD_TABLES)
def test_unusable_table_gives_one_clear_line(tmp_path, case):
    content, message = BAD_TABLES[case]
    path = tmp_path / "m.csv"
    if content is not None:
        table(tmp_path, content)
    with pytest.raises(ManifestError, match=message) as caught:
        read_manifest(path, row_errors=[])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_table_that_is_not_utf8_is_read(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes((HEADER + "a,,caf\xe9,joy,,\n").encode("latin-1"))
    assert read_manifest(path)[0].text == "café"


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(ManifestError, match=r"\.csv, \.tsv, \.jsonl"):
        read_manifest(table(tmp_path, "x", "m.pdf"))
    with pytest.raises(ManifestError, match="cannot be read"):
        folder = tmp_path / "folder.csv"
        folder.mkdir()
        read_manifest(folder)


def test_only_kinds_that_are_read_back_the_same_are_written(tmp_path):
    with pytest.raises(ManifestError, match=r"\.csv, \.tsv, \.jsonl"):
        write_manifest([Item("a", None, "x", ("joy",))], tmp_path / "m.xlsx")


BAD_ROWS = (
    HEADER
    + "a,,fine,joy,,\n"
    + "b,,x,bliss,,\n"
    + ",,x,joy,,\n"
    + "d,,,joy,,\n"
    + "e,,x,,,\n"
    + "f,,x,joy,,,,too many\n"
    + "g,,fine too,joy\n"
)


def test_bad_rows_are_collected_and_do_not_stop_others(tmp_path):
    errors: list[RowError] = []
    items = read_manifest(table(tmp_path, BAD_ROWS), row_errors=errors)
    assert [item.id for item in items] == ["a", "g"]
    assert [(e.row, e.id) for e in errors] == [(2, "b"), (3, ""), (4, "d"), (5, "e"), (6, "f")]
    assert "unknown emotion 'bliss'; known: anger" in errors[0].message
    assert [e.message for e in errors[1:]] == [
        "no id",
        "neither audio nor text",
        "no emotion",
        "8 cells under 6 columns",
    ]


def test_bad_rows_raise_unless_collected(tmp_path):
    with pytest.raises(ManifestError, match=r"5 of 7 rows.*row 2 \(b\): unknown emotion"):
        read_manifest(table(tmp_path, BAD_ROWS))


def test_bad_json_rows(tmp_path):
    lines = [
        '{"id": "a", "text": "x", "emotion": "joy"}',
        "{oops",
        "[1]",
        '{"id": "b", "text": {"x": 1}, "emotion": "joy"}',
        '{"id": "c", "text": "x", "emotion": "joy", "turn": "second"}',
    ]
    errors: list[RowError] = []
    path = table(tmp_path, "\n".join(lines), "m.jsonl")
    assert [item.id for item in read_manifest(path, row_errors=errors)] == ["a"]
    assert [e.row for e in errors] == [2, 3, 4, 5]
    messages = ["not JSON", "not a JSON object", "text must", "turn is"]
    for error, message in zip(errors, messages, strict=True):
        assert message in error.message


def test_inputs_keep_order_and_carry_row_errors(tmp_path):
    path = table(tmp_path, "id,audio,text\na,a.wav,\nb,,\nc,,hello\nd,d.wav,hi,what\n")
    assert read_inputs(path) == [
        Input("a", tmp_path / "a.wav", None),
        Input("b", None, None, "neither audio nor text"),
        Input("c", None, "hello"),
        Input("d", None, None, "4 cells under 3 columns"),
    ]


def test_inputs_without_an_id_column_get_names_of_their_own(tmp_path):
    path = table(tmp_path, "audio,text\nclips/a.wav,x\nother/a.wav,\n,hello\n")
    assert [row.id for row in read_inputs(path)] == ["a", "a (2)", "row-3"]
    with pytest.raises(ManifestError, match="several rows"):
        read_inputs(table(tmp_path, "id,text\na,x\na,y\n"))
    assert read_inputs(table(tmp_path, "id,transcript\na,x\n")) == [Input("a", None, "x")]


def test_other_names_of_columns_and_labels_are_understood(tmp_path):
    (tmp_path / "wavs").mkdir()
    (tmp_path / "wavs/A.flac").write_bytes(b"x")
    rows = 'utt_id;wav;sentence;emo;spk\nu1;wavs\\a;Hello;exc;7\nu2;;Hi, you;"joy, sad";8\n'
    path = table(tmp_path, "sep=;\n" + rows)
    assert read_manifest(path) == [
        Item("u1", tmp_path / "wavs/A.flac", "Hello", ("joy",), speaker="7"),
        Item("u2", None, "Hi, you", ("joy", "sadness"), speaker="8"),
    ]
    assert read_inputs(path)[0] == Input("u1", tmp_path / "wavs/A.flac", "Hello", speaker="7")


def test_what_decides_on_training_is_never_guessed(tmp_path):
    item = read_manifest(table(tmp_path, "id,text,emotion,fold,source\na,x,joy,3,web\n"))[0]
    assert item.split is None and item.corpus is None


def test_codes_of_a_corpus_are_known(tmp_path):
    rows = "".join(f"{n},x,{code}\n" for n, code in enumerate("WEAFNT"))
    items = read_manifest(table(tmp_path, "id,text,emotion\n" + rows))
    assert [item.emotion for item in items] == [
        "anger", "disgust", "fear", "joy", "neutral", "sadness",
    ]  # fmt: skip


def test_of_two_clips_with_the_name_of_one_row_neither_is_taken(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "01.flac").write_bytes(b"x")
    path = table(tmp_path, "id,audio\n1,01.flac\n2,a/01.flac\n")
    first, second = read_inputs(path)
    assert first.error is not None and "a/01.flac, b/01.flac" in first.error
    assert second == Input("2", tmp_path / "a/01.flac", None)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_written_manifest_reads_back_equal(tmp_path, suffix):
    items = [
        Item("a", tmp_path / "clips/a.wav", 'He said "hi",\nthen left\t🙂', ("joy", "fear")),
        Item("b", Path("/elsewhere/b.wav"), None, ("neutral",), "s", "dev", "c", "female", "en"),
        Item("c", None, "x", ("anger",), dialogue="d", turn=0, intensity="XX", seconds=1.5),
    ]
    path = tmp_path / f"out{suffix}"
    write_manifest(items, path)
    assert read_manifest(path) == items


def test_written_audio_is_relative_to_the_table(tmp_path):
    path = tmp_path / "out.jsonl"
    write_manifest([Item("a", tmp_path / "clips/a.wav", None, ("joy",))], path)
    assert json.loads(path.read_text())["audio"] == "clips/a.wav"


def utterances(corpus: str, speakers: int, each: int = 3) -> list[Item]:
    return [
        Item(f"{corpus}-{s}-{n}", None, "x", ("joy",), speaker=f"{s}", corpus=corpus)
        for s in range(speakers)
        for n in range(each)
    ]


def speakers(items: list[Item]) -> set[tuple[str | None, str | None]]:
    return {(item.corpus, item.speaker) for item in items}


def test_split_is_speaker_disjoint_and_stratified_by_corpus():
    items = utterances("a", 20) + utterances("b", 5) + utterances("alone", 1)
    train, dev = split_by_speaker(items, 0.2, seed=0)
    assert sorted(i.id for i in train + dev) == sorted(i.id for i in items)
    assert not speakers(train) & speakers(dev)
    held = [corpus for corpus, _ in speakers(dev)]
    assert (held.count("a"), held.count("b"), held.count("alone")) == (4, 1, 0)


def test_split_depends_on_the_seed_and_the_speakers_only():
    items = utterances("a", 20)
    shuffled = random.Random(1).sample(items + utterances("b", 4), len(items) + 12)
    dev = speakers(split_by_speaker(items, 0.25, seed=3)[1])
    assert {s for s in speakers(split_by_speaker(shuffled, 0.25, seed=3)[1]) if s[0] == "a"} == dev
    assert speakers(split_by_speaker(items, 0.25, seed=4)[1]) != dev


def test_split_without_speakers_and_with_a_bad_fraction():
    items = [Item(str(n), None, "x", ("joy",)) for n in range(10)]
    train, dev = split_by_speaker(items, 0.3, seed=0)
    assert (len(train), len(dev)) == (7, 3)
    with pytest.raises(ValueError, match="fraction"):
        split_by_speaker(items, 1.0, seed=0)
