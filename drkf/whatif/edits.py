"""The edits of a scenario, each with the range of its values and its name in files.

Edits of the voice change its samples, which are then encoded anew; new words leave the voice as it
is encoded. Masked words are left out of the text, which is encoded anew; muting hides a modality
after its encoder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from drkf.audio import edits as change
from drkf.audio.clip import MIN_SECONDS, Clip
from drkf.audio.decode import MAX_SECONDS
from drkf.errors import ScenarioError
from drkf.whatif.checks import require, require_range
from drkf.whatif.voices import Voice
from drkf.words import clean_text

MAX_WORDS = 10_000

GAIN_DB = (-30.0, 30.0)
PITCH_SEMITONES = (-12.0, 12.0)
SPEED_FACTOR = (0.5, 2.0)
SNR_DB = (-10.0, 60.0)


@dataclass(frozen=True)
class SwapVoice:
    """Another voice takes the place of the utterance's own."""

    voice: Voice


@dataclass(frozen=True)
class Rewrite:
    """Other words; none at all leave the voice alone."""

    words: str

    def __post_init__(self) -> None:
        require(isinstance(self.words, str), "the new words must be text")
        object.__setattr__(self, "words", clean_text(self.words))


@dataclass(frozen=True)
class Silence:
    """Nothing is heard in a span of the voice."""

    start_seconds: float
    end_seconds: float

    def __post_init__(self) -> None:
        require_range("the start of the silence", self.start_seconds, (0, MAX_SECONDS), "s")
        require_range("the end of the silence", self.end_seconds, (0, MAX_SECONDS), "s")
        require(self.start_seconds < self.end_seconds, "the silence must end after it starts")

    def change(self, clip: Clip) -> Clip:
        if self.start_seconds >= clip.seconds:
            raise ScenarioError(
                f"The silence starts at {self.start_seconds:.1f} s, but the voice ends at "
                f"{clip.seconds:.1f} s: choose an earlier start."
            )
        return change.silence(clip, self.start_seconds, self.end_seconds)


@dataclass(frozen=True)
class Gain:
    """The voice is louder or softer."""

    db: float

    def __post_init__(self) -> None:
        require_range("the gain", self.db, GAIN_DB, "dB")

    def change(self, clip: Clip) -> Clip:
        return change.gain(clip, self.db)


@dataclass(frozen=True)
class Pitch:
    """The voice is higher or lower, at the same speed."""

    semitones: float

    def __post_init__(self) -> None:
        require_range("the pitch", self.semitones, PITCH_SEMITONES, "semitones")

    def change(self, clip: Clip) -> Clip:
        return change.pitch(clip, self.semitones)


@dataclass(frozen=True)
class Speed:
    """The voice is faster or slower, at the same pitch."""

    factor: float

    def __post_init__(self) -> None:
        require_range("the speed", self.factor, SPEED_FACTOR, "times")

    def change(self, clip: Clip) -> Clip:
        if not MIN_SECONDS <= clip.seconds / self.factor <= MAX_SECONDS:
            raise ScenarioError(
                f"At this speed the voice lasts {clip.seconds / self.factor:.1f} s: it must be "
                f"{MIN_SECONDS} s to {MAX_SECONDS:.0f} s long."
            )
        return change.speed(clip, self.factor)


@dataclass(frozen=True)
class Noise:
    """White noise is added to the voice."""

    snr_db: float

    def __post_init__(self) -> None:
        require_range("the signal-to-noise ratio", self.snr_db, SNR_DB, "dB")

    def change(self, clip: Clip) -> Clip:
        return change.noise(clip, self.snr_db)


@dataclass(frozen=True)
class MaskWords:
    """Words are left out of the text. ``indices`` count the words from 0."""

    indices: tuple[int, ...]

    def __post_init__(self) -> None:
        whole = all(type(i) is int and 0 <= i < MAX_WORDS for i in self.indices)
        require(bool(self.indices) and whole, f"masked words are numbered 0 to {MAX_WORDS - 1}")


@dataclass(frozen=True)
class Mute:
    """A modality is hidden after its encoder."""

    modality: Literal["voice", "words"]

    def __post_init__(self) -> None:
        require(self.modality in ("voice", "words"), 'only "voice" or "words" can be muted')


SampleEdit: TypeAlias = Silence | Gain | Pitch | Speed | Noise
Edit: TypeAlias = SwapVoice | Rewrite | SampleEdit | MaskWords | Mute

#: Each kind of edit by its name in files, in the order in which edits take effect.
EDITS: dict[str, type[Any]] = {
    "swap-voice": SwapVoice,
    "rewrite": Rewrite,
    "silence": Silence,
    "gain": Gain,
    "pitch": Pitch,
    "speed": Speed,
    "noise": Noise,
    "mask-words": MaskWords,
    "mute": Mute,
}


def ordered(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in the order in which they take effect.

    Raises:
        ScenarioError: two edits of one kind.
    """
    given = tuple(edits)
    by_kind = {type(edit): edit for edit in given}
    require(len(by_kind) == len(given), "each kind of edit can be there once")
    return tuple(by_kind[kind] for kind in EDITS.values() if kind in by_kind)
