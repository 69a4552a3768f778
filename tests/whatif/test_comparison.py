"""Comparisons: what changed between two analyses, and every voice with every sentence."""

from __future__ import annotations

from collections import Counter

import pytest

from drkf.errors import ScenarioError
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif.application import apply_edits
from drkf.whatif.comparison import compare, grid, paired
from drkf.whatif.edits import Mute, Noise, Rewrite
from tests.helpers.scenarios import WORDS, sound


class TestComparison:
    def test_deltas(self, pipeline: EmotionPipeline, base: Utterance) -> None:
        change = compare(
            pipeline, base, apply_edits(pipeline, base, [Rewrite("hate hate"), Noise(3)])
        )
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
        change = compare(pipeline, base, apply_edits(pipeline, base, [Mute("voice")]))
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
                assert cell.contradicts == (analysis.agreement == "contradict")

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
