"""What a user gives, audio or text or both -> a clip and its words, before the emotion model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from numbers import Number
from typing import Any

from drkf.analysis import Transcript
from drkf.audio.activity import Speech, find_speech
from drkf.audio.clip import LONG_SECONDS, Clip, load_audio
from drkf.audio.transcribe import SpeechRecognizer
from drkf.errors import AudioError, NoInputError, TranscriptionError
from drkf.words import as_transcript, clean_text

WINDOW_SECONDS = 30.0  # Whisper's positions and the fusion encoder's end there
NOTED_SECONDS = 2.0  # of quiet left out: less is around and between the words of any recording

NO_INPUT = "Record or upload speech, or type a sentence."
NO_SPEECH = (
    "No speech was found in the recording: speak closer to the microphone, or type the words."
)


@dataclass(frozen=True, eq=False)
class Heard:
    """What was given, decoded and recognised but not yet encoded.

    ``clip_warnings`` are about the recording, ``word_warnings`` about its recognition.
    ``speech`` is the part of the clip that is encoded; None while nobody has looked for it.
    """

    clip: Clip | None
    transcript: Transcript
    clip_warnings: tuple[str, ...] = ()
    word_warnings: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    speech: Speech | None = None


def each_utterance(audio: Any, text: Any) -> list[tuple[Any, Any]] | None:
    """Audio and text of each utterance where either is a list of several; None for one utterance.

    Numbers in a list are samples of one recording. Columns of Hugging Face datasets are lists.

    Raises:
        NoInputError: two lists of unequal length, or a list and something that is none.
    """
    lists = [_is_list(audio), _is_list(text) or isinstance(text, tuple)]
    if not any(lists):
        return None
    audios = audio if lists[0] else [audio] * len(text) if audio is None else None
    texts = text if lists[1] else [text] * len(audio) if text is None else None
    if audios is None or texts is None or len(audios) != len(texts):
        raise NoInputError(
            "A list of recordings needs a list of as many texts, None where there is none."
        )
    return list(zip(audios, texts, strict=True))


def _is_list(value: Any) -> bool:
    """Whether this is a list of several, of recordings or of texts."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray | tuple):
        return False
    return not (len(value) and isinstance(value[0], Number))


def listen(
    recognizer: SpeechRecognizer,
    audio: Any = None,
    text: str | Transcript | None = None,
    transcribe: bool = True,
) -> Heard:
    """Decodes audio, looks for speech in it, and recognises it where no text is given.

    Args:
        audio: whatever ``drkf.audio.load_audio`` takes, or None.
        text: the words; without them speech is transcribed if ``transcribe``.

    Raises:
        NoInputError: neither was given.
        AudioError: the audio cannot be read, or it holds no speech and no words were given.
    """
    timings: dict[str, float] = {}
    clip_warnings: list[str] = []
    word_warnings: list[str] = []
    transcript = as_transcript(text)
    if audio is None and not transcript.text:
        raise NoInputError(NO_INPUT)
    clip = speech = None
    if audio is not None:
        with timed(timings, "decode"):
            clip = load_audio(audio)
            speech = find_speech(clip)
        clip_warnings += clip.warnings
        if speech is None:
            if not transcript.text:
                raise AudioError(NO_SPEECH)
            clip_warnings.append("No speech was found in the recording: only the words count.")
            clip = None
        else:
            clip_warnings += speech_notes(speech)
    if clip is not None and not transcript.text and transcribe:
        with timed(timings, "recognise"):
            transcript, word_warnings = recognise(recognizer, clip)
    return Heard(clip, transcript, tuple(clip_warnings), tuple(word_warnings), timings, speech)


def speech_notes(speech: Speech) -> list[str]:
    """What to tell the user about the speech that was found."""
    notes = []
    if not speech.certain:
        notes.append(
            "It is not certain that somebody speaks in this recording: trust the result less."
        )
    if speech.left_out_seconds >= NOTED_SECONDS:
        notes.append(
            f"Nobody speaks in {speech.left_out_seconds:.0f} s of the {speech.clip_seconds:.0f} s "
            "of the recording: they were left out."
        )
    seconds = speech.seconds
    if seconds > LONG_SECONDS:
        notes.append(
            f"There are {seconds:.0f} s of speech: they are analysed in windows of at most "
            f"{WINDOW_SECONDS:.0f} s, and their evidence is averaged."
        )
    return notes


def recognise(recognizer: SpeechRecognizer, clip: Clip) -> tuple[Transcript, list[str]]:
    """The words of a clip, and what to tell the user about them."""
    try:
        transcript = recognizer.transcribe(clip, english=True)
    except TranscriptionError as error:
        return Transcript("", "none"), [f"{error} The voice alone is analysed."]
    text = clean_text(transcript.text)
    if not text:
        return Transcript("", "none"), [
            "No words were recognised: the voice alone is analysed. Type the words to add them."
        ]
    said = None if transcript.said is None else clean_text(transcript.said)
    words = tuple(replace(word, word=clean_text(word.word)) for word in transcript.words)
    return replace(transcript, text=text, words=words, said=said), []


@contextmanager
def timed(timings: dict[str, float], name: str) -> Iterator[None]:
    """Notes the seconds that a block takes under ``name``."""
    start = time.perf_counter()
    yield
    timings[name] = time.perf_counter() - start
