"""From a trained model to a checkpoint folder: compact weights, calibration, figures, card."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from drkf.checkpoint import (
    Calibration,
    begin_checkpoint,
    save_checkpoint,
)
from drkf.data.split import Corpora, speaker_key
from drkf.evaluation.calibration import Readings, fit_on_dev, with_readings
from drkf.evaluation.card import write_card
from drkf.evaluation.card_figures import measure_all
from drkf.evaluation.config import YardstickConfig
from drkf.evaluation.dev_set import DevLogits, DevSet, dev_logits
from drkf.evaluation.neutral import NEUTRAL_TEXTS, neutral_voices, reference_sequences
from drkf.evaluation.yardstick import make_dev_set
from drkf.explain.inconsistency import NeutralReferences, jensen_shannon, neutral_shift
from drkf.explain.utterance import EncodedUtterance
from drkf.model import DRKF
from drkf.model.storage import WEIGHTS, load_weights, save_weights

log = logging.getLogger(__name__)

#: The neutral shift takes a pass of the model for each reference, so it is measured on so many.
SHIFT_PAIRS = 280


def export(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    corpora: Corpora,
    folder: Path,
    about: dict[str, Any],
    yardstick: YardstickConfig,
) -> dict[str, Any]:
    """Writes the checkpoint and returns its figures.

    The weights are made compact first and everything is measured on them as they will be
    loaded, so that the card speaks of the shipped file and not of the one in memory.
    """
    begin_checkpoint(folder)
    model.to("cpu").eval()
    save_weights(model, folder / WEIGHTS)
    load_weights(model, folder / WEIGHTS)
    speech = neutral_voices(model, corpora.speech_train)
    dev = make_dev_set(
        model, tokenizer, corpora.speech_dev, corpora.text_dev, corpora.unseen, yardstick
    )
    logits = dev_logits(model, dev)
    references = reference_sequences(model, tokenizer, speech, NEUTRAL_TEXTS)
    calibration = fit_on_dev(logits, dev)
    readings = measure_readings(model, dev, logits, calibration, references)
    calibration = with_readings(calibration, readings)
    about = {
        **about,
        "date": datetime.now(UTC).date().isoformat(),
        "dev_speakers": sorted({speaker_key(item) for item in corpora.speech_dev}),
        "parameters": sum(p.numel() for p in model.parameters()),
        **measure_all(model, logits, dev, calibration),
    }
    save_checkpoint(folder, model, tokenizer, calibration, speech, NEUTRAL_TEXTS, about)
    write_card(folder, about)
    return about


@torch.no_grad()
def measure_readings(
    model: DRKF,
    dev: DevSet,
    logits: DevLogits,
    calibration: Calibration,
    references: NeutralReferences,
) -> Readings:
    """Divergence of all dev pairs and neutral shift of some, to choose their thresholds from."""
    judged, pairs = logits.pairs, logits.pairs.pairs
    audio = judged.audio.probabilities(calibration.audio_temperature)
    text = judged.text.probabilities(calibration.text_temperature)
    divergence = [
        jensen_shannon(voice, words)
        for voice, words in zip(audio.tolist(), text.tolist(), strict=True)
    ]
    shift = []
    for row in range(min(SHIFT_PAIRS, len(pairs.audio))):
        encoded = EncodedUtterance(
            speech=model.adapt_speech(dev.speech_store.batch([pairs.audio[row]])),
            text=model.adapt_text(dev.text_store.batch([pairs.text[row]])),
            weights=torch.ones(1),
        )
        shift.append(neutral_shift(model, encoded, references, calibration.fused_temperature))
    return Readings(pairs.inconsistent, np.array(divergence), np.array(shift))
