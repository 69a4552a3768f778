"""A true map beats random ones, its reverse loses."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from drkf.explain import EXPLAINERS, METHODS
from drkf.explain.faithfulness import faithfulness, top_units
from drkf.explain.hiding import Hiding
from drkf.explain.relevance import occlusion
from drkf.model.sequence import TokenSequence
from tests.helpers.synthetic import LABEL


def reversed_map(relevance):
    return replace(
        relevance,
        words=tuple(replace(word, value=-word.value) for word in relevance.words),
        times=tuple(replace(span, value=-span.value) for span in relevance.times),
    )


@pytest.mark.parametrize("method", METHODS)
def test_the_true_map_beats_random(planted, method):
    encoded = planted.utterance(words=12)
    hiding = Hiding(planted.model, encoded)
    evidence = faithfulness(hiding, EXPLAINERS[method].explain(hiding, LABEL), LABEL)
    assert evidence.comprehensiveness > evidence.random_comprehensiveness + 0.05
    assert evidence.sufficiency < evidence.random_sufficiency - 0.05
    assert evidence.better_than_random


def test_the_reversed_map_loses(planted):
    encoded = planted.utterance(words=12)
    hiding = Hiding(planted.model, encoded)
    evidence = faithfulness(hiding, reversed_map(occlusion(hiding, LABEL)), LABEL)
    assert evidence.comprehensiveness < evidence.random_comprehensiveness
    assert evidence.sufficiency > evidence.random_sufficiency
    assert not evidence.better_than_random


def test_by_hand_for_two_words(tiny_model, utterance):
    """Two units: every fraction is one unit, the more relevant one."""
    encoded = utterance(audio=(0,), words=2)
    hiding = Hiding(tiny_model, encoded)
    relevance = occlusion(hiding, LABEL)
    best = max(range(2), key=lambda i: relevance.words[i].value)
    chosen, other = encoded.words[best], encoded.words[1 - best]
    without, alone = torch.ones(2, *encoded.text.mask.shape, dtype=torch.bool)
    without[:, chosen.first : chosen.last] = False
    alone[:, other.first : other.last] = False

    def probability(mask):
        with torch.no_grad():
            output = tiny_model.fuse(
                encoded.speech, TokenSequence(encoded.text.hidden, encoded.text.mask & mask)
            )
        return float(output.emotion_logits.softmax(-1)[0, LABEL])

    everything = probability(encoded.text.mask)
    evidence = faithfulness(hiding, relevance, LABEL)
    assert evidence.comprehensiveness == pytest.approx(everything - probability(without), abs=1e-5)
    assert evidence.sufficiency == pytest.approx(everything - probability(alone), abs=1e-5)


def test_same_figures_every_time_and_in_a_batch(tiny_model, utterance):
    relevance = occlusion(Hiding(tiny_model, utterance()), LABEL)
    first = faithfulness(Hiding(tiny_model, utterance()), relevance, LABEL)
    assert faithfulness(Hiding(tiny_model, utterance()), relevance, LABEL) == first
    padded = faithfulness(Hiding(tiny_model, utterance(padding=7)), relevance, LABEL)
    assert padded.comprehensiveness == pytest.approx(first.comprehensiveness, abs=1e-5)
    assert padded.sufficiency == pytest.approx(first.sufficiency, abs=1e-5)


def test_random_numbers_of_others_are_left_alone(tiny_model, utterance):
    relevance = occlusion(Hiding(tiny_model, utterance()), LABEL)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    faithfulness(Hiding(tiny_model, utterance()), relevance, LABEL)
    assert torch.rand(1) == expected


def test_top_units():
    ranking = torch.tensor([[3, 0, 2, 1, 4, 5, 6, 7, 8, 9]])
    assert top_units(ranking)[0].nonzero().flatten().tolist() == [0, 3]
    assert top_units(ranking[:, :4]).sum() == 1  # at least one


@pytest.mark.parametrize("method", METHODS)
def test_share_of_best_is_the_fall_without_the_first_word(tiny_model, utterance, method):
    encoded = utterance(audio=(0,), words=6)
    hiding = Hiding(tiny_model, encoded)
    falls = [word.change for word in occlusion(hiding, LABEL).words]
    relevance = EXPLAINERS[method].explain(hiding, LABEL)
    values = [word.effect for word in relevance.words]
    share = faithfulness(hiding, relevance, LABEL).share_of_best
    expected = falls[values.index(max(values))] / max(falls)
    assert share == pytest.approx(expected, abs=1e-4)
    voice = Hiding(tiny_model, utterance(words=0))
    alone = faithfulness(voice, occlusion(voice, LABEL), LABEL)
    assert alone.share_of_best is None


def test_a_map_of_another_utterance_is_refused(tiny_model, utterance):
    relevance = occlusion(Hiding(tiny_model, utterance(words=4)), LABEL)
    with pytest.raises(ValueError, match="units"):
        faithfulness(Hiding(tiny_model, utterance(words=5)), relevance, LABEL)
