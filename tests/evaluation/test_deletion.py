"""Word relevance is judged by really deleting words."""

from __future__ import annotations

import pytest

from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.evaluation.deletion import DeletionRow, judge_negations, judge_words, render
from drkf.evaluation.negations import NEGATIONS
from drkf.explain import METHODS
from drkf.pipeline import EmotionPipeline

SENTENCES = (
    "i am so very happy",
    "you can not believe this hate",
    "have you been waiting for weeks and weeks",
    "what a fine and happy day it is",
)


@pytest.fixture
def pipeline(tiny_checkpoint):
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


def labelled(text: str, emotion: str) -> Item:
    return Item(id=text, audio=None, text=text, emotions=(emotion,))


def items(pipeline):
    """Labelled as this untrained model answers."""
    return [
        labelled(text, pipeline.predict(pipeline.encode(None, text)).emotion) for text in SENTENCES
    ]


def test_deletion_itself_names_the_best_word(pipeline):
    rows = judge_words(pipeline, items(pipeline), 3, min_confidence=0.0)
    assert [row.method for row in rows] == list(METHODS)
    exact = rows[METHODS.index("occlusion")]
    assert exact.count <= 3
    assert exact.first == exact.is_best == pytest.approx(1)
    assert exact.rank == pytest.approx(1)
    assert 0 < exact.top <= 1 + 1e-6
    for row in rows:
        assert row.first <= 1 + 1e-6 and row.random < 1
        assert row.first <= exact.first + 1e-6


def test_wrong_short_and_unsure_answers_are_not_explained(pipeline):
    answer = pipeline.predict(pipeline.encode(None, SENTENCES[0])).emotion
    other = next(label for label in pipeline.info.labels if label != answer)
    wrong = [labelled(SENTENCES[0], other), labelled("happy", "joy")]
    with pytest.raises(ManifestError, match="no sentence"):
        judge_words(pipeline, wrong, 5, min_confidence=0.0)
    with pytest.raises(ManifestError, match="no sentence"):
        judge_words(pipeline, items(pipeline), 5, min_confidence=1.0)


def test_negations_count_only_where_they_decide(pipeline):
    asked, right = judge_negations(pipeline, "occlusion")
    assert 0 <= right <= asked <= len(NEGATIONS) == 40


def test_each_pair_differs_by_its_negation():
    for plain, negated, word in NEGATIONS:
        assert word in negated.lower().split() and word not in plain.lower().split()


def test_the_table():
    rows = [DeletionRow("occlusion", 80, 1.0, 0.2, 1.0, 1.0, 0.97, 0.96)]
    told = render(rows, (20, 19))
    assert "| occlusion | 80 | 1.00 (0.20) | 100% | 1.00 | 0.97 | 96% |" in told
    assert "19 of 20 negations" in told
