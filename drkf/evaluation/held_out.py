"""``drkf evaluate``: the scores of a checkpoint on held-out speakers, texts or a manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drkf.checkpoint import find_folder, load_checkpoint, read_metrics
from drkf.data.manifest import Item, RowError, read_manifest
from drkf.data.split import read_corpora, speaker_key
from drkf.errors import DRKFError, ManifestError
from drkf.evaluation.card import figure_row, render_figures
from drkf.evaluation.dev_set import DevSet
from drkf.evaluation.markdown import table
from drkf.pipeline import EmotionPipeline
from drkf.speakers import beside_others, hear_speakers


def evaluate_held_out(
    checkpoint: str, speech: Path, text: Path, unseen: Sequence[str] = (), pairs: int | None = None
) -> tuple[dict[str, Any], str]:
    """The scores on the checkpoint's own held-out speakers, the dev texts, natural recordings with
    their own sentences, and corpora that it was never trained on.

    Args:
        unseen: such corpora of ``speech``; none: those that training left out.
        pairs: how many voices are paired with texts; None: as in training.

    Raises:
        ManifestError: something given is unusable, or the checkpoint was trained on a corpus.
    """
    from drkf.evaluation.card_figures import measure_all
    from drkf.evaluation.config import YardstickConfig
    from drkf.evaluation.dev_set import dev_logits
    from drkf.evaluation.yardstick import make_dev_set

    loaded = load_checkpoint(checkpoint)
    held = held_out(checkpoint, speech, text, unseen)
    config = YardstickConfig(pairs=pairs or held.pairs)
    dev = make_dev_set(loaded.model, loaded.tokenizer, held.clips, held.texts, held.unseen, config)
    logits = dev_logits(loaded.model, dev)
    figures = measure_all(loaded.model, logits, dev, loaded.calibration)
    return figures, render_figures(figures)


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The clips of a checkpoint's held-out speakers, the dev texts, the clips of corpora that it
    was never trained on, and how many pairs its scores are of."""

    clips: list[Item]
    texts: list[Item]
    unseen: list[Item]
    pairs: int


def held_out(checkpoint: str, speech: Path, text: Path, unseen: Sequence[str] = ()) -> HeldOut:
    """What a checkpoint has not been trained on.

    Args:
        unseen: corpora of ``speech`` that it was never trained on; none: those that training
            left out, where ``speech`` has them.

    Raises:
        ManifestError: a table is unusable, has none of these speakers or corpora, or the
            checkpoint was trained on a corpus that is called unseen.
    """
    about = read_metrics(find_folder(checkpoint))
    speakers = set(about.get("dev_speakers", []))  # older checkpoints name no corpus
    corpora = read_corpora(speech, text, 0.2, 0)
    every = corpora.speech_train + corpora.speech_dev
    clips = [item for item in every if speaker_key(item) in speakers or item.speaker in speakers]
    if not clips:
        raise ManifestError(f"{speech} has none of the speakers held out for this checkpoint")
    trained = [name for name in unseen if name in about.get("clips", {})]
    if trained:
        raise ManifestError(f"the checkpoint was trained on {trained[0]}: it is not unseen")
    missing = [name for name in unseen if name not in {item.corpus for item in every}]
    if missing:
        raise ManifestError(f"{speech} has no corpus {missing[0]!r}")
    yardstick = about.get("training", {}).get("config", {}).get("yardstick", {})
    names = unseen or yardstick.get("unseen", [])
    return HeldOut(
        clips,
        corpora.text_dev,
        [item for item in every if item.corpus in names],
        yardstick.get("pairs", DevSet.pairs),
    )


def evaluate_manifest(checkpoint: str, manifest: Path) -> tuple[dict[str, Any], str]:
    """The figures on any labelled utterances, through the pipeline as users run it.

    Rows that cannot be used, or have none of the model's labels, are counted as failed.

    Raises:
        ManifestError: the table cannot be used, or none of its rows.
    """
    from tqdm.auto import tqdm

    from drkf.evaluation.card_figures import figures

    pipeline = EmotionPipeline.from_pretrained(checkpoint)
    labels = pipeline.info.labels
    errors: list[RowError] = []
    items = read_manifest(manifest, labels, errors)
    truth: list[int] = []
    groups: list[str] = []
    rows: list[tuple[float, ...]] = []
    failed = {error.id or f"row {error.row}": error.message for error in errors}
    voices = hear_speakers(pipeline, ((spoken_by(item), item.audio) for item in items))
    for item in tqdm(items, desc="evaluate", unit="clip", disable=None):
        try:
            utterance = pipeline.encode(item.audio, item.text, transcribe=False)
        except DRKFError as error:
            failed[item.id] = str(error)
            continue
        utterance = beside_others(pipeline, utterance, spoken_by(item), voices)
        rows.append(pipeline.predict(utterance).fused.probabilities)
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


def spoken_by(item: Item) -> str | None:
    """The speaker's name among those of all corpora; None where the row has none."""
    return None if item.speaker is None else speaker_key(item)
