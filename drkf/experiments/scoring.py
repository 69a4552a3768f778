"""Figures of a benchmark's predictions: one label to an utterance, or several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch

from drkf.data.manifest import Item
from drkf.evaluation import metrics
from drkf.evaluation.dev_set import Logits
from drkf.experiments.batches import multi_hot

Figures = dict[str, float]


class Scorer(Protocol):
    """Chooses labels and measures the choice. ``names`` are the figures it gives."""

    names: tuple[str, ...]

    def probabilities(self, logits: Logits) -> np.ndarray:
        """(N, L) in 0..1."""

    def fit(self, items: Sequence[Item], logits: Logits) -> None:
        """Sets on dev what ``choose`` decides by."""

    def choose(self, logits: Logits) -> np.ndarray:
        """(N, L) of 0 and 1."""

    def figures(self, items: Sequence[Item], logits: Logits) -> Figures:
        """The figures of the chosen labels against the items' own."""


class SingleLabelScorer:
    """The likeliest label; WA, UAR, WF1 and macro-F1."""

    names: tuple[str, ...] = ("WA", "UAR", "WF1", "macro-F1")

    def __init__(self, labels: Sequence[str]):
        self.labels = labels

    def probabilities(self, logits: Logits) -> np.ndarray:
        return logits.probabilities()

    def fit(self, items: Sequence[Item], logits: Logits) -> None:
        """Nothing is decided on dev."""

    def choose(self, logits: Logits) -> np.ndarray:
        """(N, L) 1 for the most probable label."""
        return np.eye(len(self.labels), dtype=np.int64)[logits.predicted]

    def figures(self, items: Sequence[Item], logits: Logits) -> Figures:
        """WA, UAR, WF1 and macro-F1, each in 0..1."""
        truth = np.array([self.labels.index(item.emotion) for item in items], dtype=np.int64)
        return {
            "WA": metrics.weighted_accuracy(truth, logits.predicted),
            "UAR": metrics.unweighted_average_recall(truth, logits.predicted),
            "WF1": metrics.weighted_f1(truth, logits.predicted),
            "macro-F1": metrics.macro_f1(truth, logits.predicted),
        }


class MultiLabelScorer:
    """Every label above its own threshold, tuned on dev for the best F1 of that label; where
    none is, the one nearest to its threshold by ratio, since each utterance has a label."""

    names: tuple[str, ...] = ("exact match", "WF1", "micro-F1", "macro-F1")

    def __init__(self, labels: Sequence[str]):
        self.labels = labels
        self.thresholds = np.full(len(labels), 0.5)

    def probabilities(self, logits: Logits) -> np.ndarray:
        return logits.emotion.sigmoid().numpy()

    def fit(self, items: Sequence[Item], logits: Logits) -> None:
        """Chooses each label's threshold on dev."""
        truth = self._truth(items)
        scores = self.probabilities(logits)
        self.thresholds = np.array(
            [
                metrics.best_f1_threshold(truth[:, label], scores[:, label])
                for label in range(len(self.labels))
            ]
        )

    def choose(self, logits: Logits) -> np.ndarray:
        """(N, L) 1 for the labels that an utterance gets, at least one each."""
        ratio = self.probabilities(logits) / self.thresholds
        chosen = (ratio >= 1).astype(np.int64)
        none = ~chosen.any(1)
        chosen[none, ratio[none].argmax(1)] = 1
        return chosen

    def figures(self, items: Sequence[Item], logits: Logits) -> Figures:
        """Exact match and the three F1 scores, each in 0..1."""
        truth, chosen = self._truth(items), self.choose(logits)
        return {
            "exact match": metrics.exact_match(truth, chosen),
            "WF1": metrics.multi_label_f1(truth, chosen, "weighted"),
            "micro-F1": metrics.multi_label_f1(truth, chosen, "micro"),
            "macro-F1": metrics.multi_label_f1(truth, chosen, "macro"),
        }

    def _truth(self, items: Sequence[Item]) -> np.ndarray:
        return multi_hot(items, self.labels).numpy().astype(np.int64)


def re_pair(items: Sequence[Item], seed: int) -> tuple[list[Item], np.ndarray]:
    """Utterances whose words are another's: for each voice one of the same emotion and one of a
    different emotion, as far as there are any.

    Both kinds are re-paired, so that ED cannot be right by telling natural pairs from others.

    Returns:
        the re-paired utterances, and (N,) 1 where voice and words differ in emotion.
    """
    rng = np.random.default_rng([seed, 5])
    spoken = [i for i, item in enumerate(items) if item.audio is not None]
    worded = [i for i, item in enumerate(items) if item.text]
    by_emotions: dict[frozenset[str], list[int]] = defaultdict(list)
    for i in worded:
        by_emotions[frozenset(items[i].emotions)].append(i)
    pairs: list[Item] = []
    inconsistent: list[int] = []
    for i in spoken:
        own = frozenset(items[i].emotions)
        same = [j for j in by_emotions[own] if j != i] if own in by_emotions else []
        others = sorted(by_emotions.keys() - {own}, key=sorted)
        for differs, words in (
            (0, same),
            (1, by_emotions[others[rng.integers(len(others))]] if others else []),
        ):
            if words:
                pairs.append(replace(items[i], text=items[int(rng.choice(words))].text))
                inconsistent.append(differs)
    return pairs, np.array(inconsistent, dtype=np.int64)


def discrimination(inconsistent: np.ndarray, logits: Logits) -> Figures:
    """AUROC of ED; nothing where only one kind of pair could be made."""
    if len(np.unique(inconsistent)) < 2:
        return {}
    scores = torch.sigmoid(logits.inconsistency).numpy()
    return {"ED AUROC": metrics.area_under_roc(inconsistent, scores)}
