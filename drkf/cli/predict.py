"""``drkf predict``: one JSON object for each row of a manifest, in order."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from tqdm.auto import tqdm

from drkf.analysis import Analysis
from drkf.data.manifest import Input, read_inputs
from drkf.errors import DRKFError, ManifestError
from drkf.files import whole
from drkf.pipeline import EmotionPipeline


def predict_manifest(manifest: Path, out: Path, checkpoint: str, transcribe: bool) -> int:
    """Writes ``out`` (whole or not at all) and returns how many rows could not be analysed.

    Raises:
        ManifestError: the manifest, or the place for the output, is unusable.
        CheckpointError: the checkpoint is.
    """
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
