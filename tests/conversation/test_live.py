"""Live mode and conversations: windows, words, silence, lost sound, limits; no model needed."""

from __future__ import annotations

import base64
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from drkf.analysis import Prediction, Transcript, TranscriptWord
from drkf.audio.clip import SAMPLE_RATE, Clip
from drkf.audio.speech import SpeechSpan, speech_spans
from drkf.audio.stream import Resampler, as_mono, decode_piece
from drkf.conversation import live
from drkf.conversation import recording as conversation
from drkf.conversation.live import LiveSession
from drkf.errors import AudioError, TranscriptionError
from drkf.gallery import load_gallery
from drkf.labels import EMOTIONS
from drkf.pipeline import EmotionPipeline, Heard
from tests.helpers.sound import any_sound

PIECE = 0.5


class FakeModel:
    """Stands for pipeline, recogniser and detector; "speech" is whatever is louder than 0.1."""

    def __init__(self) -> None:
        self.calibration = SimpleNamespace(discrimination_threshold=0.4)
        self.recognizer = self
        self.uses_voice_reference = False
        self.windows: list[Heard] = []
        self.recognised: list[float] = []
        self.error: TranscriptionError | None = None
        self.wait: threading.Event | None = None
        self.entered = threading.Event()

    def transcribe(self, clip: Clip, english: bool = False) -> Transcript:
        """One word a second of loud sound."""
        self.recognised.append(clip.seconds)
        if self.error is not None:
            raise self.error
        seconds = clip.samples[: len(clip.samples) // SAMPLE_RATE * SAMPLE_RATE]
        loud = np.abs(seconds.reshape(-1, SAMPLE_RATE)).mean(axis=1) > 0.1
        words = tuple(
            TranscriptWord(f"word{i}", i + 0.1, i + 0.9, 0.9) for i in np.flatnonzero(loud).tolist()
        )
        return Transcript(" ".join(w.word for w in words), "asr", words=words)

    def predict_batch(self, pipeline: FakeModel, heard: Sequence[Heard]) -> list[SimpleNamespace]:
        self.entered.set()
        if self.wait is not None:
            assert self.wait.wait(60)
        self.windows += heard
        prediction = Prediction(EMOTIONS, (0.7, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05))
        return [
            SimpleNamespace(
                fused=prediction,
                inconsistency=0.6 if h.transcript.text else None,
                inconsistent=True if h.transcript.text else None,
                agreement="contradict" if h.transcript.text else None,
                uncertain=False,
            )
            for h in heard
        ]

    def speech_spans(
        self, clip: Clip, pause: float, longest: float = float("inf"), pad: float = 0
    ) -> list[SpeechSpan]:
        frame = SAMPLE_RATE // 10
        loud = [
            bool(np.abs(clip.samples[i : i + frame]).mean() > 0.1)
            for i in range(0, len(clip.samples), frame)
        ]
        spans: list[SpeechSpan] = []
        for i, speaks in enumerate(loud):
            start, end = i / 10, min((i + 1) / 10, clip.seconds)
            if not speaks:
                continue
            if spans and start - spans[-1].end_seconds < pause:
                spans[-1] = SpeechSpan(spans[-1].start_seconds, end)
            else:
                spans.append(SpeechSpan(start, end))
        return spans


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    fake = FakeModel()
    for module in (live, conversation):
        monkeypatch.setattr(module, "predict_batch", fake.predict_batch)
        monkeypatch.setattr(module, "speech_spans", fake.speech_spans)
    monkeypatch.setattr(
        live, "find_speech", lambda clip: any_sound(clip) if fake.speech_spans(clip, 0.6) else None
    )
    return fake


class Time:
    """A clock that is turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def noise(seconds: float, level: float = 0.5, rate: int = SAMPLE_RATE) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (level * rng.choice([-1.0, 1.0], round(seconds * rate))).astype(np.float32)


def play(session: LiveSession, sound: np.ndarray, rate: int = SAMPLE_RATE) -> None:
    """The sound in pieces of half a second, with a look after every second one."""
    size = round(PIECE * rate)
    for i, start in enumerate(range(0, len(sound), size)):
        session.receive(rate, sound[start : start + size])
        if i % 2:
            session.step()


def test_every_second_of_speech_is_a_moment_and_windows_are_at_most_four_seconds(
    model: FakeModel,
) -> None:
    session = LiveSession(model)
    play(session, noise(8))
    view = session.view()
    assert [m.end_seconds for m in view.moments] == pytest.approx(range(1, 9))
    assert all(m.prediction is not None for m in view.moments)
    assert view.state == "speech" and view.skipped == 0 and view.lost == 0
    lengths = [h.clip.seconds for h in model.windows if h.clip is not None]
    assert lengths[0] == pytest.approx(1) and max(lengths) == pytest.approx(4)
    assert lengths[3:] == pytest.approx([4] * 5)


def test_silence_is_silence_and_never_an_emotion(model: FakeModel) -> None:
    session = LiveSession(model)
    play(session, np.concatenate([np.zeros(3 * SAMPLE_RATE), noise(2), np.zeros(3 * SAMPLE_RATE)]))
    spoken = [m.prediction is not None for m in session.view().moments]
    assert spoken == [False] * 3 + [True] * 2 + [False] * 3
    assert session.view().state == "silence"
    # The window does not reach into the silence before the words.
    assert max(h.clip.seconds for h in model.windows if h.clip) < 2.5


def test_without_any_sound_it_waits_and_then_says_so(model: FakeModel) -> None:
    time = Time()
    session = LiveSession(model, clock=time)
    assert session.step() is False
    assert session.view().state == "waiting"
    time.now += 10
    assert session.view().state == "stalled"
    session.receive(SAMPLE_RATE, noise(1))
    assert session.step() and session.view().state == "speech"


def test_words_come_every_few_seconds_and_when_an_utterance_ends(model: FakeModel) -> None:
    session = LiveSession(model)
    play(session, noise(8))
    assert len(model.recognised) == 1, "while somebody speaks: every five seconds"
    partial = session.view().text
    assert partial.startswith("word0")
    play(session, np.zeros(2 * SAMPLE_RATE))
    assert len(model.recognised) == 2
    assert session.view().text.split() == [f"word{i}" for i in range(8)], "and none twice"
    play(session, np.zeros(10 * SAMPLE_RATE))
    assert len(model.recognised) == 2, "silence is not recognised"


def test_long_speech_is_recognised_in_parts_and_no_word_is_lost_or_repeated(
    model: FakeModel,
) -> None:
    session = LiveSession(model, limit_seconds=100)
    play(session, noise(40))
    assert max(model.recognised) <= 24.5
    session.receive(SAMPLE_RATE, np.zeros(SAMPLE_RATE, np.float32))
    session.step()
    words = [*session._words, *session._partial]
    starts = [word.start_seconds for word in words]
    assert starts == sorted(starts)
    assert all(b - a > 0.5 for a, b in pairwise(starts))
    assert 36 <= len(words) <= 41


def test_windows_are_read_with_the_newest_words_of_the_same_utterance(model: FakeModel) -> None:
    session = LiveSession(model)
    play(session, noise(9))
    assert model.windows[0].transcript.text == ""
    assert session.view().moments[0].inconsistency is None, "no words yet: nothing to compare"
    last = model.windows[-1].transcript
    assert last.source == "asr" and "word0" not in last.text and "word4" in last.text
    with_words = [m for m in session.view().moments if m.inconsistency is not None]
    assert len(with_words) >= 4 and all(m.contradicts for m in with_words)
    play(session, np.concatenate([np.zeros(2 * SAMPLE_RATE), noise(2)]))
    assert model.windows[-1].transcript.text == "", "another utterance has words of its own"


def test_a_recogniser_that_is_missing_is_said_once_and_the_voice_goes_on(model: FakeModel) -> None:
    model.error = TranscriptionError("no weights")
    session = LiveSession(model)
    play(session, noise(14))
    assert len(model.recognised) == 1
    assert session.view().note == "no weights" and session.view().text == ""
    assert all(m.prediction is not None for m in session.view().moments)


def test_it_skips_windows_instead_of_queueing_them(model: FakeModel) -> None:
    session = LiveSession(model)
    play(session, noise(2))
    model.wait, model.entered = threading.Event(), threading.Event()
    session.receive(SAMPLE_RATE, noise(1))
    slow = threading.Thread(target=session.step)
    slow.start()
    assert model.entered.wait(60)
    for _ in range(5):
        session.receive(SAMPLE_RATE, noise(1))  # does not wait for the model
        assert session.step() is False
    model.wait.set()
    slow.join(60)
    model.wait = None
    assert session.step() is True
    view = session.view()
    assert [m.end_seconds for m in view.moments] == pytest.approx([1, 2, 3, 8])
    assert view.skipped == 4
    assert view.moments[-1].start_seconds == pytest.approx(4), "what no window saw stays empty"
    newest = model.windows[-1].clip
    assert newest is not None and newest.seconds == pytest.approx(4)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_any_rate_is_resampled_without_seams(rate: int) -> None:
    t = np.arange(3 * rate) / rate
    tone = np.sin(2 * np.pi * 440 * t).astype(np.float32)
    resampler = Resampler(rate)
    pieces = [resampler.feed(tone[i : i + rate // 2]) for i in range(0, len(tone), rate // 2)]
    out = np.concatenate(pieces)
    assert len(out) == pytest.approx(3 * SAMPLE_RATE, abs=200)
    spectrum = np.abs(np.fft.rfft(out[2000:-2000] * np.hanning(len(out) - 4000)))
    peak = spectrum.argmax()
    assert peak * SAMPLE_RATE / (len(out) - 4000) == pytest.approx(440, abs=1)
    beside = np.delete(spectrum, np.arange(max(0, peak - 20), peak + 21))
    assert beside.max() < spectrum.max() / 1000, "a click at a seam would show here"


def test_odd_pieces_do_not_stop_the_stream(model: FakeModel) -> None:
    session = LiveSession(model)
    play(session, noise(2))
    session.receive(SAMPLE_RATE, np.zeros(0, np.float32))
    session.receive(SAMPLE_RATE, np.zeros((0, 2), np.float32))
    session.receive(48_000, np.stack([noise(1, rate=48_000)] * 2, axis=1))
    session.receive(8_000, (noise(1, rate=8_000) * 32767).astype(np.int16))
    for rate, samples in [
        (0, noise(1)),
        (10**7, noise(1)),
        (SAMPLE_RATE, np.full(800, np.nan, np.float32)),
        (SAMPLE_RATE, np.zeros((1, 2, 3), np.float32)),
        (SAMPLE_RATE, np.array(["a"])),
    ]:
        session.receive(rate, samples)
    session.lose()
    assert session.step()
    view = session.view()
    assert view.lost == 6
    assert view.seconds == pytest.approx(4, abs=0.05)
    assert view.moments[-1].prediction is not None


def test_it_stops_by_itself_and_takes_in_nothing_more(model: FakeModel) -> None:
    session = LiveSession(model, limit_seconds=3)
    play(session, noise(10))
    assert session.view().state == "over"
    assert session.seconds == pytest.approx(3)
    time = Time()
    idle = LiveSession(model, limit_seconds=3, clock=time)
    time.now += 4
    assert idle.view().state == "over", "also where no sound comes"


def test_sound_is_kept_for_seconds_only_and_not_at_all_once_closed(model: FakeModel) -> None:
    session = LiveSession(model)
    play(session, noise(60))
    assert len(session._samples) <= live.KEPT_SECONDS * SAMPLE_RATE
    session.close()
    assert len(session._samples) == 0
    assert session.view().seconds == pytest.approx(60)
    assert session.view().mostly() == ("anger", pytest.approx(1))
    session.receive(SAMPLE_RATE, noise(1))
    assert len(session._samples) == 0 and session.step() is False


def test_a_piece_comes_as_base64_of_16_bit_sound() -> None:
    sound = (noise(0.5, rate=48_000) * 32767).astype("<i2")
    assert (decode_piece(base64.b64encode(sound.tobytes()).decode()) == sound).all()
    assert len(decode_piece("")) == 0
    for nonsense in ("AAA", "\u00e9", "AA==", "<script>", "A" * 10_000_000):
        with pytest.raises(ValueError):
            decode_piece(nonsense)


def test_mono_is_the_mean_within_full_scale() -> None:
    stereo = np.array([[1.0, 0.0], [4.0, 4.0]])
    assert as_mono(SAMPLE_RATE, stereo) == pytest.approx([0.5, 1.0])


def test_the_detector_finds_speech_between_silences_and_none_in_noise() -> None:
    voice = next(item.audio for item in load_gallery() if item.audio is not None)
    samples, rate = soundfile.read(voice, dtype="float32")
    assert rate == SAMPLE_RATE
    quiet = np.zeros(2 * SAMPLE_RATE, np.float32)
    clip = Clip(np.concatenate([quiet, samples, quiet, samples, quiet]))
    spans = speech_spans(clip, 0.7, pad_seconds=0.2)
    assert len(spans) >= 2
    length = len(samples) / SAMPLE_RATE
    middle = 4 + length
    assert all(1.5 < s.start_seconds < s.end_seconds < clip.seconds - 1.5 for s in spans)
    assert not any(s.start_seconds < middle - 1 < s.end_seconds for s in spans)
    assert speech_spans(Clip(noise(3, 0.02)), 0.7) == []
    assert speech_spans(Clip(quiet), 0.7) == []


# Conversations


def talk() -> np.ndarray:
    """Utterances at 1 to 4, 6 to 8 and 10 to 11 s."""
    parts = [(1, 0), (3, 1), (2, 0), (2, 1), (2, 0), (1, 1), (2, 0)]
    return np.concatenate([noise(s) * loud for s, loud in parts]).astype(np.float32)


def run(model: FakeModel, sound: np.ndarray) -> tuple[list[conversation.Progress], object]:
    *progress, last = conversation.analyse_conversation(model, (SAMPLE_RATE, sound))
    return progress, last


def test_a_conversation_is_cut_recognised_once_and_shared(model: FakeModel) -> None:
    progress, found = run(model, talk())
    assert isinstance(found, conversation.Conversation)
    times = [(round(u.start_seconds, 1), round(u.end_seconds, 1)) for u in found.utterances]
    assert times == [(1, 4), (6, 8), (10, 11)]
    assert len(model.recognised) == 1, "all of it fits into one pass"
    assert sum(len(u.transcript.words) for u in found.utterances) == 6
    assert [len(u.transcript.words) for u in found.utterances] == [3, 2, 1]
    for utterance in found.utterances:
        for word in utterance.transcript.words:
            assert 0 <= word.start_seconds < utterance.end_seconds - utterance.start_seconds
        assert utterance.transcript.text == " ".join(w.word for w in utterance.transcript.words)
    assert found.clip_of(1).seconds == pytest.approx(2)
    assert {p.stage for p in progress} == {"recognise", "analyse"}
    moments = found.moments
    assert moments[0].start_seconds == 0 and moments[-1].end_seconds == pytest.approx(13)
    for a, b in pairwise(moments):
        assert a.end_seconds == b.start_seconds
    assert [m.prediction is None for m in moments] == [True, False] * 3 + [True]


def test_a_long_conversation_is_recognised_in_pieces_with_progress(model: FakeModel) -> None:
    sound = np.tile(talk(), 6)  # 78 s
    progress, found = run(model, sound)
    assert isinstance(found, conversation.Conversation)
    assert len(found.utterances) == 18
    assert max(model.recognised) <= conversation.PIECE_SECONDS
    done = [p.done for p in progress if p.stage == "recognise"]
    assert len(done) == len(model.recognised) > 2 and done == sorted(done)
    assert len(model.windows) == 18
    batches = [p for p in progress if p.stage == "analyse"]
    assert len(batches) == 2 and batches[0].total == 18


def test_a_conversation_without_a_recogniser_is_heard_by_voice_alone(model: FakeModel) -> None:
    model.error = TranscriptionError("no weights")
    _, found = run(model, talk())
    assert isinstance(found, conversation.Conversation)
    assert found.warnings == ("no weights The voice alone is analysed.",)
    assert all(u.transcript.text == "" for u in found.utterances)


def test_silence_and_too_long_a_recording_are_refused(model: FakeModel) -> None:
    with pytest.raises(AudioError, match="No speech"):
        run(model, np.zeros(5 * SAMPLE_RATE, np.float32))
    with pytest.raises(AudioError, match="longer than 10 minutes"):
        run(model, np.zeros(601 * SAMPLE_RATE, np.float32))


def test_every_word_goes_to_the_nearest_utterance() -> None:
    spans = [SpeechSpan(0, 2), SpeechSpan(5, 7)]
    words = [
        TranscriptWord(word, start, start + 0.4, 1.0)
        for word, start in (("a", 0.1), ("b", 2.5), ("c", 4.5), ("d", 6.0), ("e", 9.0))
    ]
    assert [t.text for t in conversation.share_words(words, spans)] == ["a b", "c d e"]
    assert [t.source for t in conversation.share_words([], spans)] == ["none", "none"]


# The figure


def test_the_voice_is_a_running_mean_of_windows_that_do_not_overlap(
    voiced_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve seconds of speech are three windows of four."""
    pipeline = EmotionPipeline.from_pretrained(voiced_checkpoint)
    monkeypatch.setattr(
        pipeline.recognizer, "transcribe", lambda clip, english=False: Transcript("", "none")
    )
    monkeypatch.setattr(live, "find_speech", any_sound)
    monkeypatch.setattr(live, "speech_spans", lambda clip, *_: [SpeechSpan(0.0, clip.seconds)])
    sound = 0.1 * np.random.default_rng(0).standard_normal(12 * SAMPLE_RATE)
    earlier = pipeline.voice_of(
        [pipeline.encode_heard(Heard(Clip(sound.astype(np.float32)), Transcript("", "none")))]
    )
    answers = []
    for voice in (None, earlier):
        session = LiveSession(pipeline, voice=voice)
        for second in range(12):
            session.receive(SAMPLE_RATE, sound[second * SAMPLE_RATE :][:SAMPLE_RATE])
            session.step()
        view = session.view()
        assert view.stretches is not None and 3 <= view.stretches - (voice is not None) <= 4
        answers.append([moment.prediction for moment in view.moments])
    assert len(answers[0]) == 12 and answers[0][0] != answers[1][0]
