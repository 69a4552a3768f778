"""Training: warm up the speech and the text branch, then ORL and KF on both."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from drkf.data.manifest import Item
from drkf.data.split import Corpora, leave_out, read_corpora
from drkf.evaluation.card_texts import CardTexts
from drkf.evaluation.dev_set import DevSet, audio_scores, text_scores
from drkf.evaluation.features import FeatureStore, cached, fingerprint, speech_store, text_store
from drkf.evaluation.yardstick import (
    StoredYardstick,
    known_voices,
    make_yardstick,
    score_name,
    whole_speakers,
)
from drkf.model import DRKF, DRKFConfig
from drkf.model.encoders import freeze_layers
from drkf.model.losses import soft_cross_entropy
from drkf.model.pretrained import load_speech_encoder, load_text_encoder
from drkf.training.about import about_run, counts
from drkf.training.augment import augment_waveform
from drkf.training.batches import TextBatch, TextBatches
from drkf.training.config import TrainConfig
from drkf.training.export import export
from drkf.training.fusion import FusionData, FusionStage, teacher_for, text_weights, with_own_words
from drkf.training.loop import Stage, StageProgress, StepResult
from drkf.training.same_run import require_same_run
from drkf.training.speech import SpeechBranch, interpolate, speech_loss
from drkf.training.speech_batches import SpeechBatch, SpeechBatches, StateBatches, VoiceBatches

RUN = "run.json"


def subset(items: Sequence[Item], per_corpus: int, seed: int) -> list[Item]:
    """At most ``per_corpus`` items of each corpus, drawn by seed."""
    rng = np.random.default_rng(seed)
    chosen: list[Item] = []
    for corpus in sorted({item.corpus or "" for item in items}):
        rows = [item for item in items if (item.corpus or "") == corpus]
        keep = rng.permutation(len(rows))[:per_corpus]
        chosen += [rows[i] for i in sorted(keep)]
    return chosen


def tokenise(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    """Token ids with the encoder's special tokens, cut at ``max_tokens``."""
    return tokenizer(list(texts), truncation=True, max_length=max_tokens)["input_ids"]


def train(
    config: TrainConfig,
    speech: Path,
    text: Path,
    audio_encoder: str,
    text_encoder: str,
    work: Path,
    out: Path,
    card: CardTexts | None = None,
) -> dict[str, Any]:
    """Trains (or resumes in ``work``), writes the checkpoint to ``out``, returns its figures.

    Args:
        card: what the card says beside the figures; None: nothing of its own.

    Raises:
        ManifestError: a table of the data cannot be used.
        CheckpointError: an encoder or the state in ``work`` cannot be used.
        AudioError: a clip cannot be decoded.
    """
    card = card or CardTexts()
    corpora = read_corpora(speech, text, config.dev_fraction, config.seed)
    corpora = leave_out(corpora, config.yardstick.unseen)
    trainer = Trainer(config, corpora, audio_encoder, text_encoder, work)
    model = trainer.train()
    if not trainer.accelerator.is_main_process:
        return {}
    about = about_run(config, corpora, card, (audio_encoder, text_encoder), trainer.stages)
    return export(model, trainer.tokenizer, corpora, out, about, config.yardstick)


class TextBranch(nn.Module):
    """Text encoder, adapter and unimodal classifier."""

    def __init__(self, model: DRKF):
        super().__init__()
        self.encoder, self.adapter = model.text_encoder, model.text_adapter
        self.classifier = model.text_classifier

    def forward(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        return self.classifier(self.adapter(self.encoder(input_ids, mask)))


class Trainer:
    """One run in a work folder: every stage resumes from what it finds there."""

    def __init__(
        self,
        config: TrainConfig,
        corpora: Corpora,
        audio_encoder: str,
        text_encoder: str,
        work: Path,
    ):
        self.config, self.corpora, self.work = config, corpora, work
        require_same_run(work / RUN, run_settings(config, corpora, (audio_encoder, text_encoder)))
        torch.manual_seed(config.seed)
        sizes = config.model
        speech, speech_config = load_speech_encoder(
            audio_encoder, sizes.audio_layers, sizes.frame_stride
        )
        text, text_config, self.tokenizer = load_text_encoder(text_encoder, sizes.text_layers)
        self.model = DRKF(
            DRKFConfig(speech_config, text_config, **sizes.dimensions()), speech, text
        )
        self.labels = self.model.config.labels
        self.accelerator = Accelerator(
            mixed_precision=config.precision, cpu=not torch.cuda.is_available()
        )
        self.model.to(self.accelerator.device)
        self.stages: dict[str, StageProgress] = {}

    def train(self) -> DRKF:
        """Runs the three stages; returns the model at its best dev epoch."""
        self.warm_up_text()
        self.warm_up_speech()
        self.fuse()
        return self.model

    def warm_up_speech(self) -> None:
        """Fine-tunes the speech encoder with its adapter and classifier on emotion labels."""
        stage_config, voices = self.config.speech, self.config.voices
        encoder = self.model.speech_encoder
        freeze_layers(encoder, stage_config.frozen_layers)
        moving = trainable(encoder.model)
        branch = SpeechBranch(self.model, voices, encoded=not moving)
        averaged = bool(moving) and voices.interpolation < 1
        pretrained = copy.deepcopy(encoder.model.state_dict()) if averaged else {}
        batches = self._voice_batches(live=bool(moving))
        hear = self._hearing(once=not moving)

        def step_loss(module: nn.Module, batch: SpeechBatch, step: int) -> StepResult:
            batch = batch.to(self.accelerator.device)
            loss = speech_loss(module, batch, voices, stage_config.label_smoothing)
            return StepResult(loss.loss, loss.logged)

        stage = self._stage("speech", branch, moving)
        self.stages["speech"] = stage.run(
            self._loader(batches), step_loss, lambda: self._speech_scores(branch, hear)
        )
        if averaged:
            interpolate(encoder.model, pretrained, voices.interpolation)

    def _voice_batches(self, live: bool) -> VoiceBatches:
        """Augmented clips for a ``live`` encoder, a frozen one's states otherwise."""
        config, stage_config, items = self.config, self.config.speech, self.corpora.speech_train
        steps = stage_config.epochs * stage_config.steps
        drawn = stage_config.batch_size, config.seed
        if not live:
            views = self._views()
            return StateBatches(items, self.labels, views, *drawn, config.voices, steps)
        return SpeechBatches(
            items,
            self.labels,
            self.model.speech_encoder.frontend,
            config.augment,
            *drawn,
            config.mix.share,
            config.mix.after * stage_config.steps,
            config.voices,
            steps,
        )

    def _hearing(self, once: bool) -> Callable[[str, Sequence[Item]], FeatureStore]:
        """(name, items) -> their encoder states; ``once``: not anew each time."""
        found: dict[str, FeatureStore] = {}

        def hear(name: str, items: Sequence[Item]) -> FeatureStore:
            if not once or name not in found:
                found[name] = speech_store(self.model, items, progress=name)
            return found[name]

        return hear

    def _speech_scores(
        self, branch: SpeechBranch, hear: Callable[[str, Sequence[Item]], FeatureStore]
    ) -> dict[str, float]:
        """UAR of each dev corpus and of each unseen one; ``score`` is the mean of both kinds'
        means, the former weighted by the root of their size: a small corpus's score is noisy."""
        dev = subset(self.corpora.speech_dev, self.config.dev_clips, self.config.seed)
        device, yardstick = self.accelerator.device, self.config.yardstick
        store = hear("dev", dev)
        predicted = branch.logits(store, device).argmax(1).numpy()
        scores = audio_scores(dev, self._truth(dev), predicted)
        sizes = counts(dev)
        scored = {
            name: sizes[corpus] ** 0.5
            for name in scores
            if (corpus := name.removeprefix("voice_uar_")) not in yardstick.unscored
        } or dict.fromkeys(scores, 1.0)
        means = [float(np.average([scores[n] for n in scored], weights=list(scored.values())))]
        unseen = whole_speakers(self.corpora.unseen, self.config.dev_clips, self.config.seed)
        if unseen:
            store = hear("unseen", unseen)
            found: dict[str, float] = {}
            for count in yardstick.known if self.model.voice is not None else (1,):
                voice = known_voices(store, unseen, count, self.config.seed)
                said = branch.logits(store, device, voice).argmax(1).numpy()
                for name, value in audio_scores(unseen, self._truth(unseen), said).items():
                    found[score_name(name.removeprefix("voice_uar_"), count)] = value
            scores |= found
            means.append(float(np.mean(list(found.values()))))
        return scores | {"score": float(np.mean(means))}

    def warm_up_text(self) -> None:
        """Fine-tunes the text encoder with its adapter and classifier on emotion labels."""
        stage_config = self.config.text
        branch = TextBranch(self.model)
        freeze_layers(self.model.text_encoder, stage_config.frozen_layers)
        # Half of a small text encoder's weights are word embeddings: most words are rare here,
        # and moving the few common ones would only break their relation to the rest.
        self.model.text_encoder.model.get_input_embeddings().requires_grad_(False)
        train, dev = self.corpora.text_train, self.corpora.text_dev
        batches = TextBatches(
            train,
            self._tokenise(train),
            self.tokenizer.pad_token_id,
            self.labels,
            text_weights(train, self.config.meld_share, False, self.config.balance_texts),
            stage_config.batch_size,
            self.config.seed,
        )
        dev_ids, truth = self._tokenise(dev), self._truth(dev)

        def step_loss(module: nn.Module, batch: TextBatch, step: int) -> StepResult:
            device = self.accelerator.device
            logits = module(batch.input_ids.to(device), batch.mask.to(device))
            return cross_entropy_step(
                logits, batch.targets.to(device), stage_config.label_smoothing
            )

        def evaluate() -> dict[str, float]:
            store = text_store(self.model, dev_ids, self.tokenizer.pad_token_id, progress="dev")
            scores = text_scores(dev, truth, self._predict(branch, store))
            return scores | {"score": float(np.mean(list(scores.values())))}

        stage = self._stage("text", branch, trainable(self.model.text_encoder.model))
        self.stages["text"] = stage.run(self._loader(batches), step_loss, evaluate)

    def fuse(self) -> None:
        """Trains everything but the encoders on their cached states (see ``FusionStage``)."""
        data, dev = self._fusion_data(), self.dev_set()
        teacher = teacher_for(self.model, self.config, self.corpora.text_train)
        stage = FusionStage(self.model, self.config, data, self.accelerator, teacher=teacher)
        self.stages["fusion"] = stage.fit(lambda: dev.scores(self.model), self.work / "fusion")

    def dev_set(self) -> DevSet:
        """Held-out clips and texts with their encoder states, cached in the work folder."""
        key = self._voices_key("dev", ids(self.corpora.speech_dev))
        speech = cached(
            self.work / "cache" / f"speech-dev-{key}.safetensors",
            lambda: speech_store(self.model, self.corpora.speech_dev, progress="dev clips"),
        )
        texts = text_store(
            self.model,
            self._tokenise(self.corpora.text_dev),
            self.tokenizer.pad_token_id,
            progress="dev texts",
        )
        config = self.config.yardstick
        return DevSet(
            self.corpora.speech_dev,
            self.corpora.text_dev,
            speech,
            texts,
            self.labels,
            pairs=config.pairs,
            yardstick=self._yardstick(),
            unscored=config.unscored,
        )

    def _yardstick(self) -> StoredYardstick | None:
        """The unseen corpora and the natural recordings, where the configuration has unseen
        ones."""
        if not self.corpora.unseen:
            return None
        return make_yardstick(
            self.model,
            self.tokenizer,
            self.corpora.speech_dev,
            self.corpora.unseen,
            self.config.yardstick,
            self.config.seed,
            autocast=True,
        )

    def _fusion_data(self) -> FusionData:
        """The training clips as they are and augmented, and the texts, as encoder states."""
        items = self.corpora.speech_train
        texts, own_words = with_own_words(items, self.corpora.text_train, self.labels)
        key = fingerprint(self.model.text_encoder, ids(texts))
        store = cached(
            self.work / "cache" / f"text-{key}.safetensors",
            lambda: text_store(
                self.model, self._tokenise(texts), self.tokenizer.pad_token_id, progress="texts"
            ),
        )
        return FusionData(items, texts, self._views(), store, own_words)

    def _views(self) -> list[FeatureStore]:
        """The training clips' encoder states, as they are and augmented."""
        items, config = self.corpora.speech_train, self.config
        key = self._voices_key(config.augment, config.seed, ids(items))
        return [
            cached(
                self.work / "cache" / f"speech-{key}-{view}.safetensors",
                lambda view=view: speech_store(  # type: ignore[misc]
                    self.model,
                    items,
                    partial(augment_waveform, config=config.augment) if view else None,
                    seed=view,
                    progress=f"clips, view {view + 1}",
                ),
            )
            for view in range(config.pairing.audio_views)
        ]

    def _voices_key(self, *parts: object) -> str:
        """What cached states of voices depend on; the frames' pooling is no weight."""
        return fingerprint(self.model.speech_encoder, self.config.model.frame_stride, *parts)

    def _predict(self, branch: TextBranch, store: FeatureStore) -> np.ndarray:
        """The unimodal classifier's choice for each row of encoder states."""
        predicted = []
        with torch.no_grad():
            for start in range(0, len(store), 128):
                rows = range(start, min(start + 128, len(store)))
                states = store.batch(rows).to(self.accelerator.device)
                predicted.append(branch.classifier(branch.adapter(states)).argmax(-1).cpu())
        return torch.cat(predicted).numpy()

    def _truth(self, items: Sequence[Item]) -> np.ndarray:
        return np.array([self.labels.index(item.emotion) for item in items], dtype=np.int64)

    def _tokenise(self, items: Sequence[Item]) -> list[list[int]]:
        texts = [item.text or "" for item in items]
        return tokenise(self.tokenizer, texts, self.model.config.max_text_tokens)

    def _stage(self, name: str, module: nn.Module, encoder: list[nn.Parameter]) -> Stage:
        return Stage(
            name,
            module,
            encoder,
            getattr(self.config, name),
            self.work / name,
            self.accelerator,
            self.config.seed,
            self.config.save_minutes,
        )

    @staticmethod
    def _loader(dataset: Dataset[Any]) -> Any:
        """Batches of a range of steps, made by one worker process ahead of time."""

        def batches(start: int, end: int) -> Iterator[Any]:
            return iter(
                DataLoader(
                    dataset,
                    batch_size=None,
                    sampler=range(start, end),
                    num_workers=1,
                    prefetch_factor=4,
                )
            )

        return batches


def run_settings(config: TrainConfig, corpora: Corpora, encoders: Sequence[str]) -> dict[str, Any]:
    """What the stages of a work folder depend on; the stages' own settings may change."""
    items = (corpora.speech_train, corpora.speech_dev, corpora.text_train, corpora.text_dev)
    return {
        "seed": config.seed,
        "model": config.to_dict()["model"],
        "encoders": [Path(name).name for name in encoders],
        "data": [hashlib.sha256("\n".join(ids(part)).encode()).hexdigest() for part in items],
    }


def ids(items: Sequence[Item]) -> list[str]:
    return [item.id for item in items]


def trainable(module: nn.Module) -> list[nn.Parameter]:
    return [p for p in module.parameters() if p.requires_grad]


def cross_entropy_step(logits: Tensor, targets: Tensor, smoothing: float) -> StepResult:
    loss = soft_cross_entropy(logits, targets, smoothing).mean()
    return StepResult(loss, {"CE": float(loss.detach())})
