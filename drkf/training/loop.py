"""One resumable optimisation: steps, epochs, selection on dev, a state file written whole."""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import torch
from accelerate import Accelerator, DistributedType
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from tqdm.auto import tqdm

from drkf.errors import CheckpointError
from drkf.files import remove_parts
from drkf.model.storage import read_tensors, save_tensors
from drkf.training.config import StageConfig
from drkf.training.same_run import BEST

#: What to do about a file of a work folder that is damaged or belongs to another run.
NEW_FOLDER = "give an empty work folder"

Scores = Mapping[str, float]
#: The sum and the number of each logged value so far in an epoch.
Running = dict[str, tuple[float, int]]

#: Whole tensors in the CPU's memory, however FSDP has sharded them.
WHOLE = StateDictOptions(full_state_dict=True, cpu_offload=True)


@dataclass
class StageProgress:
    """Where a stage stands; travels in the state file's metadata.

    ``running`` is the begun epoch's log, so that a resumed epoch's averages cover all of it.
    """

    step: int = 0
    best: float = -math.inf
    best_epoch: int = -1
    seconds: float = 0.0
    finished: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    running: Running = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class StepResult:
    """The loss (a scalar with gradient) and named values for the log."""

    loss: Tensor
    logged: dict[str, float]


class Stage:
    """Optimises ``module`` and leaves it at its best epoch on dev, or, where epochs are named to be
    averaged, at the mean of their weights (stochastic weight averaging over the ends of the
    learning rate's cycles, Izmailov et al. 2018).

    Every random draw of a step is seeded by (seed, step) and batches are indexed by step, so a
    run killed at any moment continues from its last state file as if nothing had happened.
    With several processes the prepared module must itself make its loss one of the whole batch
    (see ``drkf.experiments.objective``); the accelerator's ``gradient_accumulation_steps`` batches
    make a step.
    """

    def __init__(
        self,
        name: str,
        module: nn.Module,
        encoder_parameters: list[nn.Parameter],
        config: StageConfig,
        folder: Path,
        accelerator: Accelerator,
        seed: int,
        save_minutes: float,
    ):
        self.name, self.module, self.config = name, module, config
        self.folder, self.accelerator, self.seed = folder, accelerator, seed
        self.save_seconds = 60 * save_minutes
        self.progress = StageProgress()
        folder.mkdir(parents=True, exist_ok=True)
        if accelerator.is_main_process:
            remove_parts(folder)
        encoder = {id(p) for p in encoder_parameters}
        heads = [p for p in module.parameters() if p.requires_grad and id(p) not in encoder]
        self.encoder_parameters = encoder_parameters
        self.rates = [config.learning_rate]
        groups: list[dict[str, Any]] = [{"params": heads}]
        if encoder_parameters:
            self.rates.append(config.encoder_learning_rate)
            groups.append({"params": encoder_parameters})
        self.optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=True)
        self.total = config.epochs * config.steps

    @property
    def state_path(self) -> Path:
        return self.folder / "state.safetensors"

    @property
    def best_path(self) -> Path:
        return self.folder / BEST

    def run(
        self,
        batches: Callable[[int, int], Iterator[Any]],
        step_loss: Callable[[nn.Module, Any, int], StepResult],
        evaluate: Callable[[], Scores],
    ) -> StageProgress:
        """Trains to the end (or resumes), then loads the best epoch's or the averaged weights.

        Raises:
            CheckpointError: the loss is not finite, or the folder's files are unusable.

        Args:
            batches: (first, end) -> those batches; a step takes one, or as many as gradients
                are accumulated over.
            step_loss: (prepared module, batch, the batch's number) -> loss.
            evaluate: dev scores; the one named ``score`` selects the epoch.
        """
        optimizer_state = self._resume()
        if not self.progress.finished:
            model, optimizer = self.accelerator.prepare(self.module, self.optimizer)
            self._load_optimizer(optimizer_state)
            saved_at = started = time.monotonic()
            while self.progress.step < self.total and not self._out_of_patience():
                started = time.monotonic()
                saved_at = self._epoch(model, optimizer, batches, step_loss, saved_at)
                self.module.eval()
                self._close_epoch(evaluate(), time.monotonic() - started)
            if self.config.averaged:
                self._average(evaluate)
            self.progress.finished = True
            self._save_state()
        self.accelerator.wait_for_everyone()
        self._load_best()
        self.module.eval()
        return self.progress

    def _epoch(
        self,
        model: nn.Module,
        optimizer: Any,
        batches: Callable[[int, int], Iterator[Any]],
        step_loss: Callable[[nn.Module, Any, int], StepResult],
        saved_at: float,
    ) -> float:
        """Trains to the epoch's end; when the state was last saved, in monotonic seconds."""
        steps, micro_steps = self.config.steps, self.accelerator.gradient_accumulation_steps
        epoch, done = divmod(self.progress.step, steps)
        end = (epoch + 1) * steps
        running = self.progress.running
        self.module.train()
        for parameter in self.encoder_parameters:  # AdamW leaves those without a gradient alone
            parameter.requires_grad_(epoch >= self.config.frozen)
        stream = batches(self.progress.step * micro_steps, end * micro_steps)
        bar = tqdm(
            range(self.progress.step, end),
            initial=done,
            total=steps,
            desc=f"{self.name} {epoch + 1}/{self.config.epochs}",
            disable=None if self.accelerator.is_main_process else True,
            mininterval=5,
        )
        for step in bar:
            for group, rate in zip(optimizer.param_groups, self.rates, strict=True):
                group["lr"] = rate * self._schedule(step)
            for number in range(step * micro_steps, (step + 1) * micro_steps):
                result = self._descend(model, optimizer, next(stream), step_loss, number)
                for key, value in result.logged.items():
                    total, count = running.get(key, (0.0, 0))
                    running[key] = total + value, count + 1
            bar.set_postfix(loss=f"{result.loss.item():.3f}")
            self.progress.step = step + 1
            if self.progress.step < end and self._agreed(
                time.monotonic() - saved_at > self.save_seconds
            ):
                self._save_state()
                saved_at = time.monotonic()
        return saved_at

    def _descend(
        self,
        model: nn.Module,
        optimizer: Any,
        batch: Any,
        step_loss: Callable[[nn.Module, Any, int], StepResult],
        number: int,
    ) -> StepResult:
        """One batch forward and backward; the optimiser moves once enough are accumulated."""
        # Each process draws its own dropout; the first draws what a single one would.
        own = 982_451_653 * self.accelerator.process_index  # the CPU's generator sees 32 bits
        torch.manual_seed(self.seed * 1_000_003 + number + own)
        with self.accelerator.accumulate(model):
            with self.accelerator.autocast():
                result = step_loss(model, batch, number)
            if not torch.isfinite(result.loss):
                raise CheckpointError(f"{self.name}: the loss is not finite at batch {number}")
            self.accelerator.backward(result.loss)
            if self.accelerator.sync_gradients:
                self.accelerator.clip_grad_norm_(model.parameters(), self.config.gradient_clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return result

    def _schedule(self, step: int) -> float:
        """Linear warm-up, then cosine to zero; again from each restart (SGDR, Loshchilov &
        Hutter 2017)."""
        bounds = [0, *(epoch * self.config.steps for epoch in self.config.restarts), self.total]
        start, end = next((a, b) for a, b in pairwise(bounds) if step < b)
        step, total = step - start, end - start
        warmup = max(1, round(self.config.warmup * total))
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))

    def _close_epoch(self, dev: Scores, seconds: float) -> None:
        progress = self.progress
        epoch = progress.step // self.config.steps
        progress.seconds += seconds
        train = {key: round(total / n, 4) for key, (total, n) in progress.running.items()}
        progress.running.clear()
        self._log({"epoch": epoch, "seconds": round(seconds), "train": train}, dev)
        if epoch in self.config.averaged:
            self._save_model(self._epoch_path(epoch))
        if dev["score"] > progress.best:
            progress.best, progress.best_epoch = dev["score"], epoch
            self._save_model(self.best_path)
        self._save_state()

    def _average(self, evaluate: Callable[[], Scores]) -> None:
        """The mean of the named epochs' weights, those that patience has left, takes the place
        of the best epoch's."""
        reached = [epoch for epoch in self.config.averaged if self._epoch_path(epoch).is_file()]
        if not reached:
            return
        if self.accelerator.is_main_process:
            parts = [read_tensors(self._epoch_path(epoch), NEW_FOLDER)[0] for epoch in reached]
            mean = {
                name: torch.stack([part[name].double() for part in parts]).mean(0).to(value.dtype)
                for name, value in parts[0].items()
            }
            save_tensors(mean, self.best_path)
        self.accelerator.wait_for_everyone()
        self._load_best()
        self.module.eval()
        self._log({"averaged": reached}, evaluate())

    def _log(self, entry: Mapping[str, Any], dev: Scores) -> None:
        """Notes an entry with its dev scores in the history, and prints it."""
        scores = {key: round(value, 4) for key, value in dev.items()}
        self.progress.history.append({**entry, "dev": scores})
        self.accelerator.print(json.dumps({"stage": self.name, **self.progress.history[-1]}))

    def _out_of_patience(self) -> bool:
        epoch = self.progress.step // self.config.steps
        return epoch - max(self.progress.best_epoch, 0) >= self.config.patience > 0

    @property
    def _sharded(self) -> bool:
        return self.accelerator.distributed_type == DistributedType.FSDP

    def _agreed(self, wish: bool) -> bool:
        """Whether to save now: sharded weights can only be saved by all processes together."""
        if not self._sharded:
            return wish
        wishes = torch.tensor(float(wish), device=self.accelerator.device)
        return bool(self.accelerator.reduce(wishes, "sum") > 0)

    def _epoch_path(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch}.safetensors"

    def _save_model(self, path: Path) -> None:
        tensors = self._model_state()
        if self.accelerator.is_main_process:
            save_tensors(tensors, path)

    def _model_state(self) -> dict[str, Any]:
        """Whole tensors by name; under FSDP every process must ask, and the first one gets them."""
        if self._sharded:
            return get_model_state_dict(self.module, options=WHOLE)
        return self.module.state_dict()

    def _optimizer_state(self) -> dict[str, Any]:
        """The same of the optimiser's state, by number, under FSDP by name."""
        if self._sharded:
            return get_optimizer_state_dict(self.module, self.optimizer, options=WHOLE)
        return self.optimizer.state_dict()

    def _save_state(self) -> None:
        if not (self._sharded or self.accelerator.is_main_process):
            return
        model, optimizer = self._model_state(), self._optimizer_state()
        if not self.accelerator.is_main_process:
            return
        tensors = {f"model.{name}": value for name, value in model.items()}
        for parameter, state in optimizer["state"].items():
            for key, value in state.items():
                tensors[f"optimizer.{parameter}.{key}"] = value
        save_tensors(tensors, self.state_path, {"progress": json.dumps(vars(self.progress))})

    def _resume(self) -> dict[str, dict[str, Tensor]]:
        """Loads weights and progress; the optimiser's state, by parameter, is for later."""
        optimizer: dict[str, dict[str, Tensor]] = defaultdict(dict)
        if not self.state_path.is_file():
            return optimizer
        tensors, metadata = read_tensors(self.state_path, NEW_FOLDER)
        model = {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                parameter, _, key = name.removeprefix("optimizer.").rpartition(".")
                optimizer[parameter][key] = value
        try:
            self.module.load_state_dict(model)
            self.progress = StageProgress(**json.loads(metadata["progress"]))
        except (RuntimeError, ValueError, TypeError, KeyError):
            raise self._other_model(self.state_path) from None
        return optimizer

    def _load_optimizer(self, state: dict[str, dict[str, Tensor]]) -> None:
        if not state:
            return
        try:
            if self._sharded:
                own = get_optimizer_state_dict(self.module, self.optimizer)
                whole = {**own, "state": cast(Any, state)}
                set_optimizer_state_dict(self.module, self.optimizer, whole, options=WHOLE)
            else:
                numbered = {int(number): values for number, values in state.items()}
                groups = self.optimizer.state_dict()["param_groups"]
                self.optimizer.load_state_dict({"state": numbered, "param_groups": groups})
        except (RuntimeError, ValueError, TypeError, KeyError):
            raise self._other_model(self.state_path) from None

    def _load_best(self) -> None:
        if not self.best_path.is_file():
            raise CheckpointError(f"{self.name}: no epoch ended with a dev score, nothing to keep")
        tensors: Any = read_tensors(self.best_path, NEW_FOLDER)[0]
        try:
            if self._sharded:
                set_model_state_dict(self.module, tensors, options=WHOLE)
            else:
                self.module.load_state_dict(tensors)
        except RuntimeError:
            raise self._other_model(self.best_path) from None

    @staticmethod
    def _other_model(path: Path) -> CheckpointError:
        return CheckpointError(f"{path} is of another model: {NEW_FOLDER}")
