"""EmotionPipeline on a tiny untrained model: what goes in, what comes out, what is said of it."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from datasets import Audio, Dataset

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio.clip import Clip
from drkf.encoding import UtteranceEncoder
from drkf.errors import AudioError, ExplanationError, NoInputError, TranscriptionError
from drkf.explain import METHODS
from drkf.pipeline import NO_INPUT, EmotionPipeline, Heard
from drkf.words import clean_text, spell_out, split_by_window, without_end_marks
from tests.helpers.sound import any_sound


class FixedRecognizer:
    """Hears the same words in every clip and counts how often it was asked."""

    def __init__(self, transcript: Transcript):
        self.transcript = transcript
        self.asked = 0

    def transcribe(self, clip: Clip, english: bool = False) -> Transcript:
        self.asked += 1
        return self.transcript


class DeafRecognizer:
    def transcribe(self, clip: Clip, english: bool = False) -> Transcript:
        raise TranscriptionError("Speech recognition is not available: type the words instead.")


@pytest.fixture
def pipeline(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> EmotionPipeline:
    """Any sound counts as speech here: the tests' clips are synthetic noise."""
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    words = ("i", "am", "so", "angry")
    pipeline.recognizer = FixedRecognizer(
        Transcript(
            "i am so angry",
            "asr",
            "en",
            0.9,
            tuple(TranscriptWord(w, 0.2 * i, 0.2 * i + 0.2, 0.9) for i, w in enumerate(words)),
        )
    )
    return pipeline


def clip(seconds: float, seed: int = 0) -> tuple[int, np.ndarray]:
    samples = np.random.default_rng(seed).standard_normal(int(16_000 * seconds))
    return 16_000, (0.1 * samples).astype(np.float32)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("I'm fine!", "I'm fine"),
        ("I'm fine . ", "I'm fine"),
        ("Stop! Now!!!", "Stop! Now"),
        ('"I\'m fine."', '"I\'m fine "'),  # what stays keeps its place
        ("Really?", "Really?"),
        ("What?!", "What?"),
        ("Well...", "Well"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_end_marks_are_left_out_but_questions_stay(said: str, read: str) -> None:
    assert without_end_marks(said) == read


def test_end_marks_decide_nothing_where_a_voice_is_heard(pipeline: EmotionPipeline) -> None:
    answers = [pipeline.analyze(clip(1.0), f"I am fine{mark}") for mark in ("", ".", "!")]
    assert answers[0].fused == answers[1].fused == answers[2].fused
    assert answers[0].text == answers[1].text == answers[2].text
    assert answers[0].relevance is not None and answers[2].relevance is not None
    assert [word.word for word in answers[2].relevance.words] == ["I", "am", "fine!"]
    values = [[word.value for word in a.relevance.words] for a in answers if a.relevance]
    assert values[0] == pytest.approx(values[2])
    # Without a voice they are all that tells how a sentence is meant.
    typed = [pipeline.analyze(text=f"I am fine{mark}").fused for mark in (".", "!")]
    assert typed[0] != typed[1]


def test_voice_and_words(pipeline: EmotionPipeline) -> None:
    analysis = pipeline.analyze(clip(1.5))
    assert analysis.transcript.source == "asr"
    for prediction in (analysis.fused, analysis.audio, analysis.text):
        assert prediction is not None
        assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-5)
    assert analysis.inconsistency is not None
    assert 0 <= analysis.inconsistency.discrimination <= 1
    assert analysis.shapley is not None and analysis.relevance is not None
    assert [w.word for w in analysis.relevance.words] == ["i", "am", "so", "angry"]
    assert analysis.relevance.words[3].start_seconds == pytest.approx(0.6)
    assert analysis.relevance.times[-1].end_seconds == pytest.approx(1.5, abs=0.05)
    assert analysis.clip_seconds == pytest.approx(1.5)
    assert {"decode", "recognise", "encode_audio", "encode_text", "predict", "explain"} <= set(
        analysis.timings
    )
    assert len(analysis.checkpoint_hash) == 64


def test_analysis_is_json(pipeline: EmotionPipeline) -> None:
    data = json.loads(json.dumps(pipeline.analyze(clip(1.0)).to_dict(), allow_nan=False))
    assert data["emotion"] in data["probabilities"]
    assert set(data["audio_probabilities"]) == set(pipeline.info.labels)


def test_recordings_come_as_other_libraries_hold_them(
    pipeline: EmotionPipeline, tmp_path: Path
) -> None:
    rate, samples = clip(1.0)
    path = tmp_path / "one.wav"
    soundfile.write(path, samples, rate, "FLOAT")
    table = Dataset.from_dict({"audio": [str(path)] * 2}).cast_column("audio", Audio(decode=False))
    expected = pipeline((rate, samples), explain=False).fused
    with path.open("rb") as file:
        for source in (
            path,
            file,
            io.BytesIO(path.read_bytes()),
            (samples, rate),
            {"array": samples, "sampling_rate": rate, "path": None},
            {"bytes": path.read_bytes(), "path": "one.wav"},
            table[0]["audio"],
            SimpleNamespace(
                get_all_samples=lambda: SimpleNamespace(
                    data=torch.from_numpy(samples)[None], sample_rate=rate
                )
            ),
        ):
            assert pipeline(source, explain=False).fused == expected, source
    for array in (samples, samples.tolist(), torch.from_numpy(samples)):
        found = pipeline.analyze(array, explain=False, sampling_rate=rate)
        assert found.fused == expected
    for several in ([path] * 2, table["audio"]):
        assert [one.fused for one in pipeline(several, explain=False)] == [expected] * 2
    with pytest.raises(AudioError, match="sampling_rate="):
        pipeline(samples)


def test_a_list_gives_a_list(pipeline: EmotionPipeline) -> None:
    both = pipeline([clip(1.0), None], ["i am fine", "so very sad"], explain=False)
    assert [one.transcript.text for one in both] == ["i am fine", "so very sad"]
    assert both[0].audio is not None and both[1].audio is None
    arrays = [clip(1.0)[1], clip(1.2)[1]]
    heard = pipeline(arrays, transcribe=False, explain=False, sampling_rate=16_000)
    assert [one.clip_seconds for one in heard] == pytest.approx([1.0, 1.2])
    said = pipeline.analyze(text=["i am", "fine"])
    assert [one.transcript.text for one in said] == ["i am", "fine"]
    assert said[0].relevance is not None
    assert pipeline.analyze([]) == []
    with pytest.raises(NoInputError, match="as many texts"):
        pipeline([clip(1.0)], ["i am", "fine"])
    with pytest.raises(NoInputError, match="as many texts"):
        pipeline([clip(1.0)], "i am")
    with pytest.raises(AudioError, match=r"At place 1 of the list: .*is only 0\.10 s long"):
        pipeline([clip(1.0), clip(0.1)], explain=False)


def test_words_alone(pipeline: EmotionPipeline) -> None:
    analysis = pipeline.analyze(text="i am happy")
    assert analysis.audio is None and analysis.inconsistency is None
    assert analysis.fused == analysis.text
    assert analysis.transcript == Transcript("i am happy", "typed")


def test_voice_alone(pipeline: EmotionPipeline) -> None:
    analysis = pipeline.analyze(clip(1.0), transcribe=False)
    assert analysis.text is None and analysis.inconsistency is None
    assert analysis.fused == analysis.audio
    assert analysis.transcript.source == "none"


def test_typed_words_are_not_recognised_again(pipeline: EmotionPipeline) -> None:
    analysis = pipeline.analyze(clip(1.0), "i am fine")
    assert analysis.transcript == Transcript("i am fine", "typed")
    assert pipeline.recognizer.asked == 0


def test_new_words_reuse_the_encoded_voice(
    pipeline: EmotionPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = pipeline.encode(clip(1.0))

    def refuse(*_: object) -> None:
        raise AssertionError("the voice was encoded again")

    monkeypatch.setattr(UtteranceEncoder, "encode_speech", refuse)
    second = pipeline.with_text(first, "so very happy")
    assert pipeline.recognizer.asked == 1
    fresh, kept = pipeline.predict(second), pipeline.predict(first)
    assert fresh.audio is not None and kept.audio is not None
    assert fresh.audio.probabilities == pytest.approx(kept.audio.probabilities, abs=1e-5)
    assert fresh.text is not None and kept.text is not None
    assert fresh.text.probabilities != pytest.approx(kept.text.probabilities, abs=1e-3)


def test_the_neutral_shift_comes_with_the_explanation(pipeline: EmotionPipeline) -> None:
    utterance = pipeline.encode(clip(1.0), "i am fine")
    analysis = pipeline.predict(utterance)
    assert analysis.inconsistency is not None and analysis.inconsistency.neutral_shift is None
    explained = pipeline.explain(utterance, analysis).inconsistency
    assert explained is not None and explained.neutral_shift is not None
    assert explained == pipeline.with_shift(utterance, analysis).inconsistency
    words = pipeline.encode(text="i am fine")
    assert pipeline.with_shift(words, pipeline.predict(words)).inconsistency is None


def test_new_words_equal_a_fresh_analysis(pipeline: EmotionPipeline) -> None:
    edited = pipeline.predict(pipeline.with_text(pipeline.encode(clip(1.0)), "so very happy"))
    fresh = pipeline.analyze(clip(1.0), "so very happy", explain=False)
    assert edited.fused.probabilities == pytest.approx(fresh.fused.probabilities, abs=1e-6)


def test_words_taken_away_leave_the_voice(pipeline: EmotionPipeline) -> None:
    utterance = pipeline.with_text(pipeline.encode(clip(1.0)), " ")
    assert pipeline.predict(utterance).text is None


@pytest.mark.parametrize(
    "text", [None, "", "  \n\t ", "\x00\x07", "\u200b", "\ufeff \u200d", "\u0301", "\u2028"]
)
def test_nothing_at_all(pipeline: EmotionPipeline, text: str | None) -> None:
    with pytest.raises(NoInputError, match=NO_INPUT):
        pipeline.analyze(None, text)


def test_silence_is_said_and_not_transcribed(pipeline: EmotionPipeline) -> None:
    silence = 16_000, np.zeros(16_000, dtype=np.float32)
    with pytest.raises(AudioError, match="No speech"):
        pipeline.analyze(silence)
    analysis = pipeline.analyze(silence, "i am happy")
    assert analysis.audio is None
    assert any("No speech" in warning for warning in analysis.warnings)
    assert pipeline.recognizer.asked == 0


def test_other_words_leave_what_was_said_of_the_recording(pipeline: EmotionPipeline) -> None:
    silence = 16_000, np.zeros(16_000, dtype=np.float32)
    for recording, words, note in (
        (silence, "i am happy", "No speech"),
        (clip(65.0), None, "windows"),
    ):
        utterance = pipeline.encode(recording, words)
        again = pipeline.with_text(utterance, "so very sad")
        assert [note in warning for warning in again.warnings] == [True]
    assert pipeline.with_text(pipeline.encode(clip(1.0)), "so very sad").warnings == ()


def test_a_piece_of_speech_is_encoded_without_being_judged_again(
    pipeline: EmotionPipeline,
) -> None:
    breath = Clip(np.full(8_000, 1e-4, dtype=np.float32))
    with pytest.raises(AudioError, match="No speech"):
        pipeline.encode(breath)
    utterance = pipeline.encode_heard(Heard(breath, Transcript("", "none")))
    assert pipeline.predict(utterance).audio is not None


def test_without_a_recogniser_the_voice_is_analysed(pipeline: EmotionPipeline) -> None:
    pipeline.recognizer = DeafRecognizer()
    analysis = pipeline.analyze(clip(1.0))
    assert analysis.text is None
    assert any("not available" in warning for warning in analysis.warnings)


def test_no_words_recognised(pipeline: EmotionPipeline) -> None:
    pipeline.recognizer = FixedRecognizer(Transcript("", "asr"))
    analysis = pipeline.analyze(clip(1.0))
    assert analysis.text is None
    assert any("No words" in warning for warning in analysis.warnings)


def test_other_languages_get_a_note(pipeline: EmotionPipeline) -> None:
    pipeline.recognizer = FixedRecognizer(Transcript("ich bin", "asr", "de", 0.9))
    assert any("English" in warning for warning in pipeline.analyze(clip(1.0)).warnings)
    assert any("English" in w for w in pipeline.analyze(text="Я очень рад i").warnings)
    assert not pipeline.analyze(text="i am happy").warnings


def test_long_text_is_cut_with_a_note(pipeline: EmotionPipeline) -> None:
    analysis = pipeline.analyze(text="i am so very happy " * 200)
    assert any("first" in warning for warning in analysis.warnings)
    assert analysis.relevance is not None and len(analysis.relevance.words) < 60
    assert pipeline.analyze(text="i am \u200d happy \u200d").warnings == (), "nothing was cut"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script> i", "🙂🙂 i am happy", "‮ i happy", "a " * 50_000, "\ud800 i"],
)
def test_odd_text_is_analysed(pipeline: EmotionPipeline, text: str) -> None:
    analysis = pipeline.analyze(text=text)
    json.dumps(analysis.to_dict()).encode()
    analysis.transcript.text.encode()


def test_long_clips_are_analysed_in_windows(pipeline: EmotionPipeline) -> None:
    analysis = pipeline.analyze(clip(65.0))
    assert any("windows" in warning for warning in analysis.warnings)
    utterance = pipeline.encode(clip(65.0))
    assert len(utterance.encoded.speech.hidden) == 3
    assert float(utterance.encoded.weights.sum()) == pytest.approx(1)
    assert analysis.relevance is not None
    assert analysis.relevance.times[-1].end_seconds == pytest.approx(65.0, abs=0.1)


def test_recognised_words_go_to_their_window() -> None:
    words = (
        TranscriptWord("early", 1, 2, 1),
        TranscriptWord("words", 3, 4, 1),
        TranscriptWord("late", 31, 32, 1),
    )
    transcript = Transcript("early words late", "asr", words=words)
    assert split_by_window(transcript, (0.0, 20.0, 30.0)) == [
        (0, "early words"),
        (0, ""),
        (12, "late"),
    ]
    typed = Transcript("early words", "typed")
    assert split_by_window(typed, (0.0, 30.0)) == [(0, "early words")] * 2


def test_clean_text_keeps_scripts_and_drops_controls() -> None:
    assert clean_text("a\x00b\n\nc ") == "a b c"
    assert clean_text("👩‍👩‍👧 שלום") == "👩‍👩‍👧 שלום"


def test_words_are_explained_before_the_rest(pipeline: EmotionPipeline) -> None:
    utterance = pipeline.encode(clip(1.0), "i am so happy")
    analysis = pipeline.predict(utterance)
    first, last = pipeline.explain_in_steps(utterance, analysis)
    assert first.relevance is not None and last.relevance is not None
    assert first.shapley is None and first.relevance.times == ()
    assert first.relevance.words == last.relevance.words
    assert last.relevance == pipeline.relevance(utterance, analysis.emotion)
    assert last.relevance.times and last.relevance.faithfulness and last.shapley
    assert first.fused == last.fused == analysis.fused
    (voice_alone,) = pipeline.explain_in_steps(
        alone := pipeline.encode(clip(1.0), None, transcribe=False), pipeline.predict(alone)
    )
    assert voice_alone.relevance is not None and voice_alone.relevance.times


def test_unknown_methods_and_emotions_are_named(pipeline: EmotionPipeline) -> None:
    utterance = pipeline.encode(clip(1.0))
    analysis = pipeline.predict(utterance)
    # Rollout explains attention, not words and times.
    for method in ("lime", "rollout"):
        with pytest.raises(ExplanationError, match=f"{method}.*{', '.join(METHODS)}"):
            pipeline.explain(utterance, analysis, method)
    with pytest.raises(ExplanationError, match=r"boredom.*anger"):
        pipeline.shapley(utterance, "boredom")


def test_concurrent_calls_give_what_they_give_alone(pipeline: EmotionPipeline) -> None:
    inputs = [(clip(0.6 + 0.2 * i, seed=i), f"i am {w}") for i, w in enumerate(("happy", "sad"))]
    inputs = inputs * 4
    alone = [pipeline.analyze(*given).to_dict() for given in inputs]
    found: list[dict | None] = [None] * len(inputs)

    def work(i: int) -> None:
        found[i] = pipeline.analyze(*inputs[i]).to_dict()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, found, strict=True):
        assert other is not None
        assert other["probabilities"] == pytest.approx(one["probabilities"], abs=1e-5)
        assert other["shapley"]["phi"] == pytest.approx(one["shapley"]["phi"], abs=1e-4)


def test_the_model_is_left_as_it_was(pipeline: EmotionPipeline) -> None:
    before = {k: v.clone() for k, v in pipeline.model.state_dict().items()}
    pipeline.analyze(clip(1.0))
    assert all(torch.equal(v, before[k]) for k, v in pipeline.model.state_dict().items())
    assert all(p.grad is None for p in pipeline.model.parameters())


def test_what_is_known_of_the_voice_counts_where_the_model_uses_it(
    pipeline: EmotionPipeline, voiced_checkpoint: Path
) -> None:
    voiced = EmotionPipeline.from_pretrained(voiced_checkpoint)
    assert voiced.uses_voice_reference and not pipeline.uses_voice_reference
    for model, changes in ((voiced, True), (pipeline, False)):
        others = [model.encode(clip(1.0, seed), "i am", transcribe=False) for seed in (1, 2)]
        voice = model.voice_of(others)
        assert voice is not None and voice.count.tolist() == [2]
        alone = model.encode(clip(1.2, 3), "so angry")
        known = model.encode(clip(1.2, 3), "so angry", voice=voice)
        a, b = model.predict(alone), model.predict(known)
        assert (a.fused.probabilities != b.fused.probabilities) == changes
        # The words alone know nothing of the voice, and a voice given later is the same voice.
        assert a.text.probabilities == pytest.approx(b.text.probabilities, abs=1e-6)
        later = model.predict(model.with_voice(alone, voice))
        assert later.fused.probabilities == pytest.approx(b.fused.probabilities, abs=1e-6)
        again = model.predict(model.with_text(known, "so angry"))
        assert again.fused.probabilities == pytest.approx(b.fused.probabilities, abs=1e-6)
        whole = model.analyze(clip(1.2, 3), "so angry", explain=False, voice=voice)
        assert whole.fused.probabilities == pytest.approx(b.fused.probabilities, abs=1e-6)
    assert pipeline.voice_of([pipeline.encode(text="i am")]) is None


def test_emoji_are_read_by_their_names_and_shown_as_typed(pipeline: EmotionPipeline) -> None:
    typed = "i am 😡"
    analysis = pipeline.analyze(text=typed)
    assert analysis.transcript.text == typed
    assert analysis.relevance is not None
    assert [w.word for w in analysis.relevance.words][:2] == ["i", "am"]
    named = pipeline.analyze(text="i am enraged face")
    assert analysis.fused.probabilities == pytest.approx(named.fused.probabilities, abs=1e-5)
    text, places = spell_out("so 👍🏽 ok")
    assert text.split() == ["so", "thumbs", "up", "ok"] and len(places) == len(text) + 1
    assert places[text.index("thumbs")] == 3 and places[text.index("ok")] == 6


def test_words_that_cannot_be_read_are_no_class(pipeline: EmotionPipeline) -> None:
    unknown = "مرحبا مرحبا"
    with pytest.raises(NoInputError, match="English"):
        pipeline.analyze(text=unknown)
    analysis = pipeline.analyze(clip(1.0), unknown)
    assert analysis.text is None and analysis.inconsistency is None
    assert any("can read none" in warning for warning in analysis.warnings)
