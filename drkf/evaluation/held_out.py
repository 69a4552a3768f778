"""``drkf evaluate``: the scores of a checkpoint on held-out speakers, texts or a manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from drkf.checkpoint import find_folder, load_checkpoint, read_metrics
from drkf.data.manifest import Item, read_manifest
from drkf.data.split import read_corpora, speaker_key
from drkf.errors import DRKFError, ManifestError
from drkf.evaluation.card import figure_row, render_figures
from drkf.evaluation.markdown import table


def evaluate_held_out(checkpoint: str, speech: Path, text: Path) -> tuple[dict[str, Any], str]:
    """The figures on the checkpoint's own held-out speakers and the dev texts."""
    from drkf.evaluation.card_figures import evaluate_dev
    from drkf.evaluation.dev_set import dev_logits, make_dev_set

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
    about = read_metrics(find_folder(checkpoint))
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

    from drkf.evaluation.card_figures import figures
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
