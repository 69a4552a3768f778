"""How to train: one dataclass tree, read from a TOML file with command-line overrides."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from drkf.errors import ConfigError
from drkf.evaluation.config import YardstickConfig
from drkf.model.config import OLDER_NAMES, Dimensions
from drkf.model.losses import LossWeights
from drkf.model.shuffling import NEUTRAL_WEIGHT
from drkf.training.augment import AugmentConfig, MixConfig
from drkf.training.distillation import DistillationConfig
from drkf.training.voices import VoiceConfig

Settings = TypeVar("Settings")

#: Mixed precision: none, or the type that activations are computed in.
PRECISIONS = ("no", "bf16", "fp16")


@dataclass(frozen=True)
class StageConfig:
    """One stage of training.

    ``patience`` epochs without a better dev score end it early; after each number of epochs in
    ``restarts`` the learning rate's schedule begins again. With epochs in ``averaged`` the stage
    ends with the mean of their weights, not with the best epoch. The encoder stays as it was
    pretrained in the first ``frozen`` epochs: fine-tuning from random heads would distort it
    (Kumar et al. 2022). Its first ``frozen_layers`` layers stay so in all epochs.
    """

    epochs: int = 1
    steps: int = 100
    batch_size: int = 32
    learning_rate: float = 1e-3
    encoder_learning_rate: float = 5e-5
    weight_decay: float = 0.01
    warmup: float = 0.1
    gradient_clip: float = 1.0
    patience: int = 3
    label_smoothing: float = 0.05
    restarts: tuple[int, ...] = ()
    averaged: tuple[int, ...] = ()
    frozen: int = 0
    frozen_layers: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "steps", "batch_size"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be at least 1, not {getattr(self, name)}")
        if any(b <= a for a, b in pairwise((0, *self.restarts, self.epochs))):
            raise ConfigError(
                f"restarts must rise from 1 to {self.epochs - 1} epochs, not {self.restarts}"
            )
        if any(not 1 <= epoch <= self.epochs for epoch in self.averaged):
            raise ConfigError(f"averaged epochs lie from 1 to {self.epochs}, not {self.averaged}")
        if self.frozen_layers < 0:
            raise ConfigError(f"frozen_layers must be 0 or more, not {self.frozen_layers}")
        if not 0 <= self.frozen <= self.epochs:
            raise ConfigError(f"frozen must be from 0 to {self.epochs} epochs, not {self.frozen}")


@dataclass(frozen=True)
class ModelConfig(Dimensions):
    """The dimensions that a configuration file may set; how many of an encoder's first layers
    are kept, None keeps all."""

    audio_layers: int | None = None
    text_layers: int | None = None


@dataclass(frozen=True)
class PairingConfig:
    """What a batch of the fusion stage is made of.

    ``batch_size`` slots of the stage hold a voice and words of the same emotion. To them come
    ``own_words`` voices with what they really said (acted sentences, counted as neutral words),
    a share ``own_neutral`` of them neutral voices, so that neutral words are as often consistent
    as others. ``neutral_text`` is the weight of neutral words beside another emotion in the voice,
    ``text_only`` texts in their natural class proportions, and ``shuffles`` re-pairings.
    """

    own_words: int = 8
    own_neutral: float = 0.6
    neutral_text: float = NEUTRAL_WEIGHT
    text_only: int = 24
    shuffles: int = 1
    modality_dropout: float = 0.3
    audio_views: int = 2


@dataclass(frozen=True)
class TrainConfig:
    """A whole training run: speech branch, text branch, then ORL and KF on both.

    ``balance_texts`` draws text corpora by the root of their size instead of by ``meld_share``.
    """

    seed: int = 0
    dev_fraction: float = 0.2
    dev_clips: int = 400
    save_minutes: float = 5.0
    precision: str = "bf16"
    meld_share: float = 0.35
    balance_texts: bool = False
    augmentation_ramp: float = 0.5
    model: ModelConfig = field(default_factory=ModelConfig)
    speech: StageConfig = field(default_factory=StageConfig)
    text: StageConfig = field(default_factory=StageConfig)
    fusion: StageConfig = field(default_factory=StageConfig)
    pairing: PairingConfig = field(default_factory=PairingConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    mix: MixConfig = field(default_factory=MixConfig)
    distillation: DistillationConfig = field(default_factory=DistillationConfig)
    loss: LossWeights = field(default_factory=LossWeights)
    voices: VoiceConfig = field(default_factory=VoiceConfig)
    yardstick: YardstickConfig = field(default_factory=YardstickConfig)

    def __post_init__(self) -> None:
        if not 0 < self.dev_fraction < 1:
            raise ConfigError(f"dev_fraction must lie between 0 and 1, not {self.dev_fraction}")
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision is one of {', '.join(PRECISIONS)}, not {self.precision}")

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def load_config(path: Path, overrides: list[str]) -> TrainConfig:
    """``drkf train``'s configuration; see :func:`load_settings`."""
    return load_settings(TrainConfig, path, overrides)


def without_corpora(config: TrainConfig, names: Sequence[str]) -> TrainConfig:
    """The configuration with more corpora that are measured on and never trained on."""
    unseen = tuple(dict.fromkeys((*config.yardstick.unseen, *names)))
    return replace(config, yardstick=replace(config.yardstick, unseen=unseen))


def load_settings(cls: type[Settings], path: Path, overrides: list[str]) -> Settings:
    """Reads a TOML file and applies ``section.name=value`` overrides (values as in TOML).

    Raises:
        ConfigError: the file or an override is not usable; the message names the setting.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist: give a training configuration") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    data = by_newer_names(data)
    for override in overrides:
        name, sign, value = override.partition("=")
        if not sign:
            raise ConfigError(f"{override!r}: an override looks like fusion.epochs=3")
        target = data
        *sections, last = name.strip().split(".")
        for section in sections:
            target = target.setdefault(section, {})
            if not isinstance(target, dict):
                raise ConfigError(f"{override!r}: {section} is a value, not a section")
        target[OLDER_NAMES.get(last, last)] = parse_value(value)
    return build(cls, data, "")


def by_newer_names(data: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Nested settings under their current names.

    Raises:
        ConfigError: one is there under its older and its newer name.
    """
    found: dict[str, Any] = {}
    for given, value in data.items():
        name = OLDER_NAMES.get(given, given)
        if name in found:
            raise ConfigError(f"{where}{name} is set twice: once under an older name")
        found[name] = by_newer_names(value, f"{given}.") if isinstance(value, dict) else value
    return found


def parse_value(text: str) -> Any:
    """A TOML value; a bare word is a string."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def build(cls: type, data: dict[str, Any], where: str) -> Any:
    """A dataclass from nested mappings.

    Raises:
        ConfigError: a setting is unknown or of a wrong type.
    """
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in hints:
            raise ConfigError(f"unknown setting {where}{name}: use one of {', '.join(hints)}")
        hint = hints[name]
        if dataclasses.is_dataclass(hint):
            if not isinstance(value, dict):
                raise ConfigError(f"{where}{name} is a section, not a value")
            value = build(hint, value, f"{where}{name}.")  # type: ignore[arg-type]
        else:
            value = convert(value, hint, f"{where}{name}")
        values[name] = value
    return cls(**values)


def convert(value: Any, hint: Any, name: str) -> Any:
    """A TOML value as its setting's type: int, float, str, tuple[int, ...] or int | None."""
    if hint == tuple[int, ...]:
        if isinstance(value, list) and all(type(part) is int for part in value):
            return tuple(value)
        raise ConfigError(f"{name} must be a list of whole numbers, not {value!r}")
    if hint == tuple[str, ...]:
        if isinstance(value, list) and all(type(part) is str for part in value):
            return tuple(value)
        raise ConfigError(f"{name} must be a list of names, not {value!r}")
    if hint is float and type(value) is int:
        return float(value)
    if type(value) not in (get_args(hint) or (hint,)):  # exactly: true is no number
        kind = getattr(hint, "__name__", hint)
        raise ConfigError(f"{name} must be of type {kind}, not {value!r}")
    return value
