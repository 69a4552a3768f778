"""Spoken clips, and what stands for the detector of speech where a test's sounds are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from drkf.audio.activity import Piece, Speech
from drkf.audio.clip import Clip

CLIPS = Path(__file__).parents[1] / "clips"


def read_spoken(name: str) -> np.ndarray:
    """A clip of ``tests/clips``: samples (n,) float32 at 16 kHz."""
    samples, _ = soundfile.read(CLIPS / f"{name}.flac", dtype="float32")
    return samples


def any_sound(clip: Clip) -> Speech | None:
    """The whole clip is speech, if it is not silent."""
    if np.abs(clip.samples).max() <= 1e-3:
        return None
    return Speech(clip.samples, (Piece(0.0, 0.0, clip.seconds),), clip.seconds)
