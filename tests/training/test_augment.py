"""What augmentation may and may not do to a clip."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio be imported)

# isort: split
from dataclasses import asdict

import numpy as np
import pytest
import torch

from drkf.errors import ConfigError
from drkf.training.augment import (
    SAMPLE_RATE,
    AugmentConfig,
    MixConfig,
    VoiceChange,
    add_noise,
    augment_waveform,
    change_speed,
    change_voice,
    draw_voice_change,
    mask_spectrogram,
    mix,
    reverberate,
    through_griffin_lim,
)

OFF = AugmentConfig(0, 0, 0, 0, 0, 0, 0)


def tone(seconds: float, hertz: float = 440.0) -> np.ndarray:
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.3 * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def pitch(x: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    return float(spectrum.argmax()) * SAMPLE_RATE / len(x)


def test_nothing_switched_on_changes_nothing() -> None:
    x = tone(1.0)
    assert np.array_equal(augment_waveform(x, OFF, np.random.default_rng(0)), x)


@pytest.mark.parametrize(
    "name",
    [
        n
        for n in asdict(OFF)
        if isinstance(getattr(OFF, n), float | int)
        and not any(part in n for part in ("mask", "width", "tract", "pitch", "_db"))
    ],
)
def test_every_change_gives_a_finite_clip_and_leaves_the_original(name: str) -> None:
    x = tone(2.0)
    original = x.copy()
    config = AugmentConfig(**(asdict(OFF) | {name: 1.0}))
    for seed in range(3):
        y = augment_waveform(x, config, np.random.default_rng(seed))
        assert y.dtype == np.float32 and y.ndim == 1
        assert np.isfinite(y).all()
        assert 0.5 * len(x) <= len(y) <= len(x) + 1.6 * SAMPLE_RATE
        assert len(y) != len(x) or not np.array_equal(y, x)
    assert np.array_equal(x, original)


def test_a_change_depends_on_its_generator_alone() -> None:
    config = AugmentConfig(1, 1, 1, 1, 1, 1, 1)
    results = []
    for global_seed in (0, 1):
        torch.manual_seed(global_seed)
        np.random.seed(global_seed)
        results.append(augment_waveform(tone(2.0), config, np.random.default_rng(4)))
    assert np.array_equal(*results)


def test_augmenting_leaves_the_global_generator_where_it_was() -> None:
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    augment_waveform(tone(1.0), AugmentConfig(griffin_lim=1.0), np.random.default_rng(0))
    assert torch.equal(torch.rand(1), expected)


def test_playing_faster_shortens_and_raises() -> None:
    x = tone(1.0)
    y = change_speed(x, 1.1)
    assert len(y) == pytest.approx(len(x) / 1.1, abs=2)
    assert pitch(y) == pytest.approx(484, abs=3)


@pytest.mark.parametrize("snr", [5.0, 20.0])
def test_noise_comes_at_its_level(snr: float) -> None:
    x = tone(1.0).astype(np.float64)
    noise = add_noise(x, snr, np.random.default_rng(0)) - x
    measured = 10 * np.log10(np.mean(x**2) / np.mean(noise**2))
    assert measured == pytest.approx(snr, abs=0.1)
    silent = add_noise(np.zeros(1000), snr, np.random.default_rng(0))
    assert np.isfinite(silent).all() and not silent.any()


def test_reverberation_rings_on_and_keeps_the_length() -> None:
    x = np.zeros(SAMPLE_RATE)
    x[100] = 1.0
    y = reverberate(x, np.random.default_rng(0))
    assert len(y) == len(x)
    assert np.abs(y[:100]).max() < 1e-9
    assert y[100] == pytest.approx(1.0, abs=1e-6)
    assert np.abs(y[101:1000]).max() > 0


def test_griffin_lim_keeps_what_is_heard() -> None:
    x = tone(1.0)
    y = through_griffin_lim(x, np.random.default_rng(0))
    assert len(y) == pytest.approx(len(x), abs=1024)
    assert pitch(y) == pytest.approx(440, abs=40)  # a mel band wide
    assert np.sqrt(np.mean(y**2)) == pytest.approx(np.sqrt(np.mean(x**2)), rel=0.5)
    short = tone(0.1)
    assert np.array_equal(through_griffin_lim(short, np.random.default_rng(0)), short)


def test_spectrogram_masks_fill_with_the_floor_and_stay_within_their_width() -> None:
    config = AugmentConfig(freq_masks=1, freq_width=10, time_masks=1, time_width=8)
    torch.manual_seed(0)
    features = torch.rand(100, 80) + 1
    original = features.clone()
    for seed in range(20):
        masked = mask_spectrogram(features, config, np.random.default_rng(seed))
        at_floor = masked == features.min()
        bins, frames = at_floor.all(0), at_floor.all(1)
        assert int(bins.sum()) <= 10 and int(frames.sum()) <= 8
        untouched = ~bins[None] & ~frames[:, None]
        assert torch.equal(masked[untouched], features[untouched])
    assert torch.equal(features, original)


def test_the_shortest_spectrogram_keeps_most_of_its_frames() -> None:
    config = AugmentConfig(freq_masks=0, time_masks=1, time_width=50)
    features = torch.rand(30, 80) + 1
    for seed in range(20):
        masked = mask_spectrogram(features, config, np.random.default_rng(seed))
        assert int((masked != features).any(1).sum()) <= 6


def test_two_voices_are_mixed_at_equal_power_in_proportion() -> None:
    rng = np.random.default_rng(0)
    loud, soft = rng.standard_normal(32_000), 0.01 * rng.standard_normal(32_000)
    both = mix(loud.astype(np.float32), soft.astype(np.float32), 0.25)
    shares = np.linalg.lstsq(np.stack([loud, soft * 100], axis=1), both, rcond=None)[0]
    assert shares[1] / shares[0] == pytest.approx(1 / 3, rel=0.02)
    assert both.std() == pytest.approx(loud.std(), rel=0.02)
    assert both.dtype == np.float32


@pytest.mark.parametrize("length", [800, 16_000, 32_000])
def test_a_mixture_is_as_long_as_its_first_voice(length: int) -> None:
    voice, other = np.full(16_000, 0.5, np.float32), np.full(length, 0.1, np.float32)
    both = mix(voice, other, 0.5)
    assert both.shape == voice.shape
    assert np.isfinite(both).all()
    np.testing.assert_allclose(mix(voice, other, 0.0), voice, rtol=1e-6)


def test_silence_can_be_mixed() -> None:
    silence, voice = np.zeros(800, np.float32), np.ones(800, np.float32)
    assert np.isfinite(mix(silence, voice, 0.3)).all()
    assert np.isfinite(mix(voice, silence, 0.3)).all()


@pytest.mark.parametrize("wrong", [{"share": 1.5}, {"share": -0.1}, {"after": -1}])
def test_a_mixture_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"mix\."):
        MixConfig(**wrong)  # type: ignore[arg-type]


def spectrum_peak(x: np.ndarray, low: float = 50, high: float = 6000) -> float:
    """The strongest frequency, in Hz."""
    power = np.abs(np.fft.rfft(x))
    hertz = np.fft.rfftfreq(len(x), 1 / SAMPLE_RATE)
    inside = (hertz > low) & (hertz < high)
    return float(hertz[inside][power[inside].argmax()])


def harmonic(seconds: float = 1.0, pitch: float = 200.0) -> np.ndarray:
    """A voice-like sound: harmonics of ``pitch`` under a resonance at 1500 Hz."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    numbers = np.arange(1, 30)
    loudness = np.exp(-(((numbers * pitch - 1500) / 500) ** 2))
    wave = (loudness[:, None] * np.sin(2 * np.pi * numbers[:, None] * pitch * time)).sum(0)
    return (0.2 * wave).astype(np.float32)


def test_another_vocal_tract_moves_the_resonance_in_the_same_time() -> None:
    x = harmonic()
    for factor in (0.8, 1.25):
        y = change_voice(x, VoiceChange(tract=factor))
        assert len(y) == len(x)
        assert spectrum_peak(y) == pytest.approx(1500 * factor, rel=0.12)
    assert change_voice(x, VoiceChange()) is x


def test_a_microphone_has_one_response_for_all_clips_of_a_group() -> None:
    config = AugmentConfig(0, 0, 0, 0, 0, 0, 0, 0, microphone=1.0, microphone_db=6.0)
    change = draw_voice_change(config, np.random.default_rng(0))
    assert change.response is not None and change.tract == change.pitch == 1.0
    rng = np.random.default_rng(1)
    first, second = (
        augment_waveform(harmonic(pitch=p), config, rng, change) for p in (200.0, 210.0)
    )
    assert not np.allclose(first, harmonic(), atol=1e-3)
    twice = augment_waveform(harmonic(), config, rng, change)
    np.testing.assert_allclose(twice, first, atol=1e-6)
    assert second.shape == first.shape


def test_nothing_is_drawn_for_a_change_that_is_off() -> None:
    """Configurations without it see the same clips as before there was one."""
    rng = np.random.default_rng(0)
    draw_voice_change(AugmentConfig(), rng)
    assert rng.random() == np.random.default_rng(0).random()
