"""Word relevance is judged by really deleting words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drkf.analysis import PhraseRelevance, RelevanceEvidence, WordRelevance
from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.evaluation.deletion import (
    judge_negations,
    judge_words,
    named_first,
    sure_sentences,
)
from drkf.evaluation.negations import NEGATIONS
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
    sentences = sure_sentences(pipeline, items(pipeline), 3, min_confidence=0.0)
    assert len(sentences) == 3
    first, is_best, rank, top, stable = judge_words(pipeline, sentences)
    assert first.count <= 3
    assert first.value == is_best.value == rank.value == pytest.approx(1)
    assert first.random < 1 and is_best.random < 1
    assert top.random - 1e-6 <= top.value <= 1 + 1e-6 and 0 <= stable.value <= 1


def test_values_in_a_wrong_order_are_found_out(pipeline, monkeypatch):
    """An explanation whose signs are turned names the worst word first."""
    sentences = sure_sentences(pipeline, items(pipeline), 3, min_confidence=0.0)
    right = judge_words(pipeline, sentences)
    monkeypatch.setattr(
        "drkf.evaluation.deletion.word_values",
        lambda relevance: -np.array([word.effect for word in relevance.words]),
    )
    wrong = judge_words(pipeline, sentences)
    assert wrong[2].value == pytest.approx(-1)
    assert wrong[0].value < wrong[0].random < right[0].value


def test_wrong_short_and_unsure_answers_are_not_explained(pipeline):
    answer = pipeline.predict(pipeline.encode(None, SENTENCES[0])).emotion
    other = next(label for label in pipeline.info.labels if label != answer)
    wrong = [labelled(SENTENCES[0], other), labelled("happy", "joy")]
    assert sure_sentences(pipeline, wrong, 5, min_confidence=0.0) == []
    assert sure_sentences(pipeline, items(pipeline), 5, min_confidence=1.0) == []
    with pytest.raises(ManifestError, match="no sentence"):
        judge_words(pipeline, [])


def test_negations_count_only_where_they_decide(pipeline):
    found = judge_negations(pipeline)
    assert 0 <= found.count <= len(NEGATIONS) == 40
    assert 0 <= found.value <= 1 and found.random < 0.5


def test_each_pair_differs_by_its_negation():
    for plain, negated, word in NEGATIONS:
        assert word in negated.lower().split() and word not in plain.lower().split()


def test_a_phrase_is_named_by_what_it_does():
    words = tuple(
        WordRelevance(w, 0, 1, 0.0, change=c) for w, c in (("Not", 0.1), ("a,", 0.3), ("b", 0.2))
    )
    relevance = RelevanceEvidence("occlusion", "joy", words)
    assert named_first(relevance) == ["a"]
    pair = PhraseRelevance((0, 2), "Not … b", 0.4, -0.1)
    assert named_first(replace(relevance, phrases=(pair,))) == ["not", "b"]
