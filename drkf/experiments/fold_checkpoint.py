"""A benchmark's fold as a checkpoint folder that the pipeline, the app and the hub take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from drkf.checkpoint import CALIBRATION, CARD, Calibration, save_checkpoint
from drkf.data.corpus import Corpus, Fold
from drkf.data.manifest import Item
from drkf.errors import DRKFError
from drkf.evaluation.calibration import Judged, Readings, fit_calibration, with_readings
from drkf.evaluation.card_data import front_matter
from drkf.evaluation.dev_set import Logits
from drkf.evaluation.markdown import table
from drkf.evaluation.neutral import NEUTRAL_TEXTS, neutral_voices
from drkf.files import whole, write_json
from drkf.model import DRKF, DRKFConfig
from drkf.model.storage import read_tensors
from drkf.pipeline import EmotionPipeline
from drkf.training.loop import NEW_FOLDER

#: Dev pairs that the thresholds of the two slower readings of inconsistency are chosen on.
READING_PAIRS = 60


@dataclass(frozen=True, eq=False)
class FoldLogits:
    """Logits on dev: of natural utterances, of their voices and their words alone, and of
    re-paired ones (M,), ``inconsistent`` being 1 where voice and words differ in emotion."""

    natural: Logits
    audio: Logits
    audio_items: Sequence[Item]
    text: Logits
    text_items: Sequence[Item]
    pairs: Sequence[Item]
    pair_logits: Logits
    inconsistent: np.ndarray


def export_fold(
    folder: Path,
    config: DRKFConfig,
    weights: Path,
    tokenizer: Any,
    corpus: Corpus,
    fold: Fold,
    dev: FoldLogits,
    result: dict[str, Any],
) -> None:
    """Writes the checkpoint: float32 weights, calibration from dev, figures from test, card.

    Args:
        weights: the best epoch's tensors, named as in ``JointObjective``.
    """
    model = DRKF(config)
    tensors = read_tensors(weights, NEW_FOLDER)[0]
    model.load_state_dict(
        {name: tensors[f"model.{name}"].view_as(own) for name, own in model.state_dict().items()}
    )
    model.eval().requires_grad_(False)
    spoken = [replace(item, language=None) for item in fold.train if item.audio is not None]
    about = {
        "trained_on": f"{corpus.title}, fold {fold.name}: {len(fold.train)} utterances",
        "licence": f"that of {corpus.title}",
        "evaluated_on": {"type": corpus.name, "name": corpus.title, "split": f"test, {fold.name}"},
        "headline": result["figures"],
        "encoders": result["encoders"],
        "benchmark": {name: value for name, value in result.items() if name != "history"},
        "date": datetime.now(UTC).date().isoformat(),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    calibration = calibrate(corpus.labels, fold.dev, dev)
    save_checkpoint(
        folder,
        model,
        tokenizer,
        calibration,
        neutral_voices(model, spoken),
        NEUTRAL_TEXTS,
        about,
        compact=False,
    )
    with whole(folder / CARD) as part:
        part.write_text(fold_card(corpus, about), encoding="utf-8")
    calibration = calibrate_readings(folder, calibration, dev)
    write_json(folder / CALIBRATION, vars(calibration))


def calibrate(labels: Sequence[str], items: Sequence[Item], dev: FoldLogits) -> Calibration:
    """The calibration from a fold's dev part, but for the readings' thresholds."""

    def judged(logits: Logits, rows: Sequence[Item]) -> Judged:
        truth = [labels.index(item.emotion) for item in rows]
        return Judged(logits, np.array(truth, dtype=np.int64))

    return fit_calibration(
        judged(dev.natural, items),
        judged(dev.audio, dev.audio_items),
        judged(dev.text, dev.text_items),
        (dev.pair_logits.inconsistency, dev.inconsistent),
    )


def calibrate_readings(folder: Path, calibration: Calibration, dev: FoldLogits) -> Calibration:
    """The thresholds of divergence and neutral shift, read by the pipeline on dev pairs."""
    write_json(folder / CALIBRATION, vars(calibration))
    pipeline = EmotionPipeline.from_pretrained(folder)
    chosen = np.random.default_rng(0).permutation(len(dev.pairs))[:READING_PAIRS]
    truth, divergence, shift = [], [], []
    for row in chosen:
        item = dev.pairs[row]
        try:
            utterance = pipeline.encode(item.audio, item.text, transcribe=False)
        except DRKFError:
            continue
        reading = pipeline.with_shift(utterance, pipeline.predict(utterance)).inconsistency
        if reading is not None and reading.neutral_shift is not None:
            truth.append(int(dev.inconsistent[row]))
            divergence.append(reading.divergence)
            shift.append(reading.neutral_shift)
    return with_readings(
        calibration, Readings(np.array(truth), np.array(divergence), np.array(shift))
    )


def fold_card(corpus: Corpus, about: dict[str, Any]) -> str:
    """The checkpoint's README; ``drkf push`` adds the model index to its front matter."""
    figures = table(
        ("figure", "test"),
        [(name, f"{100 * value:.1f} %") for name, value in about["headline"].items()],
    )
    return f"""{front_matter(about, "other")}
# DRKF on {corpus.title}

Emotion from voice and words, and whether the two disagree: DRKF (Jiang et al., ACM MM 2025),
{about["parameters"] / 1e6:.1f} million weights. Trained on {about["trained_on"]}; the epoch and
every threshold were chosen on the fold's dev part. Measured on its test part
({about["benchmark"]["n"]["test"]} utterances), {about["evaluated_on"]["split"]}:

{figures}
The corpus's licence applies to the weights too. A model's reading of labelled emotion is not a
reading of anyone's mind. The EU's AI Act (Art. 5(1)(f)) prohibits using systems that infer people's
emotions from biometric data, such as a voice, at work and in education, medical and safety reasons
apart; consent is no exception. This is no legal advice.
"""
