"""Applies edits to an utterance; only what they change is encoded again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from drkf.analysis import Transcript
from drkf.audio.clip import Clip
from drkf.errors import ScenarioError
from drkf.model import VoiceReference
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif.edits import Edit, MaskWords, Mute, Rewrite, SampleEdit, Speed, SwapVoice, ordered
from drkf.words import as_transcript, without_words


def apply_edits(
    pipeline: EmotionPipeline,
    base: Utterance,
    edits: Iterable[Edit],
    known: Sequence[Utterance] = (),
) -> Utterance:
    """The utterance after the edits.

    Args:
        known: utterances encoded earlier. Where one of them, or ``base``, has the very samples
            that the edits lead to, its voice is not encoded again.

    Raises:
        ScenarioError: an edit does not fit the utterance.
        NoInputError: nothing is left to analyse. AudioError: no speech is left, nor words.
    """
    steps = ordered(edits)
    clip, transcript = base.clip, base.transcript
    for edit in steps:
        if isinstance(edit, SwapVoice):
            clip = edit.voice.load()
            transcript = as_transcript(transcript.text)  # its times are the other voice's
        elif isinstance(edit, Rewrite):
            transcript = as_transcript(edit.words)
        elif isinstance(edit, SampleEdit):
            if clip is None:
                raise ScenarioError("There is no voice to change: choose a voice first.")
            clip = edit.change(clip)
            if isinstance(edit, Speed):
                transcript = _faster(transcript, edit.factor)
    # Another voice is none of those that are known beside the base.
    voice = None if any(isinstance(edit, SwapVoice) for edit in steps) else base.voice
    utterance = _encoded(pipeline, clip, transcript, base, known, voice)
    for edit in steps:
        if isinstance(edit, MaskWords):
            utterance = _without_words(pipeline, utterance, edit.indices)
        elif isinstance(edit, Mute):
            utterance = _muted(utterance, edit.modality)
    return utterance


def word_spans(text: str) -> list[tuple[int, int]]:
    """Start and end characters of the words that ``MaskWords`` counts."""
    return [match.span() for match in re.finditer(r"\S+", text)]


def _encoded(
    pipeline: EmotionPipeline,
    clip: Clip | None,
    transcript: Transcript,
    base: Utterance,
    known: Sequence[Utterance],
    voice: VoiceReference | None,
) -> Utterance:
    if clip is base.clip:
        return base if transcript == base.transcript else pipeline.with_text(base, transcript)
    if clip is None:
        return pipeline.encode(text=transcript)
    for utterance in (base, *known):
        if utterance.clip is not None and np.array_equal(utterance.clip.samples, clip.samples):
            return pipeline.with_text(utterance, transcript)
    return pipeline.encode(clip, transcript, transcribe=False, voice=voice)


def _without_words(
    pipeline: EmotionPipeline, utterance: Utterance, indices: Sequence[int]
) -> Utterance:
    spans = word_spans(utterance.transcript.text)
    if max(indices) >= len(spans):
        raise ScenarioError(
            f"There is no word {max(indices)} to mask: words are numbered 0 to {len(spans) - 1}."
        )
    if len(set(indices)) == len(spans):
        raise ScenarioError("Every word is masked: mute the words instead.")
    places = {spans[i] for i in indices}
    return pipeline.with_text(utterance, without_words(utterance.transcript, places))


def _muted(utterance: Utterance, modality: Literal["voice", "words"]) -> Utterance:
    encoded = utterance.encoded
    if not (encoded.has_audio and encoded.has_text):
        present = "voice" if encoded.has_audio else "words"
        if present == modality:
            raise ScenarioError(f"Without the {present} nothing is left: keep them, or add more.")
        return utterance
    if modality == "voice":
        return replace(utterance, clip=None, speech_states=None, encoded=encoded.only_text())
    return replace(utterance, transcript=Transcript("", "none"), encoded=encoded.only_audio())


def _faster(transcript: Transcript, factor: float) -> Transcript:
    """The transcript with the times of a voice that is faster by ``factor``."""
    words = tuple(
        replace(
            word, start_seconds=word.start_seconds / factor, end_seconds=word.end_seconds / factor
        )
        for word in transcript.words
    )
    return replace(transcript, words=words)
