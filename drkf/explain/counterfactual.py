"""The smallest change of the input after which the model answers something else.

Three kinds, each the smallest of its own that is found (Wachter et al. 2017 call them closest
counterfactuals): the fewest words that are taken out, one word that is replaced by its opposite
or by a neutral one from ``replacements.OPPOSITES``, and the shortest stretch of sound that is made
quiet. None says that nothing of that kind changes the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import torch
from torch import Tensor

from drkf.analysis import Counterfactual, WordEdit, WordRelevance
from drkf.explain.hiding import Hiding, edited_logits, probabilities
from drkf.explain.phrases import nearest_pairs
from drkf.explain.relevance import occlude_words
from drkf.explain.replacements import opposites

#: Pairs of words that are tried, neighbours first: all of 11 words.
MAX_PAIRS = 55
#: Three words are tried among the ones that matter most, more only in the order of their weight.
MAX_IN_TRIPLES = 8


def counterfactuals(hiding: Hiding, label: int) -> tuple[Counterfactual, ...]:
    """The smallest change of each kind that turns the answer ``label`` into another one.

    Cost: that of ``occlude_words``, and at most about 150 texts and 100 pieces of sound; it ends at
    the first size at which something is found.
    """
    words = occlude_words(hiding, label).words
    found = (
        fewest_words(hiding, label, words),
        one_replacement(hiding, label, words),
        shortest_silence(hiding, label),
    )
    return tuple(one for one in found if one is not None)


def fewest_words(
    hiding: Hiding, label: int, words: Sequence[WordRelevance]
) -> Counterfactual | None:
    """The fewest words without which the answer is another one, never all of them.

    Args:
        words: with the change of the probability of ``label`` without each.
    """
    for choices in _sets_of_words(words):
        hidden = torch.zeros(len(choices), len(hiding.units), dtype=torch.bool)
        for row, chosen in enumerate(choices):
            hidden[row, list(chosen)] = True
        best = _surest_other(hiding, hiding.logits(hidden), label)
        if best is not None:
            row, emotion, probability = best
            edits = tuple(_edit(words[i], "") for i in sorted(choices[row]))
            return Counterfactual("words", hiding.labels[emotion], probability, edits)
    return None


def one_replacement(
    hiding: Hiding, label: int, words: Sequence[WordRelevance]
) -> Counterfactual | None:
    """One word in the place of which its opposite, or a neutral word, gives another answer."""
    edits = [_edit(word, other) for word in words for other in opposites(word.word)]
    if not edits:
        return None
    logits = edited_logits(
        hiding.model,
        hiding.encoded,
        [{(edit.start_char, edit.end_char): edit.after} for edit in edits],
    )
    best = _surest_other(hiding, logits, label)
    if best is None:
        return None
    row, emotion, probability = best
    return Counterfactual("replacement", hiding.labels[emotion], probability, (edits[row],))


def shortest_silence(hiding: Hiding, label: int) -> Counterfactual | None:
    """The shortest stretch of sound, in spans of ``units.SPAN_SECONDS`` or more and never all of
    it, after whose silencing the answer is another one."""
    units = hiding.units
    first, count = len(units.words), len(units.spans)
    for length in _lengths(count):
        starts = range(0, count - length + 1, max(1, length // 2))
        hidden = torch.zeros(len(starts), len(units), dtype=torch.bool)
        for row, start in enumerate(starts):
            hidden[row, first + start : first + start + length] = True
        best = _surest_other(hiding, hiding.logits(hidden), label)
        if best is not None:
            row, emotion, probability = best
            begin, last = units.spans[starts[row]], units.spans[starts[row] + length - 1]
            return Counterfactual(
                "silence",
                hiding.labels[emotion],
                probability,
                start_seconds=begin.start_seconds,
                end_seconds=last.end_seconds,
            )
    return None


def _sets_of_words(words: Sequence[WordRelevance]) -> Iterator[list[tuple[int, ...]]]:
    """Sets of words to take out, by size, never all of them."""
    count = len(words)
    by_weight = sorted(range(count), key=lambda i: -words[i].effect)
    if count > 1:
        yield [(i,) for i in range(count)]
    if count > 2:
        yield list(nearest_pairs(count, MAX_PAIRS))
    if count > 3:
        yield list(combinations(by_weight[:MAX_IN_TRIPLES], 3))
    for size in range(4, count):
        yield [tuple(by_weight[:size])]


def _lengths(count: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, … spans, fewer than there are."""
    lengths = [1, 2, 3]
    while lengths[-1] < count:
        lengths.append(max(lengths[-1] + 1, lengths[-2] * 2))
    return [length for length in lengths if length < count]


def _surest_other(hiding: Hiding, logits: Tensor, label: int) -> tuple[int, int, float] | None:
    """(row, label, probability) of the surest answer other than ``label``, None if none is."""
    probability, answer = probabilities(hiding.encoded, logits).max(-1)
    others = (answer != label).nonzero().flatten()
    if not len(others):
        return None
    row = int(others[probability[others].argmax()])
    return row, int(answer[row]), float(probability[row])


def _edit(word: WordRelevance, after: str) -> WordEdit:
    return WordEdit(word.start_char, word.end_char, word.word, after)
