"""What scenarios are tried on: synthetic sound and a sentence."""

from __future__ import annotations

import numpy as np

from drkf.audio.clip import Clip

WORDS = "i am so angry and sad"


def sound(seconds: float, seed: int = 0) -> Clip:
    samples = np.random.default_rng(seed).standard_normal(int(16_000 * seconds))
    return Clip((0.1 * samples).astype(np.float32))
