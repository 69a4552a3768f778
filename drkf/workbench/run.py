"""Running a model over a set: in batches, with progress, stoppable, resumable."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drkf.batch import AHEAD, Reading, read_all
from drkf.errors import encodable, row_error
from drkf.model.voice import SpeakerVoices
from drkf.pipeline import EmotionPipeline
from drkf.speakers import add_speakers
from drkf.words import clean_text
from drkf.workbench import results as table
from drkf.workbench.outcomes import Outcome, Store, content_hash
from drkf.workbench.results import FUSED, VOICE, WORDS, Results
from drkf.workbench.rows import Row

SIGN_SECONDS = 1.0
"""Between two reports of progress while the clips of a batch are recognised: seconds each."""

STOPPED = "not analysed: the run was stopped before this row"


@dataclass(frozen=True)
class RunProgress:
    """How far a run is, in rows. ``reused`` of the ``done`` were known from before, ``failed``
    of them have an error; ``seconds_left`` is None while nothing can be said. ``heard`` more rows
    are read and wait for the model."""

    done: int
    total: int
    failed: int
    reused: int
    seconds_left: float | None
    heard: int = 0


class Run:
    """A model over the rows of a set.

    ``steps`` does the work and may be left at any time, by closing it or by ``stop``; what is
    done by then is in ``results`` and in the store, and a later run goes on from there.
    """

    def __init__(
        self,
        pipeline: EmotionPipeline,
        rows: Sequence[Row],
        store: Store,
        transcribe: bool = True,
    ):
        """Reads every clip once, for its hash.

        Args:
            transcribe: recognise the words of clips without any.

        Raises:
            TranscriptionError: words are to be recognised, but there is no recogniser.
        """
        self.pipeline = pipeline
        self.rows = rows
        self.store = store
        self.transcribe = transcribe
        if transcribe and any(row.audio and not row.text and not row.error for row in rows):
            pipeline.recognizer.load()
        info = pipeline.info
        # The weights' hash alone would keep old answers when a model is calibrated anew.
        calibration = json.dumps(asdict(pipeline.calibration), sort_keys=True)
        self._checkpoint = f"{info.checkpoint_hash} {calibration}"
        self._stopped = threading.Event()
        with ThreadPoolExecutor(AHEAD) as pool:
            found = list(pool.map(self._key, rows))
        self.keys = [key for key, _ in found]
        self._errors = [error for _, error in found]

    def pending(self) -> list[str]:
        """The hashes that have no outcome yet, in input order."""
        return [key for key in dict.fromkeys(self.keys) if key and key not in self.store]

    def stop(self) -> None:
        """Ends ``steps`` after the batch at work; from any thread."""
        self._stopped.set()

    @property
    def stopping(self) -> bool:
        """Whether the run was stopped, though a batch may still be at work."""
        return self._stopped.is_set()

    def steps(self, keys: Sequence[str] | None = None) -> Iterator[RunProgress]:
        """Analyses what has no outcome yet; a RunProgress at the start, after each batch, and
        about once a second while the clips of a batch are heard.

        Args:
            keys: only these of ``pending``, for one of several processes.
        """
        keys = self.pending() if keys is None else keys
        rows_of = dict(zip(reversed(self.keys), reversed(self.rows), strict=True))  # the first one
        counts, known, total = Counter(self.keys), self.store.failed, len(self.rows)
        bad = counts.pop("", 0)
        reused = sum(counts[key] for key in counts if key in known)
        failed = bad + sum(counts[key] for key in counts if known.get(key))
        start, computed, ahead = time.monotonic(), 0, sum(counts[key] for key in keys)
        yield RunProgress(bad + reused, total, failed, reused, None)
        left, heard, sign = None, 0, time.monotonic()
        for found in self._readings([(key, rows_of[key]) for key in keys]):
            if not found:
                heard += 1
                if time.monotonic() - sign >= SIGN_SECONDS:
                    yield RunProgress(bad + reused + computed, total, failed, reused, left, heard)
                    sign = time.monotonic()
                continue
            outcomes = [_outcome(keys[place], reading) for place, reading in found.items()]
            self.store.append(outcomes)
            computed += sum(counts[outcome.hash] for outcome in outcomes)
            failed += sum(counts[outcome.hash] for outcome in outcomes if outcome.error)
            left = (time.monotonic() - start) / computed * (ahead - computed)
            yield RunProgress(bad + reused + computed, total, failed, reused, left)
            heard, sign = 0, time.monotonic()
            if self._stopped.is_set():
                return

    def _readings(
        self, work: Sequence[tuple[str, Row]]
    ) -> Iterator[dict[int, Reading | Exception]]:
        """What ``read_all`` yields of rows, each with its hash."""
        clips = [(row.audio, row.text) for _, row in work]
        return read_all(self.pipeline, clips, self.transcribe, signs=True)

    def results(self) -> Results:
        """All rows in input order; those without an outcome yet say so as their error."""
        return assemble(self.pipeline, self.rows, self.keys, self._errors, self.store)

    def _key(self, row: Row) -> tuple[str, str]:
        """The row's hash and "", or "" and why it has none."""
        if row.error:
            return "", row.error
        text = clean_text(row.text)
        if row.audio is None and not text:
            return "", "neither audio nor text"
        try:
            return content_hash(self._checkpoint, row.audio, text, self.transcribe), ""
        except OSError as error:
            return "", f"the clip cannot be read ({error.strerror})"


class SpeakerRun(Run):
    """The rows of a run once more, each clip beside the others of its speaker.

    Where a row has no such others its outcome is that of the first run. ``voices`` is what is
    known of the speakers, filled by ``steps``.

    Args:
        alone: the run that reads each clip alone. Words are not recognised again after it, and
            ``stop`` stops both.
    """

    def __init__(self, alone: Run) -> None:
        self.pipeline, self.rows, self.store = alone.pipeline, alone.rows, alone.store
        self.transcribe = alone.transcribe
        self.voices = SpeakerVoices()
        self._stopped, self._errors, self._alone = alone._stopped, alone._errors, alone.keys
        clips: dict[str, list[str]] = {}
        for row, key in zip(self.rows, alone.keys, strict=True):
            if key and row.speaker and row.audio is not None:
                clips.setdefault(row.speaker, []).append(key)
        usable = self.pipeline.uses_voice_reference
        self.keys = [
            _beside(key, clips[row.speaker])
            if usable and key and row.audio is not None and len(clips.get(row.speaker, ())) > 1
            else key
            for row, key in zip(self.rows, alone.keys, strict=True)
        ]

    @property
    def beside(self) -> NDArray[np.bool_]:
        """(n,) True on rows that are read beside others."""
        return np.array([a != b for a, b in zip(self.keys, self._alone, strict=True)], dtype=bool)

    def _readings(
        self, work: Sequence[tuple[str, Row]]
    ) -> Iterator[dict[int, Reading | Exception]]:
        beside = dict(zip(self.keys, self.beside.tolist(), strict=True))
        wanted = {row.speaker for key, row in work if beside[key]}
        clips = [(row.speaker, row.audio) for row in self.rows if row.speaker in wanted]
        for _ in add_speakers(self.voices, self.pipeline, clips):
            yield {}
            if self._stopped.is_set():
                return
        alone = dict(zip(self.keys, self._alone, strict=True))
        heard = {one.hash: one.transcript for one in self.store.outcomes(alone[k] for k, _ in work)}
        yield from read_all(
            self.pipeline,
            [(row.audio, row.text or heard.get(alone[key])) for key, row in work],
            self.transcribe,
            signs=True,
            speakers=[row.speaker if beside[key] else None for key, row in work],
            voices=self.voices,
        )


def _beside(key: str, clips: Sequence[str]) -> str:
    """The hash of a content that is read beside those with the hashes ``clips``."""
    return hashlib.sha256(json.dumps([key, sorted(clips)]).encode()).hexdigest()


def _outcome(key: str, found: Reading | Exception) -> Outcome:
    if isinstance(found, Exception):
        return Outcome(key, error=row_error(found))
    return Outcome.of(key, found)


def assemble(
    pipeline: EmotionPipeline,
    rows: Sequence[Row],
    keys: Sequence[str],
    errors: Sequence[str],
    store: Store,
) -> Results:
    """Rows and the outcomes of their hashes, joined to results."""
    labels = pipeline.info.labels
    places: dict[str, list[int]] = {}
    for i, key in enumerate(keys):
        places.setdefault(key, []).append(i)
    records: list[dict[str, object]] = [
        _record(row, key, error or STOPPED)
        for row, key, error in zip(rows, keys, errors, strict=True)
    ]
    embeddings = np.full((len(rows), pipeline.model.config.hidden_size), np.nan, np.float32)
    for outcome in store.outcomes(key for key in places if key):
        for i in places[outcome.hash]:
            records[i] |= _answer(outcome, rows[i], labels)
            if outcome.cls is not None:
                embeddings[i] = outcome.cls
    frame = pd.DataFrame(records, columns=table.columns(labels))
    info = pipeline.info
    return Results(table.typed(frame, labels), embeddings, labels, info.name, info.checkpoint_hash)


def _record(row: Row, key: str, error: str) -> dict[str, object]:
    """The columns that the input gives."""
    return {
        "id": row.id,
        "audio": "" if row.audio is None else encodable(str(row.audio)),
        "text": clean_text(row.text),
        "text_source": "typed" if clean_text(row.text) else "none",
        "label": row.label,
        "original_label": row.original_label,
        "speaker": row.speaker,
        "gender": row.gender,
        "corpus": row.corpus,
        "emotion": "",
        "hash": key,
        "warnings": "",
        "error": error,
    }


def _answer(outcome: Outcome, row: Row, labels: Sequence[str]) -> dict[str, object]:
    """The columns that the model gives."""
    if outcome.fused is None:
        return {"error": outcome.error}
    emotion = labels[int(np.argmax(outcome.fused))]
    answer: dict[str, object] = {
        "text": outcome.transcript.text,
        "text_source": outcome.transcript.source,
        "duration": outcome.duration,
        "emotion": emotion,
        "inconsistency": outcome.inconsistency,
        "inconsistent": outcome.inconsistent,
        "uncertain": outcome.uncertain,
        "correct": emotion == row.label if row.label else None,
        "warnings": outcome.warnings,
        "error": "",
    }
    kinds = ((FUSED, outcome.fused), (VOICE, outcome.voice), (WORDS, outcome.words))
    for kind, probabilities in kinds:
        if probabilities is not None:
            names = (kind + label for label in labels)
            answer |= dict(zip(names, probabilities, strict=True))
    return answer
