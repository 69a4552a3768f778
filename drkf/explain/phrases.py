"""Pairs of words that act together: *not* and *happy*, *can't* and *believe*.

With p(-S) the emotion's probability without the words S, a pair's interaction is

    I(a, b) = p(all) - p(-a) - p(-b) + p(-a -b)

the second-order Shapley-Taylor term at the full text (Sundararajan et al. 2020, eq. 3, for the
ordering in which a and b come last). It is 0 for words that count each for themselves, positive
where each needs the other, negative where one covers for the other.
"""

from __future__ import annotations

from collections.abc import Sequence

from drkf.analysis import PhraseRelevance, WordRelevance

Pair = tuple[int, int]

#: Pairs that are tried: all of 7 words; in longer texts those with the fewest words between them.
MAX_PAIRS = 24
#: An interaction below this share of a probability is not worth a bracket on the page.
MIN_INTERACTION = 0.1
#: Of the larger single change: below it the two words count mostly for themselves.
MIN_SHARE = 0.5


def phrases_among(
    words: Sequence[WordRelevance], pairs: Sequence[Pair], changes: Sequence[float]
) -> tuple[PhraseRelevance, ...]:
    """The pairs of words that act together, strongest first, no word in two of them.

    Args:
        words: with their single changes of the probability.
        changes: of the probability without both words of each pair.
    """
    found = []
    for (a, b), change in zip(pairs, changes, strict=True):
        single = (words[a].change or 0.0, words[b].change or 0.0)
        interaction = single[0] + single[1] - change
        needed = max(MIN_INTERACTION, MIN_SHARE * max(abs(c) for c in single))
        if abs(interaction) >= needed:
            text = f"{words[a].word}{' ' if b == a + 1 else ' … '}{words[b].word}"
            found.append(PhraseRelevance((a, b), text, change, interaction))
    return _apart(found)


def nearest_pairs(count: int, limit: int) -> list[Pair]:
    """Pairs (a, b), a < b, of ``count`` words, neighbours first, at most ``limit``."""
    pairs = [(a, a + gap) for gap in range(1, count) for a in range(count - gap)]
    return pairs[:limit]


def _apart(phrases: Sequence[PhraseRelevance]) -> tuple[PhraseRelevance, ...]:
    taken: set[int] = set()
    kept = []
    for phrase in sorted(phrases, key=lambda phrase: -abs(phrase.interaction)):
        if taken.isdisjoint(phrase.words):
            taken.update(phrase.words)
            kept.append(phrase)
    return tuple(kept)
