"""Training with sharded weights (FSDP), interrupted and resumed, in two processes.

Accelerate turns FSDP on for GPUs alone; here its plug-in is set by hand, so that the same code
runs on the CPU.
"""

from __future__ import annotations

from pathlib import Path

from accelerate import (
    Accelerator,
    DistributedType,
    FullyShardedDataParallelPlugin,
    PartialState,
)
from safetensors.torch import save_file
from torch.distributed.tensor import DTensor

from drkf.data.manifest import read_manifest
from drkf.experiments.batches import RandomOrder, Utterances
from drkf.experiments.benchmark import predict_utterances, whole_batch
from drkf.experiments.objective import JointObjective
from drkf.model.labelling import SingleLabel
from drkf.model.losses import LossWeights
from drkf.training.config import StageConfig
from drkf.training.loop import Stage, StageProgress, StepResult
from tests.helpers.miniature import VOICES, build_objective


class Interrupted(Exception):
    """Stands for a killed run."""


def train(
    encoders: tuple[Path, Path],
    manifest: Path,
    folder: Path,
    accelerator: Accelerator,
    interrupt: bool,
) -> tuple[JointObjective, Utterances, StageProgress]:
    """Two epochs of two steps; with ``interrupt`` the second one ends in an exception."""
    objective, tokenizer = build_objective(encoders, SingleLabel())
    utterances = Utterances(read_manifest(manifest, tuple(VOICES)), objective.model, tokenizer)
    order = RandomOrder(
        len(utterances),
        8 // accelerator.num_processes,
        accelerator.process_index,
        accelerator.num_processes,
        seed=0,
    )
    stage = Stage(
        "fold",
        objective,
        [],
        StageConfig(epochs=2, steps=2, patience=0, warmup=0.5),
        folder,
        accelerator,
        seed=0,
        save_minutes=0.0,
    )
    objective.eval()  # training mode's draws differ between one process and two
    objective.train = lambda mode=True: objective  # type: ignore[method-assign]

    def step_loss(module, batch, number):
        losses = module(batch, seed=number, augmentation_weight=1.0)
        return StepResult(losses.total(LossWeights()), whole_batch(losses, batch, accelerator))

    def evaluate() -> dict[str, float]:
        if interrupt and stage.progress.step == 4:
            raise Interrupted
        predict_utterances(objective, utterances, accelerator, batch_size=2, workers=0)
        return {"score": float(stage.progress.step)}

    def batches(first: int, end: int):
        return iter([utterances[order.rows(number)] for number in range(first, end)])

    stage.run(batches, step_loss, evaluate)
    return objective, utterances, stage.progress


def main(encoders: tuple[Path, Path], manifest: Path, out: Path, sharded: bool) -> None:
    accelerator = Accelerator(cpu=True)
    if sharded:
        PartialState().distributed_type = DistributedType.FSDP
        accelerator.state.distributed_type = DistributedType.FSDP
        accelerator.state.fsdp_plugin = FullyShardedDataParallelPlugin(
            fsdp_version=2,
            auto_wrap_policy="transformer_based_wrap",
            cpu_ram_efficient_loading=False,
        )
        try:
            train(encoders, manifest, out / "work", accelerator, interrupt=True)
        except Interrupted:
            accelerator.free_memory()
    objective, utterances, progress = train(
        encoders, manifest, out / "work", accelerator, interrupt=False
    )
    shards = sum(isinstance(p, DTensor) for p in objective.parameters())
    logits = predict_utterances(objective, utterances, accelerator, batch_size=2, workers=0)
    if accelerator.is_main_process:
        save_file({"emotion": logits.emotion}, out / "logits.safetensors")
        print(f"{shards} of {len(list(objective.parameters()))} sharded, {progress.step} steps")
