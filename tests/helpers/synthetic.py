"""Utterances of random tokens, and what a planted decision looks like in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from drkf.explain.utterance import EncodedUtterance, Stretches, TextEdits, Word
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence

LABEL = 2
#: The coordinate of a token vector that the planted model reads.
CUE = 5
WIDTH = 32


def make_utterance(
    audio: tuple[int, ...] = (31,), words: int = 5, padding: int = 0, seed: int = 0
) -> EncodedUtterance:
    """Random tokens: ``audio`` speech tokens in each window, ``words`` words of one or two tokens
    between a first and a last special token, the same in each window; no tokens for 0.

    ``padding`` adds that many masked tokens, full of large numbers, to both modalities.
    """
    W = len(audio)
    generator = torch.Generator().manual_seed(seed)
    sizes = [1 + i % 2 for i in range(words)]
    lengths = torch.tensor(audio)
    text_length = sum(sizes) + 2 if words else 0
    # Drawn at one size, so that padding changes nothing else.
    speech = torch.randn(W, 200, WIDTH, generator=generator)[:, : max(audio) + padding]
    text = torch.randn(W, 200, WIDTH, generator=generator)[:, : text_length + padding]
    speech_mask = torch.arange(speech.shape[1]) < lengths[:, None]
    text_mask = (torch.arange(text.shape[1]) < text_length).expand(W, -1)
    speech[~speech_mask] = 1e3
    text[~text_mask] = 1e3
    found = []
    for window in range(W):
        token, char = 1, 0
        for i, size in enumerate(sizes):
            name = f"word{i}"
            found.append(Word(name, char, char + len(name), window, token, token + size))
            token, char = token + size, char + len(name) + 1
    starts = [0.0]
    for tokens in audio[:-1]:
        starts.append(starts[-1] + tokens * 0.04)
    weights = lengths / lengths.sum() if lengths.sum() else torch.full((W,), 1 / W)
    encoded = EncodedUtterance(
        TokenSequence(speech, speech_mask),
        TokenSequence(text, text_mask),
        weights.float(),
        tuple(found),
        tuple(starts),
        token_seconds=0.04,
    )
    return replace(encoded, source=TokenSource(encoded))


class TokenSource:
    """Stands for encoders in which no token knows its neighbours: a hidden word or stretch is
    hidden by masking its tokens."""

    def __init__(self, encoded: EncodedUtterance) -> None:
        self.encoded = encoded

    def texts(self, pieces: Sequence[tuple[int, TextEdits]]) -> TokenSequence:
        windows = [window for window, _ in pieces]
        mask = self.encoded.text.mask[windows].clone()
        for row, (window, edits) in enumerate(pieces):
            for word in self.encoded.words:
                if word.window == window and (word.start_char, word.end_char) in edits:
                    mask[row, word.first : word.last] = False
        return TokenSequence(self.encoded.text.hidden[windows], mask)

    def sounds(self, pieces: Sequence[tuple[int, Stretches]]) -> TokenSequence:
        windows = [window for window, _ in pieces]
        mask = self.encoded.speech.mask[windows].clone()
        middles = (torch.arange(mask.shape[1]) + 0.5) * self.encoded.token_seconds
        for row, (window, stretches) in enumerate(pieces):
            begin = self.encoded.window_starts[window]
            for start, end in stretches:
                mask[row, (start - begin <= middles) & (middles < end - begin)] = False
        return TokenSequence(self.encoded.speech.hidden[windows], mask)


def attend_evenly(model: DRKF) -> None:
    """Queries and keys of zero: every real token gets the same attention."""
    with torch.no_grad():
        for layer in model.fusion_encoder.layers:
            layer.attention.qkv.weight[: 2 * WIDTH] = 0
            layer.attention.qkv.bias[: 2 * WIDTH] = 0


@dataclass(frozen=True)
class Planted:
    """A model whose logit of LABEL grows with coordinate CUE of what CLS attends to, and a
    maker of utterances in which only one word and one span of voice have it."""

    model: DRKF
    word: int = 3
    span: int = 1

    def utterance(self, audio: tuple[int, ...] = (62,), **settings: int) -> EncodedUtterance:
        encoded = make_utterance(audio, **settings)
        encoded.speech.hidden[..., CUE] = 0
        encoded.text.hidden[..., CUE] = 0
        # Span 1 is 0.50 to 1.00 s: tokens whose middle lies there are 12 to 24.
        encoded.speech.hidden[:, 12:25, CUE] = 4
        place = encoded.words[self.word]
        encoded.text.hidden[:, place.first : place.last, CUE] = 12
        return encoded
