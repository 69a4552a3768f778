"""Files, bytes and arrays -> samples as they were recorded."""

from __future__ import annotations

import io
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

from drkf.errors import AudioError

MAX_SECONDS = 600.0  # ten minutes: 38 MB of samples, and minutes of recognition on a CPU

RATES = (4_000, 192_000)  # Hz accepted: below 4 kHz speech loses its formants

MAX_CHANNELS = 8

FORMATS = "wav, flac, mp3, ogg/opus, m4a, webm or mp4"

# The only demuxers FFmpeg may use. Others (HLS, DASH, concat) open further files or addresses
# that the uploaded file names.
AV_FORMATS = "wav,flac,mp3,ogg,aac,amr,mov,matroska"

BLOCK_FRAMES = 65_536  # frames decoded at a time


@dataclass(frozen=True)
class Sound:
    """A source being decoded: ``blocks`` are (n, channels) float32 at ``rate`` Hz.

    ``promised`` is the length in seconds that a header or an array gives, None where none does.
    """

    rate: int
    channels: int
    blocks: Iterable[np.ndarray]
    promised: float | None = None


@contextmanager
def open_source(source: Any) -> Iterator[tuple[BinaryIO, str]]:
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
def decode_file(file: BinaryIO, name: str) -> Iterator[Sound]:
    """The file by libsndfile, or by FFmpeg's libraries (PyAV) where libsndfile cannot read it."""
    with ExitStack() as stack:
        try:
            sound = stack.enter_context(_by_soundfile(file))
        except (soundfile.SoundFileError, TypeError):  # TypeError: headerless, by its suffix
            file.seek(0)
            sound = stack.enter_context(_by_av(file, name))
        yield sound


@contextmanager
def _by_soundfile(file: BinaryIO) -> Iterator[Sound]:
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
        yield Sound(
            opened.samplerate,
            opened.channels,
            read_blocks(opened),
            frames / opened.samplerate if frames < 2**62 else None,
        )


def read_blocks(opened: soundfile.SoundFile) -> Iterator[np.ndarray]:
    # Not SoundFile.blocks(), which repeats samples where a file ends early.
    while len(block := opened.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        yield block


@contextmanager
def _by_av(file: BinaryIO, name: str) -> Iterator[Sound]:
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
            raise AudioError(damaged(name)) from error
        resampler = av.AudioResampler(format="fltp")  # keeps rate and layout
        yield Sound(
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


def from_array(source: tuple) -> Sound:
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
    return Sound(rate, samples.shape[1], map(_as_floats, [samples]), promised)


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


def too_long(name: str) -> str:
    minutes = f"{MAX_SECONDS / 60:.0f} minutes"
    return f"{name} is longer than {minutes}: cut out the part to analyse."


def damaged(name: str) -> str:
    return f"{name} is truncated or damaged: record or export it again."
