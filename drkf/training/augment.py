"""Waveform and spectrogram augmentation: the effects of other rooms and microphones on a voice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.random import Generator
from scipy.signal import butter, fftconvolve, sosfilt
from torch import Tensor

from drkf.audio.clip import SAMPLE_RATE
from drkf.errors import ConfigError

if TYPE_CHECKING:
    import torchaudio.transforms as T

#: Samples of a spectrum that voices are changed in (32 ms), and where its envelope ends.
N_FFT = 512
ENVELOPE = 30


@dataclass(frozen=True)
class AugmentConfig:
    """Probability of each change; ``griffin_lim`` passes a clip through log-mel and back, so
    that the artefacts of corpora reconstructed that way tell nothing about a class.

    ``voice`` is the probability of another vocal tract (its length times or divided by up to
    exp(``tract``)) and another pitch (times or divided by up to exp(``pitch``)), both apart from
    tempo; ``microphone`` that of a frequency response that varies by ``microphone_db``.
    """

    speed: float = 0.4
    silence: float = 0.4
    crop: float = 0.2
    noise: float = 0.4
    reverberation: float = 0.25
    band: float = 0.2
    griffin_lim: float = 0.1
    freq_masks: int = 2
    freq_width: int = 14
    time_masks: int = 2
    time_width: int = 20
    voice: float = 0.0
    tract: float = 0.16
    pitch: float = 0.25
    microphone: float = 0.0
    microphone_db: float = 2.5


@dataclass(frozen=True)
class MixConfig:
    """Between-class learning (Tokozume et al. 2018): after epoch ``after``, a ``share`` of the
    voices is heard together with a softer other one, and the label names both in proportion."""

    share: float = 0.0
    after: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ConfigError(f"mix.share must lie between 0 and 1, not {self.share}")
        if self.after < 0:
            raise ConfigError(f"mix.after must not be negative, but is {self.after}")


def mix(first: np.ndarray, second: np.ndarray, proportion: float) -> np.ndarray:
    """(n,), (m,) float32 -> (n,): both at equal power, ``proportion`` of the second's amplitude
    against 1 - ``proportion`` of the first's (Tokozume et al. 2018). The second is cut at the
    first's length, or padded with silence to it."""
    second = np.pad(second[: len(first)], (0, max(0, len(first) - len(second))))
    gain = np.sqrt(np.mean(np.square(first)) / max(float(np.mean(np.square(second))), 1e-12))
    both = (1 - proportion) * first + proportion * gain * second
    return (both / np.hypot(1 - proportion, proportion)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class VoiceChange:
    """Another voice at another microphone, the same for several clips of one speaker.

    ``tract`` and ``pitch`` are factors on the frequencies of the vocal tract's resonances and of
    the voice, 1 for none; ``response`` (bins,) is the microphone's in dB, or None.
    """

    tract: float = 1.0
    pitch: float = 1.0
    response: np.ndarray | None = None


def draw_voice_change(config: AugmentConfig, rng: Generator) -> VoiceChange:
    """A change at random; none where ``config`` has none, and then nothing is drawn."""
    tract = pitch = 1.0
    response = None
    if config.voice and rng.random() < config.voice:
        tract = float(np.exp(rng.uniform(-1, 1) * config.tract))
        pitch = float(np.exp(rng.uniform(-1, 1) * config.pitch))
    if config.microphone and rng.random() < config.microphone:
        places = np.linspace(0, 1, N_FFT // 2 + 1)
        response = sum(
            rng.normal() * config.microphone_db / k**0.5 * np.cos(np.pi * k * places)
            for k in range(1, 6)
        )
    return VoiceChange(tract, pitch, response)


def change_voice(x: np.ndarray, change: VoiceChange) -> np.ndarray:
    """(n,) -> (n,) as another voice would say it, in the same time.

    In the short-time spectrum the envelope (cepstrum below ``ENVELOPE`` samples, the vocal
    tract's) and what is left of it (the voice's harmonics) are stretched along the frequencies
    each by its own factor; phases stay.
    """
    unchanged = change.tract == change.pitch == 1 and change.response is None
    if unchanged or len(x) < N_FFT:
        return x
    window = torch.hann_window(N_FFT)
    signal = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
    spectrum = torch.stft(signal, N_FFT, N_FFT // 4, window=window, return_complex=True)
    log = spectrum.abs().clamp_min(1e-6).log()  # (bins, frames)
    cepstrum = torch.fft.irfft(log, n=N_FFT, dim=0)
    cepstrum[ENVELOPE : N_FFT - ENVELOPE + 1] = 0
    envelope = torch.fft.rfft(cepstrum, dim=0).real
    changed = stretch(envelope, change.tract) + stretch(log - envelope, change.pitch)
    if change.response is not None:
        changed = changed + torch.from_numpy(change.response)[:, None].float() * (np.log(10) / 20)
    made = torch.polar(changed.exp(), spectrum.angle())
    return torch.istft(made, N_FFT, N_FFT // 4, window=window, length=len(x)).numpy()


def stretch(spectrum: Tensor, factor: float) -> Tensor:
    """(bins, frames): the value at f is taken from f / factor, the last one where there is none."""
    if factor == 1:
        return spectrum
    last = len(spectrum) - 1
    places = (torch.arange(last + 1) / factor).clamp(max=last)
    low = places.floor().long()
    share = (places - low)[:, None]
    return torch.lerp(spectrum[low], spectrum[(low + 1).clamp(max=last)], share)


def augment_waveform(
    samples: np.ndarray,
    config: AugmentConfig,
    rng: Generator,
    change: VoiceChange | None = None,
) -> np.ndarray:
    """(n,) float32 at 16 kHz -> (m,) float32, changed at random.

    Args:
        change: of the voice and the microphone, where it was drawn for several clips; None draws
            one for this clip.
    """
    x = change_voice(samples, draw_voice_change(config, rng) if change is None else change)
    if rng.random() < config.speed:
        x = change_speed(x, rng.uniform(0.9, 1.12))
    if rng.random() < config.crop and len(x) > 1.5 * SAMPLE_RATE:
        keep = int(len(x) * rng.uniform(0.6, 1.0))
        start = rng.integers(len(x) - keep + 1)
        x = x[start : start + keep]
    if rng.random() < config.griffin_lim:
        x = through_griffin_lim(x, rng)
    if rng.random() < config.reverberation:
        x = reverberate(x, rng)
    if rng.random() < config.band:
        low, high = rng.uniform(50, 350), rng.uniform(3000, 7500)
        x = sosfilt(butter(2, [low, high], "band", fs=SAMPLE_RATE, output="sos"), x)
    if rng.random() < config.silence:
        before, after = rng.integers(0, int(0.8 * SAMPLE_RATE), size=2)
        x = np.pad(x, (before, after))
    if rng.random() < config.noise:
        x = add_noise(x, rng.uniform(8, 35), rng)
    return np.ascontiguousarray(x, dtype=np.float32)


def change_speed(x: np.ndarray, factor: float) -> np.ndarray:
    """Plays faster (factor > 1) or slower, pitch with it, by linear interpolation."""
    places = np.arange(0, len(x) - 1, factor)
    return np.interp(places, np.arange(len(x)), x)


def add_noise(x: np.ndarray, snr_db: float, rng: Generator) -> np.ndarray:
    """Noise of a random colour (white to brown) at a signal-to-noise ratio in dB."""
    spectrum = np.fft.rfft(rng.standard_normal(len(x)))
    tilt = rng.uniform(0.0, 1.0)
    spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** -tilt
    noise = np.fft.irfft(spectrum, len(x))
    power = np.mean(np.square(x)) / max(float(np.mean(np.square(noise))), 1e-12)
    return x + noise * np.sqrt(power * 10 ** (-snr_db / 10))


def reverberate(x: np.ndarray, rng: Generator) -> np.ndarray:
    """Convolution with exponentially decaying noise, RT60 0.1 to 0.6 s; length unchanged."""
    rt60 = rng.uniform(0.1, 0.6)
    t = np.arange(int(rt60 * SAMPLE_RATE)) / SAMPLE_RATE
    impulse = rng.standard_normal(len(t)) * 10 ** (-3 * t / rt60) * rng.uniform(0.02, 0.1)
    impulse[0] = 1.0
    return fftconvolve(x, impulse)[: len(x)]


def through_griffin_lim(x: np.ndarray, rng: Generator) -> np.ndarray:
    """Waveform -> 80-bin mel -> waveform by Griffin-Lim (Griffin & Lim 1984)."""
    mel_spectrogram, inverse, griffin_lim = griffin_lim_parts()
    if len(x) < 2 * mel_spectrogram.n_fft:
        return x
    mel = mel_spectrogram(torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32)))
    # The random first phase comes from torch's global generator, whose state depends on history.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        return griffin_lim((inverse @ mel).clamp_min(0)).numpy()


@lru_cache(maxsize=1)
def griffin_lim_parts() -> tuple[T.MelSpectrogram, Tensor, T.GriffinLim]:
    """Mel spectrogram, the pseudo-inverse of its filters (bins, mels), and Griffin-Lim."""
    import torchaudio.transforms as T  # of the extra "train": settings are read without it

    sizes = {"n_fft": 1024, "hop_length": 256}
    mel = T.MelSpectrogram(SAMPLE_RATE, n_mels=80, **sizes)
    return mel, torch.linalg.pinv(mel.mel_scale.fb.T), T.GriffinLim(n_iter=12, **sizes)


def mask_spectrogram(features: Tensor, config: AugmentConfig, rng: Generator) -> Tensor:
    """SpecAugment's masks (Park et al. 2019) on (frames, bins), filled with the clip's floor."""
    frames, bins = features.shape
    features = features.clone()
    floor = features.min()
    for _ in range(config.freq_masks):
        width = int(rng.integers(config.freq_width + 1))
        start = int(rng.integers(max(1, bins - width)))
        features[:, start : start + width] = floor
    for _ in range(config.time_masks):
        width = int(rng.integers(min(config.time_width, frames // 5) + 1))
        start = int(rng.integers(max(1, frames - width)))
        features[start : start + width] = floor
    return features
