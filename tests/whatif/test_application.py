"""Applied edits: each does what it says, and only what it changes is encoded again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drkf.analysis import Transcript, TranscriptWord
from drkf.errors import AudioError, NoInputError, ScenarioError
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif.application import apply_edits, word_spans
from drkf.whatif.comparison import compare
from drkf.whatif.edits import (
    Edit,
    Gain,
    MaskWords,
    Mute,
    Noise,
    Pitch,
    Rewrite,
    Silence,
    Speed,
    SwapVoice,
)
from drkf.whatif.voices import GalleryVoice, Recording
from tests.helpers.scenarios import WORDS, sound
from tests.helpers.sound import any_sound


def test_nothing_changed_is_the_same_utterance(pipeline: EmotionPipeline, base: Utterance) -> None:
    assert apply_edits(pipeline, base, ()) is base


def test_new_words_leave_the_voice_as_it_is_encoded(
    pipeline: EmotionPipeline, base: Utterance, encodings: Counter[str]
) -> None:
    after = apply_edits(pipeline, base, [Rewrite("you are so glad")])
    assert encodings == {"encode_text": 1}
    assert after.transcript == Transcript("you are so glad", "typed")
    assert after.clip is base.clip
    change = compare(pipeline, base, after)
    assert change.after.audio == change.before.audio
    assert change.after.text != change.before.text


def test_no_words_leave_the_voice_alone(pipeline: EmotionPipeline, base: Utterance) -> None:
    analysis = pipeline.predict(apply_edits(pipeline, base, [Rewrite("  ")]))
    assert analysis.text is None and analysis.audio is not None


def test_a_changed_sound_is_read_beside_the_same_other_recordings(
    voiced_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an edit does is not mixed with what is known of the voice."""
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    pipeline = EmotionPipeline.from_pretrained(voiced_checkpoint)
    known = pipeline.voice_of([pipeline.encode(sound(1.0, seed=3), transcribe=False)])
    own = pipeline.encode(sound(1.5), WORDS, voice=known)
    louder = apply_edits(pipeline, own, [Gain(6)])
    assert louder.voice is known
    other = apply_edits(pipeline, own, [SwapVoice(Recording.of(sound(2.0, seed=1))), Gain(6)])
    assert other.voice is None


def test_another_voice_says_the_same_words(pipeline: EmotionPipeline, base: Utterance) -> None:
    other = sound(2.0, seed=1)
    after = apply_edits(pipeline, base, [SwapVoice(Recording.of(other))])
    expected = pipeline.analyze(other, WORDS, explain=False)
    assert pipeline.predict(after).fused == expected.fused
    assert after.transcript.words == ()  # those times were the other voice's


def test_a_gallery_voice(pipeline: EmotionPipeline, base: Utterance) -> None:
    item = next(item for item in load_gallery() if item.audio is not None)
    after = apply_edits(pipeline, base, [SwapVoice(GalleryVoice(item.id))])
    assert pipeline.predict(after).fused == (
        pipeline.analyze(item.audio, WORDS, explain=False).fused
    )


@pytest.mark.parametrize(
    "edit", [Silence(0.2, 0.7), Gain(6), Pitch(4), Speed(1.25), Noise(5)], ids=str
)
def test_a_changed_voice_is_what_the_changed_samples_give(
    pipeline: EmotionPipeline, base: Utterance, edit: Any
) -> None:
    after = apply_edits(pipeline, base, [edit])
    changed = edit.change(base.clip)
    assert not np.array_equal(changed.samples, base.clip.samples)
    expected = pipeline.analyze(changed, WORDS, explain=False)
    change = compare(pipeline, base, after)
    assert change.after.fused == expected.fused
    assert change.after.audio != change.before.audio
    assert change.after.text == change.before.text


def test_the_words_keep_their_times_and_a_faster_voice_has_earlier_ones(
    pipeline: EmotionPipeline, base: Utterance
) -> None:
    noisy = apply_edits(pipeline, base, [Noise(10)])
    assert noisy.transcript == base.transcript
    fast = apply_edits(pipeline, base, [Speed(2.0)])
    assert fast.transcript.words[2].start_seconds == pytest.approx(0.25)
    assert fast.clip is not None and fast.clip.seconds == pytest.approx(0.75, rel=0.05)


@pytest.mark.parametrize(("muted", "left"), [("voice", "text"), ("words", "audio")])
def test_a_muted_modality_is_none_and_the_other_decides(
    pipeline: EmotionPipeline, base: Utterance, muted: Any, left: str
) -> None:
    before = pipeline.predict(base)
    analysis = pipeline.predict(apply_edits(pipeline, base, [Mute(muted)]))
    gone = "audio" if left == "text" else "text"
    assert getattr(analysis, gone) is None
    assert analysis.inconsistency is None
    alone = getattr(before, left)
    assert analysis.fused.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
    assert (analysis.clip_seconds is None) == (muted == "voice")
    assert (analysis.transcript.source == "none") == (muted == "words")


def test_masked_words_are_as_if_they_had_not_been_said(
    pipeline: EmotionPipeline, base: Utterance, encodings: Counter[str]
) -> None:
    after = apply_edits(pipeline, base, [MaskWords((3, 5))])
    assert encodings == {"encode_text": 1}
    assert after.transcript.text == "i am so and"
    analysis = pipeline.predict(after)
    shorter = pipeline.predict(pipeline.with_text(base, "i am so and"))
    assert analysis.fused == shorter.fused != pipeline.predict(base).fused
    assert analysis.audio == pipeline.predict(base).audio


def test_a_masked_word_is_left_out_of_every_window(pipeline: EmotionPipeline) -> None:
    base = pipeline.encode(sound(61.0), WORDS)
    assert len(base.encoded.weights) == 3
    after = apply_edits(pipeline, base, [MaskWords((0,))])
    assert (after.encoded.text.mask.sum(1) < base.encoded.text.mask.sum(1)).all()


def test_words_that_stay_keep_their_times(pipeline: EmotionPipeline) -> None:
    said = Transcript(
        "so so glad",
        "asr",
        words=tuple(TranscriptWord(w, i, i + 0.5, 1) for i, w in enumerate(("so", "so", "glad"))),
    )
    after = apply_edits(pipeline, pipeline.encode(sound(3.0), said), [MaskWords((1,))])
    assert after.transcript.text == "so glad"
    assert [word.start_seconds for word in after.transcript.words] == [0, 2]


def test_edits_take_effect_in_one_order(pipeline: EmotionPipeline, base: Utterance) -> None:
    edits: list[Edit] = [Noise(10), MaskWords((0,)), Speed(1.5), Rewrite("you are"), Gain(3)]
    one = pipeline.predict(apply_edits(pipeline, base, edits))
    other = pipeline.predict(apply_edits(pipeline, base, edits[::-1]))
    assert one.fused == other.fused
    assert one.transcript.text == "are"


def test_known_voices_are_not_encoded_again(
    pipeline: EmotionPipeline, base: Utterance, encodings: Counter[str]
) -> None:
    noisy = apply_edits(pipeline, base, [Noise(10)])
    assert encodings["encode_speech"] == 1
    again = apply_edits(pipeline, base, [Noise(10), Rewrite("you are"), MaskWords((0,))], (noisy,))
    assert encodings["encode_speech"] == 1
    fresh = apply_edits(pipeline, base, [Noise(10), Rewrite("you are"), MaskWords((0,))])
    assert encodings["encode_speech"] == 2
    assert pipeline.predict(again).fused == pipeline.predict(fresh).fused


def test_words_alone_can_get_a_voice(pipeline: EmotionPipeline) -> None:
    base = pipeline.encode(text=WORDS)
    after = apply_edits(pipeline, base, [SwapVoice(Recording.of(sound(1.0))), Noise(20)])
    assert pipeline.predict(after).audio is not None
    with pytest.raises(ScenarioError, match="no voice to change"):
        apply_edits(pipeline, base, [Noise(20)])


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Silence(1.6, 2.0), "ends at 1.5 s"),
        (MaskWords((6,)), "0 to 5"),
        (MaskWords(tuple(range(6))), "mute the words instead"),
    ],
)
def test_what_does_not_fit_is_refused(
    pipeline: EmotionPipeline, base: Utterance, edit: Edit, message: str
) -> None:
    with pytest.raises(ScenarioError, match=message):
        apply_edits(pipeline, base, [edit])


def test_nothing_left_is_refused(pipeline: EmotionPipeline, base: Utterance) -> None:
    voice_alone = pipeline.encode(sound(1.0), transcribe=False)
    with pytest.raises(ScenarioError, match="nothing is left"):
        apply_edits(pipeline, voice_alone, [Mute("voice")])
    with pytest.raises(NoInputError):
        apply_edits(pipeline, pipeline.encode(text=WORDS), [Rewrite("")])
    with pytest.raises(AudioError):
        apply_edits(pipeline, voice_alone, [Silence(0, 600)])
    with pytest.raises(ScenarioError, match=r"0\.2 s"):
        apply_edits(pipeline, pipeline.encode(sound(0.4), transcribe=False), [Speed(2.0)])


def test_words_are_counted_as_the_pipeline_counts_them(pipeline: EmotionPipeline) -> None:
    text = "so,  “what” can't … you — do?"
    encoded = pipeline.encode(text=text)
    starts = [word.start_char for word in encoded.encoded.words]
    assert [start for start, _ in word_spans(encoded.transcript.text)] == starts
