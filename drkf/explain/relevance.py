"""Which words and which stretches of voice carried the emotion, by leaving them out of the input.

A word leaves the text, a stretch of the sound is made quiet, and both are encoded again (occlusion,
Zeiler & Fergus 2014). Values are signed and positive where a part supports the emotion.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from drkf.analysis import RelevanceEvidence, TimeRelevance
from drkf.explain.hiding import Hiding
from drkf.explain.phrases import MAX_PAIRS, nearest_pairs, phrases_among

CAVEAT = (
    "How far the emotion's probability falls when a word is taken out of the text, or a stretch "
    "of the sound is made quiet. Parts that say the same cover for each other."
)


def occlusion(hiding: Hiding, label: int) -> RelevanceEvidence:
    """v(all) - v(all but the unit), v the logit of ``label``, beside the same for the probability;
    with pairs of words that act together.

    Cost: that of ``occlude_words`` and of ``occlude_times``.
    """
    return replace(occlude_words(hiding, label), times=occlude_times(hiding, label))


def occlude_words(hiding: Hiding, label: int) -> RelevanceEvidence:
    """What ``occlusion`` says of words.

    Cost: a text and a pass of the fusion encoder for each word, and for each of at most
    ``phrases.MAX_PAIRS`` pairs of words.
    """
    units = hiding.units
    count, pairs = len(units.words), nearest_pairs(len(units.words), MAX_PAIRS)
    hidden = torch.zeros(count + len(pairs), len(units), dtype=torch.bool)
    hidden[:count, :count] = torch.eye(count, dtype=torch.bool)
    for row, pair in enumerate(pairs, start=count):
        hidden[row, list(pair)] = True
    values, changes = (falls.tolist() for falls in hiding.falls(hidden, label))
    words = tuple(
        replace(word, value=value, change=change)
        for word, value, change in zip(units.words, values, changes, strict=False)
    )
    phrases = phrases_among(words, pairs, changes[count:])
    return RelevanceEvidence("occlusion", hiding.labels[label], words, phrases=phrases)


def occlude_times(hiding: Hiding, label: int) -> tuple[TimeRelevance, ...]:
    """What ``occlusion`` says of the voice.

    Cost: for each span its window is encoded again, and the fusion encoder passes once.
    """
    units = hiding.units
    first, count = len(units.words), len(units.spans)
    hidden = torch.zeros(count, len(units), dtype=torch.bool)
    hidden[:, first:] = torch.eye(count, dtype=torch.bool)
    values, changes = (falls.tolist() for falls in hiding.falls(hidden, label))
    return tuple(
        replace(span, value=value, change=change)
        for span, value, change in zip(units.spans, values, changes, strict=True)
    )
