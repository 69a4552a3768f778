"""A run gives each row what the model gives it alone, once, however often it is interrupted."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from drkf import batch, gallery
from drkf.analysis import Transcript
from drkf.audio.clip import Clip
from drkf.batch import Reading
from drkf.errors import ResultsError, TranscriptionError
from drkf.pipeline import EmotionPipeline, Heard
from drkf.workbench.outcomes import Outcome, Store
from drkf.workbench.rows import Row
from drkf.workbench.run import STOPPED, Run, RunProgress, SpeakerRun
from drkf.workbench.speakers import speaker_effect
from tests.helpers.sound import any_sound


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint: Path) -> EmotionPipeline:
    return EmotionPipeline.from_pretrained(tiny_checkpoint, device="cpu")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(batch.BATCH_ROWS, "cpu", 4)


class Counted:
    """Counts the utterances that the model really reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.count = 0
        self.largest = 0
        self.predict = batch.predict_batch
        monkeypatch.setattr(batch, "predict_batch", self)

    def __call__(
        self, pipeline: EmotionPipeline, heard: Sequence[Heard], *more: Any
    ) -> list[Reading]:
        self.count += len(heard)
        self.largest = max(self.largest, len(heard))
        return self.predict(pipeline, heard, *more)


def sentences(count: int) -> list[Row]:
    return [
        Row(f"row-{i}", text=f"i am so happy {i}", label="joy", original_label="hap", speaker="a")
        for i in range(count)
    ]


def test_rows_get_what_the_model_says_of_each(
    pipeline: EmotionPipeline, tmp_path: Path, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkf.model.precision.BFLOAT16", False)
    clips = [item.audio for item in gallery.load_gallery() if item.audio is not None][:2]
    (tmp_path / "bad.wav").write_bytes(b"RIFF no sound at all")
    rows = [
        Row("both", clips[0], "i am so happy", "joy", "hap", "ada", "female", "gallery"),
        Row("bad", tmp_path / "bad.wav", "", "joy", "joy"),
        Row("words", None, "so  sad\n", "sadness", "sad"),
        Row("voice", clips[1], "", "", "fru"),
        Row("missing", None, "", error="no clip at nowhere.wav"),
        Row("gone", tmp_path / "gone.wav", "words"),
        Row("again", clips[0], "i am so happy", "fear", "fear"),
    ]
    run = Run(pipeline, rows, Store(tmp_path / "store"), transcribe=False)
    steps = list(run.steps())
    assert steps[0] == RunProgress(2, 7, 2, 0, None)
    assert steps[-1].done == 7 and steps[-1].failed == 3 and steps[-1].seconds_left == 0
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    results = run.results()
    table = results.table.set_index("id")
    assert list(results.table["id"]) == [row.id for row in rows]
    assert table.loc["missing", "error"] == "no clip at nowhere.wav"
    assert "cannot be read" in table.loc["gone", "error"] and table.loc["gone", "hash"] == ""
    assert table.loc["bad", "error"] and "\n" not in table.loc["bad", "error"]
    assert table.loc["bad", "emotion"] == "" and pd.isna(table.loc["bad", "correct"])
    for row in (rows[0], rows[2], rows[3]):
        alone = pipeline.analyze(row.audio, row.text, transcribe=False, explain=False)
        found = table.loc[row.id]
        assert found["emotion"] == alone.emotion
        assert found["text"] == alone.transcript.text
        assert found["text_source"] == alone.transcript.source
        assert found["uncertain"] == alone.uncertain
        assert (found["duration"] == alone.clip_seconds) or alone.clip_seconds is None
        for kind, prediction in (
            ("p_", alone.fused),
            ("voice_", alone.audio),
            ("words_", alone.text),
        ):
            values = found[[kind + label for label in results.labels]].to_numpy(dtype=float)
            if prediction is None:
                assert np.isnan(values).all()
            else:
                np.testing.assert_allclose(values, prediction.probabilities, atol=1e-4)
        if alone.inconsistency is None:
            assert np.isnan(found["inconsistency"]) and pd.isna(found["inconsistent"])
        else:
            assert found["inconsistency"] == pytest.approx(
                alone.inconsistency.discrimination, abs=1e-4
            )
            assert found["inconsistent"] == alone.inconsistency.inconsistent
    assert table.loc["both", "correct"] == (table.loc["both", "emotion"] == "joy")
    assert pd.isna(table.loc["voice", "correct"]) and table.loc["voice", "original_label"] == "fru"
    same = [column for column in table if column.startswith("p_")]
    assert (table.loc["again", same] == table.loc["both", same]).all()
    assert table.loc["again", "label"] == "fear"
    np.testing.assert_array_equal(np.isnan(results.embeddings).any(1), ~results.usable)
    assert results.checkpoint_hash == pipeline.info.checkpoint_hash


def test_a_second_look_and_a_stopped_run_redo_nothing(
    pipeline: EmotionPipeline, tmp_path: Path, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    rows = sentences(20)
    run = Run(pipeline, rows, Store(tmp_path))
    steps = run.steps()
    next(steps)
    next(steps)
    steps.close()  # as a page that is closed, or a cancelled event
    partial = run.results()
    assert counted.count == 4 and partial.usable.sum() == 4
    assert set(partial.table["error"][4:]) == {STOPPED}
    assert partial.table["correct"][:4].notna().all() and partial.table["correct"][4:].isna().all()

    run = Run(pipeline, rows, Store(tmp_path))
    for progress in run.steps():
        if progress.done >= 8:
            run.stop()
    assert counted.count == 8 and progress.reused == 4
    run = Run(pipeline, rows, Store(tmp_path))
    last = list(run.steps())[-1]
    assert counted.count == 20 and last == RunProgress(20, 20, 0, 8, 0.0)
    whole = run.results()
    assert whole.usable.all()
    pd.testing.assert_frame_equal(whole.table[:4], partial.table[:4])

    again = Run(pipeline, rows[::-1], Store(tmp_path))
    assert list(again.steps()) == [RunProgress(20, 20, 0, 20, None)]
    assert counted.count == 20
    assert list(again.results().table["id"]) == [row.id for row in rows[::-1]]


def test_other_content_or_another_checkpoint_is_no_second_look(
    pipeline: EmotionPipeline, tmp_path: Path
) -> None:
    store = Store(tmp_path)
    clip = gallery.load_gallery()[0].audio
    key = Run(pipeline, [Row("a", clip, "fine")], store, transcribe=False).keys[0]
    assert Run(pipeline, [Row("b", clip, " fine ", "joy")], store, transcribe=False).keys == [key]
    others = [Row("a", clip, "fin"), Row("a", clip), Row("a", None, "fine")]
    assert key not in Run(pipeline, others, store, transcribe=False).keys


def test_words_are_recognised_where_there_are_none(
    pipeline: EmotionPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = gallery.load_gallery()[0].audio
    rows = [Row("a", clip), Row("b", clip, "typed")]

    def fails() -> None:
        raise TranscriptionError("no weights")

    monkeypatch.setattr(pipeline.recognizer, "load", fails)
    with pytest.raises(TranscriptionError):
        Run(pipeline, rows, Store(tmp_path))
    assert len(Run(pipeline, rows, Store(tmp_path), transcribe=False).pending()) == 2
    assert len(Run(pipeline, rows[1:], Store(tmp_path)).pending()) == 1


def test_a_batch_that_does_not_fit_is_done_row_by_row(
    pipeline: EmotionPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict = batch.predict_batch

    def scarce(pipeline: EmotionPipeline, heard: Sequence[Heard], *more: Any) -> list[Reading]:
        if len(heard) > 1 or heard[0].transcript.text.endswith("3"):
            raise RuntimeError("out of memory")
        return predict(pipeline, heard, *more)

    monkeypatch.setattr(batch, "predict_batch", scarce)
    run = Run(pipeline, sentences(6), Store(tmp_path))
    list(run.steps())
    errors = run.results().table["error"].tolist()
    assert [i for i, error in enumerate(errors) if error] == [3]
    assert errors[3] == "this row could not be analysed (RuntimeError)"


def test_memory_stays_flat(
    pipeline: EmotionPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model left out: what is measured is what a run itself holds on to."""
    reading = batch.predict_batch(pipeline, [pipeline.listen(None, "fine")])[0]
    monkeypatch.setattr(batch, "predict_batch", lambda _, heard, *more: [reading] * len(heard))
    rows = sentences(10_000)
    run = Run(pipeline, rows, Store(tmp_path))
    after_first = 0
    for progress in run.steps():
        if progress.done >= 1000 and not after_first:
            after_first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - after_first
    assert progress.done == 10_000
    assert grown < 20_000  # kilobytes; the outcomes as Python objects would be 60 MB
    assert run.results().usable.all()


def test_a_line_cut_by_a_kill_is_no_outcome(tmp_path: Path) -> None:
    store = Store(tmp_path)
    vector = np.arange(4, dtype=np.float32) / 3
    store.append([Outcome("a", fused=(0.1, 0.9), cls=vector), Outcome("b", error="no\nreason")])
    path = next(tmp_path.glob("*.jsonl"))
    content = path.read_bytes()
    cut = content.splitlines(keepends=True)[0].replace(b'"a"', b'"c"')[:-20]
    path.write_bytes(content + cut)
    again = Store(tmp_path)
    assert "a" in again and "b" in again and "c" not in again and len(again) == 2
    again.append([Outcome("c", fused=(0.5, 0.5)), Outcome("a", error="not twice")])
    found = {outcome.hash: outcome for outcome in Store(tmp_path).outcomes()}
    assert found["a"].fused == (0.1, 0.9) and found["b"].error == "no\nreason"
    assert found["c"].fused == (0.5, 0.5)
    np.testing.assert_array_equal(found["a"].cls, vector)
    assert [outcome.hash for outcome in again.outcomes(["b"])] == ["b"]


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ResultsError, match="cannot be used"):
        Store(tmp_path / "file")


def test_there_is_a_sign_of_life_while_clips_are_heard(
    pipeline: EmotionPipeline, tmp_path: Path, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkf.workbench.run.SIGN_SECONDS", 0.0)
    steps = list(Run(pipeline, sentences(6), Store(tmp_path)).steps())
    assert [(step.done, step.heard) for step in steps] == [
        (0, 0), (0, 1), (0, 2), (0, 3), (4, 0), (4, 1), (6, 0),
    ]  # fmt: skip
    assert steps[1].seconds_left is None and steps[-2].seconds_left == steps[4].seconds_left


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Three clips of two speakers, one without, one of words alone, one that cannot be read."""
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    monkeypatch.setattr("drkf.model.precision.BFLOAT16", False)
    rng = np.random.default_rng(0)
    rows = []
    for i, speaker in enumerate(("ann", "ann", "bob", "")):
        path = tmp_path / f"{i}.wav"
        soundfile.write(path, 0.1 * rng.standard_normal(12_000 + 2000 * i), 16_000)
        rows.append(Row(str(i), path, "", "joy", "joy", speaker))
    rows.append(Row("words", None, "so sad", "joy", "joy", "ann"))
    rows.append(Row("bad", tmp_path / "missing.wav", "", "joy", "joy", "ann"))
    return rows


def test_each_clip_is_read_beside_the_others_of_its_speaker(
    voiced_checkpoint: Path, spoken: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = EmotionPipeline.from_pretrained(voiced_checkpoint, device="cpu")
    words: list[float] = []

    def transcribe(clip: Clip, english: bool = False) -> Transcript:
        words.append(clip.seconds)
        return Transcript("i am so happy", "asr", "en")

    monkeypatch.setattr(pipeline.recognizer, "transcribe", transcribe)
    monkeypatch.setattr(pipeline.recognizer, "load", lambda: None)
    alone = Run(pipeline, spoken, Store(tmp_path / "store"))
    list(alone.steps())
    again = SpeakerRun(alone)
    assert again.beside.tolist() == [True, True, False, False, False, False]
    *_, last = again.steps()
    assert (last.done, last.total, last.reused, last.failed) == (6, 6, 3, 1)
    assert len(words) == 4  # not recognised once more
    one, both = alone.results(), again.results()
    utterances = [pipeline.encode(row.audio, "i am so happy") for row in spoken[:2]]
    for i, other in ((0, 1), (1, 0)):
        known = pipeline.voice_of([utterances[other]])
        expected = pipeline.predict(pipeline.with_voice(utterances[i], known)).fused
        assert both.probabilities()[i] == pytest.approx(expected.probabilities, abs=1e-4)
    differs = np.abs(one.probabilities() - both.probabilities()).max(1) > 1e-4
    assert differs.tolist() == [True, True, False, False, False, False]
    effect = speaker_effect(one, both, again.beside)
    assert effect is not None and effect.rows == 2
    assert effect.accuracy_alone == one.table["correct"][:2].mean()
    assert effect.accuracy_beside == both.table["correct"][:2].mean()
    assert SpeakerRun(Run(pipeline, spoken, Store(tmp_path / "store"))).pending() == []
    fewer = SpeakerRun(Run(pipeline, spoken[1:], Store(tmp_path / "store")))
    assert not fewer.beside.any()  # her only clip now


def test_without_a_voices_reference_there_is_nothing_to_read_again(
    pipeline: EmotionPipeline, spoken: list[Row], tmp_path: Path
) -> None:
    again = SpeakerRun(Run(pipeline, spoken, Store(tmp_path / "store"), transcribe=False))
    assert not again.beside.any()
    assert speaker_effect(again.results(), again.results(), again.beside) is None
