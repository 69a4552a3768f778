"""``drkf evaluate``: prints a checkpoint's figures."""

from __future__ import annotations

from pathlib import Path

from drkf.checkpoint import write_json
from drkf.errors import ManifestError
from drkf.evaluation.held_out import evaluate_held_out, evaluate_manifest


def evaluate(
    checkpoint: str, speech: Path | None, text: Path | None, manifest: Path | None, out: Path | None
) -> int:
    """``drkf evaluate``: the card's figures on dev, or those of a labelled manifest.

    Raises:
        DRKFError: nothing to evaluate on, or something unusable.
        OSError: there can be no file at ``out``.
    """
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
    if manifest is not None:
        result, printed = evaluate_manifest(checkpoint, manifest)
    elif speech is not None and text is not None:
        result, printed = evaluate_held_out(checkpoint, speech, text)
    else:
        raise ManifestError("give --speech and --text, or --manifest, to evaluate on")
    print(printed)
    if out is not None:
        write_json(out, result)
    return 0
