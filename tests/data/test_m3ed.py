import json
from pathlib import Path

import pytest

from drkf.data import M3ED
from drkf.data.corpus import official_folds
from drkf.data.inspect import inspect
from drkf.errors import CorpusError


def utterance(text: str, speaker: str, multiple: str, main: str) -> dict:
    return {
        "StartTime": "00:00:00:01",
        "EndTime": "00:00:01:04",
        "Text": text,
        "Speaker": speaker,
        "EmoAnnotation": {
            "EmoAnnotator1": main,
            "EmoAnnotator2": main,
            "EmoAnnotator3": "Neutral",
            "final_mul_emo": multiple,
            "final_main_emo": main,
        },
    }


def people(a: str, b: str) -> dict:
    return {
        "A": {"Name": a, "Age": "mid", "Gender": "female", "OtherName": []},
        "B": {"Name": b, "Age": "young", "Gender": "male", "OtherName": []},
    }


ANNOTATION = {
    "anjia": {
        "anjia_1": {
            "SpeakerInfo": people("房似锦", "朱闪闪"),
            "Dialog": {
                "anjia_1_10": utterance("不要!", "B", "Fear,Surprise", "Surprise"),
                "anjia_1_1": utterance("你先把衣服换了", "A", "Neutral", "Neutral"),
                "anjia_1_2": utterance("", "B", "Anger,Disgust", "Anger"),
            },
        },
        "anjia_2": {
            "SpeakerInfo": people("徐文昌", "房似锦"),
            "Dialog": {"anjia_2_1": utterance("好", "B", "Happy", "Happy")},
        },
    },
    "humamaoba": {
        "humamaoba_1": {
            "SpeakerInfo": people("毕胜男", "罗素"),
            "Dialog": {"humamaoba_1_1": utterance("唉", "A", "Sad", "Sad")},
        }
    },
    "shaonianpai": {
        "shaonianpai_1": {
            "SpeakerInfo": people("王胜男", "林大为"),
            "Dialog": {"shaonianpai_1_1": utterance("钟点工阿姨", "A", "Neutral", "Neutral")},
        }
    },
    "unlisted": {"unlisted_1": {"SpeakerInfo": {}, "Dialog": {}}},
}


@pytest.fixture
def release(tmp_path, write_wav) -> Path:
    root = tmp_path / "RUCM3ED"
    lists = {"train": "anjia\n", "val": "humamaoba\n", "test": "shaonianpai"}
    (root / "splitInfo").mkdir(parents=True)
    for name, series in lists.items():
        (root / f"splitInfo/movie_list_{name}.txt").write_text(series)
    (root / "annotation.json").write_text(
        json.dumps(ANNOTATION, ensure_ascii=False), encoding="utf-8"
    )
    for clip in ("A_anjia_1_1", "B_anjia_1_2", "B_anjia_2_1", "A_humamaoba_1_1"):
        write_wav(root / f"modality_speech/{clip}.wav", 1.0)
    write_wav(root / "modality_speech/A_shaonianpai_1_1.wav", 0.0)
    return root


def test_labels_main_emotion_first(release):
    items = {item.id: item for item in M3ED.read(release)}
    assert items["m3ed-anjia_1_10"].emotions == ("surprise", "fear")
    assert items["m3ed-anjia_1_2"].emotions == ("anger", "disgust")
    assert items["m3ed-anjia_2_1"].emotions == ("joy",)
    assert M3ED.multi_label


def test_splits_speakers_and_turns(release):
    skipped = []
    items = {item.id: item for item in M3ED.read(release, skipped)}
    assert {item.id: item.split for item in items.values() if item.split != "train"} == {
        "m3ed-humamaoba_1_1": "dev",
        "m3ed-shaonianpai_1_1": "test",
    }
    assert [(entry.id, entry.reason) for entry in skipped] == [
        ("unlisted", "series is in no split list")
    ]
    # The same person is A in one dialogue and B in another.
    assert items["m3ed-anjia_1_1"].speaker == items["m3ed-anjia_2_1"].speaker
    order = sorted((i for i in items.values() if i.dialogue == "anjia_1"), key=lambda i: i.turn)
    assert [item.id for item in order] == ["m3ed-anjia_1_1", "m3ed-anjia_1_2", "m3ed-anjia_1_10"]
    assert items["m3ed-anjia_1_1"].text == "你先把衣服换了"
    assert items["m3ed-anjia_1_2"].text is None
    assert (items["m3ed-anjia_1_2"].gender, items["m3ed-anjia_1_2"].language) == ("male", "zh")
    (fold,) = official_folds(list(items.values()))
    assert (len(fold.train), len(fold.dev), len(fold.test)) == (4, 1, 1)


def test_inspection(release):
    inspection = inspect("m3ed", release)
    assert inspection.multi_label == 2
    assert inspection.splits["train"].utterances == 4
    assert sum(inspection.splits["train"].emotions.values()) == 6
    assert [fault.path.name for fault in inspection.missing] == ["B_anjia_1_10.wav"]
    assert [fault.path.name for fault in inspection.unreadable] == ["A_shaonianpai_1_1.wav"]
    assert inspection.unreadable[0].reason == "holds no audio."
    assert inspection.total.hours * 3600 == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("annotation.json", None, "no annotation.json"),
        ("annotation.json", "{", "not M3ED's annotation"),
        ("annotation.json", '{"anjia": {"anjia_1": {}}}', "not M3ED's annotation"),
        ("splitInfo/movie_list_val.txt", None, "no splitInfo/movie_list_val.txt"),
    ],
)
def test_wrong_files(release, name, content, message):
    if content is None:
        (release / name).unlink()
    else:
        (release / name).write_text(content)
    with pytest.raises(CorpusError, match=message) as caught:
        M3ED.read(release)
    assert "\n" not in str(caught.value)


def test_an_utterance_without_its_annotation_is_left_out(release):
    path = release / "annotation.json"
    annotation = json.loads(path.read_text(encoding="utf-8"))
    dialog = annotation["anjia"]["anjia_1"]["Dialog"]
    del dialog["anjia_1_1"]["EmoAnnotation"]
    dialog["anjia_1_2"]["Speaker"] = None
    dialog["anjia_1_10"]["EmoAnnotation"]["final_mul_emo"] = None
    path.write_text(json.dumps(annotation), encoding="utf-8")
    skipped = []
    items = {item.id: item for item in M3ED.read(release, skipped)}
    assert items["m3ed-anjia_1_10"].emotions == ("surprise",)
    assert {entry.id: entry.reason for entry in skipped if "_" in entry.id} == {
        "anjia_1_1": "no known emotion",
        "anjia_1_2": "no speaker",
    }
