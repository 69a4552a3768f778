"""``drkf predict``: one JSON object for each row of a manifest, in order."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkf.cli.arguments import Commands, add_checkpoint
from drkf.errors import DRKFError, ManifestError
from drkf.files import whole

if TYPE_CHECKING:
    from drkf.analysis import Analysis
    from drkf.data.manifest import Input
    from drkf.pipeline import EmotionPipeline


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("predict", help="predict every row of a manifest")
    parser.add_argument(
        "--manifest", type=Path, required=True, help="table with columns id, audio, text"
    )
    parser.add_argument("--out", type=Path, required=True, help="JSONL file to write")
    parser.add_argument(
        "--transcribe", action="store_true", help="recognise the words of rows without text"
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    failed = predict_manifest(args.manifest, args.out, args.checkpoint, args.transcribe)
    if failed:
        print(f"drkf: {failed} rows could not be analysed; see their error", file=sys.stderr)
    return 0


def predict_manifest(manifest: Path, out: Path, checkpoint: str, transcribe: bool) -> int:
    """Writes ``out`` (whole or not at all) and returns how many rows could not be analysed.

    Raises:
        ManifestError: the manifest, or the place for the output, is unusable.
        CheckpointError: the checkpoint is.
    """
    from tqdm.auto import tqdm

    from drkf.data.manifest import read_inputs
    from drkf.pipeline import EmotionPipeline

    inputs = read_inputs(manifest)
    pipeline = EmotionPipeline.from_pretrained(checkpoint)
    failed = 0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with whole(out) as part, part.open("w", encoding="utf-8") as file:
            for item in tqdm(inputs, desc="predict", unit="row", disable=None):
                row = predict_row(pipeline, item, transcribe)
                failed += row["error"] is not None
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise ManifestError(f"cannot write {out}: {error.strerror}") from None
    return failed


def predict_row(pipeline: EmotionPipeline, item: Input, transcribe: bool) -> dict[str, Any]:
    """The row's prediction, or its error."""
    start = time.perf_counter()
    analysis: Analysis | None = None
    error = item.error
    if error is None:
        try:
            utterance = pipeline.encode(item.audio, item.text, transcribe)
            analysis = pipeline.predict(utterance)
        except DRKFError as problem:
            error = str(problem)
    return {
        "id": item.id,
        "emotion": analysis and analysis.emotion,
        "probabilities": analysis and analysis.fused.as_mapping(),
        "audio_probabilities": analysis and analysis.audio and analysis.audio.as_mapping(),
        "text_probabilities": analysis and analysis.text and analysis.text.as_mapping(),
        "inconsistency": analysis
        and analysis.inconsistency
        and analysis.inconsistency.discrimination,
        "text": analysis.transcript.text if analysis else item.text,
        "text_source": analysis.transcript.source if analysis else "none",
        "seconds": round(time.perf_counter() - start, 4),
        "error": error,
    }
