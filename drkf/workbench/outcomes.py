"""Outcomes by content, appended to files as they come, so that a run can be resumed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drkf.analysis import Transcript, TranscriptWord
from drkf.batch import Reading
from drkf.errors import ResultsError

SUFFIX = ".jsonl"
#: Changes whenever the same content may get another outcome.
VERSION = 3
NO_WORDS = Transcript("", "none")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the model made of a content, or why it could not.

    ``transcript`` are the words as analysed, with the times of those that were recognised.
    ``fused``, ``voice`` and ``words`` are (L,) probabilities, None where there are none; ``cls``
    is the fused vector (d,).
    """

    hash: str
    error: str = ""
    transcript: Transcript = NO_WORDS
    duration: float | None = None
    fused: tuple[float, ...] | None = None
    voice: tuple[float, ...] | None = None
    words: tuple[float, ...] | None = None
    inconsistency: float | None = None
    inconsistent: bool | None = None
    uncertain: bool | None = None
    warnings: str = ""
    cls: NDArray[np.float32] | None = None

    @classmethod
    def of(cls, key: str, reading: Reading) -> Outcome:
        """The outcome under the hash ``key`` of what was read."""
        return cls(
            hash=key,
            transcript=reading.transcript,
            duration=reading.clip_seconds,
            fused=reading.fused.probabilities,
            voice=None if reading.audio is None else reading.audio.probabilities,
            words=None if reading.text is None else reading.text.probabilities,
            inconsistency=reading.inconsistency,
            inconsistent=reading.inconsistent,
            uncertain=reading.uncertain,
            warnings=" ".join(reading.warnings),
            cls=reading.cls,
        )


def content_hash(checkpoint: str, audio: str | Path | None, text: str, transcribe: bool) -> str:
    """SHA-256, in hex, of all that an outcome depends on.

    Args:
        checkpoint: names the weights and the calibration.
        audio: a file, of which the bytes count.

    Raises:
        OSError: the file cannot be read.
    """
    sound = None
    if audio is not None:
        with Path(audio).open("rb") as file:
            sound = hashlib.file_digest(file, "sha256").hexdigest()
    recognised = transcribe and audio is not None and not text
    parts = [VERSION, checkpoint, sound, text, recognised]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class Store:
    """Outcomes in a folder, each written once and never changed.

    Every store object appends to a file of its own, so that processes share a folder; a line
    that a kill cut short is no outcome. What is in memory is the hashes alone.
    """

    def __init__(self, folder: str | Path):
        """Opens a folder, made if need be.

        Raises:
            ResultsError: it cannot be made or read.
        """
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.failed: dict[str, bool] = {}
            self.refresh()
        except OSError as error:
            raise ResultsError(f"{self.folder}: cannot be used ({error.strerror}).") from None
        self._path = self.folder / f"{uuid.uuid4().hex}{SUFFIX}"

    def __contains__(self, key: str) -> bool:
        return key in self.failed

    def __len__(self) -> int:
        return len(self.failed)

    def refresh(self) -> None:
        """Takes note of what other processes have written."""
        for line in self._lines():
            self.failed[line["hash"]] = bool(line["error"])

    def append(self, outcomes: Iterable[Outcome]) -> None:
        """Writes outcomes, so that they outlive the process.

        Raises:
            ResultsError: the disk is full or gone.
        """
        new = [outcome for outcome in outcomes if outcome.hash not in self.failed]
        if not new:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(_line(outcome) for outcome in new)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ResultsError(f"{self.folder}: cannot be written ({error.strerror}).") from None
        self.failed |= {outcome.hash: bool(outcome.error) for outcome in new}

    def outcomes(self, keys: Iterable[str] | None = None) -> Iterator[Outcome]:
        """The outcomes of ``keys`` (None: all) that are there, one at a time, in no order."""
        wanted = None if keys is None else set(keys)
        for line in self._lines():
            if wanted is None or line["hash"] in wanted:
                yield _outcome(line)

    def find(self, key: str) -> Outcome | None:
        """The outcome of a content, None where there is none (any more)."""
        return next(self.outcomes([key]), None)

    def _lines(self) -> Iterator[dict[str, Any]]:
        names = {field.name for field in fields(Outcome)}
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    try:
                        value = json.loads(line)
                    except ValueError:  # cut short by a kill
                        continue
                    if isinstance(value, dict) and value.keys() == names:
                        yield value


def _line(outcome: Outcome) -> str:
    values = vars(outcome) | {"transcript": asdict(outcome.transcript)}
    if outcome.cls is not None:
        values["cls"] = base64.b64encode(outcome.cls.astype("<f4").tobytes()).decode()
    return json.dumps(values) + "\n"


def _outcome(values: dict[str, Any]) -> Outcome:
    said = values["transcript"]
    words = tuple(TranscriptWord(**word) for word in said["words"])
    parts: dict[str, Any] = {"transcript": Transcript(**said | {"words": words})}
    parts |= {
        name: tuple(values[name])
        for name in ("fused", "voice", "words")
        if values[name] is not None
    }
    if values["cls"] is not None:
        parts["cls"] = np.frombuffer(base64.b64decode(values["cls"]), "<f4").astype(np.float32)
    return Outcome(**values | parts)
