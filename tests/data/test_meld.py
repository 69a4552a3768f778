from collections import Counter
from pathlib import Path

import pytest

from drkf.data import MELD
from drkf.data.corpus import official_folds
from drkf.data.inspect import inspect, inspection_text
from drkf.errors import CorpusError

HEADER = (
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,"
    "StartTime,EndTime\n"
)
TIMES = '8,21,"00:16:16,059","00:16:21,731"\n'
TRAIN = (
    HEADER
    # The release writes Windows punctuation as control characters.
    + f"1,You must\x92ve had your hands full.,The Interviewer,neutral,neutral,0,0,{TIMES}"
    + f'2,"""Hey, you\'re not Bob."" No?",Ross,surprise,negative,0,1,{TIMES}'
    + f"3,,Chandler,joy,positive,0,2,{TIMES}"
    + f"4,Absolutely.,Chandler,neutral,neutral,125,3,{TIMES}"
    + f"5,Odd.,Chandler,bored,neutral,126,0,{TIMES}"
)
DEV = (
    HEADER
    + f'1,"Oh my God, he’s lost it.",Phoebe,sadness,negative,0,0,{TIMES}'
    + f"2,What?,Monica,anger,negative,110,7,{TIMES}"
)
TEST = HEADER + f"1,No!,Ross,disgust,negative,0,0,{TIMES}2,Run!,Ross,fear,negative,0,1,{TIMES}"


@pytest.fixture
def release(tmp_path, write_mp4, write_wav) -> Path:
    root = tmp_path / "MELD.Raw"
    write_mp4(root / "train/train_splits/dia0_utt0.mp4", 1.0)
    write_mp4(root / "train/train_splits/dia0_utt1.mp4", 2.0)
    write_mp4(root / "train/train_splits/dia0_utt2.mp4", 1.0, sound=False)
    clip = write_mp4(root / "train/train_splits/dia125_utt3.mp4")
    clip.write_bytes(clip.read_bytes()[:200])  # without its index, like the real one
    write_mp4(root / "dev_splits_complete/dia0_utt0.mp4", 1.5)
    (root / "dev_splits_complete/._dia0_utt0.mp4").write_bytes(b"\x00\x05\x16\x07")
    write_wav(root / "output_repeated_splits_test/dia0_utt0.wav", 0.5, rate=44100, channels=2)
    write_mp4(root / "output_repeated_splits_test/dia0_utt0.mp4", 3.0)
    write_mp4(root / "output_repeated_splits_test/dia0_utt1.mp4", 0.5)
    write_mp4(root / "output_repeated_splits_test/final_videos_testdia0_utt1.mp4", 9.0)
    (root / "train/train_sent_emo.csv").write_text(TRAIN, encoding="utf-8")
    (root / "dev_sent_emo.csv").write_text(DEV, encoding="utf-8-sig")
    (root / "test_sent_emo.csv").write_text(TEST, encoding="utf-8")
    return root


def test_splits_labels_and_texts(release):
    skipped = []
    items = {item.id: item for item in MELD.read(release, skipped)}
    assert Counter(item.split for item in items.values()) == {"train": 4, "dev": 2, "test": 2}
    assert items["meld-train-dia0-utt0"].text == "You must’ve had your hands full."
    assert items["meld-train-dia0-utt1"].text == '"Hey, you\'re not Bob." No?'
    assert items["meld-train-dia0-utt2"].text is None
    assert items["meld-train-dia0-utt2"].emotions == ("joy",)
    assert items["meld-dev-dia0-utt0"].text == "Oh my God, he’s lost it."
    assert items["meld-test-dia0-utt0"].speaker == items["meld-train-dia0-utt1"].speaker
    assert [(entry.id, entry.reason) for entry in skipped] == [
        ("train-dia126-utt0", "unknown emotion (bored)")
    ]


def test_clips_of_the_right_split_and_wav_before_mp4(release):
    clips = {item.id: item.audio for item in MELD.read(release)}
    assert clips["meld-train-dia0-utt0"] == release / "train/train_splits/dia0_utt0.mp4"
    assert clips["meld-dev-dia0-utt0"] == release / "dev_splits_complete/dia0_utt0.mp4"
    test = release / "output_repeated_splits_test"
    assert clips["meld-test-dia0-utt0"] == test / "dia0_utt0.wav"
    assert clips["meld-test-dia0-utt1"] == test / "dia0_utt1.mp4"


def test_left_over_films_of_the_release_are_no_clips(release):
    clip = release / "output_repeated_splits_test/dia0_utt1.mp4"
    clip.unlink()
    items = {item.id: item for item in MELD.read(release)}
    assert items["meld-test-dia0-utt1"].audio == clip


def test_known_broken_clips_are_reported_not_fatal(release):
    inspection = inspect("meld", release)
    assert [fault.id for fault in inspection.missing] == ["meld-dev-dia110-utt7"]
    assert [fault.id for fault in inspection.unreadable] == [
        "meld-train-dia0-utt2",
        "meld-train-dia125-utt3",
    ]
    assert [bool(fault.known) for fault in inspection.unreadable] == [False, True]
    assert inspection.missing[0].known
    assert "no sound track" in inspection.unreadable[0].reason
    assert "known: in every copy its mp4 is truncated" in inspection_text(inspection)


def test_counts_and_hours(release):
    inspection = inspect("meld", release)
    assert list(inspection.splits) == ["train", "dev", "test"]
    assert inspection.total.utterances == 8
    assert inspection.splits["train"].emotions == {"neutral": 2, "surprise": 1, "joy": 1}
    assert inspection.splits["train"].speakers == 3
    assert inspection.splits["train"].hours * 3600 == pytest.approx(3.0, abs=0.3)
    assert inspection.splits["test"].hours * 3600 == pytest.approx(1.0, abs=0.2)
    assert inspection.without_text == 1
    assert inspection.skipped == {"unknown emotion (bored)": 1}


def test_official_folds(release):
    (fold,) = official_folds(MELD.read(release))
    assert [len(part) for part in (fold.train, fold.dev, fold.test)] == [4, 2, 2]
    (release / "dev_sent_emo.csv").unlink()
    with pytest.raises(CorpusError, match="split dev"):
        official_folds(MELD.read(release))


def test_wrong_folders_and_tables(tmp_path):
    with pytest.raises(CorpusError, match=r"Expected train_sent_emo\.csv"):
        MELD.read(tmp_path)
    (tmp_path / "train_sent_emo.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CorpusError, match="no column Dialogue_ID, Emotion"):
        MELD.read(tmp_path)


def test_only_line_ends_end_a_row(release):
    """The release's punctuation holds characters that Python counts as line ends."""
    table = release / "train/train_sent_emo.csv"
    content = table.read_text(encoding="utf-8").replace("Absolutely.", "So\u2028well\x85")
    table.write_text(content, encoding="utf-8")
    items = {item.id: item for item in MELD.read(release)}
    assert items["meld-train-dia125-utt3"].text == "So\u2028well…"
    assert items["meld-train-dia125-utt3"].speaker == "meld-Chandler"


def test_a_table_with_an_open_quote_is_one_line(release):
    table = release / "train/train_sent_emo.csv"
    table.write_text(TRAIN + '9,"' + "never closed " * 20_000, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"train_sent_emo\.csv: line \d+: .*Fetch it again"):
        MELD.read(release)
