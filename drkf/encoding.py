"""A clip and its words -> the token sequences that the fusion encoder gets."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from drkf.analysis import Transcript
from drkf.audio.activity import Speech, whole_speech
from drkf.audio.clip import Clip
from drkf.audio.edits import quieted
from drkf.errors import NoInputError
from drkf.explain.utterance import EncodedUtterance, Stretches, TextEdits, Word
from drkf.language import identified, language_note
from drkf.listening import WINDOW_SECONDS, Heard, timed
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.precision import fast
from drkf.model.sequence import TokenSequence
from drkf.model.voice import VoiceReference
from drkf.words import edited_text, find_words, spell_out, split_by_window, without_end_marks

# oneDNN, PyTorch's kernels on a CPU, keeps what it compiled for the last 1024 shapes. Hardly any
# recording is as long as one before it: that would be four megabytes for each, never used again.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")

UNREADABLE = "The model can read none of these words: type English words."


@dataclass(frozen=True, eq=False)
class Utterance:
    """What was said, encoded once and looked at as often as wanted.

    ``speech_states`` (W, Ta, audio width) are the voice's encoder states by window, kept so
    that new words need no new audio encoding; None without a voice. ``clip_warnings`` are those
    of ``warnings`` that hold whatever the words are. ``voice`` is what was known of the voice
    beside this clip, ``speech`` what was encoded of the clip.
    """

    clip: Clip | None
    transcript: Transcript
    encoded: EncodedUtterance
    speech_states: TokenSequence | None
    warnings: tuple[str, ...] = ()
    clip_warnings: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    voice: VoiceReference | None = None
    speech: Speech | None = None


class UtteranceSource:
    """Encodes an utterance again without some of it (``drkf.explain.utterance.Source``).

    Args:
        speech: the part of the clip that was encoded; None without a clip.
        starts: (W) the windows' starts in seconds of the speech.
        voice: what is known of the voice, the clip itself included; None without a clip.
    """

    def __init__(
        self,
        encoder: UtteranceEncoder,
        speech: Speech | None,
        transcript: Transcript,
        starts: tuple[float, ...],
        voice: VoiceReference | None,
    ) -> None:
        self._encoder = encoder
        self._speech = speech
        self._voice = voice
        self._starts = starts
        self._windows = encoder.windows(speech) if speech is not None else []
        self._parts = split_by_window(transcript, clip_starts(speech, starts))

    def texts(self, pieces: Sequence[tuple[int, TextEdits]]) -> TokenSequence:
        """T (N, Tt, d) of N (window, edits of its words)."""
        edited = tuple(edited_text(*self._parts[window], edits) for window, edits in pieces)
        text, _ = self._encoder.encode_texts(edited, spoken=self._speech is not None)
        present = torch.tensor([bool(part) for part in edited], device=text.mask.device)
        return text.masked(present[:, None])

    @torch.no_grad()
    def sounds(self, pieces: Sequence[tuple[int, Stretches]]) -> TokenSequence:
        """A (N, Ta, d) of N (window, stretches of the clip that are made quiet in it).

        In bfloat16 where the CPU has it: probabilities differ by less than 0.01 from what the same
        sound gets alone.
        """
        clips = [
            quieted(self._windows[window], self._in_window(window, stretches))
            for window, stretches in pieces
        ]
        model = self._encoder.model
        features = model.speech_features(clips).to(model.device)
        with fast(model.device):
            states = model.encode_speech(features)
        return model.adapt_speech(TokenSequence(states.hidden.float(), states.mask), self._voice)

    def _in_window(self, window: int, stretches: Stretches) -> list[tuple[float, float]]:
        """Stretches of the clip, in seconds from the window's start; pauses are left out."""
        assert self._speech is not None
        begin = self._starts[window]
        spans = [span for a, b in stretches for span in self._speech.spans_of_clip(a, b)]
        return [(start - begin, end - begin) for start, end in spans]


class UtteranceEncoder:
    """Encodes audio and text with a checkpoint's encoders. Read-only after creation."""

    def __init__(self, model: DRKF, tokenizer: PreTrainedTokenizerFast) -> None:
        self.model = model
        self._tokenizer = tokenizer

    def windows(self, speech: Speech) -> list[np.ndarray]:
        """The speech in equal windows, at most as long as the model fuses."""
        longest = min(WINDOW_SECONDS, self.model.max_speech_seconds)
        count = math.ceil(speech.seconds / longest)
        step = math.ceil(len(speech.samples) / count)
        return [speech.samples[i * step : (i + 1) * step] for i in range(count)]

    @torch.no_grad()
    def encode_speech(self, speech: Speech) -> TokenSequence:
        """Encoder states (W, Ta, audio width) of the speech's windows."""
        features = self.model.speech_features(self.windows(speech)).to(self.model.device)
        return self.model.encode_speech(features)

    @torch.no_grad()
    def encode_texts(
        self, texts: tuple[str, ...], spoken: bool = False
    ) -> tuple[TokenSequence, Any]:
        """T (N, Tt, d) of texts, and the tokenizer's encodings.

        Emoji are read by their names; the encodings' offsets are those of ``texts``. A text of
        which the encoder knows no token is absent.

        Args:
            spoken: a voice is heard saying them. Marks at their ends are then not read: how a
                sentence was said is the voice's to tell, "." or "!" the recogniser's guess.
        """
        spelled = [spell_out(without_end_marks(text) if spoken else text) for text in texts]
        encodings = self._tokenizer(
            [text for text, _ in spelled],
            truncation=True,
            max_length=self.model.config.max_text_tokens,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        encodings["offset_mapping"] = [
            [(places[first], places[last - 1] + 1) if last else (0, 0) for first, last in offsets]
            for (_, places), offsets in zip(spelled, encodings["offset_mapping"], strict=True)
        ]
        ids, mask = pad_tokens(encodings["input_ids"], self._tokenizer.pad_token_id)
        states = self.model.encode_text(ids.to(self.model.device), mask.to(self.model.device))
        known = torch.tensor([self._is_known(row) for row in encodings["input_ids"]])
        text = self.model.adapt_text(states)
        return text.masked(known[:, None].to(self.model.device)), encodings

    def _is_known(self, ids: Sequence[int]) -> bool:
        """Whether the encoder knows a token of a text; of an empty one there is none to know."""
        tokenizer = self._tokenizer
        meaning = set(ids) - set(tokenizer.all_special_ids)
        return bool(meaning) or tokenizer.unk_token_id not in ids

    @torch.no_grad()
    def join(
        self, heard: Heard, states: TokenSequence | None, voice: VoiceReference | None = None
    ) -> Utterance:
        """Encodes the words and puts them beside the audio's encoder states (W, Ta, width).

        Args:
            voice: what other clips tell of the voice; None: this clip alone.
        """
        model, speech = self.model, heard.speech
        transcript = identified(heard.transcript)
        timings = dict(heard.timings)
        count = 1 if states is None else len(states.hidden)
        seconds = speech.seconds if speech is not None else 0.0
        starts = tuple(i * seconds / count for i in range(count))
        with timed(timings, "encode_text"):
            text, words, notes = self._encode_words(
                transcript, clip_starts(speech, starts), spoken=states is not None
            )
        if states is None and not text.present.any():
            raise NoInputError(UNREADABLE)
        known = None
        if states is not None:
            known = VoiceReference.of([states]) if voice is None else voice.with_clip(states)
        audio, weights = self._adapt_speech(states, known)
        encoded = EncodedUtterance(
            speech=audio,
            text=text,
            weights=weights,
            words=words,
            window_starts=starts,
            token_seconds=model.speech_token_seconds,
            source=UtteranceSource(self, speech, transcript, starts, known),
            recording=speech,
        )
        warnings = (*heard.clip_warnings, *heard.word_warnings, *notes)
        return Utterance(
            heard.clip,
            transcript,
            encoded,
            states,
            warnings,
            heard.clip_warnings,
            timings,
            voice,
            speech,
        )

    def _encode_words(
        self, transcript: Transcript, starts: tuple[float, ...], spoken: bool
    ) -> tuple[TokenSequence, tuple[Word, ...], list[str]]:
        """T (W, Tt, d) of each window's words, where they are, and what to tell the user."""
        model = self.model
        if not transcript.text:
            empty = TokenSequence.empty(len(starts), model.config.hidden_size, model.device)
            return empty, (), []
        parts = split_by_window(transcript, starts)
        text, encodings = self.encode_texts(tuple(part for _, part in parts), spoken)
        present = torch.tensor([bool(part) for _, part in parts], device=model.device)
        text = text.masked(present[:, None])  # a window without words has no text at all
        words, cut = find_words(transcript, parts, encodings)
        notes = []
        if not text.present.any():
            return text, (), [UNREADABLE]
        if cut:
            notes.append(f"The text is long: only its first {len(words)} words were read.")
        if (note := language_note(transcript)) is not None:
            notes.append(note)
        return text, words, notes

    def _adapt_speech(
        self, states: TokenSequence | None, known: VoiceReference | None
    ) -> tuple[TokenSequence, Tensor]:
        """A (W, Ta, d), and each window's share (W,) of the utterance by its length."""
        model = self.model
        if states is None:
            empty = TokenSequence.empty(1, model.config.hidden_size, model.device)
            return empty, torch.ones(1, device=model.device)
        lengths = states.mask.sum(1).float()
        return model.adapt_speech(states, known), lengths / lengths.sum()


def with_speech(heard: Heard) -> Heard:
    """What was heard, with the speech of its clip looked for where nobody has done so."""
    if heard.clip is None or heard.speech is not None:
        return heard
    return replace(heard, speech=whole_speech(heard.clip))


def clip_starts(speech: Speech | None, starts: tuple[float, ...]) -> tuple[float, ...]:
    """Where windows that start at ``starts`` seconds of the speech start in the clip."""
    if speech is None or len(starts) == 1:
        return starts
    return (0.0, *(speech.span_in_clip(start, start)[0] for start in starts[1:]))
