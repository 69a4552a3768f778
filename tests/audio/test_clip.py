"""Decoding, checking and levelling of speech, over files written on the fly."""

import io
import struct
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.audio import decode
from drkf.audio.clip import SAMPLE_RATE, Clip, frame_levels, is_silent, load_audio
from drkf.audio.endings import CUT, NO_END_MARK, mp3_frames
from drkf.errors import AudioError


def speechlike(seconds: float = 1.0, rate: int = 16_000, level: float = 0.3) -> np.ndarray:
    """A 220 Hz tone with vibrato and syllables, faded in and out, (n,) float32 of peak ``level``.

    Without the fade, Opus encoders put a click of 0.8 at an abrupt end.
    """
    t = np.arange(round(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * 220 * t + 3 * np.sin(2 * np.pi * 5 * t))
    syllables = 0.6 + 0.4 * np.cos(2 * np.pi * 3 * t)
    fade = np.clip(np.minimum(t, seconds - t) / 0.03, 0, 1)
    return (level * tone * syllables * fade).astype(np.float32)


def by_soundfile(samples: np.ndarray, rate: int, container: str, subtype: str | None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()


def by_av(
    path: Path, samples: np.ndarray, rate: int, container: str, codec: str, **options: str
) -> bytes:
    with av.open(path, "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (samples * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate = rate
        fitting = av.AudioResampler(format=stream.codec_context.codec.audio_formats[0])
        for part in fitting.resample(frame):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path.read_bytes()


def similarity(clip: Clip, expected: np.ndarray) -> float:
    """Peak of the normalised cross-correlation: 1 for the same sound, however delayed."""
    a, b = clip.samples.astype(np.float64), expected.astype(np.float64)
    size = 1 << (len(a) + len(b)).bit_length()
    correlation = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    return float(correlation.max() / np.sqrt((a @ a) * (b @ b)))


SOUNDFILE_FORMATS = [
    ("WAV", "PCM_U8"),
    ("WAV", "PCM_16"),
    ("WAV", "PCM_24"),
    ("WAV", "PCM_32"),
    ("WAV", "FLOAT"),
    ("WAV", "DOUBLE"),
    ("WAV", "ULAW"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("AIFF", "PCM_16"),
]
AV_FORMATS = [
    ("ipod", "aac"),  # m4a
    ("mp4", "aac"),
    ("adts", "aac"),
    ("webm", "libopus"),
    ("ogg", "libopus"),
    ("mp3", "libmp3lame"),
    ("wav", "pcm_s16le"),
    ("avi", "libmp3lame"),
    ("flv", "aac"),
    ("mpegts", "aac"),
    ("mpeg", "mp2"),
    ("matroska", "libopus"),
    ("mov", "pcm_s16le"),
    ("ac3", "ac3"),
    ("wv", "wavpack"),
]


@pytest.mark.parametrize(("container", "subtype"), SOUNDFILE_FORMATS)
def test_every_libsndfile_format_is_decoded(container: str, subtype: str) -> None:
    voice = speechlike()
    clip = load_audio(by_soundfile(voice, SAMPLE_RATE, container, subtype))
    assert clip.samples.dtype == np.float32
    assert clip.samples.ndim == 1
    assert clip.seconds == pytest.approx(1.0, abs=0.1)
    assert similarity(clip, voice) > 0.98
    assert np.abs(clip.samples).max() == pytest.approx(0.3, rel=0.2)
    assert clip.warnings == ()


@pytest.mark.parametrize(("container", "codec"), AV_FORMATS)
def test_every_ffmpeg_format_is_decoded(tmp_path: Path, container: str, codec: str) -> None:
    data = by_av(tmp_path / "clip", speechlike(rate=48_000), 48_000, container, codec)
    clip = load_audio(data)
    assert clip.seconds == pytest.approx(1.0, abs=0.1)
    assert similarity(clip, speechlike()) > 0.98
    assert clip.warnings == ()


def test_variable_rate_mp3_without_length_is_read_to_its_end(tmp_path: Path) -> None:
    """Loud, then silent: a guess from the first bit rate gives a fraction of the length."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 2 * SAMPLE_RATE)
    samples = np.concatenate([noise, np.zeros(10 * SAMPLE_RATE)])
    path = tmp_path / "vbr.mp3"
    with av.open(path, "w", format="mp3", options={"write_xing": "0"}) as out:
        stream = out.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono")
        stream.codec_context.qscale = True
        stream.codec_context.global_quality = 4 * 118
        frame = av.AudioFrame.from_ndarray(
            (samples * 32767).astype(np.int16)[None], format="s16p", layout="mono"
        )
        frame.sample_rate = SAMPLE_RATE
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert soundfile.info(path).duration < 6  # the trap is real
    assert load_audio(path).seconds == pytest.approx(12, abs=0.2)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
def test_every_sample_rate_becomes_16_khz(rate: int) -> None:
    clip = load_audio((rate, speechlike(rate=rate)))
    assert clip.seconds == pytest.approx(1.0, abs=1e-3)
    assert similarity(clip, speechlike()) > 0.999
    assert any("telephone" in warning for warning in clip.warnings) == (rate < 16_000)


def test_resampling_keeps_speech_and_removes_what_would_alias() -> None:
    t = np.arange(48_000) / 48_000
    kept = load_audio((48_000, 0.5 * np.sin(2 * np.pi * 1_000 * t)))
    assert np.sqrt(np.mean(kept.samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    removed = load_audio((48_000, 0.5 * np.sin(2 * np.pi * 11_000 * t)))
    assert np.sqrt(np.mean(removed.samples[800:-800] ** 2)) < 0.5 / np.sqrt(2) * 10 ** (-45 / 20)


@pytest.mark.parametrize(
    ("dtype", "scale", "middle"),
    [
        (np.uint8, 127, 128),
        (np.int16, 32_767, 0),
        (np.int32, 2**31 - 1, 0),
        (np.float16, 1, 0),
        (np.float32, 1, 0),
        (np.float64, 1, 0),
    ],
)
def test_every_sample_type_has_its_own_full_scale(dtype: type, scale: float, middle: int) -> None:
    voice = speechlike()
    clip = load_audio((SAMPLE_RATE, (voice.astype(np.float64) * scale + middle).astype(dtype)))
    np.testing.assert_allclose(clip.samples, voice - voice.mean(), atol=0.01)


@pytest.mark.parametrize("shape", ["(n,)", "(n, 1)", "(1, n)", "(n, 2)", "(2, n)"])
def test_every_array_layout_is_the_same_clip(shape: str) -> None:
    voice = speechlike()
    samples = {
        "(n,)": voice,
        "(n, 1)": voice[:, None],
        "(1, n)": voice[None],
        "(n, 2)": np.stack([voice, voice], axis=1),
        "(2, n)": np.stack([voice, voice]),
    }[shape]
    before = samples.copy()
    clip = load_audio((SAMPLE_RATE, samples))
    np.testing.assert_allclose(clip.samples, voice - voice.mean(), atol=1e-6)
    np.testing.assert_array_equal(samples, before)  # the caller's array is left alone


def test_path_bytes_and_file_objects_are_the_same_clip(tmp_path: Path) -> None:
    data = by_soundfile(speechlike(), SAMPLE_RATE, "WAV", "PCM_16")
    path = tmp_path / "clip.wav"
    path.write_bytes(data)
    used = io.BytesIO(data)
    used.read(100)

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    expected = load_audio(path).samples
    with path.open("rb") as opened:
        for source in (str(path), data, bytearray(data), used, Pipe(data), opened):
            np.testing.assert_array_equal(load_audio(source).samples, expected)
        assert not opened.closed  # what the caller opened, the caller closes
    clip = load_audio(path)
    assert load_audio(clip) is clip


@pytest.mark.parametrize("suffix", ["mp3", "raw", "txt", "m4a"])
def test_a_wrong_extension_does_not_matter(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clip.{suffix}"
    path.write_bytes(by_soundfile(speechlike(), SAMPLE_RATE, "WAV", "PCM_16"))
    assert load_audio(path).seconds == 1.0


# Refusals ---------------------------------------------------------------------------------


def refusal(source: object) -> str:
    with pytest.raises(AudioError) as caught:
        load_audio(source)
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    "content",
    [
        b"Dear diary,\n" * 500,
        b"%PDF-1.7\n" + bytes(4_000),
        b"\x89PNG\r\n\x1a\n" + bytes(4_000),
        b"PK\x03\x04" + bytes(4_000),
        bytes(4_000),
        b"RIFF\x00\x00\x00\x00WAVE",
        b"ID3\x04" + bytes(100),
        b"OggS" + bytes(4_000),
        b"fLaC" + bytes(4_000),
        b"\x1aE\xdf\xa3" + bytes(4_000),
    ],
    ids=["text", "pdf", "png", "zip", "zeros", "riff", "id3", "ogg", "flac", "matroska"],
)
def test_what_is_not_audio_gets_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "upload.xyz"
    path.write_bytes(content)
    assert "upload.xyz" in refusal(path)
    refusal(content)


def test_an_unreadable_format_is_named_with_those_that_work(tmp_path: Path) -> None:
    path = tmp_path / "thesis.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(4_000))
    message = refusal(path)
    assert "pdf" in message
    for name in ("wav", "flac", "mp3", "ogg", "m4a", "webm", "mp4"):
        assert name in message


def test_missing_empty_and_odd_sources(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    assert "empty" in refusal(tmp_path / "empty.wav")
    assert "exists" in refusal(tmp_path / "missing.wav")
    assert "exists" in refusal(tmp_path)
    assert "exists" in refusal("")
    assert "exists" in refusal("a\0b")
    assert "cannot be opened" in refusal("x" * 5_000)
    assert "empty" in refusal(b"")
    assert "NoneType" in refusal(None)
    assert "binary" in refusal(io.StringIO("text"))


@pytest.mark.parametrize(
    "source",
    [
        (16_000,),
        ("fast", speechlike()),
        (16_000, [[1.0], [1.0, 2.0]]),
        (16_000, np.float32(1)),
        (16_000, np.zeros((2, 2, 16_000), np.float32)),
        (16_000, np.zeros((100, 16_000), np.float32)),
        speechlike(),
        (16_000, np.zeros(16_000, complex)),
        (16_000, np.zeros(16_000, bool)),
        (16_000, np.zeros(0, np.float32)),
        (0, speechlike()),
        (-16_000, speechlike()),
        (float("nan"), speechlike()),
        (1_000_000, speechlike()),
    ],
    ids=lambda source: f"{type(source[0]).__name__}-{len(source)}",
)
def test_arrays_that_are_not_sound_get_one_line(source: tuple) -> None:
    refusal(source)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nan_and_infinite_samples_are_refused(bad: float) -> None:
    samples = speechlike()
    samples[1_000] = bad
    assert "NaN or infinite" in refusal((SAMPLE_RATE, samples))
    assert "NaN or infinite" in refusal(by_soundfile(samples, SAMPLE_RATE, "WAV", "FLOAT"))
    assert "NaN or infinite" in refusal((SAMPLE_RATE, np.full(16_000, 1e300)))


def test_length_limits() -> None:
    assert load_audio((SAMPLE_RATE, speechlike(0.3))).seconds == pytest.approx(0.3)
    message = refusal((SAMPLE_RATE, speechlike(0.25)))
    assert "0.25 s" in message
    assert "0.3 s" in message
    # Low rates and levels keep this quick: 601 s at 4 kHz.
    assert "10 minutes" in refusal((4_000, np.zeros(601 * 4_000, np.int16)))


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours of silence in a small FLAC, with an honest header and without any length."""
    bomb = bytearray(by_soundfile(np.zeros(16_000 * 3_600, np.int16), 16_000, "FLAC", None))
    assert len(bomb) < 1_000_000
    read = 0
    read_blocks = decode.read_blocks

    def counted(opened: soundfile.SoundFile):
        nonlocal read
        for block in read_blocks(opened):
            read += len(block)
            yield block

    monkeypatch.setattr(decode, "read_blocks", counted)
    assert "10 minutes" in refusal(bytes(bomb))
    assert read == 0
    bomb[21] &= 0xF0  # the 36 bits of STREAMINFO's number of samples: 0 means unknown
    bomb[22:26] = bytes(4)
    refusal(bytes(bomb))
    assert read <= 601 * 16_000 + decode.BLOCK_FRAMES


def cut(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


def tell_early(data: bytes, part: float) -> None:
    """A file that was cut is read to its end, and that is said."""
    clip = load_audio(data)
    assert any("ends early" in warning for warning in clip.warnings)
    assert 4.0 * part - 0.7 < clip.seconds < 4.0 * part + 0.3


@pytest.mark.parametrize("part", [0.9, 0.5, 0.3])
def test_files_that_end_early_are_read_to_their_end(tmp_path: Path, part: float) -> None:
    voice = speechlike(4.0) + np.random.default_rng(0).normal(0, 0.01, 64_000).astype("f4")
    for container, subtype in [("WAV", "PCM_16"), ("AIFF", "PCM_16"), ("FLAC", None)]:
        tell_early(cut(by_soundfile(voice, SAMPLE_RATE, container, subtype), part), part)
    early_header = {"movflags": "faststart"}
    tell_early(
        cut(by_av(tmp_path / "b", voice, SAMPLE_RATE, "mp4", "aac", **early_header), part), part
    )
    for container, codec in [("webm", "libopus"), ("flv", "aac")]:
        tell_early(cut(by_av(tmp_path / "c", voice, SAMPLE_RATE, container, codec), part), part)
    for rate in (SAMPLE_RATE, 48_000):  # frames of 576 and of 1152 samples
        mp3 = by_av(tmp_path / "d", speechlike(4.0, rate=rate), rate, "mp3", "libmp3lame")
        tell_early(cut(mp3, part), part)
    # An m4a has its table of contents at its end: nothing can be found without it.
    assert refusal(cut(by_av(tmp_path / "a", voice, SAMPLE_RATE, "ipod", "aac"), part))


@pytest.mark.parametrize("container", ["OGG", "MP3"])
@pytest.mark.parametrize("part", [0.9, 0.6, 0.005])
def test_streams_play_up_to_the_cut_and_tell_it(container: str, part: float) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 4 * SAMPLE_RATE)
    data = cut(by_soundfile(noise, SAMPLE_RATE, container, None), part)
    if part == 0.005:
        refusal(data)
    else:
        clip = load_audio(data)
        assert 4.0 * part - 1.0 < clip.seconds < 4.0 * part + 0.5
        assert any("ends early" in warning for warning in clip.warnings)


def test_an_end_that_no_header_promises_is_missed_where_the_bytes_tell(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 4 * SAMPLE_RATE)
    ogg = by_soundfile(noise, SAMPLE_RATE, "OGG", None)
    assert load_audio(ogg).warnings == ()
    assert load_audio(ogg[: ogg.rindex(b"OggS")]).warnings == (NO_END_MARK,)
    bare = {"write_xing": "0", "id3v2_version": "0"}
    for rate in (SAMPLE_RATE, 44_100):
        voice = speechlike(2.0, rate=rate)
        mp3 = by_av(tmp_path / "bare", voice, rate, "mp3", "libmp3lame", **bare)
        assert load_audio(mp3).warnings == load_audio(mp3 + b"TAG" + bytes(125)).warnings == ()
        assert load_audio(mp3[:-20]).warnings == (CUT,)
    fraunhofer = b"\xff\xfb\x90\x64" + bytes(32) + b"VBRI" + bytes(10) + b"\0\0\x01\x02"
    assert mp3_frames(io.BytesIO(fraunhofer)) == 258
    aac = by_av(tmp_path / "bare", speechlike(2.0), SAMPLE_RATE, "adts", "aac")
    assert load_audio(aac).warnings == ()
    assert load_audio(aac[:-20]).warnings in ((CUT,), (decode.DAMAGED_WITHIN,))


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000])
def test_a_wav_streamed_without_a_length_is_read(size: int) -> None:
    data = bytearray(by_soundfile(speechlike(), SAMPLE_RATE, "WAV", "PCM_16"))
    at = data.index(b"data") + 4
    data[at : at + 4] = size.to_bytes(4, "little")
    assert load_audio(bytes(data)).seconds == 1.0


def test_a_wav_header_that_lies_about_its_rate_is_refused() -> None:
    data = bytearray(by_soundfile(speechlike(), SAMPLE_RATE, "WAV", "PCM_16"))
    for rate in (0, 1, 3_000_000_000):
        data[24:28] = rate.to_bytes(4, "little")
        refusal(bytes(data))


def test_pictures_without_sound_and_playlists_are_refused(tmp_path: Path) -> None:
    silent_film = tmp_path / "film.mp4"
    with av.open(silent_film, "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width = stream.height = 64
        for _ in range(25):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert "no sound track" in refusal(silent_film)

    # FFmpeg would open what a playlist names: any file of the server, any address.
    secret = tmp_path / "secret.ts"
    by_av(secret, speechlike(rate=48_000), 48_000, "mpegts", "aac")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n"
    path = tmp_path / "list.m3u8"
    path.write_text(playlist)
    refusal(path)
    path.write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    refusal(path)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=2_000))
def test_any_bytes_give_a_clip_or_one_line(data: bytes) -> None:
    try:
        load_audio(data)
    except AudioError as error:
        assert "\n" not in str(error)


WAV = by_soundfile(speechlike(0.5), SAMPLE_RATE, "WAV", "PCM_16")
FLAC = by_soundfile(speechlike(0.5), SAMPLE_RATE, "FLAC", None)
MP3 = by_soundfile(speechlike(0.5), SAMPLE_RATE, "MP3", None)
OPUS = by_soundfile(speechlike(0.5), SAMPLE_RATE, "OGG", "OPUS")


@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from([WAV, FLAC, MP3, OPUS]),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_damaged_headers_give_a_clip_or_one_line(
    data: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(data)
    for position, value in changes:
        damaged[position] = value
    try:
        clip = load_audio(bytes(damaged))
    except AudioError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(clip.samples).all()
        assert np.abs(clip.samples).max() <= 1


# Quality ----------------------------------------------------------------------------------


def test_clipping_is_said_and_loud_speech_is_not_called_clipped() -> None:
    clipped = np.clip(speechlike() * 10, -1, 1)
    (warning,) = load_audio((SAMPLE_RATE, clipped)).warnings
    assert "clipped" in warning
    (warning,) = load_audio(by_soundfile(clipped, SAMPLE_RATE, "WAV", "PCM_16")).warnings
    assert "clipped" in warning
    one_side = np.stack([clipped, 0.1 * speechlike()])
    assert "clipped" in load_audio((SAMPLE_RATE, one_side)).warnings[0]
    assert load_audio((SAMPLE_RATE, speechlike(level=1.0))).warnings == ()


def test_samples_beyond_full_scale_are_scaled_down() -> None:
    voice = speechlike()
    clip = load_audio((SAMPLE_RATE, voice * 32_767))  # int16 values kept as floats
    assert "scaled down" in clip.warnings[0]
    assert similarity(clip, voice) > 0.999
    assert np.abs(clip.samples).max() <= 1


def test_offset_is_removed_and_said() -> None:
    clip = load_audio((SAMPLE_RATE, speechlike() + 0.2))
    assert "offset of +0.20" in clip.warnings[0]
    assert abs(clip.samples.mean()) < 1e-4


@pytest.mark.parametrize("channels", [2, 4])
def test_channels_in_opposite_phase_do_not_cancel(channels: int) -> None:
    voice = speechlike()
    samples = np.stack([voice, -voice] * (channels // 2), axis=1)
    clip = load_audio((SAMPLE_RATE, samples))
    assert "cancel" in clip.warnings[0]
    assert similarity(clip, voice) > 0.999


def test_channels_are_averaged_where_they_do_not_cancel() -> None:
    voice, noise = speechlike(), np.random.default_rng(0).normal(0, 0.1, 16_000)
    for other in (np.zeros(16_000), noise, 0.5 * voice):
        clip = load_audio((SAMPLE_RATE, np.stack([voice, other])))
        expected = (voice + other) / 2
        np.testing.assert_allclose(clip.samples, expected - expected.mean(), atol=1e-6)
        assert clip.warnings == ()


def test_levels_are_in_dbfs() -> None:
    t = np.arange(16_000) / 16_000
    levels = frame_levels(Clip((0.1 * np.sin(2 * np.pi * 250 * t)).astype(np.float32)))
    assert levels.shape == (50,)
    np.testing.assert_allclose(levels, -23.01, atol=0.05)  # -20 dB peak, 3.01 dB crest
    assert (frame_levels(Clip(np.zeros(16_000, np.float32))) == -120).all()


def test_silence_is_told_from_quiet_speech() -> None:
    rng = np.random.default_rng(0)
    room = rng.normal(0, 10 ** (-70 / 20), 16_000)
    assert is_silent(load_audio((SAMPLE_RATE, np.zeros(16_000))))
    assert is_silent(load_audio((SAMPLE_RATE, np.full(16_000, 0.3))))  # an offset is no sound
    assert is_silent(load_audio((SAMPLE_RATE, room)))
    click = room.copy()
    click[8_000:8_400] += rng.uniform(-0.9, 0.9, 400)
    assert is_silent(load_audio((SAMPLE_RATE, click)))

    quiet = load_audio((SAMPLE_RATE, speechlike(level=0.004)))
    assert not is_silent(quiet)
    assert "very quiet" in quiet.warnings[0]
    word_in_silence = np.zeros(5 * 16_000, np.float32)
    word_in_silence[:4_000] = speechlike(0.25)
    assert not is_silent(load_audio((SAMPLE_RATE, word_in_silence)))
    assert load_audio((SAMPLE_RATE, word_in_silence)).warnings == ()


@settings(deadline=None, max_examples=40)
@given(
    rate=st.integers(*decode.RATES),
    seconds=st.floats(0.31, 1.0),
    channels=st.integers(1, decode.MAX_CHANNELS),
    level=st.floats(1e-4, 100),
    seed=st.integers(0, 99),
)
def test_every_clip_is_mono_16_khz_finite_and_within_full_scale(
    rate: int, seconds: float, channels: int, level: float, seed: int
) -> None:
    frames = round(seconds * rate)
    samples = np.random.default_rng(seed).normal(0, level, (frames, channels))
    clip = load_audio((rate, samples))
    assert clip.samples.shape == (-(-frames * SAMPLE_RATE // rate),)
    assert clip.samples.dtype == np.float32
    assert np.isfinite(clip.samples).all()
    assert np.abs(clip.samples).max() <= 1


# What players play -------------------------------------------------------------------------


def test_a_flac_from_a_pipe_is_read_without_its_number_of_samples() -> None:
    data = bytearray(by_soundfile(speechlike(2.0), SAMPLE_RATE, "FLAC", None))
    data[21] &= 0xF0  # the 36 bits of STREAMINFO's number of samples: 0 means unknown
    data[22:26] = bytes(4)
    clip = load_audio(bytes(data))
    assert clip.seconds == pytest.approx(2.0, abs=0.01) and clip.warnings == ()
    assert similarity(clip, speechlike(2.0)) > 0.999


def test_gaps_in_the_time_stamps_are_silence(tmp_path: Path) -> None:
    path = tmp_path / "gap.webm"
    voice = (speechlike(2.0, 48_000) * 32_767).astype(np.int16)
    with av.open(path, "w", format="webm") as out:
        stream = out.add_stream("libopus", rate=48_000, layout="mono")
        for at, part in ((0, voice[:48_000]), (48_000 * 3, voice[48_000:])):
            for first in range(0, len(part), 960):
                frame = av.AudioFrame.from_ndarray(
                    part[None, first : first + 960], format="s16", layout="mono"
                )
                frame.sample_rate, frame.pts = 48_000, at + first
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    clip = load_audio(path)
    assert clip.seconds == pytest.approx(4.0, abs=0.1)
    assert np.abs(clip.samples[int(1.2 * SAMPLE_RATE) : int(2.8 * SAMPLE_RATE)]).max() < 1e-3
    assert not any("damaged" in warning for warning in clip.warnings)


def two_tracks(path: Path, first: np.ndarray, second: np.ndarray) -> Path:
    with av.open(path, "w", format="mp4") as out:
        streams = [out.add_stream("aac", rate=16_000, layout="mono") for _ in range(2)]
        for stream, samples in zip(streams, (first, second), strict=True):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples[None], np.float32), format="fltp", layout="mono"
            )
            frame.sample_rate = 16_000
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path


def test_the_second_track_is_taken_where_the_first_is_silent(tmp_path: Path) -> None:
    voice, nothing = speechlike(), np.zeros(16_000, np.float32)
    for first, second in ((nothing, voice), (voice, nothing)):
        clip = load_audio(two_tracks(tmp_path / "two.mp4", first, second))
        assert similarity(clip, voice) > 0.98


def opus_in_caf(samples: np.ndarray) -> bytes:
    """Apple's Core Audio Format around Opus packets of 20 ms, (n,) float32 at 48 kHz."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "flt"
    frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
    frame.sample_rate = 48_000
    packets = [bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))]

    def variable(number: int) -> bytes:
        low = bytes([number & 0x7F])
        return bytes([0x80 | number >> 7]) + low if number > 0x7F else low

    table = struct.pack(">qqii", len(packets), 960 * len(packets), 0, 0)
    table += b"".join(variable(len(packet)) for packet in packets)
    chunks = {
        b"desc": struct.pack(">d4sIIIII", 48_000.0, b"opus", 0, 0, 960, 1, 0),
        b"pakt": table,
        b"data": bytes(4) + b"".join(packets),
    }
    return b"caff\0\1\0\0" + b"".join(
        name + struct.pack(">q", len(content)) + content for name, content in chunks.items()
    )


def test_opus_in_caf_is_read() -> None:
    clip = load_audio(opus_in_caf(speechlike(rate=48_000)))
    assert clip.seconds == pytest.approx(1.0, abs=0.05)
    assert similarity(clip, speechlike()) > 0.98


def test_exactly_ten_minutes_may_have_padding() -> None:
    clip = load_audio((4_000, np.zeros(600 * 4_000 + 2_000, np.int16)))
    assert clip.seconds == 600


def test_the_formats_are_one_list() -> None:
    listed = decode.FORMATS.replace(" or ", ", ").split(", ")
    assert listed == list(decode.DEMUXERS)
    assert set(decode.AV_FORMATS.split(",")) == set(decode.DEMUXERS.values())


def test_the_fullest_of_several_channels_is_taken_where_they_cancel() -> None:
    voice = speechlike()
    clip = load_audio((SAMPLE_RATE, np.stack([0 * voice, 0.5 * voice, -0.5 * voice], axis=1)))
    assert "fullest" in clip.warnings[0]
    assert similarity(clip, voice) > 0.999 and np.abs(clip.samples).max() > 0.1


@pytest.mark.parametrize(("channels", "full"), [(3, [1]), (4, [3]), (6, [2]), (8, [6, 7])])
def test_empty_channels_do_not_make_the_others_softer(channels: int, full: list[int]) -> None:
    voice = speechlike()
    samples = np.random.default_rng(0).normal(0, 1e-4, (len(voice), channels))
    samples[:, full] = voice[:, None]
    clip = load_audio((SAMPLE_RATE, samples))
    np.testing.assert_allclose(clip.samples, voice - voice.mean(), atol=1e-3)
    assert clip.warnings == ()


# What libraries hand over ---------------------------------------------------------------------


class Decoder:
    """As torchcodec's: samples on demand, channels first."""

    def __init__(self, samples: np.ndarray) -> None:
        self._data = torch.from_numpy(samples)[None]

    def get_all_samples(self) -> SimpleNamespace:
        return SimpleNamespace(data=self._data, sample_rate=SAMPLE_RATE)


def test_samples_come_in_many_wraps(tmp_path: Path) -> None:
    voice = speechlike()
    data = by_soundfile(voice, SAMPLE_RATE, "WAV", "FLOAT")
    (tmp_path / "a.wav").write_bytes(data)
    expected = voice - voice.mean()
    for source in (
        (SAMPLE_RATE, voice),
        (voice, SAMPLE_RATE),
        (torch.from_numpy(voice), SAMPLE_RATE),
        (SAMPLE_RATE, torch.from_numpy(voice)[None].requires_grad_()),
        {"array": voice, "sampling_rate": SAMPLE_RATE, "path": "somewhere.wav"},
        {"bytes": data, "path": "a.wav"},
        {"bytes": None, "path": str(tmp_path / "a.wav")},
        Decoder(voice),
    ):
        np.testing.assert_allclose(load_audio(source).samples, expected, atol=1e-6)
    for samples in (voice, voice.tolist(), torch.from_numpy(voice)):
        found = load_audio(samples, sampling_rate=SAMPLE_RATE).samples
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert "sampling_rate" in refusal(voice)
    assert "mapping" in refusal({"sampling_rate": 16_000})


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.uint32, np.int64, np.uint64])
def test_integers_of_any_width(dtype: type) -> None:
    voice = speechlike().astype(np.float64)
    bits = 16 if np.dtype(dtype).itemsize == 8 else 8 * np.dtype(dtype).itemsize
    scaled = voice * (2 ** (bits - 1) - 1)
    if dtype in (np.uint16, np.uint32):
        scaled += 2 ** (bits - 1)
    if dtype is np.uint64:
        scaled = np.abs(scaled)
        voice = np.abs(voice)
    clip = load_audio((SAMPLE_RATE, scaled.astype(dtype)))
    np.testing.assert_allclose(clip.samples, voice - voice.mean(), atol=2 / 2**7)
