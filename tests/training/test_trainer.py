"""Training survives being killed at any moment, and never sees the held-out speakers."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn

from drkf.data.manifest import Item
from drkf.data.split import leave_out
from drkf.errors import CheckpointError, ConfigError, ManifestError
from drkf.evaluation.card import render_speech_stage
from drkf.evaluation.config import YardstickConfig
from drkf.model import storage
from drkf.model.encoders import freeze_layers
from drkf.model.pretrained import load_speech_encoder, load_text_encoder
from drkf.training import fusion as fusion_training
from drkf.training import speech_batches
from drkf.training import trainer as training
from drkf.training.about import encoder_name
from drkf.training.augment import MixConfig
from drkf.training.config import (
    ModelConfig,
    PairingConfig,
    StageConfig,
    TrainConfig,
    without_corpora,
)
from drkf.training.distillation import DistillationConfig
from drkf.training.fusion import text_weights
from drkf.training.loop import Stage, StageProgress, StepResult
from drkf.training.speech_batches import SpeechBatches
from drkf.training.trainer import Trainer, read_corpora, subset
from drkf.training.voices import VoiceConfig
from tests.helpers.miniature_corpora import write_rows


class Killed(Exception):
    """Stands for the process being killed."""


@pytest.fixture(autouse=True)
def fresh_accelerator() -> Iterator[None]:
    """Accelerate keeps its precision for the whole process; these tests must not inherit it."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tensors this small are computed faster by one thread than by several that wait, and the
    runs that are compared must add up in the same order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# A stage of its own -------------------------------------------------------------------------

STEPS, EPOCHS = 4, 3


def toy_module() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(5, 16), nn.Dropout(0.3), nn.Linear(16, 3))


def toy_batches(start: int, end: int) -> Iterator[tuple[Tensor, Tensor]]:
    for step in range(start, end):
        generator = torch.Generator().manual_seed(step)
        x = torch.randn(8, 5, generator=generator)
        yield x, x[:, :3].argmax(1)


def toy_loss(module: nn.Module, batch: tuple[Tensor, Tensor], step: int) -> StepResult:
    loss = nn.functional.cross_entropy(module(batch[0]), batch[1])
    return StepResult(loss, {"CE": float(loss.detach())})


def toy_stage(
    folder: Path, save_minutes: float = 0.0, module: nn.Module | None = None, **changes: Any
) -> Stage:
    settings: dict[str, Any] = {
        "epochs": EPOCHS,
        "steps": STEPS,
        "learning_rate": 0.05,
        "patience": 0,
    }
    return Stage(
        "toy",
        module or toy_module(),
        [],
        StageConfig(**(settings | changes)),
        folder,
        Accelerator(cpu=True, mixed_precision="no"),
        seed=1,
        save_minutes=save_minutes,
    )


def run_toy(
    stage: Stage, loss: Callable[..., StepResult] = toy_loss, scores: list[float] | None = None
) -> StageProgress:
    """``scores`` are given to the epochs in turn; without them dev loss decides."""

    def evaluate() -> dict[str, float]:
        if scores is not None:
            return {"score": scores[stage.progress.step // STEPS - 1]}
        assert not stage.module.training
        with torch.no_grad():
            x, y = next(toy_batches(1000, 1001))
            return {"score": -float(nn.functional.cross_entropy(stage.module(x), y))}

    return stage.run(toy_batches, loss, evaluate)


def weights(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor], atol: float = 0.0) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], atol=atol, rtol=0, msg=name)


@pytest.fixture
def uninterrupted(tmp_path: Path) -> tuple[dict[str, Tensor], StageProgress]:
    stage = toy_stage(tmp_path / "uninterrupted", save_minutes=60)
    progress = run_toy(stage)
    assert progress.finished and progress.step == STEPS * EPOCHS
    return weights(stage.module), progress


@pytest.mark.parametrize("save_minutes", [0.0, 60.0])
@pytest.mark.parametrize("kill_at", range(STEPS * EPOCHS))
def test_a_run_killed_at_any_step_ends_as_if_it_had_not_been(
    kill_at: int,
    save_minutes: float,
    tmp_path: Path,
    uninterrupted: tuple[dict[str, Tensor], StageProgress],
) -> None:
    def killing(module: nn.Module, batch: tuple[Tensor, Tensor], step: int) -> StepResult:
        if step == kill_at:
            raise Killed
        return toy_loss(module, batch, step)

    with pytest.raises(Killed):
        run_toy(toy_stage(tmp_path / "work", save_minutes), killing)
    steps_run = []

    def counting(module: nn.Module, batch: tuple[Tensor, Tensor], step: int) -> StepResult:
        steps_run.append(step)
        return toy_loss(module, batch, step)

    torch.manual_seed(12345)  # another process, another history
    stage = toy_stage(tmp_path / "work", save_minutes)
    progress = run_toy(stage, counting)
    expected, reference = uninterrupted
    assert_same(weights(stage.module), expected)
    assert (progress.best, progress.best_epoch) == (reference.best, reference.best_epoch)
    for part in ("dev", "train"):  # a resumed epoch's averages cover all of it
        assert [e[part] for e in progress.history] == [e[part] for e in reference.history]
    # Nothing is done twice but the steps since the last state file.
    first = kill_at if save_minutes == 0.0 else kill_at - kill_at % STEPS
    assert steps_run == list(range(first, STEPS * EPOCHS))


@pytest.mark.parametrize("averaged", [(), (1, 3)])
@pytest.mark.parametrize("half_written", [False, True])
def test_a_run_killed_at_any_write_ends_as_if_it_had_not_been(
    half_written: bool,
    averaged: tuple[int, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Among them the moments between the best weights and the state that knows of them."""
    uninterrupted = toy_stage(tmp_path / "uninterrupted", averaged=averaged)
    run_toy(uninterrupted)
    real = storage.save_file
    written: list[str] = []
    kill_at = 0

    def killing(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
        if len(written) == kill_at:
            if half_written:
                real(tensors, path, metadata)
                path.write_bytes(path.read_bytes()[:-50])
            raise Killed
        written.append(path.name)
        real(tensors, path, metadata)

    kills = 0
    while True:
        work = tmp_path / f"work{kill_at}"
        written.clear()
        monkeypatch.setattr(storage, "save_file", killing)
        try:
            run_toy(toy_stage(work, averaged=averaged))
        except Killed:
            kills += 1
        else:
            break
        monkeypatch.setattr(storage, "save_file", real)
        stage = toy_stage(work, averaged=averaged)
        run_toy(stage)
        assert_same(weights(stage.module), weights(uninterrupted.module))
        kill_at += 1
    assert kills == len(written) >= STEPS * EPOCHS
    assert {name.split(".")[0] for name in written} >= {"best", "state"}


def watch_epochs(stage: Stage) -> list[dict[str, Tensor]]:
    """A list that each epoch's weights will be added to."""
    seen: list[dict[str, Tensor]] = []
    close = stage._close_epoch

    def watching(*arguments: Any) -> None:
        seen.append(weights(stage.module))
        close(*arguments)

    stage._close_epoch = watching  # type: ignore[method-assign]
    return seen


def test_the_best_epoch_is_kept_and_loaded_not_the_last(tmp_path: Path) -> None:
    stage = toy_stage(tmp_path)
    seen = watch_epochs(stage)
    progress = run_toy(stage, scores=[0.2, 0.9, 0.5])
    assert (progress.best, progress.best_epoch) == (0.9, 2)
    assert_same(weights(stage.module), seen[1])
    assert not stage.module.training
    again = toy_stage(tmp_path)
    run_toy(again, scores=[])  # finished: nothing is trained or evaluated
    assert_same(weights(again.module), seen[1])


def test_averaged_epochs_take_the_best_ones_place(tmp_path: Path) -> None:
    stage = toy_stage(tmp_path, averaged=(1, 3))
    seen = watch_epochs(stage)
    progress = run_toy(stage, scores=[0.2, 0.9, 0.5])
    mean = {name: (seen[0][name] + seen[2][name]) / 2 for name in seen[0]}
    assert_same(weights(stage.module), mean, atol=1e-6)
    assert progress.history[-1] == {"averaged": [1, 3], "dev": {"score": 0.5}}
    stopped = toy_stage(tmp_path / "stopped", patience=1, averaged=(1, 3))
    run_toy(stopped, scores=[0.9, 0.1, 0.5])
    assert stopped.progress.history[-1]["averaged"] == [1], "patience left no third epoch"


@pytest.mark.parametrize("averaged", [(0,), (1, 11)])
def test_averaged_epochs_lie_within_the_stage(averaged: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="averaged epochs lie from 1 to 10"):
        StageConfig(epochs=10, averaged=averaged)


def test_patience_ends_a_stage_early(tmp_path: Path) -> None:
    stage = toy_stage(tmp_path, epochs=9, patience=2)
    progress = run_toy(stage, scores=[0.1, 0.5, 0.4, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9])
    assert progress.step == 4 * STEPS
    assert progress.best_epoch == 2


def test_the_rate_warms_up_and_falls_to_nothing(tmp_path: Path) -> None:
    stage = toy_stage(tmp_path, epochs=10, steps=10, warmup=0.1)
    rates = [stage._schedule(step) for step in range(100)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert all(a >= b for a, b in pairwise(rates[9:]))
    assert rates[-1] < 0.01


def test_a_restart_begins_the_schedule_again(tmp_path: Path) -> None:
    stage = toy_stage(tmp_path, epochs=10, steps=10, warmup=0.1, restarts=(4,))
    alone = toy_stage(tmp_path, epochs=6, steps=10, warmup=0.1)
    assert stage._schedule(39) < 0.01 and stage._schedule(40) < stage._schedule(45) == 1.0
    rates = [stage._schedule(step) for step in range(40, 100)]
    assert rates == [alone._schedule(step) for step in range(60)]


@pytest.mark.parametrize("restarts", [(0,), (10,), (4, 4), (6, 3)])
def test_restarts_lie_within_the_stage_and_rise(restarts: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="restarts must rise from 1 to 9 epochs"):
        StageConfig(epochs=10, restarts=restarts)


def test_encoder_parameters_have_their_own_rate_and_frozen_ones_rest(tmp_path: Path) -> None:
    module = toy_module()
    module[2].bias.requires_grad_(False)
    before = weights(module)
    encoder = list(module[0].parameters())
    config = StageConfig(epochs=1, steps=2, learning_rate=0.1, encoder_learning_rate=1e-9)
    accelerator = Accelerator(cpu=True, mixed_precision="no")
    stage = Stage("toy", module, encoder, config, tmp_path, accelerator, 0, 60)
    stage.run(lambda a, b: toy_batches(a, b), toy_loss, lambda: {"score": 1.0})
    after = weights(module)
    assert torch.equal(after["2.bias"], before["2.bias"])
    assert float((after["0.weight"] - before["0.weight"]).abs().max()) < 1e-7
    assert float((after["2.weight"] - before["2.weight"]).abs().max()) > 1e-2


def test_the_encoder_rests_in_the_frozen_epochs_and_moves_after_them(tmp_path: Path) -> None:
    before = toy_module()
    moved = []
    for epochs in (2, 3):
        module = toy_module()
        config = StageConfig(epochs=epochs, steps=2, encoder_learning_rate=0.1, frozen=2)
        accelerator = Accelerator(cpu=True, mixed_precision="no")
        folder = tmp_path / str(epochs)
        stage = Stage(
            "toy", module, list(module[0].parameters()), config, folder, accelerator, 0, 0
        )
        scores = iter(range(epochs))
        stage.run(toy_batches, toy_loss, lambda: {"score": float(next(scores))})  # noqa: B023
        moved.append(not torch.equal(module[0].weight, before[0].weight))
        assert not torch.equal(module[2].weight, before[2].weight)
    assert moved == [False, True]


@pytest.mark.parametrize(
    ("settings", "told"),
    [({"frozen": 11}, "frozen must be from 0 to 10"), ({"frozen_layers": -1}, "frozen_layers")],
)
def test_frozen_parts_are_parts(settings: dict[str, int], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        StageConfig(epochs=10, **settings)


def test_the_first_layers_of_both_encoders_stay_as_they_were(
    tiny_encoders: tuple[Path, Path],
) -> None:
    speech, text = load_speech_encoder(tiny_encoders[0])[0], load_text_encoder(tiny_encoders[1])[0]
    for encoder in speech, text:
        freeze_layers(encoder, 0)
        assert all(p.requires_grad for p in encoder.model.parameters())
        freeze_layers(encoder, 1)
        trained = {id(p) for p in encoder.model.parameters() if p.requires_grad}
        assert trained == {id(p) for p in encoder.blocks[1].parameters()}


def test_a_state_of_another_model_is_refused(tmp_path: Path) -> None:
    run_toy(toy_stage(tmp_path))
    other = nn.Sequential(nn.Linear(5, 8), nn.Linear(8, 3))
    with pytest.raises(CheckpointError, match=r"state\.safetensors is of another model"):
        run_toy(toy_stage(tmp_path, module=other))


def test_a_damaged_state_is_refused_by_one_line(tmp_path: Path) -> None:
    run_toy(toy_stage(tmp_path))
    path = tmp_path / "state.safetensors"
    whole = path.read_bytes()
    for content in (whole[:-10], b"", b"not a state"):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"state\.safetensors is damaged") as caught:
            run_toy(toy_stage(tmp_path))
        assert "\n" not in str(caught.value)
    path.write_bytes(whole)
    (tmp_path / "best.safetensors").unlink()
    with pytest.raises(CheckpointError, match="nothing to keep"):
        run_toy(toy_stage(tmp_path))


def test_a_loss_that_is_not_finite_stops_the_run(tmp_path: Path) -> None:
    def breaking(module: nn.Module, batch: tuple[Tensor, Tensor], step: int) -> StepResult:
        result = toy_loss(module, batch, step)
        return StepResult(result.loss * (float("nan") if step == 2 else 1.0), result.logged)

    with pytest.raises(CheckpointError, match=r"not finite at .* 2"):
        run_toy(toy_stage(tmp_path), breaking)


# The whole of DRKF on a miniature corpus ----------------------------------------------------

STAGE = {"learning_rate": 3e-3, "encoder_learning_rate": 1e-3, "patience": 0}
TINY = TrainConfig(
    seed=2,
    dev_fraction=0.4,
    dev_clips=4,
    save_minutes=0.0,
    precision="no",
    model=ModelConfig(
        hidden_size=16,
        augmentation_sizes=(8,),
        augmentation_blocks=2,
        projection_size=8,
        fusion_layers=1,
        fusion_heads=2,
        fusion_ff_size=16,
        max_audio_tokens=40,
        max_text_tokens=24,
    ),
    speech=StageConfig(epochs=2, steps=3, batch_size=3, averaged=(1, 2), **STAGE),
    mix=MixConfig(share=1.0, after=1),
    text=StageConfig(epochs=1, steps=3, batch_size=4, **STAGE),
    fusion=StageConfig(epochs=2, steps=3, batch_size=6, **STAGE),
    pairing=PairingConfig(own_words=2, text_only=3),
    distillation=DistillationConfig(weight=0.5, mixed=0.5),
)
TOTAL_STEPS = 3 + 2 * 3 + 2 * 3

MakeTrainer = Callable[[Path], Trainer]


@pytest.fixture
def make_trainer(miniature: tuple[Path, Path], tiny_encoders: tuple[Path, Path]) -> MakeTrainer:
    def make(work: Path) -> Trainer:
        corpora = read_corpora(*miniature, TINY.dev_fraction, TINY.seed)
        return Trainer(TINY, corpora, str(tiny_encoders[0]), str(tiny_encoders[1]), work)

    return make


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory,
    miniature: tuple[Path, Path],
    tiny_encoders: tuple[Path, Path],
) -> tuple[dict[str, Tensor], Trainer]:
    """An uninterrupted run's weights."""
    AcceleratorState._reset_state(reset_partial_state=True)
    corpora = read_corpora(*miniature, TINY.dev_fraction, TINY.seed)
    work = tmp_path_factory.mktemp("finished")
    trainer = Trainer(TINY, corpora, str(tiny_encoders[0]), str(tiny_encoders[1]), work)
    return weights(trainer.train()), trainer


def test_the_three_stages_train_every_part(
    finished: tuple[dict[str, Tensor], Trainer], make_trainer: MakeTrainer, tmp_path: Path
) -> None:
    trained, trainer = finished
    untrained = weights(make_trainer(tmp_path).model)
    unchanged = {name for name, value in trained.items() if torch.equal(value, untrained[name])}
    # The word embeddings are kept as they came.
    assert unchanged == {"text_encoder.model.embeddings.word_embeddings.weight"}
    assert list(trainer.stages) == ["text", "speech", "fusion"]
    assert all(progress.finished for progress in trainer.stages.values())
    history = trainer.stages["fusion"].history
    assert {
        "CE",
        "BCE",
        "MI_AUDIO",
        "MI_TEXT",
        "MI_AUDIO_TEXT",
        "MSE_AUDIO",
        "KLD_TEXT",
        "CE_AUDIO",
    } <= set(history[0]["train"])
    assert {"voice_uar_mini", "words_wf1_meld", "ed_auroc", "score"} <= set(history[0]["dev"])
    assert all(torch.isfinite(v).all() for v in trained.values() if v.is_floating_point())


def test_voices_are_mixed_after_the_epochs_that_hear_one_at_a_time(
    make_trainer: MakeTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets = []

    class Spy(SpeechBatches):
        def __init__(self, *args: Any):
            super().__init__(*args)
            targets.extend(self[step].targets for step in range(2 * 3))
            raise Killed

    monkeypatch.setattr(training, "SpeechBatches", Spy)
    with pytest.raises(Killed):
        make_trainer(tmp_path).warm_up_speech()
    sure = [bool((target.max(-1).values == 1).all()) for target in targets]
    assert all(sure[:3])
    assert not all(sure[3:])


@pytest.mark.parametrize("every", [4, 5])
def test_training_killed_again_and_again_ends_as_if_it_had_not_been(
    every: int,
    make_trainer: MakeTrainer,
    finished: tuple[dict[str, Tensor], Trainer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = 0

    def killing(loss: Tensor, logged: dict[str, float]) -> StepResult:
        nonlocal steps
        steps += 1
        if steps % every == 0:
            raise Killed
        return StepResult(loss, logged)

    for module in training, fusion_training:
        monkeypatch.setattr(module, "StepResult", killing)
    kills = 0
    while True:
        try:
            trainer = make_trainer(tmp_path)
            model = trainer.train()
            break
        except Killed:
            kills += 1
            assert kills < 10
    assert kills == (TOTAL_STEPS - 1) // (every - 1)
    assert_same(weights(model), finished[0], atol=1e-6)
    for name, progress in trainer.stages.items():
        reference = finished[1].stages[name]
        assert (progress.best, progress.best_epoch) == (reference.best, reference.best_epoch)


def test_the_card_tells_what_the_speech_stage_does() -> None:
    told = " ".join(render_speech_stage(TINY.to_dict()).split())
    assert "In epoch 2, 100% of" in told
    assert "after epochs 1 and 2" in told
    assert render_speech_stage(TrainConfig().to_dict()) == ""


def test_a_work_folder_of_another_model_is_refused(
    make_trainer: MakeTrainer, tmp_path: Path
) -> None:
    trainer = make_trainer(tmp_path)
    trainer.warm_up_text()
    state = tmp_path / "text" / "state.safetensors"
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech" / "state.safetensors").write_bytes(state.read_bytes())
    with pytest.raises(CheckpointError, match="of another model"):
        trainer.warm_up_speech()


def test_no_held_out_speaker_or_text_is_in_a_training_batch(
    make_trainer: MakeTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watches every clip that a training batch opens and every row that is encoded to train."""
    trainer = make_trainer(tmp_path)
    train, dev = trainer.corpora.speech_train, trainer.corpora.speech_dev
    held_out = {item.audio for item in dev}
    assert {i.speaker for i in train} & {i.speaker for i in dev} == set()
    assert len({i.speaker for i in dev}) == 2 and len(train) + len(dev) == 15
    opened: set[Path] = set()
    real_load, real_store = speech_batches.load_audio, training.speech_store
    stored: list[list[Item]] = []

    def watching_load(path: Path) -> Any:
        opened.add(path)
        return real_load(path)

    def watching_store(model: Any, items: list[Item], *rest: Any, **named: Any) -> Any:
        stored.append(items)
        return real_store(model, items, *rest, **named)

    def in_this_process(dataset: Any) -> Any:
        return lambda start, end: (dataset[step] for step in range(start, end))

    monkeypatch.setattr(speech_batches, "load_audio", watching_load)
    monkeypatch.setattr(training, "speech_store", watching_store)
    monkeypatch.setattr(Trainer, "_loader", staticmethod(in_this_process))
    trainer.train()
    assert opened and not opened & held_out
    # Clips on which fusion trains, and dev clips: never in one store.
    kinds = [{item.audio in held_out for item in items} for items in stored]
    assert kinds.count({False}) == TINY.pairing.audio_views
    assert {True, False} not in kinds
    read = {item.text for item in trainer.corpora.text_train}
    assert not read & {item.text for item in trainer.corpora.text_dev}


def test_a_split_column_decides_where_there_is_one(
    miniature: tuple[Path, Path], tmp_path: Path
) -> None:
    with (miniature[0] / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["split"] = {"s0": "dev", "s1": "test"}.get(row["speaker"], "train")
        row["audio"] = str(miniature[0] / row["audio"])
    write_rows(tmp_path / "manifest.csv", rows)
    corpora = read_corpora(tmp_path, miniature[1], 0.2, 0)
    assert {item.speaker for item in corpora.speech_dev} == {"s0"}
    assert {item.speaker for item in corpora.speech_train} == {"s2", "s3", "s4"}


def test_texts_are_read_by_corpus_and_split(miniature: tuple[Path, Path], tmp_path: Path) -> None:
    corpora = read_corpora(*miniature, 0.2, 0)
    assert {item.corpus for item in corpora.text_train} == {"meld", "mixed"}
    assert len(corpora.text_train) == len(corpora.text_dev) == 19
    with pytest.raises(ManifestError, match="CORPUS_train"):
        read_corpora(miniature[0], tmp_path, 0.2, 0)


def test_a_table_without_corpora_is_one_corpus(
    miniature: tuple[Path, Path], tiny_encoders: tuple[Path, Path], tmp_path: Path
) -> None:
    with (miniature[0] / "manifest.csv").open(encoding="utf-8") as file:
        rows = [
            row | {"audio": str(miniature[0] / row["audio"])} | {"corpus": ""}
            for row in csv.DictReader(file)
        ]
    write_rows(tmp_path / "voices.csv", rows)
    corpora = read_corpora(tmp_path / "voices.csv", miniature[1], TINY.dev_fraction, TINY.seed)
    trainer = Trainer(TINY, corpora, str(tiny_encoders[0]), str(tiny_encoders[1]), tmp_path)
    trainer.warm_up_speech()
    assert "voice_uar_speech" in trainer.stages["speech"].history[0]["dev"]


def test_an_encoder_is_named_by_its_folder_or_hub_id(tmp_path: Path) -> None:
    (tmp_path / "minilm" / "model").mkdir(parents=True)
    assert encoder_name(str(tmp_path / "minilm")) == "minilm"
    assert encoder_name(str(tmp_path / "minilm" / "model")) == "minilm"
    assert encoder_name("openai/whisper-base") == "openai/whisper-base"


def test_meld_gets_its_share_of_the_texts() -> None:
    items = [Item(f"m{i}", None, "a", ("joy",), corpus="meld") for i in range(3)]
    items += [Item(f"o{i}", None, "a", ("joy",), corpus="other") for i in range(6)]
    items += [Item("two", None, "a", ("joy", "fear"), corpus="other")]
    weights = text_weights(items, 0.25, single=True)
    assert weights[:3].sum() == pytest.approx(0.25)
    assert weights[3:9].sum() == pytest.approx(0.75)
    assert weights[9] == 0.0
    assert text_weights(items, 0.25, single=False)[9] > 0
    assert text_weights(items[:3], 0.25, single=True).sum() == pytest.approx(1.0)


def test_a_subset_takes_as_much_of_each_corpus_and_the_same_each_time() -> None:
    items = [Item(f"{c}{i}", None, "a", ("joy",), corpus=c) for c in "ab" for i in range(30)]
    chosen = subset(items, 5, seed=1)
    assert [item.corpus for item in chosen] == ["a"] * 5 + ["b"] * 5
    assert chosen == subset(items, 5, seed=1) != subset(items, 5, seed=2)


def test_the_state_tells_where_a_run_stands(
    finished: tuple[dict[str, Tensor], Trainer],
) -> None:
    path = finished[1].work / "fusion" / "state.safetensors"
    _, metadata = storage.read_tensors(path, "")
    progress = StageProgress(**json.loads(metadata["progress"]))
    assert progress.finished and progress.step == 6
    assert [entry["epoch"] for entry in progress.history] == [1, 2]


def test_a_work_folder_of_other_data_or_another_model_is_refused(
    make_trainer: MakeTrainer,
    miniature: tuple[Path, Path],
    tiny_encoders: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    corpora = make_trainer(tmp_path).corpora
    encoders = str(tiny_encoders[0]), str(tiny_encoders[1])
    fewer = replace(corpora, text_train=corpora.text_train[:-1])
    more_steps = replace(TINY, fusion=replace(TINY.fusion, steps=9))
    Trainer(more_steps, corpora, *encoders, tmp_path)
    with pytest.raises(ConfigError, match="holds a run with another data: give an empty folder"):
        Trainer(TINY, fewer, *encoders, tmp_path)
    wider = replace(TINY, seed=3, model=replace(TINY.model, fusion_layers=2))
    with pytest.raises(ConfigError, match="another seed and model"):
        Trainer(wider, corpora, *encoders, tmp_path)


VOICED = replace(
    TINY,
    model=replace(TINY.model, voice_reference=True),
    mix=MixConfig(share=0.3),
    speech=replace(TINY.speech, batch_size=6, averaged=(), frozen=1, frozen_layers=1),
    voices=VoiceConfig(
        grouped=True, corpus_softmax=True, contrast=0.3, max_draws=25.0, interpolation=0.5
    ),
    pairing=replace(TINY.pairing, neutral_text=0.05),
    balance_texts=True,
    yardstick=YardstickConfig(unseen=("other",), unscored=("none",), known=(1, 2, 0), pairs=20),
)


@pytest.fixture
def make_voiced(miniature: tuple[Path, Path], tiny_encoders: tuple[Path, Path]) -> MakeTrainer:
    """A run with the voice's reference; one speaker's clips pass for an unseen corpus."""

    def make(work: Path) -> Trainer:
        corpora = read_corpora(*miniature, VOICED.dev_fraction, VOICED.seed)
        first = corpora.speech_train[0].speaker
        both = [
            replace(item, corpus="other") if item.speaker == first else item
            for item in corpora.speech_train
        ]
        corpora = leave_out(replace(corpora, speech_train=both), VOICED.yardstick.unseen)
        assert len(corpora.unseen) == 3
        return Trainer(VOICED, corpora, str(tiny_encoders[0]), str(tiny_encoders[1]), work)

    return make


def test_a_frozen_encoder_hears_each_clip_once(
    make_voiced: MakeTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make_voiced(tmp_path)
    config = trainer.config
    trainer.config = replace(config, speech=replace(config.speech, frozen=0, frozen_layers=2))
    before = weights(trainer.model.speech_encoder)
    heard: list[str] = []
    real_store = training.speech_store

    def watching_store(*args: Any, progress: str, **kwargs: Any) -> Any:
        heard.append(progress)
        return real_store(*args, progress=progress, **kwargs)

    monkeypatch.setattr(training, "speech_store", watching_store)
    adapter = weights(trainer.model.speech_adapter)
    trainer.warm_up_speech()
    assert sorted(heard) == ["clips, view 1", "clips, view 2", "dev", "unseen"]
    for name, value in weights(trainer.model.speech_encoder).items():
        assert torch.equal(value, before[name]), name
    assert any(
        not torch.equal(value, adapter[name])
        for name, value in weights(trainer.model.speech_adapter).items()
    )
    trainer._fusion_data()
    assert len([name for name in heard if name.startswith("clips")]) == 2, "from the cache"


def test_a_run_with_voices_is_chosen_by_the_unseen_corpus_and_resumes(
    make_voiced: MakeTrainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_voiced(tmp_path / "whole")
    trained = weights(whole.train())
    assert float(trained["voice.updates"]) == 3 * whole.stages["speech"].best_epoch
    assert trained["voice.mean"].any()
    unseen = {"unseen_uar_other", "unseen_uar_other_2", "unseen_uar_other_all"}
    for name in ("speech", "fusion"):
        entry = whole.stages[name].history[0]
        assert unseen | {"voice_uar_mini", "score"} <= set(entry["dev"])
    assert "own_gain_mini" in whole.stages["fusion"].history[0]["dev"]
    assert "MI_AUDIO" in whole.stages["speech"].history[0]["train"]
    steps = 0

    def killing(loss: Tensor, logged: dict[str, float]) -> StepResult:
        nonlocal steps
        steps += 1
        if steps % 5 == 0:
            raise Killed
        return StepResult(loss, logged)

    for module in training, fusion_training:
        monkeypatch.setattr(module, "StepResult", killing)
    for _ in range(10):
        try:
            model = make_voiced(tmp_path / "killed").train()
            break
        except Killed:
            continue
    assert_same(weights(model), trained, atol=1e-6)


def test_a_corpus_is_left_out_by_name(miniature: tuple[Path, Path]) -> None:
    corpora = read_corpora(*miniature, 0.4, 2)
    with pytest.raises(ManifestError, match=r"no speech corpus 'ased' to leave out.*mini"):
        leave_out(corpora, ["ased"])
    with pytest.raises(ManifestError, match="without mini there are no voices left"):
        leave_out(corpora, ["mini"])
    config = without_corpora(VOICED, ["mini", "other"])
    assert config.yardstick.unseen == ("other", "mini")
