"""Voice activity: where in a recording somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from faster_whisper.vad import VadOptions, get_speech_timestamps

from drkf.audio.clip import SAMPLE_RATE, Clip, is_silent

# Silero's probability of speech passes 0.95 in every clip of four speech corpora and stays below
# 0.5 in noise, hum, tones and chords; 0.12 s keeps out the odd blip of a buzz. The padding is a
# second because closer cuts lose the first word of soft speech.
VAD = VadOptions(threshold=0.5, min_speech_duration_ms=120, speech_pad_ms=1000)


@dataclass(frozen=True)
class SpeechSpan:
    """Speech from ``start_seconds`` to ``end_seconds`` of a recording."""

    start_seconds: float
    end_seconds: float

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds


def speech_spans(
    clip: Clip, pause_seconds: float, longest_seconds: float = float("inf"), pad_seconds: float = 0
) -> list[SpeechSpan]:
    """The stretches of speech by Silero's detector, in order and not overlapping.

    Args:
        pause_seconds: silence from which on speech counts as two stretches.
        longest_seconds: longer stretches are cut, at a short pause where there is one.
        pad_seconds: added at both ends of a stretch, as far as its neighbours leave room.
    """
    if is_silent(clip):
        return []
    options = replace(
        VAD,
        min_silence_duration_ms=round(1000 * pause_seconds),
        max_speech_duration_s=longest_seconds,
        speech_pad_ms=round(1000 * pad_seconds),
    )
    return [
        SpeechSpan(span["start"] / SAMPLE_RATE, min(span["end"] / SAMPLE_RATE, clip.seconds))
        for span in get_speech_timestamps(clip.samples, options)
    ]
