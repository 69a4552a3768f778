"""``drkf benchmark``: the paper's protocol on a corpus, from its folder to the paper's table.

In each fold the model is trained on its train part, the epoch is chosen on its dev part, and the
test part is looked at once, with that epoch. A fold that is done is not run again; one that was
interrupted goes on from its last state file.
"""

from __future__ import annotations

import dataclasses
import gc
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator, DistributedType, PartialState
from torch import nn
from torch.distributed.fsdp import register_fsdp_forward_method
from torch.utils.data import DataLoader

from drkf.data.corpus import Corpus, Fold
from drkf.data.manifest import Item
from drkf.errors import CheckpointError, ConfigError
from drkf.evaluation.dev_set import Logits
from drkf.experiments.batches import RandomOrder, UtteranceBatch, Utterances
from drkf.experiments.fold_checkpoint import FoldLogits, export_fold
from drkf.experiments.folds import make_folds, usable
from drkf.experiments.objective import JointObjective
from drkf.experiments.presets import BenchmarkConfig, EncoderNames
from drkf.experiments.scoring import (
    Figures,
    MultiLabelScorer,
    Scorer,
    SingleLabelScorer,
    discrimination,
    re_pair,
)
from drkf.experiments.table import HEADLINE
from drkf.files import read_json, whole, write_json
from drkf.model import DRKF, DRKFConfig
from drkf.model.labelling import MultiLabel, SingleLabel
from drkf.model.losses import Losses
from drkf.model.mutual_information import bounds
from drkf.model.pretrained import load_speech_encoder, load_text_encoder
from drkf.training.loop import Stage, StepResult
from drkf.training.same_run import RESULT, require_same_run

SETTINGS = "settings.json"
PREDICTIONS = "predictions.jsonl"
CHECKPOINT = "checkpoint"


def benchmark(
    corpus: Corpus, root: Path, config: BenchmarkConfig, out: Path, ablation: bool = False
) -> dict[str, dict[str, dict[str, Any]]]:
    """Runs what is left of a benchmark in ``out``; variant -> fold -> its result.

    Raises:
        CorpusError, CheckpointError, ConfigError: something given is unusable.
    """
    accelerator = Accelerator(
        mixed_precision=config.precision,
        gradient_accumulation_steps=config.accumulation,
        cpu=not torch.cuda.is_available(),
    )
    if accelerator.distributed_type == DistributedType.FSDP:
        plugin = accelerator.state.fsdp_plugin
        if plugin.fsdp_version != 2:
            raise ConfigError(
                "sharded training needs fsdp_version: 2, as in drkf/configs/fsdp.yaml"
            )
        plugin.mixed_precision_policy = None  # autocast is enough; weights stay in float32
    items, notes = usable(corpus.read(root), corpus)
    for note in notes:
        accelerator.print(note)
    folds = make_folds(corpus, items, config.seed)
    settings = {
        "corpus": corpus.name,
        "utterances": len(items),
        "processes": accelerator.num_processes,
        "distributed": accelerator.distributed_type.value,
        "config": dataclasses.asdict(config),
    }
    require_same_run(out / SETTINGS, settings, writes=accelerator.is_main_process)
    variants = {"full": config}
    if ablation:
        variants |= {"without ED": config.without_ed(), "without PCMIE": config.without_pcmie()}
    results: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for variant, changed in variants.items():
        for fold in folds:
            folder = out / variant.replace(" ", "-") / fold.name
            if not (folder / RESULT).is_file():
                FoldRun(corpus, fold, changed, folder, accelerator).run()
                gc.collect()  # the last fold's model is in cycles with its hooks
            results[variant][fold.name] = read_json(
                folder / RESULT, CheckpointError, "delete it to run the fold again"
            )
    return results


class FoldRun:
    """One fold of one variant: trained, chosen on dev, tested once."""

    def __init__(
        self,
        corpus: Corpus,
        fold: Fold,
        config: BenchmarkConfig,
        folder: Path,
        accelerator: Accelerator,
    ):
        self.corpus, self.fold, self.config, self.folder = corpus, fold, config, folder
        self.accelerator = accelerator
        torch.manual_seed(config.seed)
        self.encoders = names = encoder_names(config, fold.train)
        with accelerator.main_process_first():  # which downloads them
            self.model, self.tokenizer = build_model(config, corpus.labels, names)
        self.objective = JointObjective(
            self.model.to(accelerator.device),
            MultiLabel() if corpus.multi_label else SingleLabel(),
            config.shuffles,
            config.modality_dropout,
            config.stage.label_smoothing,
        )
        self.scorer: Scorer = (
            MultiLabelScorer(corpus.labels)
            if corpus.multi_label
            else SingleLabelScorer(corpus.labels)
        )

    def run(self) -> None:
        """Writes the fold's result, predictions and, for a single-label corpus, checkpoint."""
        fold, accelerator = self.fold, self.accelerator
        stage = self._train()
        dev, test = self.predict(fold.dev), self.predict(fold.test)
        self.scorer.fit(fold.dev, dev)
        figures = self.scorer.figures(fold.test, test)
        if self.config.loss.bce:
            pairs, inconsistent = re_pair(fold.test, self.config.seed)
            figures |= discrimination(inconsistent, self.predict(pairs))
        result = {
            "fold": fold.name,
            "n": {"train": len(fold.train), "dev": len(fold.dev), "test": len(fold.test)},
            "figures": figures,
            "dev_figures": self.scorer.figures(fold.dev, dev),
            "epoch": stage.progress.best_epoch,
            "seconds": round(stage.progress.seconds),
            "encoders": dataclasses.asdict(self.encoders),
            "history": stage.progress.history,
        }
        if isinstance(self.scorer, MultiLabelScorer):
            result["thresholds"] = self.scorer.thresholds.tolist()  # chosen on dev
        others = None if self.corpus.multi_label else self._dev_logits(dev)
        if accelerator.is_main_process:
            self._write_predictions(test)
            if others is not None:
                export_fold(
                    self.folder / CHECKPOINT,
                    self.model.config,
                    stage.best_path,
                    self.tokenizer,
                    self.corpus,
                    fold,
                    others,
                    result,
                )
            # Only then: a run that was killed before this line can still resume from these files.
            write_json(self.folder / RESULT, result)
            stage.state_path.unlink()
            if others is not None:
                stage.best_path.unlink()
        accelerator.wait_for_everyone()
        accelerator.free_memory()

    def _train(self) -> Stage:
        config, accelerator = self.config, self.accelerator
        train = Utterances(self.fold.train, self.model, self.tokenizer)
        order = RandomOrder(
            len(train),
            config.stage.batch_size,
            accelerator.process_index,
            accelerator.num_processes,
            config.seed,
        )
        steps = -(-order.epoch_batches // config.accumulation)
        batches = config.stage.epochs * steps * config.accumulation
        ramp = max(1, round(config.augmentation_ramp * batches))
        if config.gradient_checkpointing:
            for encoder in (self.model.speech_encoder, self.model.text_encoder):
                encoder.model.activation_checkpointing_enable({"use_reentrant": False})

        def load(first: int, end: int) -> Iterator[UtteranceBatch]:
            rows = [order.rows(number) for number in range(first, end)]
            return load_batches(train, rows, config.workers)

        def step_loss(module: nn.Module, batch: UtteranceBatch, number: int) -> StepResult:
            losses = module(
                batch.to(accelerator.device),
                seed=config.seed * 1_000_003 + number,
                augmentation_weight=min(1.0, (number + 1) / ramp),
            )
            return StepResult(losses.total(config.loss), whole_batch(losses, batch, accelerator))

        def evaluate() -> Figures:
            dev = self.predict(self.fold.dev)
            self.scorer.fit(self.fold.dev, dev)
            figures = self.scorer.figures(self.fold.dev, dev)
            chosen_by = HEADLINE.get(self.corpus.name, self.scorer.names[:2])
            return figures | {"score": float(np.mean([figures[name] for name in chosen_by]))}

        encoders = nn.ModuleList([self.model.speech_encoder.model, self.model.text_encoder.model])
        stage = Stage(
            self.fold.name,
            self.objective,
            list(encoders.parameters()),
            replace(config.stage, steps=steps),
            self.folder,
            accelerator,
            config.seed,
            config.save_minutes,
        )
        stage.run(load, step_loss, evaluate)
        return stage

    def predict(self, items: Sequence[Item]) -> Logits:
        """The logits of all ``items``, on every process; each process computes its share."""
        if not items:
            return Logits(torch.zeros(0, len(self.corpus.labels)), torch.zeros(0))
        return predict_utterances(
            self.objective,
            Utterances(items, self.model, self.tokenizer),
            self.accelerator,
            self.config.stage.batch_size,
            self.config.workers,
        )

    def _dev_logits(self, natural: Logits) -> FoldLogits:
        """What the checkpoint's calibration looks at, on dev."""
        dev = self.fold.dev
        audio_items = [replace(item, text=None) for item in dev if item.audio is not None]
        text_items = [replace(item, audio=None) for item in dev if item.text]
        pairs, inconsistent = re_pair(dev, self.config.seed)
        return FoldLogits(
            natural=natural,
            audio=self.predict(audio_items),
            audio_items=audio_items,
            text=self.predict(text_items),
            text_items=text_items,
            pairs=pairs,
            pair_logits=self.predict(pairs),
            inconsistent=inconsistent,
        )

    def _write_predictions(self, test: Logits) -> None:
        """One JSON object to a test utterance."""
        labels = self.corpus.labels
        probabilities = self.scorer.probabilities(test)
        path = self.folder / PREDICTIONS
        with whole(path) as part, part.open("w", encoding="utf-8") as file:
            for item, row, chosen in zip(
                self.fold.test, probabilities, self.scorer.choose(test), strict=True
            ):
                record = {
                    "id": item.id,
                    "emotions": item.emotions,
                    "predicted": [label for label, yes in zip(labels, chosen, strict=True) if yes],
                    "probabilities": dict(zip(labels, row.tolist(), strict=True)),
                }
                file.write(json.dumps(record) + "\n")


def whole_batch(
    losses: Losses, batch: UtteranceBatch, accelerator: Accelerator
) -> dict[str, float]:
    """The components for the whole batch, not this process's part, and the MI bounds."""
    parts = torch.stack([value.detach() for value in vars(losses).values()])
    found = Losses(*accelerator.reduce(parts, "mean").cpu())
    both = batch.has_audio & batch.has_text
    counts = torch.stack([batch.has_audio.sum(), batch.has_text.sum(), both.sum()])
    counts = accelerator.reduce(counts.to(accelerator.device), "sum").tolist()
    return found.as_floats() | bounds(found.mi_audio, found.mi_text, found.mi_audio_text, *counts)


def build_model(
    config: BenchmarkConfig, labels: tuple[str, ...], names: EncoderNames
) -> tuple[DRKF, Any]:
    """DRKF on pretrained encoders, with the text encoder's tokenizer.

    Raises:
        CheckpointError: no usable encoder where ``names`` say.
    """
    sizes = config.model
    speech, speech_config = load_speech_encoder(names.audio, sizes.audio_layers, sizes.frame_stride)
    text, text_config, tokenizer = load_text_encoder(names.text, sizes.text_layers)
    return DRKF(
        DRKFConfig(speech_config, text_config, labels, **sizes.dimensions()), speech, text
    ), tokenizer


def encoder_names(config: BenchmarkConfig, items: Sequence[Item]) -> EncoderNames:
    """The encoders of the language that most utterances are in."""
    languages = Counter(item.language for item in items)
    return config.chinese if languages.most_common(1)[0][0] == "zh" else config.english


def load_batches(
    utterances: Utterances, rows: list[list[int]], workers: int
) -> Iterator[UtteranceBatch]:
    """Those batches, decoded ahead of time by ``workers`` processes."""
    return iter(
        DataLoader(
            utterances,
            batch_size=None,
            sampler=rows,  # the rows of a batch are its index
            num_workers=workers,
            prefetch_factor=4 if workers else None,
        )
    )


@torch.no_grad()
def predict_utterances(
    objective: JointObjective,
    utterances: Utterances,
    accelerator: Accelerator,
    batch_size: int,
    workers: int,
) -> Logits:
    """Logits of every utterance in order, in float32, the same on all processes.

    Process p computes every P-th utterance by length. All run the same number of batches, which
    sharded weights need: one that has nothing left runs the shortest utterance again.
    """
    objective.eval()
    if "predict" not in vars(objective):
        register_fsdp_forward_method(objective, "predict")  # does nothing without FSDP
    order = np.argsort([item.seconds or 0.0 for item in utterances.items], kind="stable")
    mine = order[accelerator.process_index :: accelerator.num_processes].tolist()
    most = -(-len(order) // accelerator.num_processes)
    rows = [mine[start : start + batch_size] for start in range(0, most, batch_size)]
    device = accelerator.device
    emotion = torch.zeros(len(order), len(objective.model.config.labels), device=device)
    inconsistency = torch.zeros(len(order), device=device)
    shortest = order[:1].tolist()
    batches = load_batches(utterances, [index or shortest for index in rows], workers)
    for index, batch in zip(rows, batches, strict=True):
        output = objective.predict(batch.to(device))
        if index:
            emotion[index] = output.emotion_logits.float()
            inconsistency[index] = output.inconsistency_logit.float()
    return Logits(
        accelerator.reduce(emotion, "sum").cpu(), accelerator.reduce(inconsistency, "sum").cpu()
    )


def main_process() -> bool:
    """Whether this process is the one that writes and prints."""
    return PartialState().is_main_process
