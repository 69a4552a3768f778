"""What every explainer gets: one encoded utterance, and the value that is explained."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from drkf.model import DRKF
from drkf.model.drkf import DRKFOutput
from drkf.model.sequence import TokenSequence


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


@dataclass(frozen=True, eq=False)
class EncodedUtterance:
    """One utterance as the fusion encoder gets it, encoded once for every explanation.

    A clip of several windows has a row for each; logits are averaged with ``weights``.

    Args:
        speech: A (W, Ta, d); no tokens, or all masked, where there is no voice.
        text: T (W, Tt, d), likewise.
        weights: (W,) shares of the utterance, adding up to 1.
        window_starts: (W) start of each window in seconds.
        token_seconds: how much voice one speech token stands for.
    """

    speech: TokenSequence
    text: TokenSequence
    weights: Tensor
    words: tuple[Word, ...] = ()
    window_starts: tuple[float, ...] = (0.0,)
    token_seconds: float = 0.04

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
    """Emotion logits (K, L) of the utterance under K maskings, in one batch of K x W rows.

    Args:
        keep_audio: (K, W, Ta) bool, False hides a speech token. keep_text: (K, W, Tt).
    """
    K = len(keep_audio)
    W, Ta, d = encoded.speech.hidden.shape
    Tt = encoded.text.hidden.shape[1]
    speech = TokenSequence(
        encoded.speech.hidden.expand(K, W, Ta, d).reshape(K * W, Ta, d),
        (encoded.speech.mask & keep_audio).reshape(K * W, Ta),
    )
    text = TokenSequence(
        encoded.text.hidden.expand(K, W, Tt, d).reshape(K * W, Tt, d),
        (encoded.text.mask & keep_text).reshape(K * W, Tt),
    )
    per_window = model.fuse(speech, text).emotion_logits.view(K, W, -1)
    return encoded.average(per_window)
