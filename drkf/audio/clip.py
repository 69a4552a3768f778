"""Speech from a file, bytes or an array, as validated mono 16 kHz float32."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import soundfile
from scipy.signal import resample_poly

from drkf.audio.decode import (
    MAX_CHANNELS,
    MAX_SECONDS,
    RATES,
    Sound,
    damaged,
    decode_file,
    from_array,
    open_source,
    too_long,
)
from drkf.errors import AudioError

SAMPLE_RATE = 16_000  # Hz: what Whisper, wav2vec2, HuBERT and WavLM were trained on
MIN_SECONDS = 0.3  # about one stressed syllable: less carries no prosody and no word
LONG_SECONDS = 60.0  # longer clips are analysed in windows, with a note


FRAME_SECONDS = 0.02  # one level reading
SILENCE_DBFS = -60.0  # the noise of a quiet room lies below, distant or soft speech above
QUIET_DBFS = -45.0  # the loudest 20 ms of close speech are at -30 to -10 dBFS
MIN_LOUD_SECONDS = 0.1  # less sound than this is a click or a knock, not speech

_FULL_SCALE = 1 - 2**-14  # within half a 14-bit step of the largest sample


@dataclass(frozen=True, eq=False)
class Clip:
    """Decoded speech: ``samples`` (n,) float32 in [-1, 1], mono at 16 kHz, without DC offset.

    ``warnings`` say, in whole sentences for the user, where the recording's quality suffers.
    """

    samples: np.ndarray
    warnings: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE


def load_audio(source: Any) -> Clip:
    """Speech as a Clip, from wherever it comes.

    Args:
        source: a path; the bytes of a file, or a binary file object (read from its start); a
            pair (sample rate in Hz, samples); or a Clip, which is returned as it is. Samples are
            (n,), (n, channels) or (channels, n): uint8, int16 or int32 at their own full scale,
            or floats in [-1, 1].

    Raises:
        AudioError: the source cannot be read or decoded, is truncated, has NaN or infinite
            samples, or is shorter than 0.3 s or longer than 10 minutes. A file is not decoded
            past that limit, whatever its header says. Two formats keep no length, so that a cut
            file cannot be told from a short one: mp3 and ogg.
    """
    if isinstance(source, Clip):
        return source
    if isinstance(source, tuple):
        return _to_clip(from_array(source), "The recording")
    with open_source(source) as (file, name), decode_file(file, name) as sound:
        return _to_clip(sound, name)


def frame_levels(clip: Clip) -> np.ndarray:
    """Root mean square of each 20 ms of the clip, in dB relative to full scale: (frames,)."""
    size = round(FRAME_SECONDS * SAMPLE_RATE)
    frames = clip.samples[: len(clip.samples) // size * size].reshape(-1, size)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    return 10 * np.log10(np.maximum(power, 1e-12))  # digital silence reads -120 dB


def is_silent(clip: Clip) -> bool:
    """Whether less than 0.1 s of the clip is louder than -60 dBFS: nobody can be heard.

    A gate by level alone, so that silence is neither transcribed nor given an emotion. Loud
    noise passes it; telling speech from noise is the recogniser's voice activity detection.
    """
    loud = np.count_nonzero(frame_levels(clip) > SILENCE_DBFS)
    return bool(loud * FRAME_SECONDS < MIN_LOUD_SECONDS)


def _to_clip(sound: Sound, name: str) -> Clip:
    """Mix, check, centre and resample what a source holds."""
    low, high = RATES
    if not low <= sound.rate <= high:
        raise AudioError(
            f"{name} has a sample rate of {sound.rate} Hz: {low} to {high} Hz can be used."
        )
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise AudioError(f"{name} has {sound.channels} channels: 1 to {MAX_CHANNELS} can be used.")
    if sound.promised is not None and sound.promised > MAX_SECONDS:
        raise AudioError(too_long(name))

    mono, warnings = _mix(sound, name)
    seconds = len(mono) / sound.rate
    # A tenth of a second may be missing for harmless reasons: codec delay, rounded headers.
    if sound.promised is not None and sound.promised - seconds > 0.1 + 0.02 * sound.promised:
        raise AudioError(damaged(name))
    if seconds < MIN_SECONDS:
        raise AudioError(
            f"{name} is only {seconds:.2f} s long: at least {MIN_SECONDS} s of speech are needed."
        )
    if sound.rate < SAMPLE_RATE:
        warnings.append(
            f"Recorded at {sound.rate / 1000:g} kHz, telephone quality: the model was trained on "
            "16 kHz sound."
        )
    offset = float(mono.mean(dtype=np.float64))
    mono -= np.float32(offset)
    if abs(offset) > 0.01:
        warnings.append(f"The recording had a constant offset of {offset:+.2f}; it was removed.")
    if sound.rate != SAMPLE_RATE:
        common = math.gcd(SAMPLE_RATE, sound.rate)
        mono = resample_poly(mono, SAMPLE_RATE // common, sound.rate // common)
    samples = np.clip(mono, -1, 1).astype(np.float32)  # filters ring past a clipped peak

    clip = Clip(samples)
    levels = frame_levels(clip)
    if not is_silent(clip) and (loudest := levels.max()) < QUIET_DBFS:
        warnings.append(
            f"The recording is very quiet ({loudest:.0f} dBFS at its loudest): speak louder or "
            "nearer to the microphone."
        )
    return Clip(samples, tuple(warnings))


def _mix(sound: Sound, name: str) -> tuple[np.ndarray, list[str]]:
    """All blocks as one mono signal (n,) within full scale, and what to warn of.

    The mix is the mean of the channels, or the first channel where they cancel out, as with a
    microphone wired in opposite phase.
    """
    mixed: list[np.ndarray] = []
    first: list[np.ndarray] = []
    frames = clipped = 0
    peak = power = mixed_power = 0.0
    try:
        for block in sound.blocks:
            frames += len(block)
            if frames > MAX_SECONDS * sound.rate:
                raise AudioError(too_long(name))
            if not len(block):
                continue
            if not np.isfinite(block).all():
                raise AudioError(f"{name} has NaN or infinite samples: record or export it again.")
            magnitude = np.abs(block)
            peak = max(peak, float(magnitude.max()))
            full = (magnitude >= _FULL_SCALE).any(axis=1)
            clipped += int(np.count_nonzero(full[1:] & full[:-1]))
            mix = block.mean(axis=1, dtype=np.float64).astype(np.float32)
            mixed.append(mix)
            mixed_power += float(np.square(mix, dtype=np.float64).sum())
            power += float(np.square(block, dtype=np.float64).mean(axis=1).sum())
            if sound.channels > 1:
                first.append(block[:, 0].copy())
    except (soundfile.SoundFileError, av.FFmpegError, ValueError, OSError) as error:
        raise AudioError(damaged(name)) from error

    warnings = []
    # Unrelated channels keep 1/channels of their power when averaged.
    if mixed_power < 0.1 * power / sound.channels:
        mixed = first
        warnings.append("The channels cancel each other out: only the first one was used.")
    mono = np.concatenate(mixed) if mixed else np.zeros(0, np.float32)
    if peak > 2:  # not an overshoot of a lossy codec: the samples have another scale
        warnings.append(f"The samples reach {peak:.3g} times full scale; they were scaled down.")
    elif frames and clipped > 0.001 * frames:
        warnings.append(
            f"The recording is clipped ({100 * clipped / frames:.1f} % of its samples at full "
            "scale): speak further from the microphone or lower its level."
        )
    if peak > 1:
        mono /= np.float32(peak)
    return mono, warnings
