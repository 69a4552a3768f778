"""The model's answer when words are missing from the text and stretches from the sound.

Both are encoded again without what is hidden. Hiding tokens after the encoders would leave what
a word told its neighbours: "You lied to me." would be carried by *me*.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from drkf.errors import ExplanationError
from drkf.explain.units import find_units
from drkf.explain.utterance import EncodedUtterance, Rows, Source, TextEdits, row_logits
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence

#: Pieces of sound encoded in one call: enough to keep the processor busy, little memory.
SOUNDS_AT_ONCE = 8

#: A window and the numbers of the units that are hidden in it.
HiddenPart = tuple[int, frozenset[int]]


class Hiding:
    """One utterance under choices of its units that are hidden.

    What was encoded once is kept: a text without some words, or a sound without some stretches,
    costs an encoding the first time and then only a row of the fusion encoder.

    Raises:
        ExplanationError: the utterance does not know what it was encoded from.
    """

    def __init__(self, model: DRKF, encoded: EncodedUtterance) -> None:
        _source(encoded)
        self.model, self.encoded = model, encoded
        self.units = find_units(encoded)
        self._texts = _Encoded(encoded.text)
        self._sounds = _Encoded(encoded.speech)
        self._whole: Tensor | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.model.config.labels)

    @torch.no_grad()
    def logits(self, hidden: Tensor) -> Tensor:
        """Emotion logits (K, L) of the utterance under K choices of units that are hidden.

        A window that a choice leaves as it is costs nothing; each other one costs a row of the
        fusion encoder.

        Args:
            hidden: (K, U) bool, True hides a unit.
        """
        units, W = self.units, len(self.encoded.weights)
        rows: list[tuple[int, HiddenPart, HiddenPart]] = []  # choice, text, sound
        for k, chosen in enumerate(hidden.tolist()):
            missing = {unit for unit, is_hidden in enumerate(chosen) if is_hidden}
            for window in range(W):
                words = frozenset(missing & units.words_of[window])
                spans = frozenset(missing & units.spans_of[window])
                if words or spans:
                    rows.append((k, (window, words), (window, spans)))
        per_window = self._as_it_is().expand(len(hidden), -1, -1).clone()
        if rows:
            self._encode([text for _, text, _ in rows], [sound for *_, sound in rows])
            choices = torch.tensor([k for k, *_ in rows])
            windows = torch.tensor([text[0] for _, text, _ in rows])
            per_window[choices, windows] = row_logits(
                self.model,
                self._sounds.rows([sound for *_, sound in rows]),
                self._texts.rows([text for _, text, _ in rows]),
            )
        return self.encoded.average(per_window)

    def falls(self, hidden: Tensor, label: int) -> tuple[Tensor, Tensor]:
        """How far the logit and the calibrated probability of ``label`` fall, (K,) each, under K
        choices (K, U)."""
        nothing = torch.zeros(1, hidden.shape[1], dtype=torch.bool)
        logits = self.logits(torch.cat([nothing, hidden]))
        probability = probabilities(self.encoded, logits)[:, label]
        return logits[0, label] - logits[1:, label], probability[0] - probability[1:]

    def _as_it_is(self) -> Tensor:
        """Logits (W, L) of the windows with nothing hidden."""
        if self._whole is None:
            encoded = self.encoded
            windows = torch.arange(len(encoded.weights), device=encoded.weights.device)
            self._whole = row_logits(
                self.model,
                Rows(encoded.speech.hidden, windows, encoded.speech.mask),
                Rows(encoded.text.hidden, windows, encoded.text.mask),
            )
        return self._whole

    def _encode(self, texts: Sequence[HiddenPart], sounds: Sequence[HiddenPart]) -> None:
        """Encodes what of these is not kept yet."""
        source, units = _source(self.encoded), self.units
        new_texts = self._texts.missing(texts)
        if new_texts:
            edits: list[tuple[int, TextEdits]] = [
                (window, {place: "" for unit in words for place in units.places[unit]})
                for window, words in new_texts
            ]
            self._texts.keep(new_texts, source.texts(edits))
        first, new_sounds = len(units.words), self._sounds.missing(sounds)
        for start in range(0, len(new_sounds), SOUNDS_AT_ONCE):
            pieces = new_sounds[start : start + SOUNDS_AT_ONCE]
            found = source.sounds(
                [
                    (
                        window,
                        [
                            (span.start_seconds, span.end_seconds)
                            for span in (units.spans[unit - first] for unit in sorted(spans))
                        ],
                    )
                    for window, spans in pieces
                ]
            )
            # Tokens that the answer does not hear are not heard here either.
            heard = self.encoded.speech.mask[[window for window, _ in pieces]]
            self._sounds.keep(pieces, found.masked(heard[:, : found.mask.shape[1]]))


class _Encoded:
    """Token sequences of one modality, by what is hidden in them; windows as they are first."""

    def __init__(self, whole: TokenSequence) -> None:
        self._places: dict[HiddenPart, int] = {
            (window, frozenset()): window for window in range(len(whole.mask))
        }
        self._parts = [whole]

    def missing(self, pieces: Sequence[HiddenPart]) -> list[HiddenPart]:
        return [piece for piece in dict.fromkeys(pieces) if piece not in self._places]

    def keep(self, pieces: Sequence[HiddenPart], found: TokenSequence) -> None:
        for piece in pieces:
            self._places[piece] = len(self._places)
        self._parts.append(found)

    def rows(self, pieces: Sequence[HiddenPart]) -> Rows:
        """A row for each piece, all of them kept."""
        if len(self._parts) > 1:
            self._parts = [TokenSequence.stack(self._parts)]
        (joined,) = self._parts
        places = [self._places[piece] for piece in pieces]
        which = torch.tensor(places, device=joined.mask.device)
        return Rows(joined.hidden, which, joined.mask[which])


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
