"""Where audio comes from: paths, bytes, files, arrays, tensors and what libraries wrap them in."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from drkf.audio.decode import MAX_CHANNELS, Sound
from drkf.errors import AudioError

ARRAY_NAME = "The recording"
NO_RATE = (
    "An array of samples needs its sample rate in Hz: give sampling_rate=, or the pair "
    "(sample rate, samples)."
)


@contextmanager
def open_file(source: Any) -> Iterator[tuple[BinaryIO, str]]:
    """A path, bytes or a binary file as a seekable file, and its name for messages."""
    file: BinaryIO
    with ExitStack() as stack:
        if isinstance(source, bytes | bytearray | memoryview):
            name = ARRAY_NAME
            file = io.BytesIO(source)
        elif isinstance(source, str | os.PathLike):
            name = printable_name(Path(source).name) or "The audio path"
            try:
                if not Path(source).is_file():
                    raise AudioError(f"{name} is not a file that exists: check its path.")
                file = stack.enter_context(Path(source).open("rb"))
            except OSError as error:
                raise AudioError(f"{name} cannot be opened: {error.strerror}.") from error
        elif hasattr(source, "read"):
            name = ARRAY_NAME
            file = source if _seekable(source) else io.BytesIO(source.read())
        else:
            raise AudioError(
                "Audio must be a path, bytes, a binary file or samples with their rate, "
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


def unwrap(source: Any, sampling_rate: int | None = None) -> Any:
    """What libraries wrap audio in -> something ``open_file`` takes, or (rate, samples).

    Args:
        source: a path, bytes or file, as it is; ``{"array", "sampling_rate"}`` or
            ``{"bytes", "path"}`` of Hugging Face datasets; a decoder with ``get_all_samples``
            (torchcodec); samples with ``sampling_rate``; (rate, samples) or (samples, rate).

    Raises:
        AudioError: samples come without their rate.
    """
    if isinstance(source, Mapping):
        if source.get("array") is not None:
            return source.get("sampling_rate", sampling_rate), source["array"]
        for key in ("bytes", "path"):
            if source.get(key) is not None:
                return source[key]
        raise AudioError("Audio as a mapping must have array and sampling_rate, or bytes or path.")
    if hasattr(source, "get_all_samples"):
        found = source.get_all_samples()
        return found.sample_rate, found.data
    if isinstance(source, tuple) and len(source) == 2 and sampling_rate is None:
        first, second = source
        return (second, first) if _is_number(second) and not _is_number(first) else source
    if isinstance(source, np.ndarray | list | tuple) or _is_tensor(source):
        if sampling_rate is None:
            raise AudioError(NO_RATE)
        return sampling_rate, source
    return source


def from_array(source: tuple) -> Sound:
    """(sample rate, samples) as one block, converted only when it is asked for."""
    try:
        rate, samples = source
        rate, samples = int(np.int64(int(rate))), _as_array(samples)
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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or getattr(value, "ndim", None) == 0


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "is_floating_point")


def _as_array(samples: Any) -> np.ndarray:
    """An array; tensors of any device and type too, without importing their library."""
    if _is_tensor(samples):
        samples = samples.detach().cpu()
        samples = (samples.float() if samples.is_floating_point() else samples).numpy()
    return np.asarray(samples)


def _as_floats(samples: np.ndarray) -> np.ndarray:
    """Samples of any usable type as float32, 1 at their full scale.

    Unsigned integers have their zero in the middle. Integers of 64 bits are what other types
    become in calculations: they have the full scale of the smallest type that holds them.
    """
    if samples.dtype.kind == "f":
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused as infinite
            return samples.astype(np.float32)
    if samples.dtype.kind not in "iu":
        raise AudioError(f"Audio samples of type {samples.dtype} are not integers or floats.")
    bits = 8 * samples.dtype.itemsize
    if bits == 64:
        peak = max(abs(int(samples.max(initial=0))), abs(int(samples.min(initial=0))))
        full = next(float(2 ** (n - 1)) for n in (16, 24, 32, 65) if peak <= 2 ** (n - 1))
        return (samples / full).astype(np.float32)
    full = float(2 ** (bits - 1))
    middle = full if samples.dtype.kind == "u" else 0.0
    return ((samples.astype(np.float64) - middle) / full).astype(np.float32)


def printable_name(name: str) -> str:
    """A file's name for a message: names may hold line breaks, escapes and halves of characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def _seekable(file: Any) -> bool:
    if not isinstance(file.read(0), bytes):
        raise AudioError("The audio file is open as text: open it in binary mode.")
    return bool(file.seekable())
