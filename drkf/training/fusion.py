"""The fusion stage: ORL and KF on cached encoder states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from drkf.data.manifest import Item
from drkf.evaluation.features import FeatureStore
from drkf.model import DRKF, VoiceReference
from drkf.model.losses import Losses
from drkf.model.mutual_information import bounds
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, shuffle_pairs
from drkf.model.voice import alone
from drkf.training.batches import PairedBatch, PairSampler, soft_label
from drkf.training.config import TrainConfig
from drkf.training.distillation import Teacher, mix_voices
from drkf.training.loop import Stage, StageProgress, StepResult
from drkf.training.voices import ReferenceDraws


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


def text_weights(
    items: Sequence[Item], share: float, single: bool, balanced: bool = False
) -> np.ndarray:
    """(N,) sampling probabilities: MELD gets ``share``, the other corpora the rest, and the
    voices' own words nothing.

    Args:
        single: leave out texts with several labels.
        balanced: each corpus by the root of its size instead.
    """
    usable = np.array(
        [item.corpus != "own" and (not single or len(item.emotions) == 1) for item in items]
    )
    corpora = np.array([item.corpus or "" for item in items])
    meld = corpora == "meld"
    weights = np.zeros(len(items))
    if balanced:
        for corpus in set(corpora[usable]):
            rows = usable & (corpora == corpus)
            weights[rows] = rows.sum() ** -0.5
        return weights / weights.sum()
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
    weights = text_weights(texts, config.meld_share, False, config.balance_texts)
    prior = weights @ np.stack([soft_label(item, model.config.labels) for item in texts])
    return Teacher(model, config.distillation, prior)


class FusionStage:
    """Trains all of a model but its encoders on encoder states.

    Args:
        augmentation: the weight of the augmented view at the end of its ramp; 0 is none.
        teacher: gives its share of the targets; None: the labels alone do.

    Raises:
        ManifestError: no emotion occurs both in the voices and in the texts.
    """

    def __init__(
        self,
        model: DRKF,
        config: TrainConfig,
        data: FusionData,
        accelerator: Accelerator,
        augmentation: float = 1.0,
        teacher: Teacher | None = None,
    ):
        self.model, self.config, self.data = model, config, data
        self.accelerator, self.augmentation, self.teacher = accelerator, augmentation, teacher
        for encoder in (model.speech_encoder, model.text_encoder):
            encoder.requires_grad_(False)
        self.sampler = PairSampler(
            data.speech,
            data.texts,
            text_weights(data.texts, config.meld_share, True, config.balance_texts),
            model.config.labels,
            dict(data.own_words),
            config.seed,
        )
        stage = config.fusion
        self.ramp = max(1, round(config.augmentation_ramp * stage.epochs * stage.steps))
        self.references = ReferenceDraws(data.speech, config.voices) if model.voice else None

    def fit(self, dev_scores: Callable[[], Mapping[str, float]], folder: Path) -> StageProgress:
        """Trains, resuming in ``folder``.

        Args:
            dev_scores: measured after each epoch; ``score`` selects the one that is kept.

        Raises:
            CheckpointError: the loss is not finite, or the folder's files are unusable.
        """
        config = self.config
        # The encoders are frozen: only what stands on their cached states is trained.
        stage = Stage(
            "fusion",
            self.model,
            [],
            config.fusion,
            folder,
            self.accelerator,
            config.seed,
            config.save_minutes,
        )
        return stage.run(
            lambda start, end: iter(range(start, end)),
            lambda _, step, __: self._step(step),
            dev_scores,
        )

    def _step(self, step: int) -> StepResult:
        config, pairing, model = self.config, self.config.pairing, self.model
        device = self.accelerator.device
        drawn = self.sampler.draw(
            step,
            config.fusion.batch_size,
            pairing.own_words,
            pairing.text_only,
            pairing.own_neutral,
        )
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
        pairs = shuffle_pairs(
            drawn.audio_labels,
            drawn.text_labels,
            len(model.config.labels),
            model.neutral,
            generator,
            pairing.shuffles,
            pairing.modality_dropout,
            pairing.neutral_text,
        ).to(device)
        labels = drawn.audio_labels.to(device), drawn.text_labels.to(device)
        view = self.data.views[step % len(self.data.views)]
        voices = view.batch(drawn.audio)
        words = self.data.text_states.batch(drawn.text).to(device)
        targets = None
        mixed = torch.zeros(len(drawn.audio), dtype=torch.bool)
        if self.teacher is not None:
            voices, mixed = mix_voices(voices, self.teacher.config.mixed, generator)
        voices = voices.to(device)
        known = self._known(step, drawn.audio, voices, view)
        if self.teacher is not None:
            pairs, targets = self.teacher.teach(
                pairs, *labels, voices, words, mixed.to(device), known, pairing.neutral_text
            )
        losses = model.losses(
            voices,
            words,
            *labels,
            pairs,
            self.augmentation * min(1.0, (step + 1) / self.ramp),
            config.fusion.label_smoothing,
            targets,
            voice=known,
        )
        return StepResult(losses.total(config.loss), self._logged(losses, drawn))

    def _known(
        self, step: int, rows: Sequence[int | None], voices: TokenSequence, view: FeatureStore
    ) -> VoiceReference | None:
        """What is known of each row's voice: the row as it sounds here, and other clips."""
        if self.references is None:
            return None
        rng = np.random.default_rng([self.config.seed, 9, step])
        known = alone(voices)
        total, count = known.total.clone(), known.count.clone()
        for place, row in enumerate(rows):
            others = [] if row is None else self.references.draw(rng, row)
            if others:
                total[place] += view.means[others].sum(0).to(total.device)
                count[place] += len(others)
        return VoiceReference(total, count)

    @staticmethod
    def _logged(losses: Losses, drawn: PairedBatch) -> dict[str, float]:
        """The components and the bounds on mutual information."""
        return losses.as_floats() | bounds(
            losses.mi_audio,
            losses.mi_text,
            losses.mi_audio_text,
            audio=int((drawn.audio_labels != MISSING).sum()),
            text=int((drawn.text_labels != MISSING).sum()),
            both=int((drawn.audio_labels == drawn.text_labels).sum()),
        )
