"""From a trained model to a checkpoint folder: compact weights, calibration, figures, card."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from drkf.audio import load_audio
from drkf.card import render_card
from drkf.checkpoint import (
    CARD,
    METRICS,
    Calibration,
    begin_checkpoint,
    save_checkpoint,
    write_json,
)
from drkf.data.manifest import Item
from drkf.data.split import Corpora, speaker_key
from drkf.evaluation import (
    DevLogits,
    DevSet,
    Readings,
    dev_logits,
    evaluate_dev,
    fit_calibration,
)
from drkf.explain.base import EncodedUtterance
from drkf.explain.inconsistency import NeutralReferences, jensen_shannon, neutral_shift
from drkf.features import speech_store, text_store
from drkf.files import whole
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.sequence import TokenSequence
from drkf.model.storage import WEIGHTS, load_weights, save_weights

log = logging.getLogger(__name__)

#: Sentences that say nothing about a feeling: what words are replaced by in explanations.
NEUTRAL_TEXTS = (
    "The meeting is on Tuesday.",
    "It is on the table in the other room.",
    "I read a few pages of it this morning.",
    "The train leaves at half past nine.",
)
REFERENCE_VOICES = 4
READING_PAIRS = 280


def export(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    corpora: Corpora,
    folder: Path,
    about: dict[str, Any],
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
    dev = make_dev_set(model, tokenizer, corpora.speech_dev, corpora.text_dev)
    logits = dev_logits(model, dev)
    references = reference_sequences(model, tokenizer, speech, NEUTRAL_TEXTS)
    uncalibrated = fit_calibration(logits, dev, no_readings())
    readings = measure_readings(model, dev, logits, uncalibrated, references)
    calibration = fit_calibration(logits, dev, readings)
    figures = evaluate_dev(logits, dev, calibration)
    about = {
        **about,
        "date": datetime.now(UTC).date().isoformat(),
        "dev_speakers": sorted({speaker_key(item) for item in corpora.speech_dev}),
        "parameters": sum(p.numel() for p in model.parameters()),
        **figures,
    }
    save_checkpoint(folder, model, tokenizer, calibration, speech, NEUTRAL_TEXTS, about)
    write_card(folder, about)
    return about


def write_card(folder: Path, about: dict[str, Any]) -> None:
    write_json(folder / METRICS, about)
    size = (folder / WEIGHTS).stat().st_size
    with whole(folder / CARD) as part:
        part.write_text(render_card(about, size), encoding="utf-8")


def make_dev_set(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    speech: Sequence[Item],
    texts: Sequence[Item],
) -> DevSet:
    """Encodes held-out clips and texts in float32, as the pipeline does."""
    ids = tokenizer(
        [item.text or "" for item in texts],
        truncation=True,
        max_length=model.config.max_text_tokens,
    )["input_ids"]
    return DevSet(
        speech,
        texts,
        speech_store(model, speech, autocast=False, progress="dev clips"),
        text_store(model, ids, tokenizer.pad_token_id, autocast=False, progress="dev texts"),
        model.config.labels,
    )


@torch.no_grad()
def neutral_voices(model: DRKF, items: Sequence[Item]) -> TokenSequence:
    """Encoder states of a few neutral English training clips, each of another speaker."""
    neutral = [i for i in items if i.emotion == "neutral" and i.language in (None, "en")]
    by_speaker = {item.speaker: item for item in sorted(neutral, key=lambda item: item.id)}
    speakers = sorted(by_speaker, key=str)
    step = max(1, len(speakers) // REFERENCE_VOICES)
    chosen = [by_speaker[s] for s in speakers[::step][:REFERENCE_VOICES]]
    clips = [load_audio(item.audio).samples for item in chosen]
    return model.encode_speech(model.speech_features(clips))


@torch.no_grad()
def reference_sequences(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    speech: TokenSequence,
    texts: Sequence[str],
) -> NeutralReferences:
    """The neutral voices and sentences as the fusion encoder gets them."""
    ids, mask = pad_tokens(tokenizer(list(texts))["input_ids"], tokenizer.pad_token_id)
    text = model.adapt_text(model.encode_text(ids.to(model.device), mask.to(model.device)))
    return NeutralReferences(speech=model.adapt_speech(speech), text=text)


def no_readings() -> Readings:
    return Readings(np.arange(2), np.array([0.0, 1.0]), np.array([0.0, 1.0]))


@torch.no_grad()
def measure_readings(
    model: DRKF,
    dev: DevSet,
    logits: DevLogits,
    calibration: Calibration,
    references: NeutralReferences,
) -> Readings:
    """Divergence and neutral shift of some dev pairs, to choose their thresholds from."""
    judged, pairs = logits.pairs, logits.pairs.pairs
    rows = np.arange(min(READING_PAIRS, len(pairs.audio)))
    voice = judged.voice.probabilities(calibration.audio_temperature)
    words = judged.words.probabilities(calibration.text_temperature)
    divergence = []
    shift = []
    for row in rows:
        divergence.append(jensen_shannon(voice[row].tolist(), words[row].tolist()))
        encoded = EncodedUtterance(
            speech=model.adapt_speech(dev.speech_store.batch([pairs.audio[row]])),
            text=model.adapt_text(dev.text_store.batch([pairs.text[row]])),
            weights=torch.ones(1),
        )
        shift.append(neutral_shift(model, encoded, references, calibration.fused_temperature))
    return Readings(rows, np.array(divergence), np.array(shift))
