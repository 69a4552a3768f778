"""Inputs that no honest visitor sends: files, arrays and texts, by name."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import av
import numpy as np

from drkf.audio.clip import SAMPLE_RATE

ENCODINGS = {
    "wav": ("wav", "pcm_s16le"),
    "wav24": ("wav", "pcm_s24le"),
    "wav-float": ("wav", "pcm_f32le"),
    "wav-mulaw": ("wav", "pcm_mulaw"),
    "flac": ("flac", "flac"),
    "ogg": ("ogg", "libopus"),
    "webm": ("webm", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("ipod", "aac"),
    "mp4": ("mp4", "aac"),
    "aac": ("adts", "aac"),
}
"""Container and codec, as FFmpeg names them."""


def voice(seconds: float = 0.6, rate: int = SAMPLE_RATE) -> np.ndarray:
    """A tone with syllables, (n,) float32 within ±0.3."""
    t = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 220 * t + 3 * np.sin(2 * np.pi * 5 * t))
    return (0.3 * tone * (0.6 + 0.4 * np.cos(2 * np.pi * 3 * t))).astype(np.float32)


@cache
def encoded(name: str, seconds: float = 0.6, silent: bool = False) -> bytes:
    """A whole file of ``voice``, or of silence, in one of ``ENCODINGS``."""
    container, codec = ENCODINGS[name]
    rate = 48_000 if codec == "libopus" else SAMPLE_RATE
    options = {}
    if silent:  # sounds the same however little time is spent on it
        rate, options = 8_000, {"compression_level": "0", "frame_duration": "60"}
    samples = np.zeros(round(seconds * rate), np.float32) if silent else voice(seconds, rate)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono", options=options)
        frame = av.AudioFrame.from_ndarray(
            (samples * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = rate
        fitting = av.AudioResampler(format=stream.codec_context.codec.audio_formats[0])
        for part in fitting.resample(frame):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return file.getvalue()


@cache
def film(pictures: bool = True, sound: bool = False) -> bytes:
    """An mp4 of 64 by 64 points."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        if pictures:
            video = out.add_stream("mpeg4", rate=25)
            video.width = video.height = 64
        track = out.add_stream("aac", rate=SAMPLE_RATE, layout="mono") if sound else None
        for _ in range(15 if pictures else 0):
            image = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            out.mux(video.encode(image))
        if pictures:
            out.mux(video.encode(None))
        if track is not None:
            frame = av.AudioFrame.from_ndarray(voice()[None], format="fltp", layout="mono")
            frame.sample_rate = SAMPLE_RATE
            out.mux(track.encode(frame))
            out.mux(track.encode(None))
    return file.getvalue()


def wav(
    data: bytes | None = None,
    *,
    form: int = 1,
    channels: int = 1,
    rate: int = SAMPLE_RATE,
    bits: int = 16,
    data_size: int | None = None,
    riff_size: int | None = None,
    block: int | None = None,
    before: bytes = b"",
) -> bytes:
    """A wav file whose header says what it is told to say."""
    if data is None:
        data = (voice() * 32767).astype("<i2").tobytes()
    block = (channels * bits // 8) % 65_536 if block is None else block
    head = struct.pack("<HHIIHH", form, channels, rate, (rate * block) % 2**32, block, bits)
    body = b"WAVE" + before + b"fmt " + struct.pack("<I", len(head)) + head
    body += b"data" + struct.pack("<I", len(data) if data_size is None else data_size) + data
    return b"RIFF" + struct.pack("<I", len(body) if riff_size is None else riff_size) + body


def zip_bomb(megabytes: int = 200) -> bytes:
    """A small zip file that would fill memory with zeros."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.wav", "w") as a,
    ):
        for _ in range(megabytes):
            a.write(bytes(1 << 20))
    return file.getvalue()


def lying_files() -> Iterator[tuple[str, bytes]]:
    """wav headers that do not fit what follows them."""
    for size in (0, 1, 3, 100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF, 10**6):
        yield f"wav data size {size:#x}", wav(data_size=size)
        yield f"wav RIFF size {size:#x}", wav(riff_size=size)
    for rate in (0, 1, 7, 3_999, 192_001, 2**31 - 1, 2**31, 2**32 - 1):
        yield f"wav rate {rate}", wav(rate=rate)
    for channels in (0, 2, 3, 8, 9, 1_024, 32_768, 65_535):
        yield f"wav of {channels} channels", wav(channels=channels)
    for bits in (0, 1, 7, 8, 12, 24, 32, 64, 65_535):
        yield f"wav of {bits} bits", wav(bits=bits)
    for form in (0, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0xFFFE, 0xFFFF):
        yield f"wav of form {form:#x}", wav(form=form)
    for block in (0, 1, 3, 65_535):
        yield f"wav with blocks of {block} bytes", wav(block=block)
    yield "wav with a chunk that says it is huge", wav(before=b"LIST\xf0\xff\xff\xff")
    yield "wav with ten thousand chunks", wav(before=b"junk\x00\x00\x00\x00" * 10_000)
    yield "wav with NaN", wav(np.full(9_600, np.nan, "<f4").tobytes(), form=3, bits=32)
    yield "wav with infinity", wav(np.full(9_600, np.inf, "<f4").tobytes(), form=3, bits=32)
    yield "wav with denormals", wav(np.full(9_600, 1e-42, "<f4").tobytes(), form=3, bits=32)
    yield "wav of 1e38", wav(np.full(9_600, 1e38, "<f4").tobytes(), form=3, bits=32)
    yield "wav of 1e300", wav(np.full(9_600, 1e300, "<f8").tobytes(), form=3, bits=64)
    yield "wav without samples", wav(b"")
    yield "wav of one sample", wav(b"\x01\x00")
    yield "wav of half a sample", wav(b"\x01")
    yield "RIFF in RIFF", wav(wav())


def cut_files() -> Iterator[tuple[str, bytes]]:
    """Each format, cut near its head, in the middle and near its end."""
    for name in ENCODINGS:
        for part in (0.02, 0.3, 0.7, 0.97):
            whole = encoded(name)
            yield f"{name} cut at {part:.0%}", whole[: int(len(whole) * part)]
        yield f"{name} without its head", encoded(name)[64:]
        yield f"{name} twice", encoded(name) * 2


def polyglots() -> Iterator[tuple[str, bytes]]:
    """Files that are two things at once, or another thing than they say."""
    page = b"<html><script>alert(1)</script></html>"
    archive = zip_bomb(1)
    for name, other in {"html": page, "zip": archive, "pdf": b"%PDF-1.7\n%%EOF\n"}.items():
        yield f"{name} before a wav", other + wav()
        yield f"{name} after a wav", wav() + other
        yield (
            f"{name} in a wav's chunk",
            wav(
                before=b"LIST"
                + struct.pack("<I", len(other) + len(other) % 2)
                + other.ljust(len(other) + len(other) % 2)
            ),
        )
        yield f"{name} as a wav's samples", wav(other)
        yield f"{name} after an mp3", encoded("mp3") + other
        yield f"{name} before an mp3", other + encoded("mp3")
    yield "zip bomb", zip_bomb()
    yield "gzip", b"\x1f\x8b\x08\x00" + bytes(500)
    yield "script", b"#!/bin/sh\nrm -rf /\n" * 40
    yield "pickle", b"\x80\x04\x95" + bytes(200)
    yield "playlist", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    yield "concat", b"ffconcat version 1.0\nfile '/etc/passwd'\n"
    yield "dash", b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>'
    yield "session description", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"
    yield "film without sound", film()
    yield "film with sound", film(sound=True)
    yield "ID3 that says 256 MB", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + encoded("mp3")
    yield "mp3 of noise", b"\xff\xfb\x90\x00" * 2_000
    yield "text with a wav's name", b"these are not sound waves"


def arrays() -> Iterator[tuple[str, Any]]:
    """(sample rate, samples) that are not, or only just, sound."""
    good = voice()
    for rate in (0, -1, 1, 3_999, 192_001, 2**63, 10**400, -(10**400), 1e308, float("inf")):
        yield f"rate {rate!s:.12}", (rate, good)
    yield "rate with more digits than Python prints", (10**5_000, good)
    for rate in (4_000, 8_000.7, "16000", True, None, "16 kHz", b"16000", [16_000]):
        yield f"rate {rate!r}", (rate, good)
    for dtype in ("i1", "u1", "i2", ">i2", "u2", "i4", "i8", "u8", "f2", "f4", ">f4", "f8"):
        yield f"dtype {dtype}", (SAMPLE_RATE, (good * 100).astype(dtype))
    for dtype in ("c8", "?", "S4", "U4", "M8[s]", "O"):
        yield f"dtype {dtype}", (SAMPLE_RATE, np.zeros(9_600, dtype))
    for shape in (
        (0,),
        (1,),
        (0, 2),
        (2, 0),
        (9_600, 0),
        (9_600, 9),
        (9, 9),
        (8, 8),
        (1, 1, 9_600),
    ):
        yield f"shape {shape}", (SAMPLE_RATE, np.zeros(shape, np.float32))
    for name, value in {"NaN": np.nan, "infinity": np.inf, "1e39": 1e39, "1e-45": 1e-45}.items():
        samples = good.astype(np.float64)
        samples[5_000] = value
        yield f"one sample of {name}", (SAMPLE_RATE, samples)
    yield (
        "a year of silence in four bytes",
        (
            SAMPLE_RATE,
            np.broadcast_to(np.float32(0), (SAMPLE_RATE * 86_400 * 365,)),
        ),
    )
    yield (
        "a year of silence in two channels",
        (
            SAMPLE_RATE,
            np.broadcast_to(np.int16(0), (2, SAMPLE_RATE * 86_400 * 365)),
        ),
    )
    yield "full scale square wave", (SAMPLE_RATE, np.sign(good))
    yield "opposite channels", (SAMPLE_RATE, np.stack([good, -good]))
    yield "read-only and strided", (SAMPLE_RATE, np.broadcast_to(good, (2, len(good)))[:, ::-1])
    yield "nothing but the rate", (SAMPLE_RATE,)
    yield "three things", (SAMPLE_RATE, good, good)
    yield "ragged", (SAMPLE_RATE, [[0.0], [0.0, 1.0]])
    yield "a dictionary", (SAMPLE_RATE, {"samples": good})
    yield "an object", object()
    yield "a number", 7
    yield "a list", [SAMPLE_RATE, good]


TEXTS = {
    "a million letters": "a" * 1_000_000,
    "a million words": "angry " * 200_000,
    "a million blanks and a word": " " * 1_000_000 + "angry",
    "line breaks": "\n".join(["i am angry"] * 5_000),
    "all control characters": "".join(map(chr, range(32))) + "\x7f\x80\x9f angry",
    "null bytes": "i\x00 am\x00 angry\x00",
    "terminal escapes": "\x1b[31mangry\x1b[0m\x1b]0;title\x07\r\b\b",
    "a lone high surrogate": "i am \ud83d angry",
    "a lone low surrogate": "\ude42 angry",
    "surrogates the wrong way round": "\ude42\ud83d",
    "right to left": "\u202ei am angry\u202c \u200fمرحبا שלום",
    "nested directions": "\u2066\u2067\u202b\u202d" * 500 + "angry",
    "script tag": "<script>alert(document.cookie)</script>",
    "image with a handler": '"><img src=x onerror=alert(1)>',
    "template": "{{7*7}} ${7*7} {0.__class__} %s %n",
    "markdown": "[a](javascript:alert(1)) ![b](http://127.0.0.1/x)",
    "SQL": "'; DROP TABLE utterances; --",
    "path": "../../../../etc/passwd",
    "zalgo": "a" + "\u0300" * 5_000,
    "emoji families": "👩‍👩‍👧‍👦" * 2_000,
    "private use and unassigned": "\ue000\U0010ffff\u0378 angry",
    "byte order marks": "\ufeff\ufffe\uffff angry",
    "zero width": "\u200b\u200c\u200d\u2060",
    "combining alone": "\u0301",
    "special tokens": "[CLS] [SEP] [PAD] [MASK] <s> </s> <unk>",
    "every script": "Ж 中 あ 한 ا א ไ ᚠ 𐍈 𝔄 ﷽",
    "line separators": "i\u2028am\u2029angry\x85now\x0b\x0c",
    "digits": "9" * 50_000,
    "number": "1e309 NaN Infinity -0",
}
