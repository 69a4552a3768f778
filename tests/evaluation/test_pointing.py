"""The one emotion word of a sentence."""

from __future__ import annotations

from drkf.data.manifest import Item
from drkf.evaluation.pointing import emotion_words, judge_pointing, read_lexicon
from drkf.pipeline import EmotionPipeline

LEXICON = {"happy": frozenset({"joy"}), "glad": frozenset({"joy"}), "hate": frozenset({"anger"})}


def test_words_are_found_with_their_punctuation():
    assert emotion_words("So HAPPY, I hate it!", "joy", LEXICON) == ["happy"]
    assert emotion_words("happy and glad", "joy", LEXICON) == ["happy", "glad"]


def test_sentences_with_none_or_two_are_not_asked(tiny_checkpoint):
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    texts = ("i am so happy", "happy and glad", "what a day")
    sentences = [Item(text, None, text, ("joy",)) for text in texts]
    found = judge_pointing(pipeline, sentences, LEXICON)
    assert found.count == 1 and found.random == 0.25 and found.value in (0, 1)


def test_the_lexicon_of_the_package(monkeypatch):
    lexicon = read_lexicon()
    assert lexicon is not None and "joy" in lexicon["happy"] and "fear" in lexicon["afraid"]
    monkeypatch.setattr("drkf.evaluation.pointing.PACKAGE", "no_such_package")
    assert read_lexicon() is None
