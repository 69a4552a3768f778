"""A clip as every browser and telephone plays it."""

from __future__ import annotations

import io
from typing import Any

import soundfile

from drkf.audio.clip import SAMPLE_RATE, load_audio


def as_mp3(audio: Any) -> bytes:
    """The clip as MP3: mono, 16 kHz, small.

    Args:
        audio: whatever ``drkf.audio.load_audio`` takes.

    Raises:
        AudioError: it cannot be used.
    """
    mp3 = io.BytesIO()
    soundfile.write(mp3, load_audio(audio).samples, SAMPLE_RATE, format="MP3")
    return mp3.getvalue()
