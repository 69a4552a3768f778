"""Speech from a file, bytes or an array, as validated mono 16 kHz float32."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
import soundfile
from scipy.signal import resample_poly

from drkf.errors import AudioError

SAMPLE_RATE = 16_000  # Hz: what Whisper, wav2vec2, HuBERT and WavLM were trained on
MIN_SECONDS = 0.3  # about one stressed syllable: less carries no prosody and no word
LONG_SECONDS = 60.0  # longer clips are analysed in windows, with a note
MAX_SECONDS = 600.0  # ten minutes: 38 MB of samples, and minutes of recognition on a CPU

RATES = (4_000, 192_000)  # Hz accepted: below 4 kHz speech loses its formants
MAX_CHANNELS = 8
FORMATS = "wav, flac, mp3, ogg/opus, m4a, webm or mp4"

FRAME_SECONDS = 0.02  # one level reading
SILENCE_DBFS = -60.0  # the noise of a quiet room lies below, distant or soft speech above
QUIET_DBFS = -45.0  # the loudest 20 ms of close speech are at -30 to -10 dBFS
MIN_LOUD_SECONDS = 0.1  # less sound than this is a click or a knock, not speech

# The only demuxers FFmpeg may use. Others (HLS, DASH, concat) open further files or addresses
# that the uploaded file names.
AV_FORMATS = "wav,flac,mp3,ogg,aac,amr,mov,matroska"
_BLOCK = 65_536  # frames decoded at a time
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
        return _to_clip(_from_array(source), "The recording")
    with _opened(source) as (file, name), _decoded(file, name) as sound:
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


@dataclass(frozen=True)
class _Sound:
    """A source being decoded: ``blocks`` are (n, channels) float32 at ``rate`` Hz.

    ``promised`` is the length in seconds that a header or an array gives, None where none does.
    """

    rate: int
    channels: int
    blocks: Iterable[np.ndarray]
    promised: float | None = None


@contextmanager
def _opened(source: Any) -> Iterator[tuple[BinaryIO, str]]:
    """The source as a seekable binary file, and its name for messages."""
    file: BinaryIO
    with ExitStack() as stack:
        if isinstance(source, bytes | bytearray | memoryview):
            name = "The recording"
            file = io.BytesIO(source)
        elif isinstance(source, str | os.PathLike):
            name = _printable(Path(source).name) or "The audio path"
            try:
                if not Path(source).is_file():
                    raise AudioError(f"{name} is not a file that exists: check its path.")
                file = stack.enter_context(Path(source).open("rb"))
            except OSError as error:
                raise AudioError(f"{name} cannot be opened: {error.strerror}.") from error
        elif hasattr(source, "read"):
            name = "The recording"
            file = source if _seekable(source) else io.BytesIO(source.read())
        else:
            raise AudioError(
                "Audio must be a path, bytes, a binary file or (sample rate, samples), "
                f"not {type(source).__name__}."
            )
        try:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
        except OSError as error:
            raise AudioError(f"{name} cannot be read: {error.strerror}.") from error
        if not size:
            raise AudioError(f"{name} is empty (0 bytes): record or export it again.")
        yield file, name


def _printable(name: str) -> str:
    """A file's name for a message: names may hold line breaks, escapes and halves of characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _seekable(file: Any) -> bool:
    if not isinstance(file.read(0), bytes):
        raise AudioError("The audio file is open as text: open it in binary mode.")
    return bool(file.seekable())


@contextmanager
def _decoded(file: BinaryIO, name: str) -> Iterator[_Sound]:
    """The file by libsndfile, or by FFmpeg's libraries (PyAV) where libsndfile cannot read it."""
    with ExitStack() as stack:
        try:
            sound = stack.enter_context(_by_soundfile(file))
        except (soundfile.SoundFileError, TypeError):  # TypeError: headerless, by its suffix
            file.seek(0)
            sound = stack.enter_context(_by_av(file, name))
        yield sound


@contextmanager
def _by_soundfile(file: BinaryIO) -> Iterator[_Sound]:
    with soundfile.SoundFile(file) as opened:
        if opened.format == "MP3":
            # libsndfile guesses the length of a variable-rate MP3 and stops reading there.
            raise soundfile.SoundFileError("left to PyAV")
        frames = opened.frames
        # libsndfile trims the length of a cut wav or aiff to what is there; its log keeps the
        # header's number of bytes. Programs that stream put a number near 2**31 or 2**32 there.
        cut = re.search(r"(?:data|SSND) : (\d+) \(should be (\d+)\)", opened.extra_info)
        if cut and int(cut[1]) < 0x7F000000 and int(cut[2]):
            frames = round(frames * int(cut[1]) / int(cut[2]))
        yield _Sound(
            opened.samplerate,
            opened.channels,
            _read_blocks(opened),
            frames / opened.samplerate if frames < 2**62 else None,
        )


def _read_blocks(opened: soundfile.SoundFile) -> Iterator[np.ndarray]:
    # Not SoundFile.blocks(), which repeats samples where a file ends early.
    while len(block := opened.read(_BLOCK, dtype="float32", always_2d=True)):
        yield block


@contextmanager
def _by_av(file: BinaryIO, name: str) -> Iterator[_Sound]:
    try:
        container = av.open(file, "r", options={"format_whitelist": AV_FORMATS})
    except (av.FFmpegError, OSError) as error:
        suffix = Path(name).suffix.lstrip(".")
        kind = f"{name} ({suffix})" if suffix else name
        raise AudioError(
            f"{kind} is not audio that can be read, or not all of it: use a complete {FORMATS}."
        ) from error
    with container:
        if not container.streams.audio:
            raise AudioError(f"{name} has no sound track: use {FORMATS} with speech in it.")
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise AudioError(f"{name} uses a sound codec that cannot be read: use {FORMATS}.")
        frames = container.decode(stream)
        try:
            first = next(frames)  # its rate is the true one: AAC headers may give half of it
        except (StopIteration, av.FFmpegError, OSError) as error:
            raise AudioError(_damaged(name)) from error
        resampler = av.AudioResampler(format="fltp")  # keeps rate and layout
        yield _Sound(
            first.sample_rate,
            first.layout.nb_channels,
            (
                part.to_ndarray().T
                for frame in chain([first], frames)
                for part in resampler.resample(frame)
            ),
            _promised_seconds(container, stream),
        )


def _promised_seconds(container: Any, stream: Any) -> float | None:
    """The length in the header; None for formats whose length FFmpeg estimates from bit rates."""
    if stream.duration is not None and container.format.name.startswith("mov"):
        return float(stream.duration * stream.time_base)
    if container.duration is not None and container.format.name.startswith("matroska"):
        # One length for the whole file, where pictures may go on after the sound.
        return container.duration / av.time_base if len(container.streams) == 1 else None
    return None


def _from_array(source: tuple) -> _Sound:
    """(sample rate, samples) as one block, converted only when it is asked for."""
    try:
        rate, samples = source
        rate, samples = int(np.int64(int(rate))), np.asarray(samples)
    except (TypeError, ValueError, OverflowError) as error:
        raise AudioError("Audio as an array must be (sample rate in Hz, samples).") from error
    if samples.ndim == 1:
        samples = samples[:, None]
    elif samples.ndim == 2 and samples.shape[0] <= MAX_CHANNELS < samples.shape[1]:
        samples = samples.T
    if samples.ndim != 2:
        raise AudioError(
            f"Audio samples of shape {samples.shape} are not (n,), (n, channels) or (channels, n)."
        )
    promised = len(samples) / rate if rate > 0 else None
    return _Sound(rate, samples.shape[1], map(_as_floats, [samples]), promised)


def _as_floats(samples: np.ndarray) -> np.ndarray:
    """Samples of any usable type as float32, 1 at their full scale."""
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / 128
    if samples.dtype in (np.int16, np.int32):
        return (samples / -float(np.iinfo(samples.dtype).min)).astype(np.float32)
    if samples.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
            return samples.astype(np.float32)
    raise AudioError(
        f"Audio samples of type {samples.dtype} are not uint8, int16, int32 or floats."
    )


def _to_clip(sound: _Sound, name: str) -> Clip:
    """Mix, check, centre and resample what a source holds."""
    low, high = RATES
    if not low <= sound.rate <= high:
        raise AudioError(
            f"{name} has a sample rate of {sound.rate} Hz: {low} to {high} Hz can be used."
        )
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise AudioError(f"{name} has {sound.channels} channels: 1 to {MAX_CHANNELS} can be used.")
    if sound.promised is not None and sound.promised > MAX_SECONDS:
        raise AudioError(_too_long(name))

    mono, warnings = _mix(sound, name)
    seconds = len(mono) / sound.rate
    # A tenth of a second may be missing for harmless reasons: codec delay, rounded headers.
    if sound.promised is not None and sound.promised - seconds > 0.1 + 0.02 * sound.promised:
        raise AudioError(_damaged(name))
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


def _mix(sound: _Sound, name: str) -> tuple[np.ndarray, list[str]]:
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
                raise AudioError(_too_long(name))
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
        raise AudioError(_damaged(name)) from error

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


def _too_long(name: str) -> str:
    minutes = f"{MAX_SECONDS / 60:.0f} minutes"
    return f"{name} is longer than {minutes}: cut out the part to analyse."


def _damaged(name: str) -> str:
    return f"{name} is truncated or damaged: record or export it again."
