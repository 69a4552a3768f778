"""Pairs of words that act together are found in models whose rule is known."""

from __future__ import annotations

import pytest
import torch

from drkf.explain.hiding import Hiding
from drkf.explain.phrases import nearest_pairs
from drkf.explain.relevance import occlusion
from tests.helpers.synthetic import LABEL


class Rule:
    """A model that answers LABEL by a rule on the words that are there."""

    def __init__(self, model, rule):
        self.config, self.rule = model.config, rule

    def fuse(self, speech, text, need_weights=False):
        logits = torch.zeros(len(text.mask), len(self.config.labels))
        present = text.mask[:, 1:-1]  # between the special tokens
        for row, mask in enumerate(present):
            there = {i for i, (first, last) in enumerate(PLACES) if mask[first:last].any()}
            logits[row, LABEL] = self.rule(there)
        return type("Output", (), {"emotion_logits": logits})()


#: Tokens of the synthetic utterance's six words.
PLACES = [(0, 1), (1, 3), (3, 4), (4, 6), (6, 7), (7, 9)]


def phrases(tiny_model, utterance, rule):
    encoded = utterance(audio=(0,), words=6)
    return occlusion(Hiding(Rule(tiny_model, rule), encoded), LABEL).phrases


def test_two_words_that_need_each_other(tiny_model, utterance):
    (found,) = phrases(tiny_model, utterance, lambda there: 6.0 * ({1, 4} <= there))
    assert found.words == (1, 4) and found.interaction > 0.5
    assert found.text == "word1 … word4"
    assert found.change == pytest.approx(found.interaction, abs=1e-5)  # as much as each alone


def test_two_words_that_cover_for_each_other(tiny_model, utterance):
    (found,) = phrases(tiny_model, utterance, lambda there: 6.0 * bool({2, 3} & there))
    assert found.words == (2, 3) and found.text == "word2 word3"
    assert found.interaction < -0.5 and found.change > 0.5


def test_words_that_count_for_themselves_are_no_phrase(tiny_model, utterance):
    assert phrases(tiny_model, utterance, lambda there: 0.3 * len({0, 5} & there)) == ()
    assert phrases(tiny_model, utterance, lambda there: 2.0 * (3 in there)) == ()


def test_no_word_is_in_two_phrases(tiny_model, utterance):
    found = phrases(
        tiny_model, utterance, lambda there: 5.0 * ({0, 1} <= there) + 3.0 * ({1, 2} <= there)
    )
    taken = [word for phrase in found for word in phrase.words]
    assert found and len(taken) == len(set(taken))


def test_pairs_that_are_tried():
    assert nearest_pairs(3, 9) == [(0, 1), (1, 2), (0, 2)]
    assert nearest_pairs(60, 24) == [(i, i + 1) for i in range(24)]
    assert nearest_pairs(1, 9) == nearest_pairs(0, 9) == []


def test_a_voice_alone_has_no_phrases(tiny_model, utterance):
    assert occlusion(Hiding(tiny_model, utterance(words=0)), LABEL).phrases == ()
