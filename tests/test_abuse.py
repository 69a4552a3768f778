"""Hostile and broken input through the whole pipeline: an analysis or one line, nothing else."""

from __future__ import annotations

import io
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from drkf.analysis import Analysis, Transcript, TranscriptWord
from drkf.audio.clip import SAMPLE_RATE, Clip
from drkf.audio.decode import MAX_SECONDS
from drkf.errors import AudioError, DRKFError
from drkf.pipeline import EmotionPipeline
from tests.helpers.hostile import (
    ENCODINGS,
    TEXTS,
    arrays,
    cut_files,
    encoded,
    lying_files,
    polyglots,
    voice,
    wav,
)
from tests.helpers.sound import any_sound

PROCESSOR_SECONDS = 20
"""For inputs of a few seconds: far above what they take, far below what a trap would."""

FILES = [*lying_files(), *cut_files(), *polyglots()]
ARRAYS = list(arrays())
TWO_WORDS = Transcript(
    "i am", "asr", "en", 0.9, (TranscriptWord("i", 0, 0.2, 1), TranscriptWord("am", 0.2, 0.4, 1))
)


class Recognizer:
    """Hears two words in anything."""

    def transcribe(self, clip: Clip, english: bool = False) -> Transcript:
        return TWO_WORDS


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    pipeline.recognizer = Recognizer()  # type: ignore[assignment]
    return pipeline


@pytest.fixture(autouse=True)
def any_sound_is_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nothing but speech would get beyond the detector of voices."""
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)


def outcome(
    pipeline: EmotionPipeline, audio: Any, words: str | None = None, explain: bool = True
) -> Analysis | str:
    """The analysis, or the line that a user reads; fails on anything else."""
    start = time.process_time()
    try:
        analysis = pipeline.analyze(audio, words, explain=explain)
    except DRKFError as error:
        line = str(error)
        assert line.strip() and line.isprintable() and len(line) < 500, repr(line)
        line.encode()
        return line
    finally:
        assert time.process_time() - start < PROCESSOR_SECONDS
    json.dumps(analysis.to_dict(), allow_nan=False, ensure_ascii=False).encode()
    for prediction in (analysis.fused, analysis.audio, analysis.text):
        if prediction is not None:
            assert all(map(math.isfinite, prediction.probabilities))
            assert min(prediction.probabilities) >= 0
            assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-4)
    if analysis.inconsistency is not None:
        assert 0 <= analysis.inconsistency.discrimination <= 1
    assert all(warning.isprintable() for warning in analysis.warnings)
    return analysis


def test_there_are_enough_of_them() -> None:
    assert len(FILES) + len(ARRAYS) + len(TEXTS) > 200


@pytest.mark.parametrize("content", [f[1] for f in FILES], ids=[f[0] for f in FILES])
def test_hostile_file(pipeline: EmotionPipeline, tmp_path: Path, content: bytes) -> None:
    """By path under an honest name, and as bytes: the same answer."""
    path = tmp_path / "recording.wav"
    path.write_bytes(content)
    by_path, by_bytes = outcome(pipeline, path), outcome(pipeline, content, explain=False)
    assert type(by_path) is type(by_bytes)
    if isinstance(by_path, Analysis) and isinstance(by_bytes, Analysis):
        assert by_path.fused == by_bytes.fused


@pytest.mark.parametrize("source", [a[1] for a in ARRAYS], ids=[a[0] for a in ARRAYS])
def test_hostile_array(pipeline: EmotionPipeline, source: Any) -> None:
    outcome(pipeline, source)


@pytest.mark.parametrize("words", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("with_voice", [False, True], ids=["alone", "with a voice"])
def test_hostile_text(pipeline: EmotionPipeline, words: str, with_voice: bool) -> None:
    found = outcome(pipeline, (SAMPLE_RATE, voice()) if with_voice else None, words)
    if with_voice:
        assert isinstance(found, Analysis) and found.audio is not None


@pytest.mark.parametrize("words", TEXTS.values(), ids=TEXTS)
def test_hostile_words_from_the_recogniser(
    pipeline: EmotionPipeline, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recogniser may invent anything, with times that make no sense."""
    parts = words.split()[:200]
    timed = tuple(TranscriptWord(w, 5.0 - i, -1.0 * i, 2.0) for i, w in enumerate(parts))
    heard = Transcript(words, "asr", "xx", 0.1, timed)
    monkeypatch.setattr(Recognizer, "transcribe", lambda self, clip, english=False: heard)
    assert isinstance(outcome(pipeline, (SAMPLE_RATE, voice())), Analysis)


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[31mred.wav",
        "line\nbreak.wav",
        "\u202evaw.exe",
        "<script>alert(1)</script>.wav".replace("/", "-"),
        "-rf.wav",
        "%2e%2e%2f.wav",
        "a" * 250 + ".wav",
        os.fsdecode(b"\xff\xfe.wav"),
        "🙂.wav",
        " .wav",
    ],
    ids=repr,
)
def test_hostile_file_name(pipeline: EmotionPipeline, tmp_path: Path, name: str) -> None:
    """Names reach messages, and messages reach terminals and JSON."""
    path = tmp_path / name
    path.write_bytes(b"no sound")
    assert isinstance(outcome(pipeline, path), str)
    assert isinstance(outcome(pipeline, tmp_path / ("missing" + name)), str)
    path.write_bytes(wav())
    assert isinstance(outcome(pipeline, path), Analysis)


def test_what_is_no_regular_file(pipeline: EmotionPipeline, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to(tmp_path / "loop.wav")
    for path in (tmp_path / "pipe.wav", tmp_path / "loop.wav", tmp_path, "/dev/zero", "/dev/stdin"):
        assert isinstance(outcome(pipeline, path), str), path
    for path in ("/proc/self/mem", "/proc/self/environ", "/proc/self/maps"):
        assert isinstance(outcome(pipeline, path), str), path


class Breaking(io.BytesIO):
    """A file whose disk fails in the middle."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 8_000:
            raise OSError(5, "Input/output error")
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        if self.tell() > 8_000:
            raise OSError(5, "Input/output error")
        return super().readinto(buffer)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_file_that_fails_while_it_is_read(pipeline: EmotionPipeline, name: str) -> None:
    outcome(pipeline, Breaking(encoded(name, 3.0)), "i am angry", explain=False)


@pytest.mark.parametrize("name", ["flac", "ogg", "webm", "m4a"])
def test_hours_of_silence_in_a_small_file_stay_small(pipeline: EmotionPipeline, name: str) -> None:
    """Refused, and with no more memory than the longest clip takes."""
    bomb = encoded(name, 1_200.0, silent=True)
    assert len(bomb) < 5_000_000
    longest = MAX_SECONDS * 48_000 * 4  # bytes of mono float32
    process = psutil.Process()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = process.memory_info().rss
    with pytest.raises(AudioError, match="10 minutes"):
        pipeline.analyze(bomb)
    status = Path("/proc/self/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
    assert peak - before < 3 * longest


SLOW = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SLOW
@given(
    rate=st.one_of(st.integers(4_000, 96_000), st.integers(-10, 2**40), st.floats()),
    dtype=st.sampled_from(["u1", "i2", "i4", "f2", "f4", "f8", "i8", "c8", "?"]),
    shape=st.one_of(
        st.tuples(st.integers(0, 40_000)),
        st.tuples(st.integers(0, 20_000), st.integers(0, 9)),
        st.tuples(st.integers(0, 9), st.integers(0, 20_000)),
    ),
    level=st.sampled_from([0.0, 1e-30, 1e-3, 0.3, 1.0, 100.0, 1e38]),
    odd=st.sampled_from([None, np.nan, np.inf, -np.inf, 1e300]),
    words=st.sampled_from([None, "", "i am angry", "\x00"]),
    seed=st.integers(0, 1_000),
)
def test_generated_arrays(
    pipeline: EmotionPipeline,
    rate: float,
    dtype: str,
    shape: tuple[int, ...],
    level: float,
    odd: float | None,
    words: str | None,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        samples = (rng.normal(0, level, shape) * (1 if dtype[0] == "f" else 10_000)).astype(dtype)
        if odd is not None and dtype[0] == "f" and samples.size:
            samples.flat[rng.integers(samples.size)] = odd
    outcome(pipeline, (rate, samples), words, explain=False)


@SLOW
@given(
    name=st.sampled_from(sorted(ENCODINGS)),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6
    ),
    near_the_head=st.booleans(),
    end=st.floats(0.05, 1),
)
@example("m4a", [(1.0, b"\x80")], False, 1.0)  # in its tags: no UTF-8
def test_generated_damage(
    pipeline: EmotionPipeline,
    name: str,
    changes: list[tuple[float, bytes]],
    near_the_head: bool,
    end: float,
) -> None:
    """Some bytes overwritten, mostly in the header, and an end cut off."""
    content = bytearray(encoded(name))
    reach = min(300, len(content)) if near_the_head else len(content)
    for place, patch in changes:
        at = int(place * (reach - 1))
        content[at : at + len(patch)] = patch
    outcome(pipeline, bytes(content[: int(end * len(content))]), explain=False)


@SLOW
@given(
    words=st.text(
        st.one_of(
            st.characters(),
            st.characters(categories=["Cs", "Cc", "Cf", "Co", "Mn"]),
            st.sampled_from("<>&\"'{}[]\\/ \n\u202e\x00"),
        ),
        max_size=400,
    ),
    with_voice=st.booleans(),
)
def test_generated_text(pipeline: EmotionPipeline, words: str, with_voice: bool) -> None:
    outcome(pipeline, (SAMPLE_RATE, voice(0.4)) if with_voice else None, words, explain=with_voice)
