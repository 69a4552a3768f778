"""Controlled changes of a voice: a silenced span, loudness, pitch, speed and noise.

Each takes a Clip and returns another one; the warnings of the recording stay with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
import numpy as np
from scipy.signal import resample_poly

from drkf.audio.clip import SAMPLE_RATE, Clip

FADE_SECONDS = 0.005  # a hard edge would be heard, and seen by the model, as a click
NOISE_SEED = 0  # the same noise each time, so that a scenario gives the same result again
PITCH_DENOMINATOR = 256  # pitch ratios to within 0.04 semitones, by short resampling filters


def silence(clip: Clip, start: float, end: float) -> Clip:
    """Nothing is heard from ``start`` to ``end`` (seconds); the length stays."""
    fade = FADE_SECONDS * SAMPLE_RATE
    first, last = start * SAMPLE_RATE, end * SAMPLE_RATE
    places = np.arange(len(clip.samples))
    gate = np.interp(places, [first - fade, first, last, last + fade], [1, 0, 0, 1])
    return Clip((clip.samples * gate).astype(np.float32), clip.warnings)


def quieted(
    samples: np.ndarray, stretches: Sequence[tuple[float, float]], rate: int = SAMPLE_RATE
) -> np.ndarray:
    """Samples (n,) with stretches, (start, end) in seconds, that hold only the recording's own
    noise: white noise as loud as the softest tenth of its 20 ms frames. Digital silence inside a
    recording would be a sound of its own."""
    frame = rate // 50
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    levels = np.sqrt(np.square(frames).mean(1))
    levels = levels[levels > 0]  # not the silence that stands for quiet which was left out
    level = float(np.quantile(levels, 0.1)) if len(levels) else 0.0
    noise = np.random.default_rng(NOISE_SEED).standard_normal(len(samples)) * level
    places, fade = np.arange(len(samples)), FADE_SECONDS * rate
    gate = np.ones(len(samples))
    for start, end in stretches:
        first, last = start * rate, end * rate
        gate *= np.interp(places, [first - fade, first, last, last + fade], [1, 0, 0, 1])
    return (samples * gate + noise * (1 - gate)).astype(np.float32)


def gain(clip: Clip, db: float) -> Clip:
    """Louder or softer; samples beyond full scale are clipped, as by an overdriven microphone."""
    louder = clip.samples * np.float32(10 ** (db / 20))
    return Clip(np.clip(louder, -1, 1), clip.warnings)


def speed(clip: Clip, factor: float) -> Clip:
    """Spoken faster (factor above 1) or slower at the same pitch; factor 0.5 to 2.

    FFmpeg's waveform-similarity overlap-add (filter ``atempo``).
    """
    return Clip(_atempo(clip.samples, factor), clip.warnings)


def pitch(clip: Clip, semitones: float) -> Clip:
    """Higher or lower by -12 to 12 semitones at the same length; the formants move along.

    Resampling changes pitch and tempo together, ``atempo`` brings the tempo back.
    """
    ratio = Fraction(2 ** (semitones / 12)).limit_denominator(PITCH_DENOMINATOR)
    if ratio == 1:
        return clip
    moved = resample_poly(clip.samples, ratio.denominator, ratio.numerator).astype(np.float32)
    same_tempo = _atempo(np.clip(moved, -1, 1), float(1 / ratio))
    length = len(clip.samples)
    samples = np.pad(same_tempo, (0, max(0, length - len(same_tempo))))[:length]
    return Clip(samples, clip.warnings)


def noise(clip: Clip, snr_db: float) -> Clip:
    """White noise at a signal-to-noise ratio in dB, against the clip's mean power.

    If the sum goes beyond full scale both are scaled down, so that the ratio stays.
    """
    added = np.random.default_rng(NOISE_SEED).standard_normal(len(clip.samples))
    power = float(np.square(clip.samples, dtype=np.float64).mean())
    noisy = clip.samples + added * np.sqrt(power * 10 ** (-snr_db / 10))
    return Clip((noisy / max(1.0, np.abs(noisy).max())).astype(np.float32), clip.warnings)


def _atempo(samples: np.ndarray, factor: float) -> np.ndarray:
    """(n,) float32 -> about (n / factor,), clipped to full scale."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=SAMPLE_RATE, format="flt", layout="mono")
    tempo = graph.add("atempo", f"{factor:.6f}")
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    frame.pts = 0
    graph.push(frame)
    graph.push(None)  # the end: the filter gives out what it still holds
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (av.BlockingIOError, av.EOFError):
            return np.clip(np.concatenate(parts), -1, 1)
