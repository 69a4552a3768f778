"""What every explainer gets: one encoded utterance, and the value that is explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from drkf.audio.activity import Speech
from drkf.model import DRKF
from drkf.model.drkf import DRKFOutput
from drkf.model.sequence import TokenSequence

#: Fusion tokens in one pass: more leave the processor's cache and are slower, fewer waste calls.
CHUNK_TOKENS = 1024
MAX_PADDING = 1.3  # a chunk's width times its rows may exceed its tokens by this factor
SPECIAL_TOKENS = 3  # CLS and two SEP


@dataclass(frozen=True)
class Word:
    """A word of the transcript and the text tokens [first, last) of ``window`` that stand for it.

    ``start_char`` and ``end_char`` place it in the transcript; the times are the recogniser's,
    None for typed words.
    """

    text: str
    start_char: int
    end_char: int
    window: int
    first: int
    last: int
    start_seconds: float | None = None
    end_seconds: float | None = None


#: What stands in the place of characters [start, end) of the transcript; "" deletes them.
TextEdits = Mapping[tuple[int, int], str]
#: Stretches of the clip, (start, end) in seconds.
Stretches = Sequence[tuple[float, float]]


class Source(Protocol):
    """What an utterance was encoded from, so that a part of it can be hidden before the encoders:
    after them every token already knows its neighbours."""

    def texts(self, pieces: Sequence[tuple[int, TextEdits]]) -> TokenSequence:
        """T (N, Tt, d) of N (window, edits of its words); no tokens where no words are left."""
        ...

    def sounds(self, pieces: Sequence[tuple[int, Stretches]]) -> TokenSequence:
        """A (N, Ta, d) of N (window, stretches of the clip that are hidden in it)."""
        ...


@dataclass(frozen=True, eq=False)
class EncodedUtterance:
    """One utterance as the fusion encoder gets it, encoded once for every explanation.

    A clip of several windows has a row for each; logits are averaged with ``weights``.

    Args:
        speech: A (W, Ta, d); no tokens, or all masked, where there is no voice.
        text: T (W, Tt, d), likewise.
        weights: (W,) shares of the utterance, adding up to 1.
        window_starts: (W) start of each window in seconds of the speech that was encoded.
        token_seconds: how much voice one speech token stands for.
        source: encodes the utterance again without some of it.
        temperature: by which its logits become calibrated probabilities.
        recording: where the encoded speech stands in the recording; None: it is all of it.
    """

    speech: TokenSequence
    text: TokenSequence
    weights: Tensor
    words: tuple[Word, ...] = ()
    window_starts: tuple[float, ...] = (0.0,)
    token_seconds: float = 0.04
    source: Source | None = None
    temperature: float = 1.0
    recording: Speech | None = None

    def span_in_clip(self, window: int, start: float, end: float) -> tuple[float, float]:
        """A span of a window, in seconds from its start -> its place in the recording."""
        begin = self.window_starts[window]
        if self.recording is None:
            return begin + start, begin + end
        return self.recording.span_in_clip(begin + start, begin + end)

    @property
    def has_audio(self) -> bool:
        return bool(self.speech.mask.any())

    @property
    def has_text(self) -> bool:
        return bool(self.text.mask.any())

    def only_audio(self) -> EncodedUtterance:
        return replace(self, text=self.text.absent())

    def only_text(self) -> EncodedUtterance:
        return replace(self, speech=self.speech.absent())

    def average(self, per_window: Tensor) -> Tensor:
        """(..., W, L) logits of windows -> (..., L) logits of the utterance."""
        return (per_window * self.weights[:, None]).sum(-2)


@torch.no_grad()
def logits(model: DRKF, encoded: EncodedUtterance) -> tuple[Tensor, Tensor, DRKFOutput]:
    """The utterance's emotion logits (L,), its inconsistency logit (), and the model's output
    with attention."""
    output = model.fuse(encoded.speech, encoded.text, need_weights=True)
    inconsistency = (output.inconsistency_logit * encoded.weights).sum()
    return encoded.average(output.emotion_logits), inconsistency, output


@torch.no_grad()
def masked_logits(
    model: DRKF, encoded: EncodedUtterance, keep_audio: Tensor, keep_text: Tensor
) -> Tensor:
    """Emotion logits (K, L) of the utterance under K maskings.

    A masking costs a row of the fusion encoder for each window that it changes; a window as it
    is costs one row, however many maskings leave it so.

    Args:
        keep_audio: (K, W, Ta) bool, False hides a speech token. keep_text: (K, W, Tt).
    """
    speech, text = encoded.speech, encoded.text
    audio_mask, text_mask = speech.mask & keep_audio, text.mask & keep_text
    changed = (audio_mask != speech.mask).any(-1) | (text_mask != text.mask).any(-1)  # (K, W)
    K, W = changed.shape
    unchanged = (~changed).any(0).nonzero().squeeze(1)  # windows, (U,)
    window = torch.cat([unchanged, changed.nonzero()[:, 1]])
    rows = row_logits(
        model,
        Rows(speech.hidden, window, torch.cat([speech.mask[unchanged], audio_mask[changed]])),
        Rows(text.hidden, window, torch.cat([text.mask[unchanged], text_mask[changed]])),
    )  # (U + changed windows, L)
    per_window = rows.new_zeros(K, W, rows.shape[-1])
    per_window[:, unchanged] = rows[: len(unchanged)]
    per_window[changed] = rows[len(unchanged) :]
    return encoded.average(per_window)


@dataclass(frozen=True, eq=False)
class Rows:
    """R rows that show a few sequences (S, T, d) under masks of their own.

    ``which`` (R,) says which sequence a row shows, ``mask`` (R, T) what it shows of it.
    """

    sequences: Tensor
    which: Tensor
    mask: Tensor

    def __getitem__(self, rows: Tensor) -> TokenSequence:
        return TokenSequence(self.sequences[self.which[rows]], self.mask[rows])


@torch.no_grad()
def row_logits(model: DRKF, speech: Rows, text: Rows) -> Tensor:
    """Emotion logits (R, L) of R rows, in chunks of rows of like length."""
    tokens = speech.mask.sum(1) + text.mask.sum(1) + SPECIAL_TOKENS
    order = tokens.argsort()
    sizes = tokens[order].tolist()
    found: list[Tensor] = []
    start = 0
    while start < len(sizes):
        end, held = start + 1, sizes[start]
        # The rows ascend: the last one of a chunk sets its width.
        while end < len(sizes):
            held += sizes[end]
            if (end + 1 - start) * sizes[end] > min(CHUNK_TOKENS, MAX_PADDING * held):
                break
            end += 1
        rows = order[start:end]
        found.append(model.fuse(speech[rows], text[rows]).emotion_logits)
        start = end
    return torch.cat(found)[order.argsort()]
