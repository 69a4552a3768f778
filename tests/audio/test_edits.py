"""Changes of a voice do what they say, measured on a pure tone."""

from __future__ import annotations

import numpy as np
import pytest

from drkf.audio import edits as voice
from drkf.audio.clip import SAMPLE_RATE, Clip

TONE = Clip(
    (0.3 * np.sin(2 * np.pi * 220 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32),
    ("The recording is very quiet.",),
)


def frequency(clip: Clip) -> float:
    spectrum = np.abs(np.fft.rfft(clip.samples * np.hanning(len(clip.samples))))
    return float(spectrum.argmax() * SAMPLE_RATE / len(clip.samples))


@pytest.mark.parametrize("semitones", [-12, -5, 0.5, 4, 12])
def test_pitch_moves_the_tone_and_keeps_the_length(semitones: float) -> None:
    moved = voice.pitch(TONE, semitones)
    assert frequency(moved) == pytest.approx(220 * 2 ** (semitones / 12), rel=0.005)
    assert len(moved.samples) == len(TONE.samples)
    assert moved.samples.dtype == np.float32


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2])
def test_speed_changes_the_length_and_keeps_the_tone(factor: float) -> None:
    moved = voice.speed(TONE, factor)
    assert moved.seconds * factor == pytest.approx(TONE.seconds, rel=0.02)
    assert frequency(moved) == pytest.approx(220, rel=0.005)


@pytest.mark.parametrize("snr", [-5, 0, 20])
def test_noise_has_its_ratio_and_is_the_same_each_time(snr: float) -> None:
    noisy = voice.noise(TONE, snr)
    # Where both were scaled down the ratio stays: the tone's part is found by projection.
    scale = noisy.samples @ TONE.samples / (TONE.samples @ TONE.samples)
    added = noisy.samples - scale * TONE.samples
    ratio = np.mean((scale * TONE.samples) ** 2) / np.mean(added**2)
    assert 10 * np.log10(ratio) == pytest.approx(snr, abs=0.2)
    assert np.abs(noisy.samples).max() <= 1
    assert np.array_equal(noisy.samples, voice.noise(TONE, snr).samples)


def test_gain_scales_and_clips() -> None:
    assert np.allclose(voice.gain(TONE, -6.0206).samples, TONE.samples / 2, atol=1e-5)
    loud = voice.gain(TONE, 30).samples
    assert loud.max() == 1 and loud.min() == -1


def test_silence_is_silent_inside_and_nowhere_else() -> None:
    quiet = voice.silence(TONE, 0.5, 1.0).samples
    inside, fade = slice(8000, 16000), 81
    assert not quiet[inside].any()
    assert np.array_equal(quiet[: 8000 - fade], TONE.samples[: 8000 - fade])
    assert np.array_equal(quiet[16000 + fade :], TONE.samples[16000 + fade :])
    # No click: the steps at the edges are no larger than the tone's own.
    assert np.abs(np.diff(quiet)).max() <= 1.1 * np.abs(np.diff(TONE.samples)).max()


def test_warnings_of_the_recording_stay() -> None:
    for changed in (
        voice.silence(TONE, 0, 0.5),
        voice.gain(TONE, 3),
        voice.pitch(TONE, 3),
        voice.speed(TONE, 1.5),
        voice.noise(TONE, 10),
    ):
        assert changed.warnings == TONE.warnings
