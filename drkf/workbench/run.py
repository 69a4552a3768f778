"""Running a model over a set: in batches, with progress, stoppable, resumable."""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from drkf.batch import predict_batch, processor
from drkf.errors import DRKFError
from drkf.pipeline import EmotionPipeline, Heard
from drkf.words import clean_text
from drkf.workbench import results as table
from drkf.workbench.outcomes import Outcome, Store, content_hash
from drkf.workbench.results import FUSED, VOICE, WORDS, Results
from drkf.workbench.rows import Row

#: Utterances and seconds of voice in a batch: what a kill can lose, and how often progress shows.
BATCH_ROWS = {"cpu": 16, "gpu": 128}
BATCH_SECONDS = {"cpu": 120.0, "gpu": 960.0}
#: Clips decoded ahead of the model; each may be ten minutes long (38 MB).
AHEAD = 2 * min(4, os.cpu_count() or 1)

STOPPED = "not analysed: the run was stopped before this row"


@dataclass(frozen=True)
class Progress:
    """How far a run is, in rows. ``reused`` of the ``done`` were known from before, ``failed``
    of them have an error; ``seconds_left`` is None while nothing can be said."""

    done: int
    total: int
    failed: int
    reused: int
    seconds_left: float | None


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

    def steps(self, keys: Sequence[str] | None = None) -> Iterator[Progress]:
        """Analyses what has no outcome yet; a Progress at the start and after each batch.

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
        yield Progress(bad + reused, total, failed, reused, None)
        for outcomes in self._batches([(key, rows_of[key]) for key in keys]):
            self.store.append(outcomes)
            computed += sum(counts[outcome.hash] for outcome in outcomes)
            failed += sum(counts[outcome.hash] for outcome in outcomes if outcome.error)
            left = (time.monotonic() - start) / computed * (ahead - computed)
            yield Progress(bad + reused + computed, total, failed, reused, left)
            if self._stopped.is_set():
                return

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

    def _batches(self, work: Sequence[tuple[str, Row]]) -> Iterator[list[Outcome]]:
        """Outcomes of each batch; the next clips are decoded while the model is at work."""
        kind = processor(self.pipeline.model)
        rest = iter(work)
        waiting: deque[tuple[str, Future[Heard]]] = deque()
        pool = ThreadPoolExecutor(AHEAD)
        try:
            batch: list[tuple[str, Heard]] = []
            outcomes: list[Outcome] = []
            seconds = 0.0
            while True:
                while len(waiting) < AHEAD and (following := next(rest, None)) is not None:
                    waiting.append((following[0], pool.submit(self._listen, following[1])))
                if waiting:
                    key, future = waiting.popleft()
                    try:
                        heard = future.result()
                    except Exception as error:  # one odd file must not end a night's run
                        outcomes.append(Outcome(key, error=reason(error)))
                    else:
                        batch.append((key, heard))
                        seconds += heard.clip.seconds if heard.clip is not None else 0.0
                full = len(batch) + len(outcomes) >= BATCH_ROWS[kind]
                if full or seconds >= BATCH_SECONDS[kind] or not waiting:
                    outcomes += self._predict(batch)
                    if outcomes:
                        yield outcomes
                    batch, outcomes, seconds = [], [], 0.0
                    if not waiting:
                        return
        finally:
            pool.shutdown(cancel_futures=True)

    def _listen(self, row: Row) -> Heard:
        return self.pipeline.listen(row.audio, row.text, self.transcribe)

    def _predict(self, batch: Sequence[tuple[str, Heard]]) -> list[Outcome]:
        keys, heard = [key for key, _ in batch], [heard for _, heard in batch]
        try:
            readings = predict_batch(self.pipeline, heard)
        except RuntimeError as error:  # out of memory, for one
            if len(batch) == 1:
                return [Outcome(keys[0], error=reason(error))]
            return [outcome for one in batch for outcome in self._predict([one])]
        return [Outcome.of(key, reading) for key, reading in zip(keys, readings, strict=True)]


def reason(error: Exception) -> str:
    """Why a row failed, in one line."""
    if isinstance(error, DRKFError):
        return printable(" ".join(str(error).split()))
    return f"this row could not be analysed ({type(error).__name__})"


def printable(text: str) -> str:
    """Text that can be saved as UTF-8: file names need not be."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


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
        "audio": "" if row.audio is None else printable(str(row.audio)),
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
