"""Real audio files for miniature corpora."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

WriteAudio = Callable[..., Path]


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """float32 (samples, channels)."""
    wave = 0.3 * np.sin(2 * np.pi * 220 * np.arange(int(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


@pytest.fixture
def write_wav() -> WriteAudio:
    def write(path: Path, seconds: float = 0.5, rate: int = 16000, channels: int = 1) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone(seconds, rate, channels), rate, subtype="PCM_16")
        return path

    return write


@pytest.fixture
def write_mp4() -> WriteAudio:
    """An mp4 with AAC sound; with ``sound=False`` a film without a sound track."""

    def write(path: Path, seconds: float = 1.0, rate: int = 16000, sound: bool = True) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            if sound:
                stream = container.add_stream("aac", rate=rate, layout="mono")
                frame = av.AudioFrame.from_ndarray(tone(seconds, rate).T, "fltp", "mono")
                frame.sample_rate = rate
            else:
                stream = container.add_stream("mpeg4", rate=25)
                stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
                frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                container.mux(packet)
        return path

    return write
