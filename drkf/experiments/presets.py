"""The benchmark's presets: what a configuration file may set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from drkf.files import CONFIGS
from drkf.model.losses import LossWeights
from drkf.training.config import ModelConfig, StageConfig, load_settings

PRESETS = {"paper": CONFIGS / "paper.toml", "compact": CONFIGS / "paper-compact.toml"}


@dataclass(frozen=True)
class EncoderNames:
    """Folders or hub ids of a language's encoders."""

    audio: str = ""
    text: str = ""


@dataclass(frozen=True)
class BenchmarkConfig:
    """A benchmark's training. ``stage.batch_size`` utterances make a batch on each process,
    ``accumulation`` batches a step; an epoch goes over the train part once."""

    seed: int = 0
    precision: str = "bf16"
    save_minutes: float = 10.0
    workers: int = 4
    accumulation: int = 1
    gradient_checkpointing: bool = True
    augmentation_ramp: float = 0.5
    shuffles: int = 1
    modality_dropout: float = 0.1
    english: EncoderNames = field(default_factory=EncoderNames)
    chinese: EncoderNames = field(default_factory=EncoderNames)
    model: ModelConfig = field(default_factory=ModelConfig)
    stage: StageConfig = field(default_factory=StageConfig)
    loss: LossWeights = field(default_factory=LossWeights)

    def without_ed(self) -> BenchmarkConfig:
        """The paper's ablation of ED: no discrimination loss, and none of the re-paired rows,
        which are there for it."""
        return replace(self, shuffles=0, loss=replace(self.loss, bce=0.0))

    def without_pcmie(self) -> BenchmarkConfig:
        """The paper's ablation of progressive contrastive mutual-information estimation: neither
        the contrastive terms nor the augmentation's."""
        return replace(
            self,
            loss=replace(self.loss, mi_audio=0.0, mi_text=0.0, mi_audio_text=0.0, mse=0.0, kld=0.0),
        )


def read_preset(name: str, overrides: Sequence[str] = ()) -> BenchmarkConfig:
    """A preset's configuration with overrides.

    Raises:
        ConfigError: an override is not usable.
    """
    return load_settings(BenchmarkConfig, PRESETS[name], list(overrides))
