"""Sentences that somebody reads aloud so that the model knows the voice."""

from __future__ import annotations

from typing import Any

from drkf.analysis import Transcript
from drkf.audio.clip import load_audio
from drkf.conversation.recording import cut, utterance_spans
from drkf.errors import AudioError
from drkf.pipeline import NO_SPEECH, EmotionPipeline, Heard, Utterance


def sentences_in(pipeline: EmotionPipeline, audio: Any) -> list[Utterance]:
    """Each sentence of a recording encoded, without words: what lies between two pauses.

    Args:
        audio: whatever ``drkf.audio.load_audio`` takes.

    Raises:
        AudioError: the audio cannot be used, or nobody speaks in it.
    """
    clip = load_audio(audio)
    nothing = Transcript("", "none")
    heard = [Heard(cut(clip, span), nothing) for span in utterance_spans(clip)]
    if not heard:
        raise AudioError(NO_SPEECH)
    return [pipeline.encode_heard(one) for one in heard]
