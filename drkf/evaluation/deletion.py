"""How good word relevance is, by really deleting words from the text.

For a sentence of n words let f(S) be the fall of the answer's probability when the words S are
deleted. A method names words in the order of its values; what it names is compared with the best
that could be named, found by search, and with a random choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import spearmanr
from tqdm.auto import tqdm

from drkf.analysis import RelevanceEvidence
from drkf.data.manifest import Item
from drkf.errors import ManifestError
from drkf.evaluation.markdown import table
from drkf.evaluation.negations import NEGATIONS
from drkf.explain import METHODS
from drkf.pipeline import EmotionPipeline

WORDS = (4, 25)
"""Shortest and longest sentence that is judged."""
CONFIDENCE = 0.6
"""Only answers at least as sure, and right, are explained."""
TOP = 0.2
"""Share of the words that are deleted together."""
#: More sets of words are not searched one by one: a greedy search finds the best of them.
MAX_SETS = 300


@dataclass(frozen=True)
class DeletionRow:
    """Means over ``count`` sentences.

    ``first`` is f(first named) / f(best word), ``random`` the same for a random word, ``is_best``
    the share of sentences in which the first named word is the best, ``rank`` the rank correlation
    of all values with f of each word, ``top`` f(the first 20 % named) / f(the best 20 %),
    ``stable`` the share of sentences in which the same word stays first when a comma or a space
    is added at the end.
    """

    method: str
    count: int
    first: float
    random: float
    is_best: float
    rank: float
    top: float
    stable: float


def judge_words(
    pipeline: EmotionPipeline,
    texts: Sequence[Item],
    count: int,
    methods: Sequence[str] = METHODS,
    min_confidence: float = CONFIDENCE,
) -> list[DeletionRow]:
    """A row for each method over the first ``count`` sentences that are rightly and surely read.

    Raises:
        ManifestError: there is no such sentence.
    """
    found: dict[str, list[tuple[float, ...]]] = {method: [] for method in methods}
    chosen = _sentences(pipeline, texts, count, min_confidence)
    for text in tqdm(chosen, desc="deleting words", unit="text", disable=None):
        utterance = pipeline.encode(None, text)
        emotion = pipeline.predict(utterance).emotion
        falls, best_top, fall_of = _truth(pipeline, text, emotion)
        if falls.max() <= 0:
            continue
        for method in methods:
            values = _values(pipeline.relevance(utterance, emotion, method))
            named = np.argsort(-values, kind="stable")
            size = len(best_top)
            found[method].append(
                (
                    falls[named[0]] / falls.max(),
                    falls.mean() / falls.max(),
                    float(falls[named[0]] >= falls.max() - 1e-6),
                    float(np.nan_to_num(spearmanr(values, falls).statistic)),
                    fall_of(tuple(sorted(named[:size]))) / max(fall_of(best_top), 1e-6),
                    _stable(pipeline, text, emotion, method, int(named[0])),
                )
            )
    rows = []
    for method, values_of in found.items():
        if not values_of:
            raise ManifestError("no sentence is read rightly and surely enough to be explained")
        rows.append(DeletionRow(method, len(values_of), *np.mean(values_of, axis=0).tolist()))
    return rows


def judge_negations(pipeline: EmotionPipeline, method: str) -> tuple[int, int]:
    """(n, how often the negating word, or a phrase that holds it, is named first) over the pairs
    of ``NEGATIONS`` whose two sentences get different answers: in the others the word does not
    decide anything."""
    asked = right = 0
    for plain, negated, word in NEGATIONS:
        utterance = pipeline.encode(None, negated)
        emotion = pipeline.predict(utterance).emotion
        if pipeline.predict(pipeline.encode(None, plain)).emotion == emotion:
            continue
        asked += 1
        right += word in _named_first(pipeline.relevance(utterance, emotion, method))
    return asked, right


def render(rows: Sequence[DeletionRow], negations: tuple[int, int]) -> str:
    """A Markdown table and a line on negations."""
    header = (
        "method",
        "n",
        "first word, share of the best (random)",
        "is the best",
        "rank correlation",
        "first 20 %, share of the best",
        "stable",
    )
    lines = (
        (
            row.method,
            str(row.count),
            f"{row.first:.2f} ({row.random:.2f})",
            f"{row.is_best:.0%}",
            f"{row.rank:.2f}",
            f"{row.top:.2f}",
            f"{row.stable:.0%}",
        )
        for row in rows
    )
    asked, right = negations
    told = (
        f"{right} of {asked} negations are named first, alone or in a pair of words, where the "
        f"negation changes the answer ({len(NEGATIONS)} minimal pairs were tried)."
    )
    return f"{table(header, lines)}\n{told}\n"


def _sentences(
    pipeline: EmotionPipeline, texts: Sequence[Item], count: int, min_confidence: float
) -> list[str]:
    """Texts with one label, which is the answer, and of a length that can be searched."""
    chosen: list[str] = []
    for item in texts:
        text = " ".join((item.text or "").split())
        if len(item.emotions) != 1 or not WORDS[0] <= len(text.split()) <= WORDS[1]:
            continue
        answer = pipeline.predict(pipeline.encode(None, text)).fused
        if answer.emotion == item.emotion and answer.confidence >= min_confidence:
            chosen.append(text)
        if len(chosen) == count:
            break
    return chosen


def _truth(pipeline: EmotionPipeline, text: str, emotion: str):
    """(n,) falls of single words, the best set of the top share, and f for any set of words."""
    words = text.split()
    known: dict[tuple[int, ...], float] = {}

    def fall(missing: tuple[int, ...]) -> float:
        if missing not in known:
            left = " ".join(word for i, word in enumerate(words) if i not in missing)
            answer = pipeline.predict(pipeline.encode(None, left)).fused
            known[missing] = whole - answer.as_mapping()[emotion]
        return known[missing]

    whole = pipeline.predict(pipeline.encode(None, text)).fused.as_mapping()[emotion]
    falls = np.array([fall((i,)) for i in range(len(words))])
    size = max(1, round(TOP * len(words)))
    sets = list(combinations(range(len(words)), size)) if size <= 2 else []
    best: tuple[int, ...] = ()
    if sets and len(sets) <= MAX_SETS:
        best = max(sets, key=fall)
    else:
        for _ in range(size):
            more = [tuple(sorted((*best, i))) for i in range(len(words)) if i not in best]
            best = max(more, key=fall)
    return falls, best, fall


def _values(relevance: RelevanceEvidence) -> np.ndarray:
    return np.array([word.effect for word in relevance.words])


def _stable(pipeline: EmotionPipeline, text: str, emotion: str, method: str, first: int) -> float:
    """The share of two harmless changes after which the same word is named first."""
    same = []
    for other in (f"{text} ", f"{text},"):
        values = _values(pipeline.relevance(pipeline.encode(None, other), emotion, method))
        same.append(int(values.argmax()) == first)
    return float(np.mean(same))


def _named_first(relevance: RelevanceEvidence) -> list[str]:
    """The words of the phrase or word with the largest effect, for or against."""
    taken = {i for phrase in relevance.phrases for i in phrase.words}
    units = [
        (
            max(abs(phrase.change), abs(phrase.interaction)),
            [relevance.words[i] for i in phrase.words],
        )
        for phrase in relevance.phrases
    ] + [(abs(word.effect), [word]) for i, word in enumerate(relevance.words) if i not in taken]
    _, words = max(units, key=lambda unit: unit[0])
    return [word.word.lower().strip(".,!?") for word in words]
