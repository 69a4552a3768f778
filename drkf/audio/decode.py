"""Audio files -> samples as they were recorded, by libsndfile and FFmpeg's libraries (PyAV)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np
import soundfile

from drkf.audio.endings import CUT, is_cut_mp3_frame, mp3_frames, ogg_problems
from drkf.errors import AudioError

MAX_SECONDS = 600.0  # ten minutes: 38 MB of samples, and minutes of recognition on a CPU
PADDING_SECONDS = 0.5  # that codecs add to a recording of exactly that length

RATES = (4_000, 192_000)  # Hz accepted: below 4 kHz speech loses its formants

MAX_CHANNELS = 8

#: What people call a format -> FFmpeg's demuxer of it. The only demuxers FFmpeg may use: others
#: (HLS, DASH, concat) open further files or addresses that the uploaded file names.
DEMUXERS = {
    "wav": "wav",
    "flac": "flac",
    "mp3": "mp3",
    "ogg/opus": "ogg",
    "m4a": "mov",
    "aac": "aac",
    "webm": "matroska",
    "mkv": "matroska",
    "mp4": "mov",
    "mov": "mov",
    "3gp": "mov",
    "avi": "avi",
    "flv": "flv",
    "mpg": "mpeg",
    "ts": "mpegts",
    "ac3": "ac3",
    "amr": "amr",
    "ape": "ape",
    "caf": "caf",
    "aiff": "aiff",
    "au": "au",
    "wv": "wv",
    "wma": "asf",
}
AV_FORMATS = ",".join(dict.fromkeys(DEMUXERS.values()))
#: The formats that work, as a sentence lists them.
FORMATS = f"{', '.join([*DEMUXERS][:-1])} or {[*DEMUXERS][-1]}"

BLOCK_FRAMES = 65_536  # decoded at a time
MIN_GAP_SECONDS = 0.05  # between two pieces: less is rounding of their time stamps

DAMAGED_WITHIN = "Parts of the file are damaged: they were left out."


@dataclass(frozen=True)
class Sound:
    """A source being decoded: ``blocks`` are (n, channels) float32 at ``rate`` Hz.

    ``promised`` is the length in seconds that a header or an array gives, None where none does;
    ``tracks`` how many sound tracks there are. ``problems`` fills with lines for the user while
    the blocks are read.
    """

    rate: int
    channels: int
    blocks: Iterable[np.ndarray]
    promised: float | None = None
    tracks: int = 1
    problems: list[str] = field(default_factory=list)


@contextmanager
def by_soundfile(file: BinaryIO) -> Iterator[Sound]:
    """A file by libsndfile, the faster of the two.

    Raises:
        SoundFileError: the file is left to FFmpeg. TypeError: it is a headerless one.
    """
    problems = ogg_problems(file)
    file.seek(0)
    with soundfile.SoundFile(file) as opened:
        frames = opened.frames
        # libsndfile guesses the length of a variable-rate MP3 and stops reading there, and it
        # reads nothing where a header, written before the sound, has no number of samples.
        if opened.format == "MP3" or not 0 < frames < 2**62:
            raise soundfile.SoundFileError("left to FFmpeg")
        # libsndfile trims the length of a cut wav or aiff to what is there; its log keeps the
        # header's number of bytes. Programs that stream put a number near 2**31 or 2**32 there.
        cut = re.search(r"(?:data|SSND) : (\d+) \(should be (\d+)\)", opened.extra_info)
        if cut and int(cut[1]) < 0x7F000000 and int(cut[2]):
            frames = round(frames * int(cut[1]) / int(cut[2]))
        yield Sound(
            opened.samplerate,
            opened.channels,
            read_blocks(opened),
            frames / opened.samplerate,
            problems=problems,
        )


def read_blocks(opened: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """The file's samples, (n, channels) float32 at a time."""
    # Not SoundFile.blocks(), which repeats samples where a file ends early.
    while len(block := opened.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        yield block


def open_by_ffmpeg(source: BinaryIO | str) -> av.container.InputContainer:
    """A container of the formats that are read; tags need not be UTF-8.

    Raises:
        av.FFmpegError, OSError: it is none.
    """
    formats = {"format_whitelist": AV_FORMATS}
    return av.open(source, "r", options=formats, metadata_errors="replace")


@contextmanager
def by_ffmpeg(file: BinaryIO, name: str, track: int = 0) -> Iterator[Sound]:
    """One sound track of a file by FFmpeg, as far as it can be read.

    Raises:
        AudioError: the file is no audio, or nothing of the track can be decoded.
    """
    problems = ogg_problems(file)
    frames_told = mp3_frames(file)
    file.seek(0)
    try:
        container = open_by_ffmpeg(file)
    except (av.FFmpegError, OSError) as error:
        suffix = Path(name).suffix.lstrip(".")
        kind = f"{name} ({suffix})" if suffix else name
        raise AudioError(
            f"{kind} is not audio that can be read, or not all of it: use a complete {FORMATS}."
        ) from error
    with container:
        tracks = container.streams.audio
        if not tracks:
            raise AudioError(f"{name} has no sound track: use {FORMATS} with speech in it.")
        readable = [stream for stream in tracks if stream.codec_context is not None]
        if not readable:
            raise AudioError(f"{name} uses a sound codec that cannot be read: use {FORMATS}.")
        stream = readable[track]
        frames = _frames(container, stream, problems)
        first = next(frames, None)  # its rate is the true one: AAC headers may give half of it
        if first is None:
            raise AudioError(damaged(name))
        yield Sound(
            first.sample_rate,
            first.layout.nb_channels,
            _blocks(first, frames),
            _promised_seconds(container, stream, frames_told),
            len(readable),
            problems,
        )


def _frames(container: Any, stream: Any, problems: list[str]) -> Iterator[Any]:
    """The track's frames; packets that cannot be decoded are left out."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (av.FFmpegError, OSError):  # the end of what can be read
            problems.append(CUT)
            return
        if stream.codec_context.name.startswith("mp3") and is_cut_mp3_frame(bytes(packet)):
            problems.append(CUT)
        try:
            yield from packet.decode()
        except (av.FFmpegError, ValueError):
            if DAMAGED_WITHIN not in problems:
                problems.append(DAMAGED_WITHIN)


def _blocks(first: Any, rest: Iterator[Any]) -> Iterator[np.ndarray]:
    """Frames as (n, channels) float32 of the first one's rate and layout, silence in the gaps.

    A gap in the time stamps is a muted microphone or a lost packet.
    """
    rate, layout = first.sample_rate, first.layout
    resampler, shape, end = None, None, None
    frame = first
    while frame is not None:
        if frame.time is not None:
            gap = 0.0 if end is None else frame.time - end
            if MIN_GAP_SECONDS < gap <= MAX_SECONDS:
                yield np.zeros((round(gap * rate), layout.nb_channels), np.float32)
            end = frame.time + frame.samples / frame.sample_rate
        if shape != (frame.sample_rate, frame.layout.name, frame.format.name):
            shape = (frame.sample_rate, frame.layout.name, frame.format.name)
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
        for part in resampler.resample(frame):  # type: ignore[union-attr]
            yield part.to_ndarray().T
        frame = next(rest, None)


def _promised_seconds(container: Any, stream: Any, frames_told: int | None) -> float | None:
    """The length in the header; None for formats whose length FFmpeg estimates from bit rates."""
    kind = container.format.name.split(",")[0]
    whole = None if container.duration is None else container.duration / av.time_base
    track = None if stream.duration is None else float(stream.duration * stream.time_base)
    if kind == "mp3" and frames_told and track is not None:
        # The track's has no padding, but is a guess where several files were joined.
        return min(track, frames_told * stream.codec_context.frame_size / stream.rate)
    if kind == "mov" and track is not None:  # before edits of its list
        return track if whole is None else min(track, whole)
    if kind in ("flac", "wv", "ape", "au"):
        return track
    if kind in ("matroska", "flv"):
        # One length for the whole file, where pictures may go on after the sound.
        return whole if len(container.streams) == 1 else None
    return None


def too_long(name: str) -> str:
    """What to say of a recording that is longer than can be analysed."""
    minutes = f"{MAX_SECONDS / 60:.0f} minutes"
    return f"{name} is longer than {minutes}: cut out the part to analyse."


def damaged(name: str) -> str:
    """What to say of a recording of which nothing can be decoded."""
    return f"{name} is truncated or damaged: record or export it again."
