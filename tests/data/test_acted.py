from pathlib import Path

import pytest

from drkf.data import CORPORA, find_corpus
from drkf.data.corpus import official_folds
from drkf.data.manifest import Item
from drkf.errors import CorpusError


def facts(item: Item) -> tuple:
    return (item.emotion, item.speaker, item.gender, item.language, item.text)


#: Corpus → files, then id → (emotion, speaker, gender, language, text), then left-out files.
CASES = {
    "ravdess": (
        [
            "Actor_01/03-01-01-01-01-01-01.wav",
            "Actor_01/01-01-01-01-01-01-01.mp4",  # the film of the same recording
            "audio_speech_actors_01-24/Actor_01/03-01-01-01-01-01-01.wav",  # a copy
            "Actor_12/03-01-02-01-02-01-12.wav",
            "Actor_12/03-01-08-02-02-02-12.wav",
            "Actor_12/03-02-05-02-02-02-12.wav",
            "Actor_12/02-01-05-02-02-02-12.mp4",
            "Actor_12/notes.wav",
        ],
        {
            "ravdess-01-01-01-01-01-01": (
                *("neutral", "ravdess-01", "male", "en", "Kids are talking by the door."),
            ),
            "ravdess-01-02-01-02-01-12": (
                *("neutral", "ravdess-12", "female", "en", "Dogs are sitting by the door."),
            ),
            "ravdess-01-08-02-02-02-12": (
                *("surprise", "ravdess-12", "female", "en", "Dogs are sitting by the door."),
            ),
        },
        {
            "Actor_12/03-02-05-02-02-02-12.wav": "a song",
            "Actor_12/02-01-05-02-02-02-12.mp4": "video without sound",
            "Actor_12/notes.wav": "not named like a RAVDESS clip",
        },
    ),
    "crema-d": (
        [
            "AudioWAV/1001_DFA_ANG_XX.wav",
            "AudioWAV/1002_IEO_HAP_HI.wav",
            "AudioWAV/1040_ITH_SAD_X.wav",
            "AudioWAV/1001_DFA_ODD_XX.wav",
        ],
        {
            "crema-d-1001_DFA_ANG_XX": (
                *("anger", "crema-d-1001", "male", "en", "Don't forget a jacket."),
            ),
            "crema-d-1002_IEO_HAP_HI": (
                *("joy", "crema-d-1002", "female", "en", "It's eleven o'clock."),
            ),
            "crema-d-1040_ITH_SAD_X": (
                "sadness",
                "crema-d-1040",
                None,
                "en",
                "I think I have a doctor's appointment.",
            ),
        },
        {"AudioWAV/1001_DFA_ODD_XX.wav": "unknown emotion (ODD)"},
    ),
    "emodb": (
        ["wav/03a01Fa.wav", "wav/08b10Wb.wav", "wav/16a02Lb.wav"],
        {
            "emodb-03a01Fa": (
                *("joy", "emodb-03", "male", "de", "Der Lappen liegt auf dem Eisschrank."),
            ),
            "emodb-08b10Wb": (
                "anger",
                "emodb-08",
                "female",
                "de",
                "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
            ),
        },
        {"wav/16a02Lb.wav": "boredom (L)"},
    ),
    "tess": (
        [
            "OAF_angry/OAF_back_angry.wav",
            "YAF_pleasant_surprised/YAF_Youth_ps.wav",
            "OAF_neutral/OA_bite_neutral.wav",
            "OAF_neutral/._OA_bite_neutral.wav",  # a macOS resource fork
        ],
        {
            "tess-OAF_back_angry": (*("anger", "tess-OAF", "female", "en", "Say the word back."),),
            "tess-YAF_youth_ps": (
                *("surprise", "tess-YAF", "female", "en", "Say the word youth."),
            ),
            "tess-OAF_bite_neutral": (
                *("neutral", "tess-OAF", "female", "en", "Say the word bite."),
            ),
        },
        {},
    ),
    "savee": (
        ["ALL/DC_a01.wav", "AudioData/JE/sa03.wav", "AudioData/KL/su15.wav", "XX/n01.wav"],
        {
            "savee-DC_a01": ("anger", "savee-DC", "male", "en", None),
            "savee-JE_sa03": ("sadness", "savee-JE", "male", "en", None),
            "savee-KL_su15": ("surprise", "savee-KL", "male", "en", None),
        },
        {"XX/n01.wav": "the speaker's folder must be one of DC, JE, JK, KL"},
    ),
    "esd": (
        [
            "0001/Angry/train/0001_000351.wav",
            "0003/Happy/evaluation/0003_000701.wav",
            "0011/Neutral/0011_000001.wav",
            "0016/Sad/test/0016_001051.wav",
            "0016/0016_001052.wav",
        ],
        {
            "esd-0001_000351": (
                "anger",
                "esd-0001",
                "female",
                "zh",
                "打远一看，它们的确很是美丽，",
            ),
            "esd-0003_000701": ("joy", "esd-0003", "female", "zh", "今天"),
            "esd-0011_000001": ("neutral", "esd-0011", "male", "en", "The nine the eggs, I keep."),
            "esd-0016_001051": ("sadness", "esd-0016", "female", "en", "A café."),
        },
        {"0016/0016_001052.wav": "no folder names its emotion"},
    ),
}


@pytest.fixture
def build(tmp_path, write_wav, write_mp4):
    def build(name: str) -> Path:
        root = tmp_path / name
        for file in CASES[name][0]:
            (write_mp4 if file.endswith(".mp4") else write_wav)(root / file)
        if name == "crema-d":
            (root / "VideoDemographics.csv").write_text(
                "ActorID,Age,Sex,Race,Ethnicity\n"
                "1001,51,Male,Caucasian,Not Hispanic\n"
                "1002,21,Female,Caucasian,Not Hispanic\n"
            )
        if name == "esd":  # every speaker's list has another encoding
            lists = {
                "0001": ("0001_000351\t打远一看，它们的确很是美丽，\t生气\n", "gb2312"),
                "0003": ("0003_000701\t今天\t快乐\r\n", "utf-16"),
                "0011": ("0011_000001\tThe nine the eggs, I keep.\tNeutral\n\n", "utf-8"),
                "0016": ("0016_001051\tA café.\tSad\n", "latin-1"),
            }
            for speaker, (content, encoding) in lists.items():
                (root / speaker / f"{speaker}.txt").write_bytes(content.encode(encoding))
        return root

    return build


@pytest.mark.parametrize("name", CASES)
def test_names_tell_everything(build, name):
    _, expected, left_out = CASES[name]
    root = build(name)
    skipped = []
    items = CORPORA[name].read(root, skipped)
    assert {item.id: facts(item) for item in items} == expected
    assert {entry.id: entry.reason for entry in skipped} == left_out
    assert all(item.audio.is_file() for item in items)
    assert {item.emotion for item in items} <= set(CORPORA[name].labels)


def test_audio_file_is_preferred_to_its_film_and_to_a_deeper_copy(build):
    root = build("ravdess")
    item = CORPORA["ravdess"].read(root)[0]
    assert item.audio == root / "Actor_01/03-01-01-01-01-01-01.wav"
    assert item.intensity == "normal"


def test_crema_d_without_demographics(build):
    root = build("crema-d")
    (root / "VideoDemographics.csv").unlink()
    assert {item.gender for item in CORPORA["crema-d"].read(root)} == {None}


def test_esd_lines_with_blanks_for_tabs_and_without_emotion(build):
    root = build("esd")
    (root / "0011/0011.txt").write_text("0011_000001 I am so happy. Neutral\n\n0011_000002\n")
    (root / "0016/0016.txt").write_text("0016_001051\tAll this have we won.\n")
    texts = {item.id: item.text for item in CORPORA["esd"].read(root)}
    assert texts["esd-0011_000001"] == "I am so happy."
    assert texts["esd-0016_001051"] == "All this have we won."


def test_esd_split_is_its_folder(build):
    splits = {i.id: i.split for i in CORPORA["esd"].read(build("esd"))}
    assert splits == {
        "esd-0001_000351": "train",
        "esd-0003_000701": "dev",
        "esd-0011_000001": None,
        "esd-0016_001051": "test",
    }


@pytest.mark.parametrize("name", CASES)
def test_a_folder_without_clips_says_what_is_expected(tmp_path, name):
    with pytest.raises(CorpusError, match=r"Expected clips named like .*\.wav"):
        CORPORA[name].read(tmp_path)


def test_no_official_splits(build):
    with pytest.raises(CorpusError, match="Split by speaker"):
        official_folds(CORPORA["tess"].read(build("tess")))


def test_unknown_corpus_lists_the_known_ones():
    assert find_corpus("IEMOCAP").name == "iemocap"
    with pytest.raises(CorpusError, match=r"Unknown corpus 'iemocapp'\. Known: iemocap, .*meld"):
        find_corpus("iemocapp")
