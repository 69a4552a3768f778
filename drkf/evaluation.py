"""Predictions over many utterances, and the figures that a model card states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from drkf import metrics
from drkf.data.manifest import Item
from drkf.data.pairing import MISSING
from drkf.features import FeatureStore
from drkf.model import DRKF

Rows = Sequence[int | None]


@dataclass(frozen=True, eq=False)
class Logits:
    """``emotion`` (N, L) and ``inconsistency`` (N,) logits of N rows."""

    emotion: Tensor
    inconsistency: Tensor

    def probabilities(self, temperature: float = 1.0) -> np.ndarray:
        """(N, L) softmax of the emotion logits."""
        return (self.emotion / temperature).softmax(-1).numpy()


@torch.no_grad()
def fuse_rows(
    model: DRKF,
    speech: FeatureStore,
    texts: FeatureStore,
    audio: Rows,
    text: Rows,
    batch_size: int = 64,
) -> Logits:
    """The model on rows of (speech row or None, text row or None)."""
    model.eval()
    lengths = [
        (0 if a is None else int(speech.lengths[a])) + (0 if t is None else int(texts.lengths[t]))
        for a, t in zip(audio, text, strict=True)
    ]
    order = np.argsort(lengths, kind="stable")
    emotion = torch.zeros(len(order), len(model.config.labels))
    inconsistency = torch.zeros(len(order))
    for start in range(0, len(order), batch_size):
        index = order[start : start + batch_size]
        output = model(
            speech.batch([audio[i] for i in index]).to(model.device),
            texts.batch([text[i] for i in index]).to(model.device),
        )
        emotion[index] = output.emotion_logits.float().cpu()
        inconsistency[index] = output.inconsistency_logit.float().cpu()
    return Logits(emotion, inconsistency)


@dataclass(frozen=True, eq=False)
class DevPairs:
    """For each voice a text of the same emotion and one of another: 2N rows, N of each."""

    audio: list[int | None]
    text: list[int | None]
    audio_labels: np.ndarray
    text_labels: np.ndarray

    @property
    def inconsistent(self) -> np.ndarray:
        return (self.audio_labels != self.text_labels).astype(np.int64)


def draw_pairs(
    speech_labels: np.ndarray, text_labels: np.ndarray, count: int, seed: int
) -> DevPairs:
    """``count`` voices, classes even, each with a consistent and an inconsistent text."""
    rng = np.random.default_rng(seed)
    classes = sorted(set(speech_labels) & set(text_labels))
    voices = {c: np.flatnonzero(speech_labels == c) for c in classes}
    words = {c: np.flatnonzero(text_labels == c) for c in classes}
    audio: list[int | None] = []
    text: list[int | None] = []
    for i in range(count):
        label = classes[i % len(classes)]
        other = rng.choice([c for c in classes if c != label])
        voice = int(rng.choice(voices[label]))
        audio += [voice, voice]
        text += [int(rng.choice(words[label])), int(rng.choice(words[other]))]
    return DevPairs(audio, text, speech_labels[audio], text_labels[text])


@dataclass(frozen=True, eq=False)
class DevSet:
    """Held-out speakers and texts with their encoder states."""

    speech: Sequence[Item]
    texts: Sequence[Item]
    speech_store: FeatureStore
    text_store: FeatureStore
    labels: tuple[str, ...]
    pairs: int = 700
    seed: int = 0

    def label_indices(self, items: Sequence[Item]) -> np.ndarray:
        return np.array([self.labels.index(item.emotion) for item in items], dtype=np.int64)

    def scores(self, model: DRKF) -> dict[str, float]:
        """Headline dev figures; ``score`` is their mean and selects epochs."""
        truth_s, truth_t = self.label_indices(self.speech), self.label_indices(self.texts)
        none_s: list[int | None] = [None] * len(self.texts)
        none_t: list[int | None] = [None] * len(self.speech)
        voice = fuse_rows(
            model, self.speech_store, self.text_store, range(len(self.speech)), none_t
        ).emotion.argmax(1)
        words = fuse_rows(
            model, self.speech_store, self.text_store, none_s, range(len(self.texts))
        ).emotion.argmax(1)
        scores = voice_scores(self.speech, truth_s, voice.numpy())
        scores |= words_scores(self.texts, truth_t, words.numpy())
        pairs = draw_pairs(truth_s, truth_t, self.pairs, self.seed)
        fused = fuse_rows(model, self.speech_store, self.text_store, pairs.audio, pairs.text)
        agree = pairs.inconsistent == 0
        predicted = fused.emotion.argmax(1).numpy()
        scores["pairs_wa"] = metrics.weighted_accuracy(pairs.audio_labels[agree], predicted[agree])
        scores["ed_auroc"] = metrics.area_under_roc(
            pairs.inconsistent, fused.inconsistency.numpy()
        )
        scores["score"] = float(np.mean(list(scores.values())))
        return scores


def voice_scores(
    items: Sequence[Item], truth: np.ndarray, predicted: np.ndarray
) -> dict[str, float]:
    """UAR for each speech corpus."""
    corpora = np.array([item.corpus or "speech" for item in items])
    return {
        f"voice_uar_{corpus}": metrics.unweighted_average_recall(
            truth[corpora == corpus], predicted[corpora == corpus]
        )
        for corpus in sorted(set(corpora))
    }


def words_scores(
    items: Sequence[Item], truth: np.ndarray, predicted: np.ndarray
) -> dict[str, float]:
    """Weighted and macro F1 for each text corpus, on single-label texts."""
    corpora = np.array(
        [(item.corpus or "text") if len(item.emotions) == 1 else "" for item in items]
    )
    scores: dict[str, float] = {}
    for corpus in sorted(set(corpora) - {""}):
        rows = corpora == corpus
        scores[f"words_wf1_{corpus}"] = metrics.weighted_f1(truth[rows], predicted[rows])
        scores[f"words_f1_{corpus}"] = metrics.macro_f1(truth[rows], predicted[rows])
    return scores


__all__ = ["MISSING", "DevPairs", "DevSet", "Logits", "draw_pairs", "fuse_rows"]
