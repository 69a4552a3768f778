"""``drkf listen``: records from a microphone until the speaker stops, then analyses it."""

from __future__ import annotations

import math
import queue
import select
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from drkf.audio.clip import SAMPLE_RATE, Clip, load_audio
from drkf.audio.speech import speech_spans
from drkf.audio.stream import Resampler
from drkf.errors import MicrophoneError

BLOCK_SECONDS = 0.1
STALLED_SECONDS = 5.0
METER_CHARACTERS = 30
METER_DBFS = -60.0  # the meter's left end
LOOK_SECONDS = 0.5  # between two looks for the end of speech
DETECT_SECONDS = 4.0  # before the newest sound, that the detector hears as well

NO_PORTAUDIO = (
    "The microphone needs PortAudio: on Debian or Ubuntu, apt-get install libportaudio2; "
    "or record a file and run drkf analyze FILE."
)
NO_DEVICE = "No microphone was found: connect one, or record a file and run drkf analyze FILE."
CANNOT_OPEN = (
    "The microphone cannot be opened ({reason}): close the program that uses it, or choose "
    "another one from drkf listen --list."
)
STALLED = "The microphone sends nothing: choose another one from drkf listen --list."
START = "Speak. Silence ends the recording, and so do Enter and Ctrl-C."
START_ENDLESS = "Speak. Enter or Ctrl-C ends the recording."


def load_sounddevice() -> Any:
    """The sounddevice module, which needs a system library.

    Raises:
        MicrophoneError: PortAudio, or the package, is missing.
    """
    try:
        import sounddevice
    except (OSError, ImportError):
        raise MicrophoneError(NO_PORTAUDIO) from None
    return sounddevice


def microphones(sounddevice: Any) -> dict[int, dict[str, Any]]:
    """Index -> device, of those with an input.

    Raises:
        MicrophoneError: PortAudio cannot list them.
    """
    try:
        devices = sounddevice.query_devices()
    except sounddevice.PortAudioError as error:
        raise MicrophoneError(f"The sound devices cannot be listed: {reason(error)}.") from None
    return {i: device for i, device in enumerate(devices) if device["max_input_channels"] > 0}


def default_device(sounddevice: Any) -> int | None:
    """The default microphone's index, None where the system names none."""
    index = sounddevice.default.device[0]
    return index if index is not None and index >= 0 else None


def find_device(sounddevice: Any, wanted: str | None) -> int:
    """The index of the microphone that is meant by an index or a part of its name.

    Without ``wanted`` the default, or the first where there is no default.

    Raises:
        MicrophoneError: there is none, or several fit.
    """
    devices = microphones(sounddevice)
    if not devices:
        raise MicrophoneError(NO_DEVICE)
    if wanted is None:
        default = default_device(sounddevice)
        return default if default in devices else min(devices)
    if wanted.isdecimal() and int(wanted) in devices:
        return int(wanted)
    exact = [i for i, device in devices.items() if device["name"] == wanted]
    parts = [i for i, device in devices.items() if wanted.lower() in device["name"].lower()]
    found = exact or parts
    if len(found) == 1:
        return found[0]
    problem = "fits several microphones" if found else "is no microphone"
    raise MicrophoneError(f"--device {wanted!r} {problem}: choose one from drkf listen --list.")


def usable_format(sounddevice: Any, device: int) -> tuple[int, int]:
    """Rate in Hz and channels to record with: 16 kHz mono, else what the device offers.

    Raises:
        MicrophoneError: it takes neither.
    """
    info = microphones(sounddevice)[device]
    own = round(info["default_samplerate"])
    most = min(2, info["max_input_channels"])
    problem = ""
    for rate, channels in ((SAMPLE_RATE, 1), (own, 1), (own, most)):
        try:
            sounddevice.check_input_settings(
                device=device, channels=channels, samplerate=rate, dtype="float32"
            )
        except sounddevice.PortAudioError as error:
            problem = reason(error)
        else:
            return rate, channels
    raise MicrophoneError(CANNOT_OPEN.format(reason=problem))


def record(
    sounddevice: Any,
    device: int,
    silence_seconds: float,
    longest_seconds: float,
    stopped: Callable[[], bool] | None = None,
) -> Clip:
    """Sound from a microphone until silence after speech, Enter, Ctrl-C, or the longest time.

    The level is drawn on the standard error stream where that is a terminal.

    Args:
        silence_seconds: without speech, after speech, that end the recording; 0 for never.
        stopped: asked for each block; by default whether Enter was pressed.

    Raises:
        MicrophoneError: the device is busy or gone, or sends nothing.
        AudioError: what was recorded is too short.
    """
    stopped = stopped or enter_pressed
    rate, channels = usable_format(sounddevice, device)
    blocks: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()

    def keep(block: np.ndarray, frames: int, at: Any, status: Any) -> None:
        blocks.put(block.mean(axis=1))  # in PortAudio's own thread: nothing slow here

    resampler, end = Resampler(rate), EndOfSpeech(silence_seconds)
    samples = np.zeros(0, np.float32)
    print(START if silence_seconds else START_ENDLESS, file=sys.stderr)
    try:
        with sounddevice.InputStream(
            device=device,
            channels=channels,
            samplerate=rate,
            dtype="float32",
            blocksize=round(BLOCK_SECONDS * rate),
            callback=keep,
        ):
            waited = 0.0
            while len(samples) < longest_seconds * SAMPLE_RATE and not stopped():
                try:
                    block = np.nan_to_num(blocks.get(timeout=BLOCK_SECONDS))
                except queue.Empty:
                    waited += BLOCK_SECONDS
                    if waited > STALLED_SECONDS:
                        raise MicrophoneError(STALLED) from None
                    continue
                waited = 0.0
                samples = np.concatenate([samples, resampler.feed(block.astype(np.float32))])
                draw_level(block, len(samples) / SAMPLE_RATE)
                if end.reached(samples):
                    break
    except KeyboardInterrupt:
        pass  # the usual way to end a recording: what was said is analysed
    except (sounddevice.PortAudioError, ValueError) as error:
        raise MicrophoneError(CANNOT_OPEN.format(reason=reason(error))) from None
    finally:
        clear_level()
    return load_audio((SAMPLE_RATE, samples[: round(longest_seconds * SAMPLE_RATE)]))


class EndOfSpeech:
    """Whether somebody has spoken and then been silent for ``silence_seconds``; 0 for never."""

    def __init__(self, silence_seconds: float) -> None:
        self._silence = silence_seconds
        self._looked = 0
        self._spoken_until: float | None = None

    def reached(self, samples: np.ndarray) -> bool:
        """Asks the detector about the newest seconds of (n,) samples, now and then."""
        if not self._silence or len(samples) - self._looked < LOOK_SECONDS * SAMPLE_RATE:
            return False
        first = max(0, self._looked - round(DETECT_SECONDS * SAMPLE_RATE))
        self._looked = len(samples)
        spans = speech_spans(Clip(samples[first:]), LOOK_SECONDS)
        if spans:
            self._spoken_until = first / SAMPLE_RATE + spans[-1].end_seconds
        now = len(samples) / SAMPLE_RATE
        return self._spoken_until is not None and now - self._spoken_until >= self._silence


def enter_pressed() -> bool:
    """Whether a line waits on the standard input, where that is a terminal."""
    try:
        if not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
            return False
        sys.stdin.readline()
    except (OSError, ValueError):  # no such thing on this system, or it is closed
        return False
    return True


def level_bar(block: np.ndarray) -> str:
    """The level of a block as a bar from -60 to 0 dBFS, and in figures."""
    power = float(np.square(block, dtype=np.float64).mean()) if len(block) else 0.0
    level = 10 * math.log10(max(power, 10 ** (METER_DBFS / 10)))
    filled = round(METER_CHARACTERS * (1 - level / METER_DBFS))
    return f"[{'#' * filled:{METER_CHARACTERS}}] {level:4.0f} dB"


def draw_level(block: np.ndarray, seconds: float) -> None:
    if sys.stderr.isatty():
        print(f"\r{level_bar(block)} {seconds:5.1f} s", end="", file=sys.stderr, flush=True)


def clear_level() -> None:
    if sys.stderr.isatty():
        print(f"\r{' ' * (METER_CHARACTERS + 24)}\r", end="", file=sys.stderr, flush=True)


def reason(error: Exception) -> str:
    """PortAudio's words on one line, without its error number."""
    return " ".join(str(error).split("[PaErrorCode")[0].split()).rstrip(":. ")
