"""What the command line prints: one analysis in words, and a checkpoint's figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from drkf.analysis import Analysis
from drkf.card import figure_row, render_figures, table
from drkf.checkpoint import METRICS, find_folder, load_checkpoint, read_json, write_json
from drkf.data.manifest import Item, read_manifest
from drkf.data.split import read_corpora, speaker_key
from drkf.errors import DRKFError, ManifestError


def summary(analysis: Analysis) -> str:
    """A few readable lines about one utterance."""
    lines = [f"{analysis.emotion} {analysis.fused.confidence:.2f}"]
    if analysis.uncertain:
        lines[0] += " (uncertain)"
    for name, prediction in (("voice", analysis.audio), ("words", analysis.text)):
        if prediction is not None:
            lines.append(f"  {name}: {prediction.emotion} {prediction.confidence:.2f}")
    if analysis.inconsistency is not None:
        reading = analysis.inconsistency
        verdict = "disagree" if reading.inconsistent else "agree"
        lines.append(f"  voice and words {verdict} ({reading.discrimination:.2f})")
    if analysis.shapley is not None and analysis.audio and analysis.text:
        phi = analysis.shapley.phi
        lines.append(f"  Shapley: voice {phi.audio:+.2f}, words {phi.text:+.2f}")
    if analysis.transcript.text:
        lines.append(f"  words ({analysis.transcript.source}): {analysis.transcript.text}")
    lines += [f"  note: {warning}" for warning in analysis.warnings]
    return "\n".join(lines)


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


def evaluate_held_out(checkpoint: str, speech: Path, text: Path) -> tuple[dict[str, Any], str]:
    """The figures on the checkpoint's own held-out speakers and the dev texts."""
    from drkf.evaluation import dev_logits, evaluate_dev
    from drkf.export import make_dev_set

    loaded = load_checkpoint(checkpoint)
    clips, texts = held_out(checkpoint, speech, text)
    dev = make_dev_set(loaded.model, loaded.tokenizer, clips, texts)
    figures = evaluate_dev(dev_logits(loaded.model, dev), dev, loaded.calibration)
    return figures, render_figures(figures)


def held_out(checkpoint: str, speech: Path, text: Path) -> tuple[list[Item], list[Item]]:
    """The clips of the speakers that were held out for this checkpoint, and the dev texts.

    Raises:
        ManifestError: a table is unusable or has none of these speakers.
    """
    about = read_json(find_folder(checkpoint) / METRICS)
    speakers = set(about.get("dev_speakers", []))  # older checkpoints name no corpus
    corpora = read_corpora(speech, text, 0.2, 0)
    clips = [
        item
        for item in corpora.speech_train + corpora.speech_dev
        if speaker_key(item) in speakers or item.speaker in speakers
    ]
    if not clips:
        raise ManifestError(f"{speech} has none of the speakers held out for this checkpoint")
    return clips, corpora.text_dev


def evaluate_manifest(checkpoint: str, manifest: Path) -> tuple[dict[str, Any], str]:
    """The figures on any labelled utterances, through the pipeline as users run it."""
    from tqdm.auto import tqdm

    from drkf.evaluation import figures
    from drkf.pipeline import EmotionPipeline

    pipeline = EmotionPipeline.from_pretrained(checkpoint)
    labels = pipeline.info.labels
    items = read_manifest(manifest, labels)
    truth: list[int] = []
    groups: list[str] = []
    rows: list[tuple[float, ...]] = []
    failed: dict[str, str] = {}
    for item in tqdm(items, desc="evaluate", unit="clip", disable=None):
        try:
            utterance = pipeline.encode(item.audio, item.text, transcribe=False)
            rows.append(pipeline.predict(utterance).fused.probabilities)
        except DRKFError as error:
            failed[item.id] = str(error)
            continue
        truth.append(labels.index(item.emotion))
        groups.append(item.speaker or item.id)
    if not rows:
        raise ManifestError(
            f"{manifest}: no row could be analysed. First: {next(iter(failed.values()))}"
        )
    result = figures(np.array(truth), np.array(rows), groups, labels) | {"failed": failed}
    columns = ("", "n", "WA", "UAR", "WF1", "macro-F1", "ECE", "Brier", "AURC")
    recalls = json.dumps({k: round(v, 3) for k, v in result["recall"].items()})
    printed = table(columns, [figure_row(manifest.name, result)]) + f"recall: {recalls}"
    if failed:
        printed += (
            f"\n{len(failed)} rows could not be analysed, the first: {next(iter(failed.items()))}"
        )
    return result, printed
