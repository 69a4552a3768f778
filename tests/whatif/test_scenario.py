"""Scenarios: each edit does what it says, files read back, hostile files are refused."""

from __future__ import annotations

import base64
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio.clip import Clip
from drkf.errors import AudioError, DRKFError, NoInputError, ScenarioError
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif import scenario as scenario_module
from drkf.whatif.comparison import compare, grid, paired
from drkf.whatif.scenario import (
    EDITS,
    Edit,
    Gain,
    GalleryVoice,
    MaskWords,
    Mute,
    Noise,
    Pitch,
    Recording,
    Rewrite,
    Scenario,
    Silence,
    Speed,
    SwapVoice,
    apply,
    word_spans,
)

WORDS = "i am so angry and sad"


def sound(seconds: float, seed: int = 0) -> Clip:
    samples = np.random.default_rng(seed).standard_normal(int(16_000 * seconds))
    return Clip((0.1 * samples).astype(np.float32))


@pytest.fixture
def pipeline(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> EmotionPipeline:
    """Any sound counts as speech here: the tests' clips are synthetic noise."""
    monkeypatch.setattr("drkf.pipeline.has_speech", lambda clip: np.abs(clip.samples).max() > 1e-3)
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture
def encodings(pipeline: EmotionPipeline, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each encoder was run."""
    counts: Counter[str] = Counter()
    model = pipeline.model

    def counted(name: str) -> Callable[..., Any]:
        run = getattr(model, name)

        def call(*args: Any) -> Any:
            counts[name] += 1
            return run(*args)

        return call

    for name in ("encode_speech", "encode_text"):
        monkeypatch.setattr(model, name, counted(name))
    return counts


@pytest.fixture
def base(pipeline: EmotionPipeline) -> Utterance:
    words = tuple(
        TranscriptWord(word, 0.25 * i, 0.25 * i + 0.2, 0.9) for i, word in enumerate(WORDS.split())
    )
    return pipeline.encode(sound(1.5), Transcript(WORDS, "asr", "en", 0.9, words))


class TestEdits:
    def test_nothing_changed_is_the_same_utterance(
        self, pipeline: EmotionPipeline, base: Utterance
    ) -> None:
        assert apply(pipeline, base, ()) is base

    def test_new_words_leave_the_voice_as_it_is_encoded(
        self, pipeline: EmotionPipeline, base: Utterance, encodings: Counter[str]
    ) -> None:
        after = apply(pipeline, base, [Rewrite("you are so glad")])
        assert encodings == {"encode_text": 1}
        assert after.transcript == Transcript("you are so glad", "typed")
        assert after.clip is base.clip
        change = compare(pipeline, base, after)
        assert change.after.audio == change.before.audio
        assert change.after.text != change.before.text

    def test_no_words_leave_the_voice_alone(
        self, pipeline: EmotionPipeline, base: Utterance
    ) -> None:
        analysis = pipeline.predict(apply(pipeline, base, [Rewrite("  ")]))
        assert analysis.text is None and analysis.audio is not None

    def test_another_voice_says_the_same_words(
        self, pipeline: EmotionPipeline, base: Utterance
    ) -> None:
        other = sound(2.0, seed=1)
        after = apply(pipeline, base, [SwapVoice(Recording.of(other))])
        expected = pipeline.analyze(other, WORDS, explain=False)
        assert pipeline.predict(after).fused == expected.fused
        assert after.transcript.words == ()  # those times were the other voice's

    def test_a_gallery_voice(self, pipeline: EmotionPipeline, base: Utterance) -> None:
        item = next(item for item in load_gallery() if item.audio is not None)
        after = apply(pipeline, base, [SwapVoice(GalleryVoice(item.id))])
        assert pipeline.predict(after).fused == (
            pipeline.analyze(item.audio, WORDS, explain=False).fused
        )

    @pytest.mark.parametrize(
        "edit", [Silence(0.2, 0.7), Gain(6), Pitch(4), Speed(1.25), Noise(5)], ids=str
    )
    def test_a_changed_voice_is_what_the_changed_samples_give(
        self, pipeline: EmotionPipeline, base: Utterance, edit: Any
    ) -> None:
        after = apply(pipeline, base, [edit])
        changed = edit.change(base.clip)
        assert not np.array_equal(changed.samples, base.clip.samples)
        expected = pipeline.analyze(changed, WORDS, explain=False)
        change = compare(pipeline, base, after)
        assert change.after.fused == expected.fused
        assert change.after.audio != change.before.audio
        assert change.after.text == change.before.text

    def test_the_words_keep_their_times_and_a_faster_voice_has_earlier_ones(
        self, pipeline: EmotionPipeline, base: Utterance
    ) -> None:
        noisy = apply(pipeline, base, [Noise(10)])
        assert noisy.transcript == base.transcript
        fast = apply(pipeline, base, [Speed(2.0)])
        assert fast.transcript.words[2].start_seconds == pytest.approx(0.25)
        assert fast.clip is not None and fast.clip.seconds == pytest.approx(0.75, rel=0.05)

    @pytest.mark.parametrize(("muted", "left"), [("voice", "text"), ("words", "audio")])
    def test_a_muted_modality_is_none_and_the_other_decides(
        self, pipeline: EmotionPipeline, base: Utterance, muted: Any, left: str
    ) -> None:
        before = pipeline.predict(base)
        analysis = pipeline.predict(apply(pipeline, base, [Mute(muted)]))
        gone = "audio" if left == "text" else "text"
        assert getattr(analysis, gone) is None
        assert analysis.inconsistency is None
        alone = getattr(before, left)
        assert analysis.fused.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
        assert (analysis.clip_seconds is None) == (muted == "voice")
        assert (analysis.transcript.source == "none") == (muted == "words")

    def test_a_masked_word_has_no_relevance_and_no_influence(
        self, pipeline: EmotionPipeline, base: Utterance
    ) -> None:
        after = apply(pipeline, base, [MaskWords((3, 5))])
        analysis = pipeline.explain(after, pipeline.predict(after))
        assert analysis.relevance is not None
        assert [w.word for w in analysis.relevance.words] == ["i", "am", "so", "and"]
        hidden = ~after.encoded.text.mask & base.encoded.text.mask
        words = [base.encoded.words[3], base.encoded.words[5]]
        assert int(hidden.sum()) == sum(word.last - word.first for word in words)
        assert analysis.fused != pipeline.predict(base).fused
        assert analysis.audio == pipeline.predict(base).audio

    def test_a_masked_word_is_masked_in_every_window(self, pipeline: EmotionPipeline) -> None:
        base = pipeline.encode(sound(61.0), WORDS)
        assert len(base.encoded.weights) == 3
        after = apply(pipeline, base, [MaskWords((0,))])
        hidden = ~after.encoded.text.mask & base.encoded.text.mask
        assert (hidden.sum(1) > 0).all()

    def test_edits_take_effect_in_one_order(
        self, pipeline: EmotionPipeline, base: Utterance
    ) -> None:
        edits: list[Edit] = [Noise(10), MaskWords((0,)), Speed(1.5), Rewrite("you are"), Gain(3)]
        one = pipeline.predict(apply(pipeline, base, edits))
        other = pipeline.predict(apply(pipeline, base, edits[::-1]))
        assert one.fused == other.fused
        assert one.transcript.text == "you are"

    def test_known_voices_are_not_encoded_again(
        self, pipeline: EmotionPipeline, base: Utterance, encodings: Counter[str]
    ) -> None:
        noisy = apply(pipeline, base, [Noise(10)])
        assert encodings["encode_speech"] == 1
        again = apply(pipeline, base, [Noise(10), Rewrite("you are"), MaskWords((0,))], (noisy,))
        assert encodings["encode_speech"] == 1
        fresh = apply(pipeline, base, [Noise(10), Rewrite("you are"), MaskWords((0,))])
        assert encodings["encode_speech"] == 2
        assert pipeline.predict(again).fused == pipeline.predict(fresh).fused

    def test_words_alone_can_get_a_voice(self, pipeline: EmotionPipeline) -> None:
        base = pipeline.encode(text=WORDS)
        after = apply(pipeline, base, [SwapVoice(Recording.of(sound(1.0))), Noise(20)])
        assert pipeline.predict(after).audio is not None
        with pytest.raises(ScenarioError, match="no voice to change"):
            apply(pipeline, base, [Noise(20)])

    @pytest.mark.parametrize(
        ("edit", "message"),
        [
            (Silence(1.6, 2.0), "ends at 1.5 s"),
            (MaskWords((6,)), "only 6 words"),
            (MaskWords(tuple(range(6))), "mute the words instead"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, pipeline: EmotionPipeline, base: Utterance, edit: Edit, message: str
    ) -> None:
        with pytest.raises(ScenarioError, match=message):
            apply(pipeline, base, [edit])

    def test_nothing_left_is_refused(self, pipeline: EmotionPipeline, base: Utterance) -> None:
        voice_alone = pipeline.encode(sound(1.0), transcribe=False)
        with pytest.raises(ScenarioError, match="nothing is left"):
            apply(pipeline, voice_alone, [Mute("voice")])
        with pytest.raises(NoInputError):
            apply(pipeline, pipeline.encode(text=WORDS), [Rewrite("")])
        with pytest.raises(AudioError):
            apply(pipeline, voice_alone, [Silence(0, 600)])
        with pytest.raises(ScenarioError, match=r"0\.2 s"):
            apply(pipeline, pipeline.encode(sound(0.4), transcribe=False), [Speed(2.0)])

    @pytest.mark.parametrize(
        "make",
        [
            lambda: Noise(float("nan")),
            lambda: Noise(1000),
            lambda: Gain(True),
            lambda: Pitch("4"),  # type: ignore[arg-type]
            lambda: Speed(0),
            lambda: Silence(1, 1),
            lambda: MaskWords(()),
            lambda: MaskWords((-1,)),
            lambda: MaskWords((1.0,)),  # type: ignore[arg-type]
            lambda: Mute("everything"),  # type: ignore[arg-type]
            lambda: Rewrite(None),  # type: ignore[arg-type]
            lambda: Scenario(None, Transcript("", "none")),
            lambda: Scenario(GalleryVoice("joy"), Transcript("", "none"), (Noise(1), Noise(2))),
        ],
    )
    def test_impossible_edits_are_refused_in_one_line(self, make: Callable[[], object]) -> None:
        with pytest.raises(ScenarioError) as caught:
            make()
        assert "\n" not in str(caught.value)

    def test_words_are_counted_as_the_pipeline_counts_them(self, pipeline: EmotionPipeline) -> None:
        text = "so,  “what” can't … you — do?"
        encoded = pipeline.encode(text=text)
        starts = [word.start_char for word in encoded.encoded.words]
        assert [start for start, _ in word_spans(encoded.transcript.text)] == starts


class TestComparison:
    def test_deltas(self, pipeline: EmotionPipeline, base: Utterance) -> None:
        change = compare(pipeline, base, apply(pipeline, base, [Rewrite("hate hate"), Noise(3)]))
        assert sum(change.probability_delta.values()) == pytest.approx(0, abs=1e-5)
        before, after = change.before.inconsistency, change.after.inconsistency
        assert before is not None and after is not None
        assert change.inconsistency_delta.divergence == after.divergence - before.divergence
        assert change.shapley[0].emotion == change.before.emotion
        assert change.shapley[-1].emotion == change.after.emotion
        for entry in change.shapley:
            assert entry.before.emotion == entry.after.emotion
            assert entry.delta.text == entry.after.phi.text - entry.before.phi.text
            total = entry.delta.audio + entry.delta.text
            ends = entry.after.value_both - entry.before.value_both
            assert total == pytest.approx(ends, abs=1e-4)  # v(none) is the same for both

    def test_a_missing_side_has_no_delta(self, pipeline: EmotionPipeline, base: Utterance) -> None:
        change = compare(pipeline, base, apply(pipeline, base, [Mute("voice")]))
        assert change.inconsistency_delta.discrimination is None
        assert all(entry.delta.audio is None for entry in change.shapley)
        assert all(entry.delta.text is not None for entry in change.shapley)


class TestGrid:
    def test_each_part_is_encoded_once_and_each_cell_is_the_pair(
        self, pipeline: EmotionPipeline, encodings: Counter[str]
    ) -> None:
        voices = {"short": sound(1.0), "long": sound(61.0, 1), "other": sound(2.0, 2)}
        sentences = [WORDS, "you are glad"]
        table = grid(pipeline, voices, [*sentences, " ", WORDS])
        assert encodings == {"encode_speech": 3, "encode_text": 2}
        assert table.voices == tuple(voices) and table.sentences == tuple(sentences)
        assert table.labels == pipeline.info.labels
        for row, sentence in zip(table.cells, sentences, strict=True):
            for cell, clip in zip(row, voices.values(), strict=True):
                analysis = pipeline.analyze(clip, sentence, explain=False)
                assert cell.emotion == analysis.emotion
                assert cell.probability == pytest.approx(analysis.fused.confidence, abs=1e-5)
                assert analysis.inconsistency is not None
                assert cell.inconsistency == pytest.approx(
                    analysis.inconsistency.discrimination, abs=1e-5
                )
                assert cell.inconsistent == analysis.inconsistency.inconsistent

    def test_a_pair_can_be_explained(self, pipeline: EmotionPipeline) -> None:
        voice = pipeline.encode(sound(61.0), transcribe=False)
        together = paired(voice, pipeline.encode(text=WORDS))
        analysis = pipeline.explain(together, pipeline.predict(together))
        assert analysis.relevance is not None
        assert [word.word for word in analysis.relevance.words] == WORDS.split()

    def test_an_empty_grid_is_refused(self, pipeline: EmotionPipeline) -> None:
        with pytest.raises(ScenarioError, match="at least one"):
            grid(pipeline, {"a": sound(1.0)}, ["  "])
        with pytest.raises(ScenarioError, match="at least one"):
            grid(pipeline, {}, ["a"])


ALL_EDITS: tuple[Edit, ...] = (
    SwapVoice(GalleryVoice("joy")),
    Rewrite("so “glad” <b>ünd</b> 😀"),
    Silence(0.5, 1.25),
    Gain(-3.5),
    Pitch(2),
    Speed(0.8),
    Noise(12),
    MaskWords((0, 2)),
    Mute("words"),
)


class TestFiles:
    def test_every_edit_reads_back(self) -> None:
        assert {type(edit) for edit in ALL_EDITS} == set(EDITS.values())
        words = (TranscriptWord("so", 0.0, 0.5, 0.9),)
        scenario = Scenario(
            GalleryVoice("anger"), Transcript("so what", "asr", "en", 0.99, words), ALL_EDITS
        )
        assert Scenario.from_json(scenario.to_json()) == scenario
        assert Scenario.from_json(scenario.to_json().encode()) == scenario

    @pytest.mark.parametrize("embed", [True, False])
    def test_reloading_gives_the_same_results(
        self, pipeline: EmotionPipeline, base: Utterance, embed: bool
    ) -> None:
        other = sound(1.0, seed=5)
        edits = (SwapVoice(Recording.of(other)), Noise(10), MaskWords((1,)))
        assert base.clip is not None
        scenario = Scenario(Recording.of(base.clip), base.transcript, edits)
        expected = compare(pipeline, base, apply(pipeline, base, edits))
        loaded = Scenario.from_json(scenario.to_json(embed_recordings=embed))
        if not embed:
            with pytest.raises(ScenarioError, match=r"recording of 1\.5 s"):
                loaded.encode(pipeline)
            loaded = loaded.with_recordings([other, base.clip])
        before = loaded.encode(pipeline)
        again = compare(pipeline, before, apply(pipeline, before, loaded.edits))
        for name in ("before", "after"):
            one, two = getattr(expected, name), getattr(again, name)
            assert two.fused.probabilities == pytest.approx(one.fused.probabilities, abs=1e-4)
            assert two.transcript == one.transcript
        assert again.shapley[0].after.phi.audio == pytest.approx(
            expected.shapley[0].after.phi.audio, abs=1e-3
        )

    def test_a_recording_is_in_the_file_only_on_request(self) -> None:
        scenario = Scenario(Recording.of(sound(1.0)), Transcript("so", "typed"))
        assert "flac" not in scenario.to_json() and len(scenario.to_json()) < 1000
        assert "flac" in scenario.to_json(embed_recordings=True)

    def test_a_long_recording_is_not_embedded(self) -> None:
        scenario = Scenario(Recording.of(sound(61.0)), Transcript("so", "typed"))
        with pytest.raises(ScenarioError, match="at most 60 s"):
            scenario.to_json(embed_recordings=True)

    def test_another_recording_is_not_taken_for_the_missing_one(self) -> None:
        scenario = Scenario(Recording.of(sound(1.0)), Transcript("so", "typed"))
        loaded = Scenario.from_json(scenario.to_json()).with_recordings([sound(1.0, seed=9)])
        assert isinstance(loaded.voice, Recording) and loaded.voice.clip is None


def valid() -> dict[str, Any]:
    scenario = Scenario(GalleryVoice("joy"), Transcript("so what", "typed"), (Noise(10),))
    data: dict[str, Any] = json.loads(scenario.to_json())
    return data


def changed(*path: Any, to: Any) -> str:
    data = valid()
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(data)


def flac(samples: np.ndarray) -> str:
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format="FLAC")
    return base64.b64encode(file.getvalue()).decode()


HOSTILE: dict[str, str | bytes] = {
    "empty": "",
    "not JSON": "scenario",
    "not UTF-8": b"\xff\xfe\x00{",
    "a list": "[]",
    "deep": "[" * 100_000,
    "a huge number": '{"format": ' + "9" * 5000 + "}",
    "another format": changed("format", to="drkf-analysis"),
    "another version": changed("version", to=2),
    "an unknown entry": changed("__class__", to="os.system"),
    "an unknown edit": changed("edits", to=[{"edit": "__import__", "db": 1}]),
    "an edit that is a list": changed("edits", to=[["noise", 1]]),
    "an edit without values": changed("edits", to=[{"edit": "noise"}]),
    "an edit with more": changed("edits", to=[{"edit": "noise", "snr_db": 1, "then": "rm"}]),
    "edits twice": changed("edits", to=[{"edit": "gain", "db": 1}] * 2),
    "edits without end": changed("edits", to=[{"edit": "gain", "db": 1}] * 10_000),
    "edits as a word": changed("edits", to="noise"),
    "an infinite number": changed("edits", 0, "snr_db", to=1).replace(": 1}", ": 1e999}"),
    "a number without end": changed("edits", 0, "snr_db", to=10**400),
    "not a number": changed("edits", 0, "snr_db", to=float("nan")),
    "a truth value": changed("edits", 0, "snr_db", to=True),
    "out of range": changed("edits", 0, "snr_db", to=-1000),
    "words that are no text": changed("edits", to=[{"edit": "rewrite", "words": {"a": 1}}]),
    "masks that are words": changed("edits", to=[{"edit": "mask-words", "indices": ["a"]}]),
    "masks that are nested": changed("edits", to=[{"edit": "mask-words", "indices": [[1]]}]),
    "a path": changed("voice", to={"gallery": "../../etc/passwd"}),
    "words without a voice": changed("voice", to={"gallery": "words-joy"}),
    "an id that is no text": changed("voice", to={"gallery": ["joy"]}),
    "a voice that is text": changed("voice", to="joy"),
    "two voices": changed("voice", to={"gallery": "joy", "flac": ""}),
    "a file name": changed("voice", to={"file": "/etc/passwd"}),
    "a false digest": changed("voice", to={"recording": {"sha256": "0", "seconds": 1}}),
    "no length": changed("voice", to={"recording": {"sha256": "0" * 64, "seconds": -1}}),
    "not base64": changed("voice", to={"flac": "µµµ"}),
    "not audio": changed("voice", to={"flac": base64.b64encode(b"MZ" * 99).decode()}),
    "too short": changed("voice", to={"flac": flac(np.zeros(160))}),
    "no transcript": changed("transcript", to=None),
    "a transcript of numbers": changed("transcript", "text", to=7),
    "an unknown source": changed("transcript", "source", to="telepathy"),
    "a language that is a list": changed("transcript", "language", to=[]),
    "timed words that are text": changed("transcript", "words", to=["so"]),
    "times that are text": changed(
        "transcript",
        "words",
        to=[{"word": "so", "start_seconds": "0", "end_seconds": 1, "probability": 1}],
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_one_short_line(name: str) -> None:
    with pytest.raises(DRKFError) as caught:
        Scenario.from_json(HOSTILE[name])
    assert isinstance(caught.value, ScenarioError | AudioError)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 250


def test_the_file_that_the_hostile_ones_were_made_of_is_fine() -> None:
    assert Scenario.from_json(json.dumps(valid())).edits == (Noise(10),)


def test_a_huge_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_module, "MAX_FILE_BYTES", 100)
    with pytest.raises(ScenarioError, match="at most"):
        Scenario.from_json(json.dumps(valid()))


def test_control_characters_and_surrogates_in_words_are_cleaned() -> None:
    data = valid()
    data["transcript"]["text"] = "so\x00 \ud800what\n"
    assert Scenario.from_json(json.dumps(data)).transcript.text == "so what"
    data["edits"] = [{"edit": "rewrite", "words": "\ud800 so\n"}]
    scenario = Scenario.from_json(json.dumps(data))
    assert scenario.edits == (Rewrite("so"),)
    scenario.to_json().encode()
