"""``drkf size``: how many weights a preset's model has and what memory it takes, from its
configuration alone (on torch's meta device, without a weight in memory)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig

from drkf.errors import CheckpointError, first_line
from drkf.evaluation.markdown import table
from drkf.experiments.presets import BenchmarkConfig, EncoderNames
from drkf.labels import EMOTIONS
from drkf.model import DRKF, DRKFConfig, EncoderConfig
from drkf.model.pretrained import LOADING_ERRORS, describe, portable

_LARGE = {
    "hidden_size": 1024,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "intermediate_size": 4096,
}

#: The encoders that the presets name, as their config.json files say; others are looked up.
KNOWN: dict[str, dict[str, Any]] = {
    "facebook/wav2vec2-large": {"model_type": "wav2vec2", **_LARGE},
    "jonatasgrosman/wav2vec2-large-xlsr-53-chinese-zh-cn": {
        "model_type": "wav2vec2",
        **_LARGE,
        "conv_bias": True,
        "feat_extract_norm": "layer",
        "do_stable_layer_norm": True,
    },
    "FacebookAI/roberta-large": {
        "model_type": "roberta",
        **_LARGE,
        "vocab_size": 50265,
        "max_position_embeddings": 514,
        "type_vocab_size": 1,
    },
    "hfl/chinese-roberta-wwm-ext-large": {"model_type": "bert", **_LARGE, "vocab_size": 21128},
    "openai/whisper-base": {
        "model_type": "whisper",
        "d_model": 512,
        "encoder_layers": 6,
        "encoder_attention_heads": 8,
        "encoder_ffn_dim": 2048,
    },
    "sentence-transformers/all-MiniLM-L6-v2": {
        "model_type": "bert",
        "hidden_size": 384,
        "num_hidden_layers": 6,
        "num_attention_heads": 12,
        "intermediate_size": 1536,
    },
    "hfl/rbt6": {"model_type": "bert", "num_hidden_layers": 6, "vocab_size": 21128},
}

FLOAT32 = 4  # bytes; training keeps weights, gradients and Adam's two moments in it
ADAM_COPIES = 4

#: The modules of each part, in the paper's order.
PARTS = {
    "speech encoder": ("speech_encoder",),
    "text encoder": ("text_encoder",),
    "adapters": ("speech_adapter", "text_adapter"),
    "progressive augmentation": ("speech_augmentation", "text_augmentation"),
    "mutual information": ("mutual_information",),
    "unimodal classifiers": ("speech_classifier", "text_classifier"),
    "fusion encoder (FE)": ("fusion_encoder",),
    "discrimination and classification (ED, EC)": ("discriminator", "classifier"),
}


@dataclass(frozen=True)
class ModelSize:
    """Weights of each part, and the bytes they take."""

    parts: dict[str, int]

    @property
    def parameters(self) -> int:
        return sum(self.parts.values())

    @property
    def weights_bytes(self) -> int:
        """To load the model: float32 weights."""
        return FLOAT32 * self.parameters

    @property
    def training_bytes(self) -> int:
        """To train it: weights, gradients and Adam's moments; activations come on top."""
        return ADAM_COPIES * self.weights_bytes


def model_size(config: BenchmarkConfig, names: EncoderNames) -> ModelSize:
    """The size of a benchmark's model, for seven labels.

    Raises:
        CheckpointError: an encoder is none of the presets' and its configuration is not found.
    """
    with torch.device("meta"):
        model = random_model(config, names)
    return ModelSize(
        {
            part: sum(count(getattr(model, name)) for name in modules)
            for part, modules in PARTS.items()
        }
    )


def random_model(config: BenchmarkConfig, names: EncoderNames) -> DRKF:
    """A benchmark's model as it would be built, with weights that nobody trained.

    Raises:
        CheckpointError: an encoder is none of the presets' and its configuration is not found.
    """
    sizes = config.model
    speech = architecture(names.audio, sizes.audio_layers)
    kind = "Whisper" if speech["model_type"] == "whisper" else "Wav2Vec2"
    frontend = {"feature_extractor_type": f"{kind}FeatureExtractor"}
    return DRKF(
        DRKFConfig(
            EncoderConfig(speech, frontend),
            EncoderConfig(architecture(names.text, sizes.text_layers)),
            EMOTIONS,
            **sizes.dimensions(),
        )
    )


def architecture(name: str, layers: int | None) -> dict[str, Any]:
    """An encoder's configuration, cut to its first ``layers`` layers."""
    try:
        known = KNOWN.get(name)
        config = AutoConfig.for_model(**known) if known else AutoConfig.from_pretrained(name)
    except LOADING_ERRORS as error:
        reason = first_line(error)
        raise CheckpointError(f"no configuration of an encoder at {name}: {reason}") from None
    return portable(describe(config, layers))


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def size_table(size: ModelSize) -> str:
    """A Markdown table of parts, and what memory the whole takes."""
    rows = [(part, f"{n / 1e6:.1f} M") for part, n in size.parts.items()]
    rows.append(("**all**", f"**{size.parameters / 1e6:.1f} M**"))
    return (
        table(("part", "weights"), rows)
        + f"\nTo load it: {size.weights_bytes / 1e9:.1f} GB (float32). To train it: "
        f"{size.training_bytes / 1e9:.1f} GB for weights, gradients and Adam's two moments "
        "(float32; bfloat16 is for activations, which come on top). Sharded by FSDP, each of N "
        "GPUs holds 1/N of that.\n"
    )
