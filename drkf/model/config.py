"""The dimensions of a model: one dataclass that travels inside the checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from drkf.errors import CheckpointError, ConfigError, DRKFError
from drkf.files import read_json, write_json
from drkf.labels import EMOTIONS


@dataclass(frozen=True)
class EncoderConfig:
    """Which Hugging Face encoder a modality uses.

    Args:
        architecture: the encoder's own configuration, as ``PretrainedConfig.to_dict()`` gives it.
        frontend: for speech, the feature extractor's configuration; for text, empty (the
            tokenizer is saved beside the weights).
        layers: how many of the encoder's first layers are kept; None keeps all.
    """

    architecture: dict[str, Any]
    frontend: dict[str, Any] = field(default_factory=dict)
    layers: int | None = None


#: Older names of settings, which configuration files and checkpoints may still use.
OLDER_NAMES = {
    "mi_s": "mi_audio",
    "mi_t": "mi_text",
    "mi_st": "mi_audio_text",
    "speech_layers": "audio_layers",
    "speech_views": "audio_views",
    "speech_temperature": "audio_temperature",
}


def renamed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings under their current names; ``OLDER_NAMES`` lists the old ones."""
    return {OLDER_NAMES.get(name, name): value for name, value in settings.items()}


@dataclass(frozen=True, kw_only=True)
class Dimensions:
    """The free dimensions of DRKF; the defaults are the compact preset's.

    Args:
        hidden_size: d, the width that both modalities are adapted to and that is fused.
        frame_stride: speech frames averaged into one fusion token (2 turns Whisper's 50 frames
            a second into 25 tokens a second).
        augmentation_sizes: widths of each residual auto-encoder block, outermost first.
        augmentation_blocks: blocks of the residual auto-encoder of each modality.
        projection_size: width of the vectors that mutual information is estimated between.
        max_audio_tokens: learned positions for speech: the longest window the model fuses.
        max_text_tokens: learned positions for words; longer texts are cut.
        voice_reference: whether clips are read relative to their voice (``drkf.model.voice``).
    """

    hidden_size: int = 256
    frame_stride: int = 2
    augmentation_sizes: tuple[int, ...] = (128, 64)
    augmentation_blocks: int = 3
    projection_size: int = 128
    fusion_layers: int = 3
    fusion_heads: int = 4
    fusion_ff_size: int = 512
    dropout: float = 0.1
    max_audio_tokens: int = 750
    max_text_tokens: int = 128
    voice_reference: bool = False

    def __post_init__(self) -> None:
        if self.frame_stride < 1:
            raise ConfigError(f"frame_stride must be at least 1, not {self.frame_stride}")

    def dimensions(self) -> dict[str, Any]:
        """The dimensions by name, of this class or one derived from it."""
        return {f.name: getattr(self, f.name) for f in fields(Dimensions)}


@dataclass(frozen=True)
class DRKFConfig(Dimensions):
    """A whole model: its encoders, its labels and its dimensions."""

    audio_encoder: EncoderConfig
    text_encoder: EncoderConfig
    labels: tuple[str, ...] = EMOTIONS

    def to_dict(self) -> dict[str, Any]:
        """The configuration as a JSON-safe mapping."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> DRKFConfig:
        """The configuration that ``to_dict`` gave.

        Raises:
            TypeError, CheckpointError: a setting is of a wrong type, or unknown.
        """
        if not isinstance(data, dict):
            raise TypeError("not a JSON object")
        unknown = sorted(set(data) - {f.name for f in fields(cls)})
        if unknown:
            raise CheckpointError(f"config.json has settings this version does not know: {unknown}")
        values = dict(data)
        for name in ("audio_encoder", "text_encoder"):
            values[name] = EncoderConfig(**values[name])
        for name in ("labels", "augmentation_sizes"):
            if name in values:
                values[name] = tuple(values[name])
        return cls(**values)

    def save(self, path: Path) -> None:
        """Writes the configuration as JSON, completely or not at all."""
        write_json(path, self.to_dict())

    @classmethod
    def load(cls, path: Path) -> DRKFConfig:
        """Reads a file that ``save`` wrote.

        Raises:
            CheckpointError: the file is missing or is not a DRKF configuration.
        """
        try:
            return cls.from_dict(read_json(path, CheckpointError, "download the checkpoint again"))
        except (ValueError, KeyError, TypeError, DRKFError) as error:
            raise CheckpointError(f"{path} is not a DRKF configuration ({error})") from None
