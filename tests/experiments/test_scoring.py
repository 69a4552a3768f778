"""Figures of multi-label predictions, thresholds from dev, and re-paired utterances."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from drkf.data.manifest import Item
from drkf.evaluation import metrics
from drkf.evaluation.dev_set import Logits
from drkf.experiments.scoring import MultiLabelScorer, SingleLabelScorer, discrimination, re_pair

LABELS = ("anger", "joy", "neutral")


def logits(probabilities: list[list[float]]) -> Logits:
    values = torch.tensor(probabilities).logit()
    return Logits(values, torch.zeros(len(values)))


def labelled(*emotions: str) -> list[Item]:
    return [Item(str(n), None, "word", tuple(e.split("|"))) for n, e in enumerate(emotions)]


def test_multi_label_metrics_by_hand():
    truth = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0]])
    predicted = np.array([[1, 1, 0], [0, 0, 0], [1, 1, 0], [0, 0, 0]])
    assert metrics.exact_match(truth, predicted) == 0.5
    # anger: 2 of 2 found, none wrong: F1 1. joy: 1 of 2 found, 1 wrong: F1 0.5. neutral: none.
    assert metrics.multi_label_f1(truth, predicted, "weighted") == pytest.approx(0.75)
    assert metrics.multi_label_f1(truth, predicted, "macro") == pytest.approx(0.75)
    assert metrics.multi_label_f1(truth, predicted, "micro") == pytest.approx(6 / 8)


def test_best_f1_threshold():
    truth = np.array([0, 0, 1, 0, 1, 1])
    scores = np.array([0.1, 0.2, 0.3, 0.35, 0.6, 0.9])
    threshold = metrics.best_f1_threshold(truth, scores)
    assert threshold == 0.3
    by_hand = {t: f1(truth, scores >= t) for t in scores}
    assert by_hand[threshold] == max(by_hand.values())
    assert metrics.best_f1_threshold(np.zeros(3, int), scores[:3]) == 0.5


def f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    right = (truth & predicted).sum()
    return 2 * right / (truth.sum() + predicted.sum())


def test_thresholds_come_from_dev_and_every_utterance_gets_a_label():
    scorer = MultiLabelScorer(LABELS)
    dev = labelled("anger|joy", "joy", "neutral", "anger")
    scorer.fit(dev, logits([[0.4, 0.3, 0.1], [0.1, 0.2, 0.1], [0.2, 0.1, 0.3], [0.3, 0.1, 0.2]]))
    assert scorer.thresholds.tolist() == pytest.approx([0.3, 0.2, 0.3])
    chosen = scorer.choose(logits([[0.35, 0.25, 0.1], [0.1, 0.15, 0.2], [0.1, 0.19, 0.2]]))
    #                                  two labels     none: joy .75, neutral .67;  joy .95
    assert chosen.tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_single_label_figures():
    scorer = SingleLabelScorer(LABELS)
    items = labelled("anger", "anger", "anger", "joy")
    figures = scorer.figures(
        items, logits([[0.9, 0.1, 0.1], [0.8, 0.1, 0.1], [0.1, 0.9, 0.1], [0.1, 0.6, 0.5]])
    )
    assert figures["WA"] == 0.75
    assert figures["UAR"] == pytest.approx((2 / 3 + 1) / 2)
    assert set(figures) == set(scorer.names)


def test_re_paired_utterances_have_strange_words_of_the_emotion_they_say(tmp_path):
    items = [
        Item(str(n), tmp_path / f"{n}.wav", f"{emotion} {n}", (emotion,))
        for n, emotion in enumerate(("anger", "anger", "joy", "joy", "neutral"))
    ]
    items.append(Item("no-words", tmp_path / "n.wav", None, ("joy",)))
    items.append(Item("no-voice", None, "joy 6", ("joy",)))
    pairs, inconsistent = re_pair(items, seed=0)
    words = {item.text: item.emotion for item in items if item.text}
    for pair, differs in zip(pairs, inconsistent, strict=True):
        assert pair.audio is not None
        assert (words[pair.text] != pair.emotion) == differs
        assert pair.text != f"{pair.emotion} {pair.id}"
    # Every voice twice, but the only neutral one has no other neutral words to meet.
    assert len(pairs) == 2 * 6 - 1
    assert re_pair(items, seed=0)[0] == pairs


def test_discrimination_needs_both_kinds():
    values = Logits(torch.zeros(2, 3), torch.tensor([-1.0, 1.0]))
    assert discrimination(np.array([0, 1]), values) == {"ED AUROC": 1.0}
    assert discrimination(np.array([1, 1]), values) == {}
