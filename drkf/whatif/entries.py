"""The entries of a scenario file: voices, transcripts and edits as JSON, and read back.

A file names gallery clips by their id. A user's own recording is put into it only where asked for;
otherwise the file has its fingerprint.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import asdict, fields
from typing import Any

import soundfile

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio.clip import LONG_SECONDS, MIN_SECONDS, SAMPLE_RATE, load_audio
from drkf.audio.decode import MAX_SECONDS
from drkf.errors import ScenarioError
from drkf.whatif.checks import quoted, require, require_range
from drkf.whatif.edits import EDITS, MAX_WORDS, Edit, MaskWords, SwapVoice
from drkf.whatif.voices import GalleryVoice, Recording, Voice
from drkf.words import clean_text

_NAMES = {kind: name for name, kind in EDITS.items()}


def edit_entry(edit: Edit, embed: bool) -> dict[str, Any]:
    """An edit by its name and its values; ``embed`` puts a recording in it into the file."""
    if isinstance(edit, SwapVoice):
        return {"edit": _NAMES[SwapVoice], "voice": voice_entry(edit.voice, embed)}
    return {"edit": _NAMES[type(edit)], **asdict(edit)}


def voice_entry(voice: Voice | None, embed: bool) -> dict[str, Any] | None:
    """A voice as it stands in the file.

    Raises:
        ScenarioError: a recording to embed is missing or longer than a minute.
    """
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


def read_voice(data: Any) -> Voice:
    """Reads what ``voice_entry`` wrote.

    Raises:
        ScenarioError: it is no such entry, or the gallery has no such voice.
        AudioError: a recording in it cannot be decoded.
    """
    require(isinstance(data, dict) and len(data) == 1, "a voice has one entry")
    ((kind, value),) = data.items()
    if kind == "gallery":
        require(isinstance(value, str), "a gallery voice is named by its id")
        voice = GalleryVoice(value)
        voice.load()
        return voice
    if kind == "recording":
        require_keys(value, {"sha256", "seconds"})
        digest = value["sha256"]
        known = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
        require(bool(known), "a recording is named by its SHA-256")
        require_range("a recording", value["seconds"], (MIN_SECONDS, MAX_SECONDS), "s long")
        return Recording(digest, float(value["seconds"]))
    require(kind == "flac" and isinstance(value, str), "a voice is gallery, recording or flac")
    try:
        return Recording.of(load_audio(base64.b64decode(value, validate=True)))
    except (binascii.Error, ValueError) as error:
        raise ScenarioError("The scenario's recording is not base64: export it again.") from error


def read_transcript(data: Any) -> Transcript:
    """Raises ScenarioError where an entry is missing, unknown, or has an impossible value."""
    require(isinstance(data, dict), "a transcript has entries")
    data = {"said": None} | data  # files of older versions have none
    require_keys(data, {entry.name for entry in fields(Transcript)})
    text, language, words = data["text"], data["language"], data["words"]
    require(isinstance(text, str), "the transcript must be text")
    require(data["source"] in ("typed", "asr", "none"), "the transcript's source is unknown")
    require(language is None or isinstance(language, str), "the language must be a code")
    require(isinstance(words, list) and len(words) <= MAX_WORDS, "timed words must be a list")
    said, certainty = data["said"], data["language_probability"]
    require(said is None or isinstance(said, str), "what was said must be text")
    if certainty is not None:
        require_range("the language's probability", certainty, (0, 1), "")
    text = clean_text(text)
    return Transcript(
        text=text,
        source=data["source"] if text else "none",
        language=None if language is None else clean_text(language)[:16],
        language_probability=certainty,
        words=tuple(_read_word(word) for word in words),
        said=None if said is None else clean_text(said),
    )


def _read_word(data: Any) -> TranscriptWord:
    require_keys(data, {entry.name for entry in fields(TranscriptWord)})
    require(isinstance(data["word"], str), "a timed word must be text")
    for name in ("start_seconds", "end_seconds"):
        require_range("a word's time", data[name], (0, MAX_SECONDS + 1), "s")
    require_range("a word's probability", data["probability"], (0, 1), "")
    return TranscriptWord(**{**data, "word": clean_text(data["word"])})


def read_edit(data: Any) -> Edit:
    """Reads what ``edit_entry`` wrote.

    Raises:
        ScenarioError: the edit is unknown, or a value is out of range.
    """
    require(isinstance(data, dict) and isinstance(data.get("edit"), str), "an edit has a kind")
    kind = EDITS.get(data["edit"])
    if kind is None:
        raise ScenarioError(
            f"The scenario has an unknown edit {quoted(data['edit'])}: the known ones are "
            f"{', '.join(EDITS)}."
        )
    values = {name: value for name, value in data.items() if name != "edit"}
    require_keys(values, {entry.name for entry in fields(kind)})
    if kind is SwapVoice:
        return SwapVoice(read_voice(values["voice"]))
    if kind is MaskWords:
        indices = values["indices"]
        require(isinstance(indices, list) and len(indices) <= MAX_WORDS, "masked words are a list")
        return MaskWords(tuple(indices))
    edit: Edit = kind(**values)
    return edit


def require_keys(data: Any, expected: set[str]) -> None:
    """Raises ScenarioError unless ``data`` is an object with exactly these entries."""
    found = set(data) if isinstance(data, dict) else set()
    if found != expected:
        wrong = sorted(found ^ expected)[:3]
        raise ScenarioError(
            "The scenario file is incomplete or has unknown entries "
            f"({', '.join(quoted(name) for name in wrong)}): export it again."
        )
