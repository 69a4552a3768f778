"""The parts of an utterance that relevance is given to: words and half-seconds of voice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from drkf.analysis import TimeRelevance, WordRelevance
from drkf.explain.utterance import EncodedUtterance, Word

#: A quarter of a second is covered for by its neighbours, and too short to be heard alone.
SPAN_SECONDS = 0.5
#: Longer voices get longer spans (12 s have 24 half-seconds): for each span its window is encoded
#: again, so that an explanation costs at most 24 times the encoding of the voice.
MAX_SPANS = 24
#: Longer texts get groups of neighbouring words instead of words.
MAX_WORDS = 120


@dataclass(frozen=True, eq=False)
class Units:
    """U parts of an utterance: its words, in reading order, then the spans of its voice.

    ``words`` and ``spans`` say where they are, with value 0; ``audio`` (U, W, Ta) and ``text``
    (U, W, Tt) are True on the tokens of each. ``places`` are the characters [start, end) of each
    word unit's words in the transcript; ``words_of`` and ``spans_of`` the numbers of the units
    that a window holds.
    """

    words: tuple[WordRelevance, ...]
    spans: tuple[TimeRelevance, ...]
    audio: Tensor
    text: Tensor
    places: tuple[tuple[tuple[int, int], ...], ...]
    words_of: tuple[frozenset[int], ...]
    spans_of: tuple[frozenset[int], ...]

    def __len__(self) -> int:
        return len(self.words) + len(self.spans)


def find_units(encoded: EncodedUtterance) -> Units:
    """Words and spans of voice that have tokens.

    A speech token belongs to the span that holds its middle. A typed word that stands in every
    window of a long clip is one unit.
    """
    W, Ta = encoded.speech.mask.shape
    Tt = encoded.text.mask.shape[1]
    words = list(_words(encoded))
    spans = list(_spans(encoded))
    device = encoded.speech.mask.device
    audio = torch.zeros(len(words) + len(spans), W, Ta, dtype=torch.bool, device=device)
    text = torch.zeros(len(words) + len(spans), W, Tt, dtype=torch.bool, device=device)
    for i, (_, copies) in enumerate(words):
        for word in copies:
            text[i, word.window, word.first : word.last] = True
    for i, (_, window, first, last) in enumerate(spans, start=len(words)):
        audio[i, window, first:last] = True
    return Units(
        words=tuple(word for word, _ in words),
        spans=tuple(span for span, *_ in spans),
        audio=audio,
        text=text,
        places=tuple(
            tuple(sorted({(word.start_char, word.end_char) for word in copies}))
            for _, copies in words
        ),
        words_of=tuple(
            frozenset(
                i
                for i, (_, copies) in enumerate(words)
                if any(word.window == window for word in copies)
            )
            for window in range(W)
        ),
        spans_of=tuple(
            frozenset(
                i for i, (_, place, *_) in enumerate(spans, start=len(words)) if place == window
            )
            for window in range(W)
        ),
    )


def _words(encoded: EncodedUtterance) -> Iterator[tuple[WordRelevance, list[Word]]]:
    """A word, or in a long text a phrase, with all that stands for it in the encoded text."""
    mask = encoded.text.mask.cpu()
    places: dict[tuple[int, int], list[Word]] = {}
    for word in encoded.words:
        if mask[word.window, word.first : word.last].any():
            places.setdefault((word.start_char, word.end_char), []).append(word)
    groups = [places[place] for place in sorted(places)]
    size = max(1, math.ceil(len(groups) / MAX_WORDS))
    for start in range(0, len(groups), size):
        phrase = groups[start : start + size]
        first, last = phrase[0][0], phrase[-1][0]
        joined = WordRelevance(
            word=" ".join(copies[0].text for copies in phrase),
            start_char=first.start_char,
            end_char=last.end_char,
            value=0.0,
            start_seconds=first.start_seconds,
            end_seconds=last.end_seconds,
        )
        yield joined, [word for copies in phrase for word in copies]


def _spans(encoded: EncodedUtterance) -> Iterator[tuple[TimeRelevance, int, int, int]]:
    """Each span with its window and its speech tokens [first, last)."""
    seconds = encoded.token_seconds
    lengths = [int(row.nonzero().max()) + 1 if row.any() else 0 for row in encoded.speech.mask]
    total = sum(lengths) * seconds
    width = max(SPAN_SECONDS * math.ceil(total / (SPAN_SECONDS * MAX_SPANS)), seconds)
    for window, length in enumerate(lengths):
        first = number = 0
        while first < length:
            number += 1
            # Tokens with their middle, (i + 0.5) * seconds, before the span's end.
            last = min(length, math.ceil(number * width / seconds - 0.5))
            end = min(number * width, length * seconds)
            start_seconds, end_seconds = encoded.span_in_clip(window, (number - 1) * width, end)
            yield (
                TimeRelevance(start_seconds, end_seconds, 0.0),
                window,
                first,
                last,
            )
            first = last
