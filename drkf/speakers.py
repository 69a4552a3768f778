"""Who speaks: the voice of a session, which every recording tells more of, and a table's speakers.

A table's speakers take two passes: first what each one's clips tell of the voice, then each
utterance beside the other clips of its speaker. A row of no known speaker stands alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from drkf.encoding import Utterance
from drkf.errors import DRKFError
from drkf.model.voice import SpeakerVoices, VoiceReference
from drkf.pipeline import EmotionPipeline


@dataclass(frozen=True, eq=False)
class SessionVoice:
    """What one person's recordings tell of the voice, for as long as a session lasts.

    ``reference`` is over all of them, None before the first; ``clips`` are the names, by content,
    of those that can come again.
    """

    reference: VoiceReference | None = None
    clips: frozenset[str] = frozenset()

    @property
    def recordings(self) -> int:
        return 0 if self.reference is None else int(self.reference.count)

    def with_recording(self, utterance: Utterance, clip: str | None = None) -> SessionVoice:
        """With one recording more; the same one again, and one without audio, change nothing.

        Args:
            clip: names the recording by its content; None: it will not come again.
        """
        states = utterance.speech_states
        if states is None or clip in self.clips:
            return self
        known = self.reference
        reference = VoiceReference.of([states]) if known is None else known.with_clip(states)
        return SessionVoice(reference, self.clips if clip is None else self.clips | {clip})

    def beside(
        self, pipeline: EmotionPipeline, utterance: Utterance, clip: str | None = None
    ) -> Utterance:
        """The utterance read beside the other recordings, as far as there are any."""
        if utterance.speech_states is None:
            return utterance
        others = self.reference
        if others is not None and clip in self.clips:
            others = others.without_clip(utterance.speech_states)
        if others is None and utterance.voice is None:
            return utterance
        return pipeline.with_voice(utterance, others)


def hear_speakers(
    pipeline: EmotionPipeline, clips: Iterable[tuple[str | None, Any]]
) -> SpeakerVoices:
    """The first pass. Cost: each clip of a speaker who has several is encoded once more; nothing
    where the checkpoint has no use for it.

    Args:
        clips: (speaker, audio) of each row; a clip that cannot be used is left out.
    """
    voices = SpeakerVoices()
    for _ in add_speakers(voices, pipeline, clips):
        pass
    return voices


def add_speakers(
    voices: SpeakerVoices, pipeline: EmotionPipeline, clips: Iterable[tuple[str | None, Any]]
) -> Iterator[None]:
    """``hear_speakers`` step by step: one for each clip that is heard."""
    if not pipeline.uses_voice_reference:
        return
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
        yield


def beside_others(
    pipeline: EmotionPipeline, utterance: Utterance, speaker: str | None, voices: SpeakerVoices
) -> Utterance:
    """The second pass: the utterance beside its speaker's other clips, if there are any."""
    if utterance.speech_states is None:
        return utterance
    others = voices.others(speaker, utterance.speech_states)
    return utterance if others is None else pipeline.with_voice(utterance, others)
