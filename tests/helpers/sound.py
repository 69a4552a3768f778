"""What stands for the detector of speech where the sounds of a test are made, not spoken."""

from __future__ import annotations

import numpy as np

from drkf.audio.activity import Piece, Speech
from drkf.audio.clip import Clip


def any_sound(clip: Clip) -> Speech | None:
    """The whole clip is speech, if it is not silent."""
    if np.abs(clip.samples).max() <= 1e-3:
        return None
    return Speech(clip.samples, (Piece(0.0, 0.0, clip.seconds),), clip.seconds)
