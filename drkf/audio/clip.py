"""Speech from a file, bytes or an array, as validated mono 16 kHz float32."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO

import av
import numpy as np
import soundfile
from scipy.signal import resample_poly

from drkf.audio.decode import (
    MAX_CHANNELS,
    MAX_SECONDS,
    PADDING_SECONDS,
    RATES,
    Sound,
    by_ffmpeg,
    by_soundfile,
    damaged,
    too_long,
)
from drkf.audio.endings import CUT
from drkf.audio.sources import ARRAY_NAME, from_array, open_file, unwrap
from drkf.errors import AudioError

SAMPLE_RATE = 16_000  # Hz: what Whisper, wav2vec2, HuBERT and WavLM were trained on
MIN_SECONDS = 0.3  # about one stressed syllable: less carries no prosody and no word
LONG_SECONDS = 60.0  # longer clips are analysed in windows, with a note


FRAME_SECONDS = 0.02  # one level reading
SILENCE_DBFS = -60.0  # the noise of a quiet room lies below, distant or soft speech above
QUIET_DBFS = -45.0  # the loudest 20 ms of close speech are at -30 to -10 dBFS
MIN_LOUD_SECONDS = 0.1  # less sound than this is a click or a knock, not speech

EMPTY_POWER = 1e-4  # of the fullest channel's: -40 dB, as crosstalk leaves on an open input
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


#: Starts to decode a source once more.
Opener = Callable[[], AbstractContextManager[Sound]]


def load_audio(source: Any, sampling_rate: int | None = None) -> Clip:
    """Speech as a Clip, from wherever it comes.

    Args:
        source: a path; the bytes of a file, or a binary file object (read from its start); a
            pair (sample rate in Hz, samples), in either order; ``{"array", "sampling_rate"}`` or
            ``{"bytes", "path"}`` of Hugging Face datasets; an object with ``get_all_samples``;
            or a Clip, which is returned as it is. Samples are (n,), (n, channels) or
            (channels, n), arrays or tensors: integers of any width at their own full scale, or
            floats in [-1, 1].
        sampling_rate: in Hz, where ``source`` is samples alone.

    Raises:
        AudioError: nothing of the source can be decoded, it has NaN or infinite samples, or it
            is shorter than 0.3 s or longer than 10 minutes. A file is not decoded past that
            limit, whatever its header says. A file that ends early is read to its end, with a
            warning where that can be told: some formats keep no length.
    """
    if isinstance(source, Clip):
        return source
    source = unwrap(source, sampling_rate)
    if isinstance(source, tuple):
        return _to_clip(lambda: nullcontext(from_array(source)), ARRAY_NAME)[0]
    with open_file(source) as (file, name):
        clip, tracks = _first_track(file, name)
        for track in range(1, tracks):
            if not is_silent(clip):
                break
            try:
                other, _ = _to_clip(partial(by_ffmpeg, file, name, track), name)
            except AudioError:
                continue
            if not is_silent(other):
                clip = other
        return clip


def _first_track(file: BinaryIO, name: str) -> tuple[Clip, int]:
    """The first track, by libsndfile or else by FFmpeg, and how many there are."""
    try:
        return _to_clip(partial(by_soundfile, file), name)
    except (soundfile.SoundFileError, TypeError):  # TypeError: headerless, by its suffix
        return _to_clip(partial(by_ffmpeg, file, name), name)


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


def _to_clip(start: Opener, name: str) -> tuple[Clip, int]:
    """Mix, check, centre and resample what a source holds; and how many tracks it has."""
    with start() as sound:
        _check(sound, name)
        mix = _mix(sound, name)
        warnings = [*sound.problems, *mix.warnings()]
        mono = mix.mono()
    if mix.worth_hearing is not None:
        with start() as again:
            mono = _mix(again, name, mix.worth_hearing).mono()
    mono = mono[: round(MAX_SECONDS * sound.rate)]
    seconds = len(mono) / sound.rate
    if sound.promised is not None and seconds < 0.005 * sound.promised:
        raise AudioError(damaged(name))
    if seconds < MIN_SECONDS:
        raise AudioError(
            f"{name} is only {seconds:.2f} s long: at least {MIN_SECONDS} s of speech are needed."
        )
    # A tenth of a second may be missing for harmless reasons: codec delay, rounded headers.
    promised = min(sound.promised or 0.0, MAX_SECONDS)
    if promised - seconds > 0.1 + 0.02 * promised:
        warnings = [said for said in warnings if said != CUT]
        warnings.append(f"The file ends early: {seconds:.1f} s of {promised:.1f} s could be read.")
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
    return Clip(samples, tuple(warnings)), sound.tracks


def _check(sound: Sound, name: str) -> None:
    """Refuses what cannot be used, before it is decoded."""
    low, high = RATES
    if not low <= sound.rate <= high:
        raise AudioError(
            f"{name} has a sample rate of {sound.rate} Hz: {low} to {high} Hz can be used."
        )
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise AudioError(f"{name} has {sound.channels} channels: 1 to {MAX_CHANNELS} can be used.")
    if sound.promised is not None and sound.promised > MAX_SECONDS + PADDING_SECONDS:
        raise AudioError(too_long(name))


class _Mix:
    """The blocks of a sound as one signal, and what was seen of them.

    The mix is the mean of the channels, or of some ``chosen`` ones.
    """

    def __init__(self, channels: int, chosen: list[int] | None) -> None:
        self._chosen = chosen
        self._parts: list[np.ndarray] = []
        self._powers = np.zeros(channels)
        self._mixed_power = self._peak = 0.0
        self._clipped = self.frames = 0

    def add(self, block: np.ndarray) -> None:
        """Takes in (n, channels) float32."""
        magnitude = np.abs(block)
        self._peak = max(self._peak, float(magnitude.max()))
        full = (magnitude >= _FULL_SCALE).any(axis=1)
        self._clipped += int(np.count_nonzero(full[1:] & full[:-1]))
        heard = block if self._chosen is None else block[:, self._chosen]
        part = heard.mean(axis=1, dtype=np.float64).astype(np.float32)
        self._parts.append(part)
        self._mixed_power += float(np.square(part, dtype=np.float64).sum())
        self._powers += np.square(block, dtype=np.float64).sum(axis=0)

    @property
    def cancels(self) -> bool:
        """Whether the channels cancel out, as with a microphone wired in opposite phase.

        Unrelated channels keep 1/channels of their power when averaged.
        """
        return self._mixed_power < 0.1 * self._powers.mean() / len(self._powers)

    @property
    def worth_hearing(self) -> list[int] | None:
        """The channels to take instead of all: the fullest one where they cancel out, else, of
        three and more, those that are not empty: seven empty ones make a voice 18 dB softer, one
        only 6 dB. None: all."""
        if self.cancels:
            return [int(self._powers.argmax())]
        if len(self._powers) < 3:
            return None
        full = self._powers >= EMPTY_POWER * self._powers.max(initial=0.0)
        return None if full.all() else np.flatnonzero(full).tolist()

    def mono(self) -> np.ndarray:
        """The mix (n,) within full scale."""
        mono = np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)
        return mono / np.float32(self._peak) if self._peak > 1 else mono

    def warnings(self) -> Iterator[str]:
        """What to tell the user about the signal."""
        if self.cancels:
            yield "The channels cancel each other out: only the fullest one was used."
        if self._peak > 2:  # not an overshoot of a lossy codec: the samples have another scale
            yield f"The samples reach {self._peak:.3g} times full scale; they were scaled down."
        elif self.frames and self._clipped > 0.001 * self.frames:
            yield (
                f"The recording is clipped ({100 * self._clipped / self.frames:.1f} % of its "
                "samples at full scale): speak further from the microphone or lower its level."
            )


def _mix(sound: Sound, name: str, chosen: list[int] | None = None) -> _Mix:
    """All blocks of a sound.

    Raises:
        SoundFileError: libsndfile cannot read on. AudioError: the sound cannot be used.
    """
    mix = _Mix(sound.channels, chosen)
    try:
        for block in sound.blocks:
            mix.frames += len(block)
            if mix.frames > (MAX_SECONDS + PADDING_SECONDS) * sound.rate:
                raise AudioError(too_long(name))
            if not len(block):
                continue
            if not np.isfinite(block).all():
                raise AudioError(f"{name} has NaN or infinite samples: record or export it again.")
            mix.add(block)
    except (av.FFmpegError, ValueError, OSError) as error:
        raise AudioError(damaged(name)) from error
    return mix
