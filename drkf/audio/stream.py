"""Sound as it streams in: mono, 16 kHz, piece by piece."""

from __future__ import annotations

import base64

import av
import numpy as np

from drkf.audio.clip import SAMPLE_RATE
from drkf.audio.decode import RATES

MAX_CHARACTERS = 6_200_000  # of a piece in base64: 24 s at 96 kHz


class Resampler:
    """A stream of mono sound at one rate -> 16 kHz, without seams between its pieces (FFmpeg)."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """(n,) float32 -> about (n * 16000 / rate,) float32; a few samples come with the next."""
        if self.rate == SAMPLE_RATE or not len(samples):
            return samples
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = self.rate
        parts = [part.to_ndarray()[0] for part in self._resampler.resample(frame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def as_mono(rate: int, samples: np.ndarray) -> np.ndarray | None:
    """One channel (n,) float32 within full scale; None for what is no sound."""
    samples = np.asarray(samples)
    if not RATES[0] <= rate <= RATES[1] or samples.ndim not in (1, 2):
        return None
    if samples.dtype == np.int16:
        samples = samples / np.float32(32768)
    elif samples.dtype.kind != "f":
        return None
    if samples.ndim == 2:
        samples = samples.mean(axis=1) if samples.shape[1] else np.zeros(0)
    if not np.isfinite(samples).all():
        return None
    return np.ascontiguousarray(np.clip(samples, -1, 1), dtype=np.float32)


def decode_piece(encoded: str) -> np.ndarray:
    """A piece of sound as the page sends it, base64 of 16-bit little-endian PCM -> (n,) int16.

    Raises:
        ValueError: it is not that, or longer than what is kept of a stream.
    """
    if len(encoded) > MAX_CHARACTERS:
        raise ValueError("too long")
    return np.frombuffer(base64.b64decode(encoded, validate=True), dtype="<i2")
