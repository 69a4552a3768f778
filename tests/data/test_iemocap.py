from collections import Counter
from pathlib import Path

import pytest

from drkf.data import IEMOCAP, IEMOCAP_6
from drkf.data.iemocap import leave_one_session_out
from drkf.errors import CorpusError

#: One dialogue of the session; {s} is the session's number.
TURNS = [
    ("Ses0{s}F_impro01_F000", 6.2901, 8.2357, "neu", "Excuse me."),
    ("Ses0{s}F_impro01_M000", 7.5712, 10.4750, "fru", "Do you have your forms?"),
    ("Ses0{s}F_impro01_F001", 10.0100, 11.3925, "exc", "Yeah."),
    ("Ses0{s}F_impro01_M001", 10.9266, 14.6649, "hap", None),  # not transcribed
    ("Ses0{s}F_impro01_F002", 13.1462, 15.7400, "xxx", "Is there a problem?"),
    ("Ses0{s}F_impro01_M002", 15.9300, 18.0200, "ang", "Who told you to get in this line?"),
    ("Ses0{s}F_impro01_F003", 16.8352, 19.7175, "sad", "You did… caf\xe9."),
    ("Ses0{s}F_impro01_F004", 20.0, 21.0, "oth", "Hm."),
]


def evaluation(session: int) -> str:
    blocks = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]", ""]
    for name, start, end, label, _ in TURNS:
        blocks += [
            f"[{start:.4f} - {end:.4f}]\t{name.format(s=session)}\t{label}\t"
            "[2.5000, 2.5000, 2.5000]",
            "C-E2:\tNeutral;\t()",
            "C-F1:\tNeutral;\t(curious)",
            "A-E3:\tval 3; act 2; dom  2;\t()",
            "",
        ]
    return "\n".join(blocks) + "\n"


def transcription(session: int) -> str:
    lines = [
        f"{name.format(s=session)} [{start:08.4f}-{end:08.4f}]: {text}"
        for name, start, end, _, text in TURNS
        if text is not None
    ]
    # A line without turn and time, as some scripts have.
    return "\n".join([*lines, "M: Overlapping words", ""])


@pytest.fixture
def release(tmp_path, write_wav) -> Path:
    root = tmp_path / "IEMOCAP_full_release"
    for session in range(1, 6):
        folder = root / f"Session{session}"
        dialogue = f"Ses0{session}F_impro01"
        labels = folder / "dialog/EmoEvaluation"
        words = folder / "dialog/transcriptions"
        for parent in (labels / "Categorical", words):
            parent.mkdir(parents=True)
        (labels / f"{dialogue}.txt").write_text(evaluation(session), encoding="cp1252")
        # The release holds macOS resource forks.
        (labels / f"._{dialogue}.txt").write_bytes(b"\x00\x05\x16\x07\xff")
        # One annotator's own labels, which are not the agreed ones.
        (labels / f"Categorical/{dialogue}_e2_cat.txt").write_text(f"{dialogue}_F000 :Anger; ()\n")
        (words / f"{dialogue}.txt").write_text(transcription(session), encoding="cp1252")
        for name, start, end, _, _ in TURNS:
            turn = name.format(s=session)
            # The release's clips are mono; stereo ones come from re-cutting the dialogues.
            write_wav(
                folder / f"sentences/wav/{dialogue}/{turn}.wav",
                end - start,
                channels=session % 2 + 1,
            )
    return root


def test_four_classes_merge_excited_into_happy(release):
    skipped = []
    items = IEMOCAP.read(release, skipped)
    assert Counter(item.emotion for item in items) == {
        "neutral": 5,
        "joy": 10,
        "anger": 5,
        "sadness": 5,
    }
    assert set(IEMOCAP.labels) == {"anger", "joy", "neutral", "sadness"}
    assert Counter(entry.reason for entry in skipped) == {
        "frustration (fru)": 5,
        "no agreed emotion (xxx)": 5,
        "another emotion (oth)": 5,
    }


def test_six_classes_keep_excited_and_frustrated(release):
    emotions = Counter(item.emotion for item in IEMOCAP_6.read(release))
    assert set(emotions) == set(IEMOCAP_6.labels)
    assert set(emotions.values()) == {5}
    assert {"excitement", "frustration"} < set(emotions)


def test_one_utterance_in_full(release):
    items = {item.id: item for item in IEMOCAP.read(release)}
    item = items["iemocap-Ses02F_impro01_M002"]
    assert item.audio == release / "Session2/sentences/wav/Ses02F_impro01/Ses02F_impro01_M002.wav"
    assert item.audio.is_file()
    assert item.text == "Who told you to get in this line?"
    assert (item.speaker, item.gender, item.split) == ("iemocap-Ses02M", "male", "Session2")
    assert (item.dialogue, item.turn, item.original_label) == ("Ses02F_impro01", 5, "ang")
    assert item.seconds == pytest.approx(2.09)


def test_missing_transcripts_and_windows_letters(release):
    items = {item.id: item for item in IEMOCAP.read(release)}
    assert items["iemocap-Ses01F_impro01_M001"].text is None
    assert items["iemocap-Ses01F_impro01_F003"].text == "You did… café."
    (release / "Session1/dialog/transcriptions/Ses01F_impro01.txt").unlink()
    items = {item.id: item for item in IEMOCAP.read(release)}
    assert items["iemocap-Ses01F_impro01_F000"].text is None
    assert items["iemocap-Ses02F_impro01_F000"].text == "Excuse me."


def test_ten_speakers_and_the_folder_above(release):
    items = IEMOCAP.read(release.parent)
    assert len({item.speaker for item in items}) == 10
    assert items == IEMOCAP.read(release)


def test_leave_one_session_out(release):
    items = IEMOCAP.read(release)
    folds = leave_one_session_out(items)
    assert [fold.name for fold in folds] == [f"Session{n}" for n in range(1, 6)]
    assert sorted(i.id for fold in folds for i in fold.test) == sorted(i.id for i in items)
    for fold in folds:
        parts = [{item.speaker for item in part} for part in (fold.train, fold.dev, fold.test)]
        assert [len(part) for part in parts] == [6, 2, 2]
        assert len(set.union(*parts)) == 10
        assert {item.split for item in fold.test} == {fold.name}


def test_a_garbled_line_is_reported(release):
    path = release / "Session1/dialog/EmoEvaluation/Ses01F_impro01.txt"
    path.write_text(path.read_text(encoding="cp1252") + "[12.0 -\n", encoding="utf-8")
    skipped = []
    assert len(IEMOCAP.read(release, skipped)) == 25
    assert [entry.id for entry in skipped if entry.reason == "line not understood"] == [
        f"Ses01F_impro01.txt:{len(path.read_text().splitlines())}"
    ]


def test_wrong_folders(tmp_path):
    with pytest.raises(CorpusError, match="no such folder"):
        IEMOCAP.read(tmp_path / "nothing")
    with pytest.raises(CorpusError, match="Expected Session1"):
        IEMOCAP.read(tmp_path)


def test_resource_forks_that_are_copies_are_left_out(release):
    """Some unpackers write a whole copy where macOS had a resource fork."""
    labels = release / "Session1/dialog/EmoEvaluation"
    (labels / "._Ses01F_impro01.txt").write_bytes((labels / "Ses01F_impro01.txt").read_bytes())
    assert len(IEMOCAP.read(release)) == 25


def test_a_renamed_release_and_byte_order_marks(release):
    for kind in ("EmoEvaluation", "transcriptions"):
        path = release / f"Session2/dialog/{kind}/Ses02F_impro01.txt"
        lines = path.read_text(encoding="cp1252").splitlines()
        lines = [line for line in lines if line and not line.startswith("%")]
        path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode("cp1252"))
    (release.parent / ".cache").mkdir()
    release.rename(release.parent / "IEMOCAP_full_release_withoutVideos")
    items = {item.id: item for item in IEMOCAP.read(release.parent)}
    assert len(items) == 25
    assert items["iemocap-Ses02F_impro01_F000"].text == "Excuse me."


def test_two_sessions_are_too_few(release):
    items = [item for item in IEMOCAP.read(release) if item.split in ("Session1", "Session4")]
    with pytest.raises(CorpusError, match="Only Session1 and Session4 of IEMOCAP found"):
        leave_one_session_out(items)
