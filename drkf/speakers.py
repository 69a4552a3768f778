"""A table's speakers in two passes: first what each one's clips tell of the voice, then each
utterance beside the other clips of its speaker. A row of no known speaker stands alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from drkf.encoding import Utterance
from drkf.errors import DRKFError
from drkf.model.voice import SpeakerVoices
from drkf.pipeline import EmotionPipeline


def hear_speakers(
    pipeline: EmotionPipeline, clips: Iterable[tuple[str | None, Any]]
) -> SpeakerVoices:
    """The first pass. Cost: each clip of a speaker who has several is encoded once more; nothing
    where the checkpoint has no use for it.

    Args:
        clips: (speaker, audio) of each row; a clip that cannot be used is left out.
    """
    voices = SpeakerVoices()
    if not pipeline.uses_voice_reference:
        return voices
    rows = [(speaker, audio) for speaker, audio in clips if speaker and audio is not None]
    counts = Counter(speaker for speaker, _ in rows)
    for speaker, audio in rows:
        if counts[speaker] < 2:
            continue
        try:
            utterance = pipeline.encode(audio, transcribe=False)
        except DRKFError:
            continue
        if utterance.speech_states is not None:
            voices.add(speaker, utterance.speech_states)
    return voices


def beside_others(
    pipeline: EmotionPipeline, utterance: Utterance, speaker: str | None, voices: SpeakerVoices
) -> Utterance:
    """The second pass: the utterance beside its speaker's other clips, if there are any."""
    if utterance.speech_states is None:
        return utterance
    others = voices.others(speaker, utterance.speech_states)
    return utterance if others is None else pipeline.with_voice(utterance, others)
