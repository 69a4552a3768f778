"""What-if scenarios: an utterance, a few edits of its voice and words, kept as one JSON file.

Edits of the voice change its samples, which are then encoded anew; new words leave the voice as it
is encoded. Masking words and muting a modality hide tokens after the encoders: what a hidden word
told its neighbours inside the text encoder stays.

A file names gallery clips by their id. A user's own recording is put into it only where asked for
(``to_json(embed_recordings=True)``); otherwise the file has its fingerprint, and the recording
itself must be supplied again (``Scenario.with_recordings``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import soundfile

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio import edits as change
from drkf.audio.clip import LONG_SECONDS, MIN_SECONDS, SAMPLE_RATE, Clip, load_audio
from drkf.audio.decode import MAX_SECONDS
from drkf.errors import ScenarioError
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.words import as_transcript, clean_text

FORMAT = "drkf-scenario"
VERSION = 1
MAX_FILE_BYTES = 16_000_000  # two recordings of a minute, as 24-bit FLAC in base64, are 8 MB
MAX_WORDS = 10_000

GAIN_DB = (-30.0, 30.0)
PITCH_SEMITONES = (-12.0, 12.0)
SPEED_FACTOR = (0.5, 2.0)
SNR_DB = (-10.0, 60.0)


@dataclass(frozen=True)
class GalleryVoice:
    """The voice of an example, by its id in ``drkf.gallery``."""

    id: str

    def load(self) -> Clip:
        """Raises ScenarioError where the gallery has no such voice."""
        for item in load_gallery():
            if item.id == self.id and item.audio is not None:
                return load_audio(item.audio)
        raise ScenarioError(f"The gallery has no voice called {_quoted(self.id)}: choose another.")


@dataclass(frozen=True)
class Recording:
    """A user's own recording, known by the SHA-256 of its samples.

    ``clip`` is None where a scenario was loaded that does not contain it.
    """

    sha256: str
    seconds: float
    clip: Clip | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, clip: Clip) -> Recording:
        return cls(hashlib.sha256(clip.samples.tobytes()).hexdigest(), clip.seconds, clip)

    def load(self) -> Clip:
        """Raises ScenarioError where the recording has not been supplied."""
        if self.clip is None:
            raise ScenarioError(
                f"The scenario needs a recording of {self.seconds:.1f} s that is not in its file: "
                "analyse that recording first, then load the scenario again."
            )
        return self.clip


Voice: TypeAlias = GalleryVoice | Recording


@dataclass(frozen=True)
class SwapVoice:
    """Another voice takes the place of the utterance's own."""

    voice: Voice


@dataclass(frozen=True)
class Rewrite:
    """Other words; none at all leave the voice alone."""

    words: str

    def __post_init__(self) -> None:
        _check(isinstance(self.words, str), "the new words must be text")
        object.__setattr__(self, "words", clean_text(self.words))


@dataclass(frozen=True)
class Silence:
    """Nothing is heard in a span of the voice."""

    start_seconds: float
    end_seconds: float

    def __post_init__(self) -> None:
        _in_range("the start of the silence", self.start_seconds, (0, MAX_SECONDS), "s")
        _in_range("the end of the silence", self.end_seconds, (0, MAX_SECONDS), "s")
        _check(self.start_seconds < self.end_seconds, "the silence must end after it starts")

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
        _in_range("the gain", self.db, GAIN_DB, "dB")

    def change(self, clip: Clip) -> Clip:
        return change.gain(clip, self.db)


@dataclass(frozen=True)
class Pitch:
    """The voice is higher or lower, at the same speed."""

    semitones: float

    def __post_init__(self) -> None:
        _in_range("the pitch", self.semitones, PITCH_SEMITONES, "semitones")

    def change(self, clip: Clip) -> Clip:
        return change.pitch(clip, self.semitones)


@dataclass(frozen=True)
class Speed:
    """The voice is faster or slower, at the same pitch."""

    factor: float

    def __post_init__(self) -> None:
        _in_range("the speed", self.factor, SPEED_FACTOR, "times")

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
        _in_range("the signal-to-noise ratio", self.snr_db, SNR_DB, "dB")

    def change(self, clip: Clip) -> Clip:
        return change.noise(clip, self.snr_db)


@dataclass(frozen=True)
class MaskWords:
    """Words are hidden after the text encoder. ``indices`` count the words from 0."""

    indices: tuple[int, ...]

    def __post_init__(self) -> None:
        whole = all(type(i) is int and 0 <= i < MAX_WORDS for i in self.indices)
        _check(bool(self.indices) and whole, f"masked words are numbered 0 to {MAX_WORDS - 1}")


@dataclass(frozen=True)
class Mute:
    """A modality is hidden after its encoder."""

    modality: Literal["voice", "words"]

    def __post_init__(self) -> None:
        _check(self.modality in ("voice", "words"), 'only "voice" or "words" can be muted')


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
_NAMES = {kind: name for name, kind in EDITS.items()}


@dataclass(frozen=True)
class Scenario:
    """An utterance and what is changed in it.

    There is at most one edit of each kind, and they take effect in the order of ``EDITS``,
    however they are listed.

    Raises:
        ScenarioError: neither voice nor words, or two edits of one kind.
    """

    voice: Voice | None
    transcript: Transcript
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        _check(
            self.voice is not None or bool(self.transcript.text),
            "a scenario needs a voice or words",
        )
        object.__setattr__(self, "edits", ordered(self.edits))

    def with_recordings(self, clips: Iterable[Clip]) -> Scenario:
        """The same scenario with every recording that is among ``clips``."""
        supplied = {recording.sha256: recording for recording in map(Recording.of, clips)}

        def filled(voice: Voice) -> Voice:
            return supplied.get(voice.sha256, voice) if isinstance(voice, Recording) else voice

        edits = tuple(
            replace(edit, voice=filled(edit.voice)) if isinstance(edit, SwapVoice) else edit
            for edit in self.edits
        )
        return replace(self, voice=self.voice and filled(self.voice), edits=edits)

    def encode(self, pipeline: EmotionPipeline) -> Utterance:
        """The utterance before the edits.

        Raises:
            ScenarioError: its recording is not there.
        """
        clip = None if self.voice is None else self.voice.load()
        return pipeline.encode(clip, self.transcript, transcribe=False)

    def to_json(self, embed_recordings: bool = False) -> str:
        """The scenario as a file.

        Args:
            embed_recordings: put the user's own recordings into it (24-bit FLAC), so that
                whoever gets the file can hear them.

        Raises:
            ScenarioError: a recording to embed is missing or longer than a minute.
        """
        data = {
            "format": FORMAT,
            "version": VERSION,
            "voice": _voice_data(self.voice, embed_recordings),
            "transcript": asdict(self.transcript),
            "edits": [
                {
                    "edit": _NAMES[type(edit)],
                    **(
                        {"voice": _voice_data(edit.voice, embed_recordings)}
                        if isinstance(edit, SwapVoice)
                        else asdict(edit)
                    ),
                }
                for edit in self.edits
            ],
        }
        return json.dumps(data, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, content: str | bytes) -> Scenario:
        """Reads what ``to_json`` wrote, and nothing else.

        Raises:
            ScenarioError: not such a file, or a value in it is out of range.
            AudioError: a recording in it cannot be decoded.
        """
        if len(content) > MAX_FILE_BYTES:
            raise ScenarioError(f"Scenario files have at most {MAX_FILE_BYTES // 10**6} MB.")
        try:
            data = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ScenarioError(
                "This is not a scenario file: choose a JSON file exported from the what-if lab."
            ) from error
        _check(isinstance(data, dict) and data.get("format") == FORMAT, "this is another format")
        if data.get("version") != VERSION:
            raise ScenarioError(
                f"Scenario files of version {_quoted(data.get('version'))} cannot be read, only "
                f"version {VERSION}: export it again."
            )
        _keys(data, {"format", "version", "voice", "transcript", "edits"})
        edits = data["edits"]
        _check(isinstance(edits, list) and len(edits) <= len(EDITS), "edits must be a short list")
        return cls(
            voice=None if data["voice"] is None else _read_voice(data["voice"]),
            transcript=_read_transcript(data["transcript"]),
            edits=tuple(_read_edit(edit) for edit in edits),
        )


def ordered(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in the order in which they take effect.

    Raises:
        ScenarioError: two edits of one kind.
    """
    given = tuple(edits)
    by_kind = {type(edit): edit for edit in given}
    _check(len(by_kind) == len(given), "each kind of edit can be there once")
    return tuple(by_kind[kind] for kind in EDITS.values() if kind in by_kind)


def apply(
    pipeline: EmotionPipeline,
    base: Utterance,
    edits: Iterable[Edit],
    known: Sequence[Utterance] = (),
) -> Utterance:
    """The utterance after the edits.

    Args:
        known: utterances encoded earlier. Where one of them, or ``base``, has the very samples
            that the edits lead to, its voice is not encoded again.

    Raises:
        ScenarioError: an edit does not fit the utterance.
        NoInputError: nothing is left to analyse. AudioError: no speech is left, nor words.
    """
    steps = ordered(edits)
    clip, transcript = base.clip, base.transcript
    for edit in steps:
        if isinstance(edit, SwapVoice):
            clip = edit.voice.load()
            transcript = as_transcript(transcript.text)  # its times are the other voice's
        elif isinstance(edit, Rewrite):
            transcript = as_transcript(edit.words)
        elif isinstance(edit, SampleEdit):
            if clip is None:
                raise ScenarioError("There is no voice to change: choose a voice first.")
            clip = edit.change(clip)
            if isinstance(edit, Speed):
                transcript = _faster(transcript, edit.factor)
    utterance = _encoded(pipeline, clip, transcript, base, known)
    for edit in steps:
        if isinstance(edit, MaskWords):
            utterance = _with_words_masked(utterance, edit.indices)
        elif isinstance(edit, Mute):
            utterance = _muted(utterance, edit.modality)
    return utterance


def voice_of(clip: Clip) -> Voice:
    """How a scenario names a clip: by its id if it is the gallery's, else as a recording."""
    for item in load_gallery():
        if item.audio is not None and np.array_equal(load_audio(item.audio).samples, clip.samples):
            return GalleryVoice(item.id)
    return Recording.of(clip)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Start and end characters of the words that ``MaskWords`` counts."""
    return [match.span() for match in re.finditer(r"\S+", text)]


def _encoded(
    pipeline: EmotionPipeline,
    clip: Clip | None,
    transcript: Transcript,
    base: Utterance,
    known: Sequence[Utterance],
) -> Utterance:
    if clip is base.clip:
        return base if transcript == base.transcript else pipeline.with_text(base, transcript)
    if clip is None:
        return pipeline.encode(text=transcript)
    for utterance in (base, *known):
        if utterance.clip is not None and np.array_equal(utterance.clip.samples, clip.samples):
            return pipeline.with_text(utterance, transcript)
    return pipeline.encode(clip, transcript, transcribe=False)


def _with_words_masked(utterance: Utterance, indices: Sequence[int]) -> Utterance:
    spans = word_spans(utterance.transcript.text)
    if max(indices) >= len(spans):
        raise ScenarioError(
            f"There are only {len(spans)} words: the word numbered {max(indices)} cannot be masked."
        )
    if len(set(indices)) == len(spans):
        raise ScenarioError("Every word is masked: mute the words instead.")
    starts = {spans[i][0] for i in indices}
    encoded = utterance.encoded
    keep = encoded.text.mask.clone()
    for word in encoded.words:
        if word.start_char in starts:
            keep[word.window, word.first : word.last] = False
    return replace(utterance, encoded=replace(encoded, text=encoded.text.masked(keep)))


def _muted(utterance: Utterance, modality: Literal["voice", "words"]) -> Utterance:
    encoded = utterance.encoded
    if not (encoded.has_audio and encoded.has_text):
        present = "voice" if encoded.has_audio else "words"
        if present == modality:
            raise ScenarioError(f"Without the {present} nothing is left: keep them, or add more.")
        return utterance
    if modality == "voice":
        return replace(utterance, clip=None, speech_states=None, encoded=encoded.only_text())
    return replace(utterance, transcript=Transcript("", "none"), encoded=encoded.only_audio())


def _faster(transcript: Transcript, factor: float) -> Transcript:
    """The transcript with the times of a voice that is faster by ``factor``."""
    words = tuple(
        replace(
            word, start_seconds=word.start_seconds / factor, end_seconds=word.end_seconds / factor
        )
        for word in transcript.words
    )
    return replace(transcript, words=words)


def _voice_data(voice: Voice | None, embed: bool) -> dict[str, Any] | None:
    if voice is None:
        return None
    if isinstance(voice, GalleryVoice):
        return {"gallery": voice.id}
    if not embed:
        return {"recording": {"sha256": voice.sha256, "seconds": voice.seconds}}
    clip = voice.load()
    if clip.seconds > LONG_SECONDS:
        raise ScenarioError(
            f"Recordings of at most {LONG_SECONDS:.0f} s can be put into the file: this one has "
            f"{clip.seconds:.0f} s."
        )
    flac = io.BytesIO()
    soundfile.write(flac, clip.samples, SAMPLE_RATE, format="FLAC", subtype="PCM_24")
    return {"flac": base64.b64encode(flac.getvalue()).decode()}


def _read_voice(data: Any) -> Voice:
    _check(isinstance(data, dict) and len(data) == 1, "a voice has one entry")
    ((kind, value),) = data.items()
    if kind == "gallery":
        _check(isinstance(value, str), "a gallery voice is named by its id")
        voice = GalleryVoice(value)
        voice.load()
        return voice
    if kind == "recording":
        _keys(value, {"sha256", "seconds"})
        digest = value["sha256"]
        known = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
        _check(bool(known), "a recording is named by its SHA-256")
        _in_range("a recording", value["seconds"], (MIN_SECONDS, MAX_SECONDS), "s long")
        return Recording(digest, float(value["seconds"]))
    _check(kind == "flac" and isinstance(value, str), "a voice is gallery, recording or flac")
    try:
        return Recording.of(load_audio(base64.b64decode(value, validate=True)))
    except (binascii.Error, ValueError) as error:
        raise ScenarioError("The scenario's recording is not base64: export it again.") from error


def _read_transcript(data: Any) -> Transcript:
    _keys(data, {entry.name for entry in fields(Transcript)})
    text, language, words = data["text"], data["language"], data["words"]
    _check(isinstance(text, str), "the transcript must be text")
    _check(data["source"] in ("typed", "asr", "none"), "the transcript's source is unknown")
    _check(language is None or isinstance(language, str), "the language must be a code")
    _check(isinstance(words, list) and len(words) <= MAX_WORDS, "timed words must be a list")
    certainty = data["language_probability"]
    if certainty is not None:
        _in_range("the language's probability", certainty, (0, 1), "")
    text = clean_text(text)
    return Transcript(
        text=text,
        source=data["source"] if text else "none",
        language=None if language is None else clean_text(language)[:16],
        language_probability=certainty,
        words=tuple(_read_word(word) for word in words),
    )


def _read_word(data: Any) -> TranscriptWord:
    _keys(data, {entry.name for entry in fields(TranscriptWord)})
    _check(isinstance(data["word"], str), "a timed word must be text")
    for name in ("start_seconds", "end_seconds"):
        _in_range("a word's time", data[name], (0, MAX_SECONDS + 1), "s")
    _in_range("a word's probability", data["probability"], (0, 1), "")
    return TranscriptWord(**{**data, "word": clean_text(data["word"])})


def _read_edit(data: Any) -> Edit:
    _check(isinstance(data, dict) and isinstance(data.get("edit"), str), "an edit has a kind")
    kind = EDITS.get(data["edit"])
    if kind is None:
        raise ScenarioError(
            f"The scenario has an unknown edit {_quoted(data['edit'])}: the known ones are "
            f"{', '.join(EDITS)}."
        )
    values = {name: value for name, value in data.items() if name != "edit"}
    _keys(values, {entry.name for entry in fields(kind)})
    if kind is SwapVoice:
        return SwapVoice(_read_voice(values["voice"]))
    if kind is MaskWords:
        indices = values["indices"]
        _check(isinstance(indices, list) and len(indices) <= MAX_WORDS, "masked words are a list")
        return MaskWords(tuple(indices))
    edit: Edit = kind(**values)
    return edit


def _keys(data: Any, expected: set[str]) -> None:
    found = set(data) if isinstance(data, dict) else set()
    if found != expected:
        wrong = sorted(found ^ expected)[:3]
        raise ScenarioError(
            "The scenario file is incomplete or has unknown entries "
            f"({', '.join(_quoted(name) for name in wrong)}): export it again."
        )


def _check(holds: bool, rule: str) -> None:
    if not holds:
        raise ScenarioError(f"The scenario is not usable: {rule}.")


def _in_range(what: str, value: Any, limits: tuple[float, float], unit: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    low, high = limits
    if not (number and low <= value <= high):
        raise ScenarioError(
            f"The scenario is not usable: {what} must be {low:g} to {high:g} {unit}".rstrip() + "."
        )


def _quoted(value: Any) -> str:
    """A value from a file on one short line."""
    return repr(value)[:40]
