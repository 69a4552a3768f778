"""Pretrained encoders from a folder or the hub, from safetensors alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoTokenizer,
    PreTrainedConfig,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder, WhisperModel

from drkf.errors import CheckpointError, first_line
from drkf.model.config import EncoderConfig
from drkf.model.encoders import (
    SPEECH_MODELS,
    TEXT_MODELS,
    SpeechEncoder,
    TextEncoder,
    no_pooler,
    require_kind,
)

#: What Transformers raises for a folder or hub id that does not hold a usable encoder.
LOADING_ERRORS = (OSError, ValueError, RuntimeError, SafetensorError, StrictDataclassError)

#: In an encoder's configuration: the mix of its layers that it was trained with.
LAYER_MIX = "layer_mix"


def read_speech_encoder(
    source: str | Path, revision: str | None = None
) -> tuple[Any, PreTrainedConfig, Any]:
    """A pretrained speech encoder as Transformers has it, its configuration and feature extractor.

    Raises:
        CheckpointError: nothing usable there; the message names the source.
    """
    try:
        hf_config = AutoConfig.from_pretrained(source, revision=revision)
        require_kind(hf_config.model_type, SPEECH_MODELS, "speech")
        extractor = AutoFeatureExtractor.from_pretrained(source, revision=revision)
        if hf_config.model_type != "whisper":
            cls: Any = AutoModel
        elif hf_config.architectures == ["WhisperEncoder"]:
            cls = WhisperEncoder
        else:
            cls = WhisperModel
        model = load_pretrained(cls, source, revision)
    except LOADING_ERRORS as error:
        raise unloadable("speech", source, error) from None
    return model.encoder if cls is WhisperModel else model, hf_config, extractor


def load_speech_encoder(
    source: str | Path,
    layers: int | None = None,
    frame_stride: int = 1,
    revision: str | None = None,
) -> tuple[SpeechEncoder, EncoderConfig]:
    """A pretrained speech encoder from a folder or hub id, cut to its first ``layers`` layers.

    Raises:
        CheckpointError: nothing usable there; the message names the source.
    """
    model, hf_config, extractor = read_speech_encoder(source, revision)
    architecture = describe(hf_config, layers)
    frontend = portable(extractor.to_dict())
    encoder = SpeechEncoder(EncoderConfig(architecture, frontend, layers), frame_stride, model)
    if (mix := architecture.pop(LAYER_MIX, None)) is not None:
        encoder.mix.start_from(mix)
    return encoder, EncoderConfig(architecture, frontend)


def load_text_encoder(
    source: str | Path, layers: int | None = None, revision: str | None = None
) -> tuple[TextEncoder, EncoderConfig, Any]:
    """A pretrained text encoder and its tokenizer from a folder or hub id.

    Raises:
        CheckpointError: nothing usable there; the message names the source.
    """
    try:
        hf_config = AutoConfig.from_pretrained(source, revision=revision)
        require_kind(hf_config.model_type, TEXT_MODELS, "text")
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        model = load_pretrained(AutoModel, source, revision, **no_pooler(hf_config.model_type))
    except LOADING_ERRORS as error:
        raise unloadable("text", source, error) from None
    architecture = describe(hf_config, layers)
    encoder = TextEncoder(EncoderConfig(architecture, layers=layers), model)
    return encoder, EncoderConfig(architecture), tokenizer


def load_pretrained(cls: Any, source: str | Path, revision: str | None, **options: Any) -> Any:
    """A pretrained model in float32, from safetensors alone: pickle can run code.

    Raises:
        CheckpointError: weights are missing or of other shapes.
    """
    model, info = cls.from_pretrained(
        source,
        revision=revision,
        dtype=torch.float32,
        use_safetensors=True,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # require_complete refuses them, by name
        **options,
    )
    require_complete(source, info)
    return model


def describe(hf_config: PreTrainedConfig, layers: int | None) -> dict[str, Any]:
    """The architecture of an encoder that keeps its first ``layers`` layers."""
    architecture = portable(hf_config.to_dict())
    if layers is not None:
        names = {"whisper": "encoder_layers", "distilbert": "n_layers"}
        architecture[names.get(hf_config.model_type, "num_hidden_layers")] = layers
    return architecture


def require_complete(source: str | Path, loading_info: dict[str, Any]) -> None:
    """Transformers fills missing weights with random ones and only warns; here it is an error."""
    # Not trained in every checkpoint, and not used here.
    missing = sorted(n for n in loading_info["missing_keys"] if "masked_spec_embed" not in n)
    if missing:
        raise CheckpointError(f"the encoder at {source!s} lacks weights: {', '.join(missing[:3])}")
    misshapen = sorted(name for name, *_ in loading_info["mismatched_keys"])
    if misshapen:
        raise CheckpointError(
            f"the weights at {source!s} do not fit its configuration: {', '.join(misshapen[:3])}"
        )


def unloadable(kind: str, source: str | Path, error: Exception) -> CheckpointError:
    """Why there is no such encoder, and the way out where it is only a pickle."""
    reason = first_line(error)
    if "safetensors" in reason:
        reason += "; only safetensors are read: save it as such with save_pretrained, and name that"
    return CheckpointError(f"no {kind} encoder at {source!s}: {reason}")


def portable(config: dict[str, Any]) -> dict[str, Any]:
    """Drops what is about this machine, this load or another task's head, and what a JSON file
    would give back changed (the head's labels, numbered)."""
    private = {"_name_or_path", "transformers_version", "dtype", "torch_dtype", "architectures"}
    head = {"id2label", "label2id"}
    return {k: v for k, v in config.items() if k not in private | head}
