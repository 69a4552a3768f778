"""Speech to text: Whisper base by faster-whisper, gated so that silence and noise give no words."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.transcribe import Segment, TranscriptionInfo

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio.clip import Clip, is_silent
from drkf.audio.speech import VAD
from drkf.audio.whisper_weights import find_model
from drkf.errors import TranscriptionError

# Whisper's own signs of invented words, at faster-whisper's values. Speech under as much noise
# keeps no_speech_prob below 0.3 and avg_logprob above -0.9; noise and tones lie above 0.65, and
# speech drowned in noise, which gives other words, below -1.
MAX_NO_SPEECH_PROBABILITY = 0.6
MIN_MEAN_LOG_PROBABILITY = -1.0
# A text that repeats itself is invented if nobody could have said it in that time: people do
# repeat themselves, at 2 to 5 words a second.
MAX_COMPRESSION_RATIO = 2.4
MAX_WORDS_PER_SECOND = 7.0
MAX_LETTERS_PER_SECOND = 30.0  # fast speech has 20
#: The same letters again and again within a word: "Hmmmm" without an end, or a whole sentence in
#: writing without spaces. Points do so where somebody trails off.
LOOP_IN_WORD = re.compile(r"([^\s.…]{1,4}?)\1{15,}|([^\s.…]{5,32}?)\2{5,}", re.IGNORECASE)

# Below this the detector is guessing, as it does for shouts and single words: English is meant.
MIN_LANGUAGE_PROBABILITY = 0.5

BEAM_SIZE = 5  # fewer word errors than greedy decoding, for 5 % more time


class SpeechRecognizer:
    """Whisper base on the CPU. Loads on first use; safe to share between threads.

    One clip is decoded at a time, with all cores: clips in parallel would each take as much
    longer. A recognizer that found no weights says so at once on every later call.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: _Whisper | None = None
        self._error: TranscriptionError | None = None

    def load(self) -> None:
        """Find, check and load the weights, so that the first clip need not wait for it.

        Raises:
            TranscriptionError: there are no weights, or they are damaged.
        """
        with self._lock:
            self._loaded()

    @property
    def state(self) -> str:
        """ "loaded", "not loaded yet" or "unavailable"; never waits."""
        if self._error is not None:
            return "unavailable"
        return "not loaded yet" if self._model is None else "loaded"

    def transcribe(self, clip: Clip, english: bool = False) -> Transcript:
        """The words of a clip, in the language spoken; no words where nobody speaks.

        ``language`` is a code such as "en" with its probability, both None without words; a
        language detected with a probability under 0.5 is taken for English.

        Args:
            english: translate what is said in another language; ``said`` then holds the words
                as spoken. The times of translated words are rough.

        Raises:
            TranscriptionError: recognition is not available, or fails on this clip.
        """
        nothing = Transcript(text="", source="asr")
        if is_silent(clip):
            return nothing
        with self._lock:
            model = self._loaded()
            try:
                segments, info = _segments(model, clip)
                translated: list[Segment] = []
                if english and segments and info.language != "en":
                    translated, _ = _segments(model, clip, info.language, "translate")
            except (RuntimeError, ValueError) as error:
                raise TranscriptionError(
                    "Speech recognition failed on this clip: type the words instead."
                ) from error
        text = _text(segments)
        if not text:
            return nothing
        return Transcript(
            text=_text(translated) or text,
            source="asr",
            language=info.language,
            language_probability=float(info.language_probability),
            words=tuple(
                TranscriptWord(
                    word.word.strip(), float(word.start), float(word.end), float(word.probability)
                )
                for segment in translated or segments
                for word in segment.words or ()
            ),
            said=text if translated else None,
        )

    def _loaded(self) -> _Whisper:
        if self._error is not None:
            raise self._error
        if self._model is None:
            try:
                self._model = _load(find_model())
            except TranscriptionError as error:
                self._error = error
                raise
        return self._model


def _load(folder: Path) -> _Whisper:
    try:
        return _Whisper(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=min(4, os.cpu_count() or 1),
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise TranscriptionError(
            f"The speech recognition weights in {folder} cannot be loaded: delete the folder "
            "and start again, or type the words."
        ) from error


def _segments(
    model: _Whisper, clip: Clip, language: str | None = None, task: str = "transcribe"
) -> tuple[list[Segment], TranscriptionInfo]:
    """What is heard, without what is invented. A language is given for a second look alone."""
    found, info = model.transcribe(
        clip.samples,
        language=language,
        task=task,
        beam_size=BEAM_SIZE,
        temperature=0.0,  # sampling would give other words on each call
        condition_on_previous_text=False,  # one bad window must not spoil the next
        word_timestamps=True,
        vad_filter=True,
        vad_parameters=VAD,
    )
    return [segment for segment in found if _is_speech(segment)], info


def _text(segments: list[Segment]) -> str:
    return " ".join(segment.text.strip() for segment in segments).strip()


def _is_speech(segment: Segment) -> bool:
    seconds = max(segment.end - segment.start, 0.1)
    too_fast = (
        len(segment.words or ()) > MAX_WORDS_PER_SECOND * seconds
        or len(segment.text) > MAX_LETTERS_PER_SECOND * seconds
    )
    looping = (segment.compression_ratio > MAX_COMPRESSION_RATIO and too_fast) or bool(
        LOOP_IN_WORD.search(segment.text)
    )
    return (
        segment.no_speech_prob <= MAX_NO_SPEECH_PROBABILITY
        and segment.avg_logprob >= MIN_MEAN_LOG_PROBABILITY
        and not looping
    )


class _Whisper(WhisperModel):
    """faster-whisper's model, encoding the first window once instead of twice.

    Encoding a 30 s window is nearly all of a short clip's cost, and ``transcribe`` encodes it
    for the language and again for the words. Here the second step takes the first one's result,
    so that one clip at a time may be transcribed.
    """

    _first_window = None

    def detect_language(
        self, audio=None, features: np.ndarray | None = None, **_
    ) -> tuple[str, float, list[tuple[str, float]]]:
        """As faster-whisper, from features (mels, frames); but an uncertain guess is English."""
        assert features is not None
        if features.shape[-1] <= 1:  # voice activity detection left nothing
            self._first_window = None
            return "en", 0.0, []
        # The last frame is padding, which generate_segments leaves out too.
        window = features[:, : min(features.shape[-1] - 1, self.feature_extractor.nb_max_frames)]
        self._first_window = self.encode(pad_or_trim(window))
        detected = self.model.detect_language(self._first_window)[0]
        probabilities = [(token[2:-2], probability) for token, probability in detected]
        language, probability = probabilities[0]
        if probability < MIN_LANGUAGE_PROBABILITY:
            language, probability = "en", dict(probabilities)["en"]
        return language, probability, probabilities

    def generate_segments(self, features, tokenizer, options, log_progress, encoder_output=None):
        """As faster-whisper, starting from the window that detect_language encoded."""
        return super().generate_segments(
            features, tokenizer, options, log_progress, self._first_window
        )
