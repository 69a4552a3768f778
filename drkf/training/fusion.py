"""The fusion stage: ORL and KF on cached encoder states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from torch import nn

from drkf.data.manifest import Item
from drkf.evaluation.features import FeatureStore
from drkf.model import DRKF
from drkf.model.mutual_information import bounds
from drkf.model.shuffling import MISSING, shuffle_pairs
from drkf.training.batches import PairSampler, soft_label
from drkf.training.config import TrainConfig
from drkf.training.distillation import Teacher, mix_voices
from drkf.training.loop import Progress, Stage, StepResult


@dataclass(frozen=True, eq=False)
class FusionData:
    """What the stage trains on.

    ``views`` hold the encoder states of ``speech``, each once more in another guise;
    ``text_states`` those of ``texts``; ``own_words`` maps a voice to the text it really says.
    """

    speech: Sequence[Item]
    texts: Sequence[Item]
    views: Sequence[FeatureStore]
    text_states: FeatureStore
    own_words: Mapping[int, int]


def with_own_words(
    speech: Sequence[Item], texts: Sequence[Item], labels: Sequence[str]
) -> tuple[list[Item], dict[int, int]]:
    """The texts and, after them, the sentences the voices say; voice -> place of its sentence.

    English acted corpora say a few fixed sentences in every emotion: as words, neutral.
    """
    spoken = {
        row: item.text
        for row, item in enumerate(speech)
        if item.text and item.language in (None, "en") and "neutral" in labels
    }
    joined, places = list(texts), {}
    for sentence in sorted(set(spoken.values())):
        places[sentence] = len(joined)
        joined.append(Item(f"own-{len(joined)}", None, sentence, ("neutral",), corpus="own"))
    return joined, {row: places[sentence] for row, sentence in spoken.items()}


def text_weights(items: Sequence[Item], share: float, single: bool) -> np.ndarray:
    """(N,) sampling probabilities: MELD gets ``share``, the other corpora the rest, and the
    voices' own words nothing.

    Args:
        single: leave out texts with several labels.
    """
    usable = np.array(
        [item.corpus != "own" and (not single or len(item.emotions) == 1) for item in items]
    )
    meld = np.array([item.corpus == "meld" for item in items])
    weights = np.zeros(len(items))
    both = (usable & meld).any() and (usable & ~meld).any()
    for rows, part in ((usable & meld, share), (usable & ~meld, 1 - share)):
        if rows.any():
            weights[rows] = (part if both else 1.0) / rows.sum()
    return weights


def teacher_for(model: DRKF, config: TrainConfig, texts: Sequence[Item]) -> Teacher | None:
    """``model``'s unimodal classifiers as they are, where the configuration asks for a teacher.

    Args:
        texts: what the text classifier learned from.
    """
    if not config.distillation.teaches:
        return None
    weights = text_weights(texts, config.meld_share, single=False)
    prior = weights @ np.stack([soft_label(item, model.config.labels) for item in texts])
    return Teacher(model, config.distillation, prior)


def fit_fusion(
    model: DRKF,
    config: TrainConfig,
    data: FusionData,
    dev_scores: Callable[[], Mapping[str, float]],
    accelerator: Accelerator,
    folder: Path,
    augmentation: float = 1.0,
    teacher: Teacher | None = None,
) -> Progress:
    """Trains all of ``model`` but its encoders, resuming in ``folder``.

    Args:
        dev_scores: measured after each epoch; ``score`` selects the one that is kept.
        augmentation: the weight of the augmented view at the end of its ramp; 0 is none.
        teacher: gives its share of the targets; None: the labels alone do.

    Raises:
        ManifestError: no emotion occurs both in the voices and in the texts.
        CheckpointError: the loss is not finite, or the folder's files are unusable.
    """
    stage_config, pairing = config.fusion, config.pairing
    labels, device = model.config.labels, accelerator.device
    for encoder in (model.speech_encoder, model.text_encoder):
        encoder.requires_grad_(False)
    sampler = PairSampler(
        data.speech,
        data.texts,
        text_weights(data.texts, config.meld_share, single=True),
        labels,
        dict(data.own_words),
        config.seed,
    )
    ramp = max(1, round(config.augmentation_ramp * stage_config.epochs * stage_config.steps))

    def batches(start: int, end: int) -> Iterator[int]:
        return iter(range(start, end))

    def step_loss(module: nn.Module, step: int, _: int) -> StepResult:
        drawn = sampler.draw(
            step,
            stage_config.batch_size,
            pairing.own_words,
            pairing.text_only,
            pairing.own_neutral,
        )
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        pairs = shuffle_pairs(
            drawn.audio_labels,
            drawn.text_labels,
            len(labels),
            model.neutral,
            generator,
            pairing.shuffles,
            pairing.modality_dropout,
        ).to(device)
        audio_labels, text_labels = drawn.audio_labels.to(device), drawn.text_labels.to(device)
        voices = data.views[step % len(data.views)].batch(drawn.audio)
        words = data.text_states.batch(drawn.text).to(device)
        targets = None
        if teacher is not None:
            voices, mixed = mix_voices(voices, teacher.config.mixed, generator)
            voices = voices.to(device)
            pairs, targets = teacher.teach(
                pairs, audio_labels, text_labels, voices, words, mixed.to(device)
            )
        losses = model.losses(
            voices.to(device),
            words,
            audio_labels,
            text_labels,
            pairs,
            augmentation * min(1.0, (step + 1) / ramp),
            stage_config.label_smoothing,
            targets,
        )
        logged = losses.as_floats() | bounds(
            losses.mi_audio,
            losses.mi_text,
            losses.mi_audio_text,
            audio=int((drawn.audio_labels != MISSING).sum()),
            text=int((drawn.text_labels != MISSING).sum()),
            both=int((drawn.audio_labels == drawn.text_labels).sum()),
        )
        return StepResult(losses.total(config.loss), logged)

    # The encoders are frozen: only what stands on their cached states is trained.
    stage = Stage(
        "fusion", model, [], stage_config, folder, accelerator, config.seed, config.save_minutes
    )
    return stage.run(batches, step_loss, dev_scores)
