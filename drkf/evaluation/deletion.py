"""How good word relevance is, by really deleting words from the text.

For a sentence of n words let f(S) be the fall of the answer's probability when the words S are
deleted. An explanation names words in the order of its values; what it names is compared with the
best that could be named, found by search, and with a random choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import spearmanr
from tqdm.auto import tqdm

from drkf.analysis import RelevanceEvidence
from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.evaluation.measure import Measure
from drkf.evaluation.negations import NEGATIONS
from drkf.pipeline import EmotionPipeline

WORDS = (4, 25)
"""Shortest and longest sentence that is judged."""
CONFIDENCE = 0.6
"""Only answers at least as sure, and right, are explained."""
TOP = 0.2
"""Share of the words that are deleted together."""
#: More sets of words are not searched one by one: a greedy search finds the best of them.
MAX_SETS = 60
#: Of which the random choice of several words is the mean.
RANDOM_SETS = 5

Places = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Deletions:
    """What deletion does to one text: the falls (n,) without each word, and of any set of them."""

    words: np.ndarray
    fall: Callable[[Places], float]

    @property
    def top(self) -> int:
        """How many words are deleted together."""
        return max(1, round(TOP * len(self.words)))


def sure_sentences(
    pipeline: EmotionPipeline, texts: Sequence[Item], count: int, min_confidence: float = CONFIDENCE
) -> list[Item]:
    """The first texts with one label, which is the model's sure answer, and of a length that can
    be searched; their spaces are single ones."""
    chosen: list[Item] = []
    for item in texts:
        text = " ".join((item.text or "").split())
        if len(item.emotions) != 1 or not WORDS[0] <= len(text.split()) <= WORDS[1]:
            continue
        answer = pipeline.predict(pipeline.encode(None, text)).fused
        if answer.emotion == item.emotion and answer.confidence >= min_confidence:
            chosen.append(Item(item.id, None, text, item.emotions))
        if len(chosen) == count:
            break
    return chosen


def judge_words(
    pipeline: EmotionPipeline, sentences: Sequence[Item], seed: int = 0
) -> list[Measure]:
    """Deletion of the word named first and of the first 20 %, and stability, over sentences.

    Args:
        sentences: as of ``sure_sentences``.

    Raises:
        ManifestError: no single word matters in any of them, or there is none.
    """
    rng = np.random.default_rng(seed)
    found: list[tuple[float, ...]] = []
    for item in tqdm(sentences, desc="deleting words", unit="text", disable=None):
        text = item.text or ""
        utterance = pipeline.encode(None, text)
        emotion = pipeline.predict(utterance).emotion
        deletions = delete_words(pipeline, text, emotion)
        falls = deletions.words
        if falls.max() <= 0:
            continue
        values = word_values(pipeline.relevance(utterance, emotion))
        named = np.argsort(-values, kind="stable")
        most = max(deletions.fall(_best_set(deletions)), 1e-6)
        chance = [rng.choice(len(falls), deletions.top, replace=False) for _ in range(RANDOM_SETS)]
        found.append(
            (
                falls[named[0]] / falls.max(),
                falls.mean() / falls.max(),
                float(falls[named[0]] >= falls.max() - 1e-6),
                1 / len(falls),
                float(np.nan_to_num(spearmanr(values, falls).statistic)),
                deletions.fall(_places(named[: deletions.top])) / most,
                float(np.mean([deletions.fall(_places(c)) for c in chance])) / most,
                _stable(pipeline, text, emotion, int(named[0])),
            )
        )
    if not found:
        raise ManifestError("no sentence is read rightly and surely enough to be explained")
    n, mean = len(found), np.mean(found, axis=0).tolist()
    first, random_first, is_best, random_best, rank, top, random_top, stable = mean
    return [
        Measure(
            "words: deleting the first named, share of the best word's fall",
            n,
            first,
            random_first,
            1.0,
        ),
        Measure("words: the first named is the best", n, is_best, random_best, 1.0),
        Measure("words: rank correlation with every word's fall", n, rank, 0.0, 1.0),
        Measure(
            "words: deleting the first 20 %, share of the best set's fall", n, top, random_top, 1.0
        ),
        Measure("words: the same is named first after a space or a comma", n, stable, None, 1.0),
    ]


def judge_negations(pipeline: EmotionPipeline) -> Measure:
    """How often the negating word, or a phrase that holds it, is named first, over the pairs of
    ``NEGATIONS`` whose two sentences get different answers: in the others the word does not decide
    anything."""
    asked = right = 0
    chance = 0.0
    for plain, negated, word in NEGATIONS:
        utterance = pipeline.encode(None, negated)
        emotion = pipeline.predict(utterance).emotion
        if pipeline.predict(pipeline.encode(None, plain)).emotion == emotion:
            continue
        asked += 1
        right += word in named_first(pipeline.relevance(utterance, emotion))
        chance += 1 / len(negated.split())
    return Measure(
        f"negations that change the answer (of {len(NEGATIONS)} minimal pairs): the negating word, "
        "or a pair with it, is named first",
        asked,
        right / max(asked, 1),
        chance / max(asked, 1),
        1.0,
    )


def delete_words(pipeline: EmotionPipeline, text: str, emotion: str) -> Deletions:
    """The falls of an emotion's probability when words of a text are deleted."""
    words = text.split()
    known: dict[Places, float] = {}

    def fall(missing: Places) -> float:
        if missing not in known:
            left = " ".join(word for i, word in enumerate(words) if i not in missing)
            answer = pipeline.predict(pipeline.encode(None, left)).fused
            known[missing] = whole - answer.as_mapping()[emotion]
        return known[missing]

    whole = pipeline.predict(pipeline.encode(None, text)).fused.as_mapping()[emotion]
    return Deletions(np.array([fall((i,)) for i in range(len(words))]), fall)


def word_values(relevance: RelevanceEvidence) -> np.ndarray:
    """(n,) changes of the probability without each word."""
    return np.array([word.effect for word in relevance.words])


def named_first(relevance: RelevanceEvidence) -> list[str]:
    """The words of the phrase or word with the largest effect, for or against; lower-case, without
    punctuation."""
    taken = {i for phrase in relevance.phrases for i in phrase.words}
    units = [
        (
            max(abs(phrase.change), abs(phrase.interaction)),
            [relevance.words[i] for i in phrase.words],
        )
        for phrase in relevance.phrases
    ] + [(abs(word.effect), [word]) for i, word in enumerate(relevance.words) if i not in taken]
    _, words = max(units, key=lambda unit: unit[0])
    return [word.word.lower().strip(".,!?;:") for word in words]


def _best_set(deletions: Deletions) -> Places:
    """The words without which the answer falls furthest: by exhaustive search where there are few
    sets, else greedily."""
    count = len(deletions.words)
    sets = list(combinations(range(count), deletions.top)) if deletions.top <= 2 else []
    if sets and len(sets) <= MAX_SETS:
        return max(sets, key=deletions.fall)
    best: Places = ()
    for _ in range(deletions.top):
        more = [tuple(sorted((*best, i))) for i in range(count) if i not in best]
        best = max(more, key=deletions.fall)
    return best


def _places(chosen: np.ndarray) -> Places:
    return tuple(sorted(chosen.tolist()))


def _stable(pipeline: EmotionPipeline, text: str, emotion: str, first: int) -> float:
    """The share of two harmless changes after which the same word is named first."""
    same = []
    for other in (f"{text} ", f"{text},"):
        values = word_values(pipeline.relevance(pipeline.encode(None, other), emotion))
        same.append(int(values.argmax()) == first)
    return float(np.mean(same))
