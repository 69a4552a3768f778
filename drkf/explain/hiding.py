"""The model's answer when words are missing from the text and stretches from the sound.

Both are encoded again without what is hidden. Hiding tokens after the encoders would leave what
a word told its neighbours: "You lied to me." would be carried by *me*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from drkf.errors import ExplanationError
from drkf.explain.units import Units
from drkf.explain.utterance import EncodedUtterance, Rows, Source, Stretches, TextEdits, row_logits
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence

#: Pieces of sound encoded in one call: enough to keep the processor busy, little memory.
SOUNDS_AT_ONCE = 8


@torch.no_grad()
def hidden_logits(
    model: DRKF, encoded: EncodedUtterance, units: Units, hidden: Tensor, replacement: str = ""
) -> Tensor:
    """Emotion logits (K, L) of the utterance under K choices of units that are hidden.

    A window that a choice leaves as it is costs nothing; each other one costs a row of the fusion
    encoder, and its text or its sound is encoded once, however many choices share it.

    Args:
        hidden: (K, U) bool, True hides a unit.
        replacement: what stands in the place of a hidden word; "" deletes it.

    Raises:
        ExplanationError: the utterance does not know what it was encoded from.
    """
    texts: dict[tuple[int, frozenset[int]], int] = {}
    sounds: dict[tuple[int, frozenset[int]], int] = {}
    _source(encoded)
    W, K = len(encoded.weights), len(hidden)
    rows: list[tuple[int, int, int, int]] = []  # choice, window, text, sound
    for k, chosen in enumerate(hidden.tolist()):
        missing = {unit for unit, is_hidden in enumerate(chosen) if is_hidden}
        for window in range(W):
            words = frozenset(missing & units.words_of[window])
            spans = frozenset(missing & units.spans_of[window])
            if words or spans:
                text = texts.setdefault((window, words), len(texts))
                rows.append((k, window, text, sounds.setdefault((window, spans), len(sounds))))
    whole = _as_it_is(model, encoded)  # (W, L)
    per_window = whole.expand(K, -1, -1).clone()
    if rows:
        T = _encoded_texts(encoded, units, list(texts), replacement)
        A = _encoded_sounds(encoded, units, list(sounds))
        choices, windows, which_text, which_sound = torch.tensor(rows, device=T.mask.device).T
        per_window[choices, windows] = row_logits(
            model,
            Rows(A.hidden, which_sound, A.mask[which_sound]),
            Rows(T.hidden, which_text, T.mask[which_text]),
        )
    return encoded.average(per_window)


@torch.no_grad()
def edited_logits(model: DRKF, encoded: EncodedUtterance, edits: Sequence[TextEdits]) -> Tensor:
    """Emotion logits (K, L) of the utterance with K edits of its words; the sound stays.

    Raises:
        ExplanationError: the utterance does not know what it was encoded from.
    """
    source, W = _source(encoded), len(encoded.weights)
    windows = torch.arange(W, device=encoded.weights.device).repeat(len(edits))
    texts = source.texts([(window, edit) for edit in edits for window in range(W)])
    rows = row_logits(
        model,
        Rows(encoded.speech.hidden, windows, encoded.speech.mask[windows]),
        Rows(texts.hidden, torch.arange(len(windows), device=windows.device), texts.mask),
    )
    return encoded.average(rows.view(len(edits), W, -1))


def probabilities(encoded: EncodedUtterance, logits: Tensor) -> Tensor:
    """Calibrated probabilities (..., L) of logits (..., L)."""
    return (logits / encoded.temperature).softmax(-1)


def _source(encoded: EncodedUtterance) -> Source:
    if encoded.source is None:
        raise ExplanationError("This utterance was encoded without its source: encode it again.")
    return encoded.source


def _as_it_is(model: DRKF, encoded: EncodedUtterance) -> Tensor:
    windows = torch.arange(len(encoded.weights), device=encoded.weights.device)
    return row_logits(
        model,
        Rows(encoded.speech.hidden, windows, encoded.speech.mask),
        Rows(encoded.text.hidden, windows, encoded.text.mask),
    )


def _encoded_texts(
    encoded: EncodedUtterance,
    units: Units,
    pieces: Sequence[tuple[int, frozenset[int]]],
    replacement: str,
) -> TokenSequence:
    """T (N, Tt, d) of windows without some of their words."""
    source = _source(encoded)
    edits: list[tuple[int, TextEdits]] = [
        (window, {place: replacement for unit in words for place in units.places[unit]})
        for window, words in pieces
    ]
    return _mixed(encoded.text, pieces, lambda chosen: source.texts([edits[i] for i in chosen]))


def _encoded_sounds(
    encoded: EncodedUtterance, units: Units, pieces: Sequence[tuple[int, frozenset[int]]]
) -> TokenSequence:
    """A (N, Ta, d) of windows without some of their spans."""
    source, first = _source(encoded), len(units.words)
    stretches: list[tuple[int, Stretches]] = [
        (
            window,
            [
                (span.start_seconds, span.end_seconds)
                for span in (units.spans[unit - first] for unit in sorted(spans))
            ],
        )
        for window, spans in pieces
    ]

    def encode(chosen: Sequence[int]) -> TokenSequence:
        found = TokenSequence.stack(
            [
                source.sounds([stretches[i] for i in chosen[start : start + SOUNDS_AT_ONCE]])
                for start in range(0, len(chosen), SOUNDS_AT_ONCE)
            ]
        )
        # Tokens that the answer does not hear are not heard here either.
        heard = encoded.speech.mask[[pieces[i][0] for i in chosen], : found.mask.shape[1]]
        return found.masked(heard)

    return _mixed(encoded.speech, pieces, encode)


def _mixed(
    whole: TokenSequence,
    pieces: Sequence[tuple[int, frozenset[int]]],
    encode: Callable[[Sequence[int]], TokenSequence],
) -> TokenSequence:
    """Windows as they are where nothing of them is hidden, else encoded again."""
    changed = [i for i, (_, hidden) in enumerate(pieces) if hidden]
    kept = [i for i, (_, hidden) in enumerate(pieces) if not hidden]
    parts = []
    if kept:
        windows = [pieces[i][0] for i in kept]
        parts.append(TokenSequence(whole.hidden[windows], whole.mask[windows]))
    if changed:
        parts.append(encode(changed))
    joined = TokenSequence.stack(parts)
    order = torch.tensor(kept + changed).argsort()
    return joined[order]
