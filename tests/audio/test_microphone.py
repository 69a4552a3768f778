"""``drkf listen`` against a fake PortAudio: devices, rates, the end of speech, every mishap."""

from __future__ import annotations

import builtins
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from drkf.audio import microphone as listen
from drkf.audio.clip import SAMPLE_RATE
from drkf.cli import main
from drkf.errors import AudioError, MicrophoneError
from drkf.gallery import load_gallery

DEVICES = [
    {"name": "Speakers", "max_input_channels": 0, "default_samplerate": 48_000.0},
    {"name": "Built-in Microphone", "max_input_channels": 2, "default_samplerate": 48_000.0},
    {"name": "USB Headset", "max_input_channels": 1, "default_samplerate": 44_100.0},
    {"name": "USB Camera", "max_input_channels": 1, "default_samplerate": 16_000.0},
]


class FakePortAudio:
    """Stands for the sounddevice module; its microphone plays ``sound`` as fast as it is read."""

    class PortAudioError(Exception):
        pass

    def __init__(self, sound: np.ndarray, rate: int = SAMPLE_RATE) -> None:
        self.sound, self.rate = sound, rate
        self.devices: list[dict[str, Any]] = [dict(device) for device in DEVICES]
        self.default = SimpleNamespace(device=[1, 0])
        self.rates = {8_000, 16_000, 44_100, 48_000}
        self.channels = {1, 2}
        self.open_error: str | None = None
        self.list_error: str | None = None
        self.opened: dict[str, Any] | None = None
        self.closed = False

    def query_devices(self) -> list[dict[str, Any]]:
        if self.list_error:
            raise self.PortAudioError(self.list_error)
        return self.devices

    def check_input_settings(self, device: int, channels: int, samplerate: int, dtype: str) -> None:
        if samplerate not in self.rates or channels not in self.channels:
            raise self.PortAudioError("Invalid sample rate [PaErrorCode -9997]")

    def InputStream(self, callback: Callable[..., None], **options: Any) -> FakeStream:
        if self.open_error:
            raise self.PortAudioError(self.open_error)
        self.opened = options
        return FakeStream(self, callback)


class FakeStream:
    def __init__(self, portaudio: FakePortAudio, callback: Callable[..., None]) -> None:
        self.portaudio, self.callback = portaudio, callback

    def __enter__(self) -> None:
        self.thread = threading.Thread(target=self.play)
        self.thread.start()

    def play(self) -> None:
        assert self.portaudio.opened is not None
        size, channels = (self.portaudio.opened[name] for name in ("blocksize", "channels"))
        for start in range(0, len(self.portaudio.sound), size):
            block = np.repeat(self.portaudio.sound[start : start + size, None], channels, axis=1)
            self.callback(block, len(block), None, None)

    def __exit__(self, *_: object) -> None:
        self.thread.join(60)
        self.portaudio.closed = True


def voice() -> np.ndarray:
    path = next(item.audio for item in load_gallery() if item.audio is not None)
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == SAMPLE_RATE
    return samples


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


@pytest.fixture
def portaudio(monkeypatch: pytest.MonkeyPatch) -> FakePortAudio:
    fake = FakePortAudio(np.concatenate([quiet(1), voice(), quiet(60)]))
    monkeypatch.setitem(sys.modules, "sounddevice", fake)  # type: ignore[arg-type]
    return fake


def never() -> bool:
    return False


def test_silence_after_speech_ends_the_recording(portaudio: FakePortAudio) -> None:
    clip = listen.record(portaudio, 1, 2.0, 60.0, never)
    spoken = 1 + len(voice()) / SAMPLE_RATE
    # Not in the quiet second before it, and within a look of the two seconds after it.
    assert spoken + 0.5 < clip.seconds < spoken + 3.2
    assert portaudio.closed
    assert portaudio.opened is not None
    assert portaudio.opened["device"] == 1 and portaudio.opened["samplerate"] == SAMPLE_RATE


def test_without_speech_or_with_silence_0_it_goes_on_to_the_longest_time(
    portaudio: FakePortAudio,
) -> None:
    assert listen.record(portaudio, 1, 0.0, 12.0, never).seconds == pytest.approx(12)
    portaudio.sound = quiet(30)
    assert listen.record(portaudio, 1, 1.0, 5.0, never).seconds == pytest.approx(5)


def test_enter_ends_it(portaudio: FakePortAudio) -> None:
    asked = iter([False] * 20 + [True] * 10)
    clip = listen.record(portaudio, 1, 2.0, 60.0, lambda: next(asked))
    assert clip.seconds == pytest.approx(2.0, abs=0.11)


def test_control_c_ends_it_and_what_was_said_stays(portaudio: FakePortAudio) -> None:
    asked = iter([False] * 15)

    def interrupted() -> bool:
        try:
            return next(asked)
        except StopIteration:
            raise KeyboardInterrupt from None

    clip = listen.record(portaudio, 1, 2.0, 60.0, interrupted)
    assert clip.seconds == pytest.approx(1.5, abs=0.11)
    assert portaudio.closed


def test_nothing_recorded_is_one_line(portaudio: FakePortAudio) -> None:
    with pytest.raises(AudioError, match=r"only 0\.00 s"):
        listen.record(portaudio, 1, 2.0, 60.0, lambda: True)


def test_a_device_with_other_rates_is_resampled(portaudio: FakePortAudio) -> None:
    portaudio.rates = {44_100}
    seconds = np.arange(3 * 44_100) / 44_100
    portaudio.sound = (0.5 * np.sin(2 * np.pi * 1000 * seconds)).astype(np.float32)
    clip = listen.record(portaudio, 2, 0.0, 2.5, never)
    assert portaudio.opened is not None and portaudio.opened["samplerate"] == 44_100
    assert clip.seconds == pytest.approx(2.5, abs=0.02)
    crossings = np.count_nonzero(np.diff(np.signbit(clip.samples[4000:36_000])))
    assert crossings == pytest.approx(2 * 1000 * 2, abs=4)


def test_a_device_without_mono_is_mixed(portaudio: FakePortAudio) -> None:
    portaudio.channels = {2}
    portaudio.rates = {48_000}
    clip = listen.record(portaudio, 1, 0.0, 1.0, never)
    assert portaudio.opened is not None and portaudio.opened["channels"] == 2
    assert clip.samples.ndim == 1


def test_a_device_that_takes_no_format_is_one_line(portaudio: FakePortAudio) -> None:
    portaudio.rates = set()
    with pytest.raises(MicrophoneError, match="Invalid sample rate") as error:
        listen.record(portaudio, 1, 2.0, 60.0, never)
    assert "PaErrorCode" not in str(error.value) and "--list" in str(error.value)


def test_a_busy_device_is_one_line(portaudio: FakePortAudio) -> None:
    portaudio.open_error = "Error opening InputStream: Device unavailable [PaErrorCode -9985]"
    with pytest.raises(MicrophoneError, match="Device unavailable"):
        listen.record(portaudio, 1, 2.0, 60.0, never)


def test_a_microphone_that_sends_nothing_is_given_up(
    portaudio: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "STALLED_SECONDS", 0.3)
    portaudio.sound = quiet(0)
    with pytest.raises(MicrophoneError, match="sends nothing"):
        listen.record(portaudio, 1, 2.0, 60.0, never)


def test_devices_are_chosen_by_number_name_or_a_part_of_it(portaudio: FakePortAudio) -> None:
    found = listen.find_device
    assert found(portaudio, None) == 1
    assert found(portaudio, "3") == 3
    assert found(portaudio, "headset") == 2
    assert found(portaudio, "USB Camera") == 3
    for unfit in ("0", "7", "USB", "nothing", "-1"):
        with pytest.raises(MicrophoneError, match="--list"):
            found(portaudio, unfit)
    portaudio.default.device = [-1, -1]
    assert found(portaudio, None) == 1, "the first one where none is the default"
    portaudio.devices = portaudio.devices[:1]
    with pytest.raises(MicrophoneError, match="No microphone was found"):
        found(portaudio, None)


def test_list_names_the_microphones(
    portaudio: FakePortAudio, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["listen", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("(")[-1] for line in lines] == [
        "48 kHz, 2 ch)",
        "44.1 kHz, 1 ch)",
        "16 kHz, 1 ch)",
    ]
    assert lines[0].startswith("*") and "Built-in Microphone" in lines[0]
    assert "Speakers" not in "".join(lines)


def assert_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str], mention: str) -> None:
    assert main(["listen", *arguments]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line]
    assert len(errors) == 1 and errors[0].startswith("drkf: ") and mention in errors[0], errors


@pytest.mark.parametrize("arguments", [[], ["--list"]])
def test_without_portaudio_it_says_how_to_get_it(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    assert_one_line(arguments, capsys, "libportaudio2")


def test_mishaps_are_one_line_before_the_model_is_loaded(
    portaudio: FakePortAudio, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_one_line(["--device", "nothing"], capsys, "--list")
    assert_one_line(["--seconds", "0"], capsys, "--seconds")
    assert_one_line(["--seconds", "601"], capsys, "--seconds")
    assert_one_line(["--silence", "-1"], capsys, "--silence")
    portaudio.devices = []
    assert_one_line([], capsys, "No microphone")
    assert_one_line(["--list"], capsys, "No microphone")
    portaudio.list_error = "PortAudio not initialized [PaErrorCode -10000]"
    assert_one_line([], capsys, "PortAudio not initialized")


def test_what_is_said_is_analysed_and_printed_as_json(
    portaudio: FakePortAudio,
    tiny_checkpoint: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("drkf.audio.transcribe.SpeechRecognizer.transcribe", no_words)
    arguments = ["--checkpoint", str(tiny_checkpoint), "--json", "--seconds", "8"]
    assert main(["listen", *arguments]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["audio_probabilities"] and found["clip_seconds"] < 8.01
    assert "Speak" in printed.err and "[" not in printed.err, "no meter outside a terminal"


def no_words(self: object, clip: object, english: bool = False) -> Any:
    from drkf.analysis import Transcript

    return Transcript("", "asr")


def test_the_meter_goes_from_empty_to_full() -> None:
    loud = np.ones(100, np.float32)
    assert listen.level_bar(loud).count("#") == listen.METER_CHARACTERS
    assert "0 dB" in listen.level_bar(loud)
    assert listen.level_bar(np.zeros(100)).count("#") == 0
    assert listen.level_bar(np.zeros(0)).count("#") == 0
    half = listen.level_bar(loud * 10 ** (-30 / 20))
    assert half.count("#") == listen.METER_CHARACTERS // 2
    assert len({len(listen.level_bar(loud * level)) for level in (0, 0.01, 0.5, 1)}) == 1


def test_the_real_library_answers_or_says_what_is_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever this machine has, a null device or nothing: a list, or one line."""
    code = main(["listen", "--list"])
    printed = capsys.readouterr()
    if code == 0:
        assert printed.out.strip()
    else:
        assert code == 2
        errors = [line for line in printed.err.splitlines() if line.startswith("drkf: ")]
        assert len(errors) == 1
