"""One step and one evaluation, written to a file: by one process or by several."""

from __future__ import annotations

from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import save_file

from drkf.data.manifest import read_manifest
from drkf.experiments.batches import RandomOrder, Utterances
from drkf.experiments.benchmark import predict_utterances
from drkf.model.labelling import MultiLabel, SingleLabel
from drkf.model.losses import LossWeights
from tests.helpers.miniature import VOICES, build_objective

BATCH = 8


def run(encoders: tuple[Path, Path], manifest: Path, out: Path) -> None:
    items = read_manifest(manifest, tuple(VOICES))
    accelerator = Accelerator(cpu=True)
    found: dict[str, torch.Tensor] = {}
    for name, labelling in (("single", SingleLabel()), ("multi", MultiLabel())):
        objective, tokenizer = build_objective(encoders, labelling, modality_dropout=0.3)
        utterances = Utterances(items, objective.model, tokenizer)
        if name == "single":
            logits = predict_utterances(objective, utterances, accelerator, batch_size=2, workers=0)
            found |= {"emotion": logits.emotion, "inconsistency": logits.inconsistency}
        module = accelerator.prepare(objective.eval())
        order = RandomOrder(
            len(items),
            BATCH // accelerator.num_processes,
            accelerator.process_index,
            accelerator.num_processes,
            seed=0,
        )
        losses = module(utterances[order.rows(0)], seed=5, augmentation_weight=0.6)
        accelerator.backward(losses.total(LossWeights()))
        for component, value in vars(losses).items():
            found[f"{name}.loss.{component}"] = accelerator.reduce(value.detach(), "mean")
        for parameter, value in objective.named_parameters():
            found[f"{name}.gradient.{parameter}"] = value.grad
    if accelerator.is_main_process:
        save_file({key: value.contiguous() for key, value in found.items()}, out)
        print(f"{accelerator.num_processes} processes")
