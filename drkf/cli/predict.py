"""``drkf predict``: one JSON object for each row of a manifest, in order."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkf.cli.arguments import Commands, add_checkpoint, refuse_overwriting
from drkf.errors import ManifestError, row_error
from drkf.files import whole

if TYPE_CHECKING:
    from drkf.batch import Reading
    from drkf.data.manifest import Input
    from drkf.pipeline import EmotionPipeline


@dataclass(frozen=True)
class PredictArguments:
    """What the command is given."""

    manifest: Path
    out: Path
    checkpoint: str
    transcribe: bool


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("predict", help="predict every row of a manifest")
    parser.add_argument(
        "--manifest",
        type=Path,
        required=True,
        help="CSV, TSV, JSONL or Excel table with columns id, audio, text; other names are "
        "guessed; where the checkpoint knows voices, each clip is read beside the others of its "
        "column speaker",
    )
    parser.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    parser.add_argument(
        "--transcribe", action="store_true", help="recognise the words of rows without text"
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    counts = predict_manifest(
        PredictArguments(args.manifest, args.out, args.checkpoint, args.transcribe)
    )
    if counts["error"]:
        print(
            f"drkf: {counts['error']} rows could not be analysed; see their error", file=sys.stderr
        )
    if counts["note"]:
        print(
            f"drkf: {counts['note']} rows have words in another language than English; see their "
            "note",
            file=sys.stderr,
        )
    return 0


def predict_manifest(arguments: PredictArguments) -> Counter[str]:
    """Writes the output (whole or not at all) and returns how many rows have an ``error``, and
    how many a ``note``.

    Raises:
        ManifestError: the manifest, or the place for the output, is unusable, or both are one
            file.
        CheckpointError: the checkpoint is unusable.
    """
    from tqdm.auto import tqdm

    from drkf.data.manifest import read_inputs
    from drkf.pipeline import EmotionPipeline

    out = arguments.out
    inputs = read_inputs(arguments.manifest)
    refuse_overwriting(out, [arguments.manifest, *(row.audio for row in inputs if row.audio)])
    pipeline = EmotionPipeline.from_pretrained(arguments.checkpoint)
    counts: Counter[str] = Counter()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole(out) as part, part.open("w", encoding="utf-8") as file:
            rows = predict_rows(pipeline, inputs, arguments.transcribe)
            for row in tqdm(rows, total=len(inputs), desc="predict", unit="row", disable=None):
                counts.update(key for key in ("error", "note") if row.get(key) is not None)
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ManifestError(f"cannot write {out}: {error.strerror}") from None
    return counts


def predict_rows(
    pipeline: EmotionPipeline, inputs: Sequence[Input], transcribe: bool
) -> Iterator[dict[str, Any]]:
    """The row of each input, in order: its prediction, or its error. ``seconds`` is its share of
    the time that its batch took."""
    from drkf.batch import read_all

    if transcribe and any(row.audio and not row.text and not row.error for row in inputs):
        pipeline.recognizer.load()
    usable = [i for i, item in enumerate(inputs) if item.error is None]
    given = [(inputs[i].audio, inputs[i].text) for i in usable]
    found: dict[int, dict[str, Any]] = {
        i: output_row(item, ManifestError(item.error), 0.0)
        for i, item in enumerate(inputs)
        if item.error is not None
    }
    following, start = 0, time.perf_counter()
    speakers = [inputs[i].speaker for i in usable]
    for readings in read_all(pipeline, given, transcribe, speakers=speakers, exact=True):
        seconds = (time.perf_counter() - start) / len(readings)
        for place, reading in readings.items():
            i = usable[place]
            found[i] = output_row(inputs[i], reading, seconds)
        while following in found:
            yield found.pop(following)
            following += 1
        start = time.perf_counter()
    while following in found:
        yield found.pop(following)
        following += 1


def output_row(item: Input, reading: Reading | Exception, seconds: float) -> dict[str, Any]:
    """What is written for a row. Only where words are not English it has a ``note`` on that, their
    ``language``, and what was ``said`` where ``text`` is a translation."""
    from drkf.language import language_note

    row: Mapping[str, Any]
    if isinstance(reading, Exception):
        row = {"text": item.text, "text_source": "none", "error": row_error(reading)}
    else:
        row = {
            "emotion": reading.fused.emotion,
            "probabilities": reading.fused.as_mapping(),
            "audio_probabilities": reading.audio and reading.audio.as_mapping(),
            "text_probabilities": reading.text and reading.text.as_mapping(),
            "inconsistency": reading.inconsistency,
            "text": reading.transcript.text,
            "text_source": reading.transcript.source,
        }
    found = {
        "id": item.id,
        "emotion": row.get("emotion"),
        "probabilities": row.get("probabilities"),
        "audio_probabilities": row.get("audio_probabilities"),
        "text_probabilities": row.get("text_probabilities"),
        "inconsistency": row.get("inconsistency"),
        "text": row["text"],
        "text_source": row["text_source"],
        "seconds": round(seconds, 4),
        "error": row.get("error"),
    }
    if not isinstance(reading, Exception) and (note := language_note(reading.transcript)):
        found |= {"language": reading.transcript.language, "note": note}
        if reading.transcript.said is not None:
            found["said"] = reading.transcript.said
    return found
