"""What a checkpoint tells of the run that made it."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from drkf.data.manifest import Item
from drkf.data.split import Corpora
from drkf.evaluation.card_texts import CardTexts
from drkf.training.config import TrainConfig
from drkf.training.loop import StageProgress


def about_run(
    config: TrainConfig,
    corpora: Corpora,
    card: CardTexts,
    encoders: tuple[str, str],
    stages: Mapping[str, StageProgress],
) -> dict[str, Any]:
    """Data, encoders (voice, words), settings and course of a finished run, for JSON."""
    audio, text = encoders
    on_cpu = not torch.cuda.is_available()
    return {
        "trained_on": describe_corpora(corpora),
        "licence": card.licence,
        "card": asdict(card),
        "encoders": {"audio": encoder_name(audio), "text": encoder_name(text)},
        "training": {
            "config": config.to_dict(),
            "seconds": {name: round(stage.seconds) for name, stage in stages.items()},
            "machine": f"{torch.get_num_threads()} CPU thread(s), {platform.machine()}"
            if on_cpu
            else torch.cuda.get_device_name(),
            "history": {name: stage.history for name, stage in stages.items()},
        },
        "clips": counts(corpora.speech_train),
        "dev_clips": counts(corpora.speech_dev),
        "texts": counts(corpora.text_train),
        "dev_texts": counts(corpora.text_dev),
        "unseen_clips": counts(corpora.unseen),
    }


def encoder_name(source: str) -> str:
    """A hub id as it is; of a folder its name, or its parent's where it is only called model."""
    path = Path(source)
    if not path.is_dir():
        return source
    return path.resolve().parent.name if path.name == "model" else path.resolve().name


def counts(items: Sequence[Item]) -> dict[str, int]:
    """Corpus -> number of utterances."""
    return dict(sorted(Counter(item.corpus or "" for item in items).items()))


def describe_corpora(corpora: Corpora) -> str:
    speech = ", ".join(f"{name} ({n} clips)" for name, n in counts(corpora.speech_train).items())
    texts = ", ".join(f"{name} ({n} texts)" for name, n in counts(corpora.text_train).items())
    return f"voice: {speech}; words: {texts}"
