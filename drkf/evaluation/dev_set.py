"""Predictions over many utterances, and the figures that a model card states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.evaluation import metrics
from drkf.evaluation.features import FeatureStore
from drkf.model import DRKF, VoiceReference

RowIndices = Sequence[int | None]


class Yardstick(Protocol):
    """What a change of the model counts by (see ``drkf.evaluation.yardstick``)."""

    def unseen_scores(self, model: DRKF) -> dict[str, float]: ...

    def unseen_voices(self, model: DRKF) -> tuple[Logits, np.ndarray] | None: ...

    def own_sentence_scores(self, model: DRKF, dev: DevSet) -> dict[str, float]: ...


@dataclass(frozen=True, eq=False)
class Logits:
    """``emotion`` (N, L) and ``inconsistency`` (N,) logits of N rows."""

    emotion: Tensor
    inconsistency: Tensor

    def probabilities(self, temperature: float = 1.0) -> np.ndarray:
        """(N, L) softmax of the emotion logits."""
        return (self.emotion / temperature).softmax(-1).numpy()

    @property
    def predicted(self) -> np.ndarray:
        """(N,) the likeliest label's index."""
        return self.emotion.argmax(1).numpy()

    def rows(self, index: RowIndices) -> Logits:
        return Logits(self.emotion[list(index)], self.inconsistency[list(index)])


@torch.no_grad()
def fuse_stored(
    model: DRKF,
    speech: FeatureStore,
    texts: FeatureStore,
    audio: RowIndices,
    text: RowIndices,
    batch_size: int = 64,
    voice: VoiceReference | None = None,
) -> Logits:
    """The model on rows of (speech row or None, text row or None).

    Args:
        voice: what is known of each row's voice; None: the clip alone.
    """
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
            voice=None if voice is None else voice[torch.from_numpy(index)].to(model.device),
        )
        emotion[index] = output.emotion_logits.float().cpu()
        inconsistency[index] = output.inconsistency_logit.float().cpu()
    return Logits(emotion, inconsistency)


@dataclass(frozen=True, eq=False)
class DevPairs:
    """For each voice a text of the same emotion and one of another: 2N rows, N of each."""

    audio: list[int]
    text: list[int]
    audio_labels: np.ndarray
    text_labels: np.ndarray

    @property
    def inconsistent(self) -> np.ndarray:
        return (self.audio_labels != self.text_labels).astype(np.int64)


def draw_pairs(
    speech_labels: np.ndarray, text_labels: np.ndarray, count: int, seed: int
) -> DevPairs:
    """``count`` voices, classes even, each with a consistent and an inconsistent text; a label
    that only one of the modalities has is not drawn.

    Raises:
        ManifestError: they share fewer than two labels.
    """
    rng = np.random.default_rng(seed)
    classes = sorted(set(speech_labels.tolist()) & set(text_labels.tolist()))
    if len(classes) < 2:
        raise ManifestError(
            "pairs of voices and texts need at least two emotions that both have among the "
            "held-out ones: give more of them"
        )
    clips = {c: np.flatnonzero(speech_labels == c) for c in classes}
    texts = {c: np.flatnonzero(text_labels == c) for c in classes}
    audio: list[int] = []
    text: list[int] = []
    for i in range(count):
        label = classes[i % len(classes)]
        other = rng.choice([c for c in classes if c != label])
        clip = int(rng.choice(clips[label]))
        audio += [clip, clip]
        text += [int(rng.choice(texts[label])), int(rng.choice(texts[other]))]
    return DevPairs(audio, text, speech_labels[audio], text_labels[text])


@dataclass(frozen=True, eq=False)
class DevSet:
    """Held-out speakers and texts with their encoder states.

    ``yardstick`` measures what was never trained on and natural recordings, where there is one;
    the figures of the ``unscored`` corpora do not choose epochs.
    """

    speech: Sequence[Item]
    texts: Sequence[Item]
    speech_store: FeatureStore
    text_store: FeatureStore
    labels: tuple[str, ...]
    pairs: int = 700
    corpus_pairs: int = 420
    seed: int = 0
    yardstick: Yardstick | None = None
    unscored: tuple[str, ...] = ()

    def label_indices(self, items: Sequence[Item]) -> np.ndarray:
        return np.array([self.labels.index(item.emotion) for item in items], dtype=np.int64)

    def draw_pairs(self, corpus: str | None = None) -> DevPairs:
        """Pairs of held-out voices, of one corpus where given, with held-out single-label texts."""
        single = np.array([len(item.emotions) == 1 for item in self.texts])
        heard = np.array([corpus in (None, item.corpus) for item in self.speech])
        return draw_pairs(
            np.where(heard, self.label_indices(self.speech), -1),
            np.where(single, self.label_indices(self.texts), -2),  # another than the voices' -1
            self.pairs if corpus is None else self.corpus_pairs,
            self.seed,
        )

    def scores(self, model: DRKF) -> dict[str, float]:
        """Headline dev scores; ``score`` is the mean of those that select epochs."""
        truth_s, truth_t = self.label_indices(self.speech), self.label_indices(self.texts)
        none_s: list[int | None] = [None] * len(self.texts)
        none_t: list[int | None] = [None] * len(self.speech)
        audio = fuse_stored(
            model, self.speech_store, self.text_store, range(len(self.speech)), none_t
        ).emotion.argmax(1)
        text = fuse_stored(
            model, self.speech_store, self.text_store, none_s, range(len(self.texts))
        ).emotion.argmax(1)
        scores = audio_scores(self.speech, truth_s, audio.numpy())
        scores |= text_scores(self.texts, truth_t, text.numpy())
        pairs = self.draw_pairs()
        fused = fuse_stored(model, self.speech_store, self.text_store, pairs.audio, pairs.text)
        agree = pairs.inconsistent == 0
        predicted = fused.emotion.argmax(1).numpy()
        scores["pairs_wa"] = metrics.weighted_accuracy(pairs.audio_labels[agree], predicted[agree])
        scores["ed_auroc"] = metrics.area_under_roc(pairs.inconsistent, fused.inconsistency.numpy())
        if self.yardstick is not None:
            scores |= self.yardstick.unseen_scores(model)
            scores |= self.yardstick.own_sentence_scores(model, self)
        scores["score"] = mean_score(scores, self.unscored)
        return scores


def mean_score(scores: Mapping[str, float], unscored: Sequence[str] = ()) -> float:
    """The mean of the scores of all corpora but the ``unscored``."""
    names = {f"{prefix}_{corpus}" for prefix in ("voice_uar", "own_gain") for corpus in unscored}
    return float(np.mean([value for name, value in scores.items() if name not in names]))


def audio_scores(
    items: Sequence[Item], truth: np.ndarray, predicted: np.ndarray
) -> dict[str, float]:
    """UAR for each speech corpus."""
    corpora = np.array([item.corpus or "" for item in items])
    return {
        f"voice_uar_{corpus}": metrics.unweighted_average_recall(
            truth[corpora == corpus], predicted[corpora == corpus]
        )
        for corpus in sorted(set(corpora))
    }


def text_scores(
    items: Sequence[Item], truth: np.ndarray, predicted: np.ndarray
) -> dict[str, float]:
    """Weighted and macro F1 for each text corpus, on single-label texts."""
    corpora = np.array([(item.corpus or "") if len(item.emotions) == 1 else "" for item in items])
    scores: dict[str, float] = {}
    for corpus in sorted(set(corpora) - {""}):
        rows = corpora == corpus
        scores[f"words_wf1_{corpus}"] = metrics.weighted_f1(truth[rows], predicted[rows])
        scores[f"words_f1_{corpus}"] = metrics.macro_f1(truth[rows], predicted[rows])
    return scores


@dataclass(frozen=True, eq=False)
class PairLogits:
    """Logits of pairs: of both modalities together, and of each alone."""

    pairs: DevPairs
    fused: Logits
    audio: Logits
    text: Logits

    def scores(self) -> dict[str, float]:
        """What no calibration changes: EC on consistent and inconsistent pairs, and ED."""
        pairs, agree = self.pairs, self.pairs.inconsistent == 0
        fused, audio, text = (
            metrics.weighted_accuracy(pairs.audio_labels[agree], one.predicted[agree])
            for one in (self.fused, self.audio, self.text)
        )
        top = self.fused.predicted[~agree]
        either = (top == pairs.audio_labels[~agree]) | (top == pairs.text_labels[~agree])
        return {
            "both_WA": fused,
            "voice_alone_WA": audio,
            "words_alone_WA": text,
            "gain_over_better": fused - max(audio, text),
            "inconsistent_either_WA": float(either.mean()),
            "ED_AUROC": metrics.area_under_roc(
                pairs.inconsistent, self.fused.inconsistency.numpy()
            ),
        }


@dataclass(frozen=True, eq=False)
class DevLogits:
    """Uncalibrated logits of a checkpoint on the dev set: voices alone, words alone, pairs,
    pairs with the voices of one corpus, and voices of corpora that were never trained on with their
    label indices, where there are any."""

    audio: Logits
    text: Logits
    pairs: PairLogits
    by_corpus: Mapping[str, PairLogits]
    unseen: tuple[Logits, np.ndarray] | None = None


def dev_logits(model: DRKF, dev: DevSet, by_corpus: bool = True) -> DevLogits:
    """Every row that calibration and evaluation look at."""
    nothing_said: list[int | None] = [None] * len(dev.speech)
    nobody: list[int | None] = [None] * len(dev.texts)
    stores = dev.speech_store, dev.text_store
    audio = fuse_stored(model, *stores, range(len(dev.speech)), nothing_said)
    text = fuse_stored(model, *stores, nobody, range(len(dev.texts)))

    def judge(pairs: DevPairs) -> PairLogits:
        fused = fuse_stored(model, *stores, pairs.audio, pairs.text)
        return PairLogits(pairs, fused, audio.rows(pairs.audio), text.rows(pairs.text))

    # A corpus that shares a single emotion with the texts has no inconsistent pairs to draw.
    said = {item.emotion for item in dev.texts if len(item.emotions) == 1}
    voiced = {(item.corpus, item.emotion) for item in dev.speech if item.corpus and by_corpus}
    several = Counter(corpus for corpus, emotion in voiced if emotion in said)
    return DevLogits(
        audio,
        text,
        judge(dev.draw_pairs()),
        {c: judge(dev.draw_pairs(c)) for c, count in sorted(several.items()) if count > 1},
        dev.yardstick.unseen_voices(model) if dev.yardstick is not None else None,
    )
