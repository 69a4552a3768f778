"""Modality encoders: any Hugging Face speech or text encoder, and the adapter to width d."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoModel,
    AutoTokenizer,
    Wav2Vec2FeatureExtractor,
    WhisperFeatureExtractor,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder, WhisperModel, sinusoids

from drkf.errors import CheckpointError
from drkf.model.config import EncoderConfig
from drkf.model.sequence import TokenSequence, lengths_to_mask

SAMPLE_RATE = 16_000
SPEECH_MODELS = ("whisper", "wav2vec2", "hubert", "wavlm")
TEXT_MODELS = ("bert", "roberta", "xlm-roberta", "distilbert")

#: The level that clips are brought to before Whisper's log-mel, which keeps absolute loudness:
#: a quiet microphone is not an emotion.
PEAK = 0.7


class SpeechFrontend:
    """Waveform to the encoder's input features, one clip at a time (so a clip's features never
    depend on what it is batched with)."""

    def __init__(self, extractor: WhisperFeatureExtractor | Wav2Vec2FeatureExtractor):
        self.extractor = extractor
        self.log_mel = isinstance(extractor, WhisperFeatureExtractor)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SpeechFrontend:
        kind = data.get("feature_extractor_type", "")
        if kind == "WhisperFeatureExtractor":
            return cls(WhisperFeatureExtractor.from_dict(data))
        if kind == "Wav2Vec2FeatureExtractor":
            return cls(Wav2Vec2FeatureExtractor.from_dict(data))
        raise CheckpointError(f"unknown speech feature extractor {kind!r} in the configuration")

    def __call__(self, samples: np.ndarray) -> Tensor:
        """(n,) float32 mono 16 kHz -> (frames, mel bins) log-mel, or (n, 1) waveform."""
        if self.log_mel:
            peak = float(np.abs(samples).max(initial=0.0))
            samples = samples * (PEAK / peak) if peak > 0 else samples
            features = self.extractor(
                samples, sampling_rate=SAMPLE_RATE, padding="do_not_pad", return_tensors="np"
            )["input_features"][0]
            return torch.from_numpy(np.ascontiguousarray(features.T))
        values = self.extractor(samples, sampling_rate=SAMPLE_RATE, return_tensors="np")
        return torch.from_numpy(values["input_values"][0]).unsqueeze(-1)


class LayerMix(nn.Module):
    """Learned weighted sum of an encoder's layers, each layer-normalised first.

    The layers of a pre-norm encoder differ in scale by orders of magnitude; without the
    normalisation the largest would drown the rest (as in SUPERB's featuriser, Yang et al. 2021).
    """

    def __init__(self, layers: int):
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(layers))

    def forward(self, states: list[Tensor]) -> Tensor:
        shares = self.weights.softmax(0)
        return sum(
            share * F.layer_norm(state, state.shape[-1:])
            for share, state in zip(shares, states, strict=True)
        )  # type: ignore[return-value]


class SinusoidPositions(nn.Module):
    """Whisper's fixed positions, computed instead of stored."""

    def __init__(self, length: int, width: int):
        super().__init__()
        self.register_buffer("table", sinusoids(length, width), persistent=False)

    def forward(self, positions: Tensor) -> Tensor:
        return self.table[positions]


class SpeechEncoder(nn.Module):
    """A speech encoder on the clips' own length, with a padding mask and mixed layers.

    ``forward`` gives the same frames for a clip alone and padded in a batch: Whisper's own
    forward neither masks attention nor takes less than 30 s, so its layers are run here.
    """

    def __init__(self, config: EncoderConfig, frame_stride: int = 1, model: nn.Module | None = None):
        super().__init__()
        self.kind = config.architecture["model_type"]
        if self.kind not in SPEECH_MODELS:
            raise CheckpointError(
                f"{self.kind!r} is not a speech encoder this library runs: use {SPEECH_MODELS}"
            )
        self.frame_stride = frame_stride
        self.frontend = SpeechFrontend.from_dict(config.frontend)
        if model is None:
            hf_config = AutoConfig.for_model(**config.architecture)
            whisper = self.kind == "whisper"
            model = WhisperEncoder(hf_config) if whisper else AutoModel.from_config(hf_config)
        self.model = model
        if self.kind == "whisper":
            width = model.config.d_model
            # Whisper's last norm belongs to its last layer; the mix normalises every layer.
            model.layer_norm = nn.Identity()
            model.embed_positions = SinusoidPositions(model.config.max_source_positions, width)
            blocks = model.layers
        else:
            width = model.config.hidden_size
            blocks = model.encoder.layers
            # Time masking is the training data's business, not the encoder's.
            model.config.mask_time_prob = 0.0
            model.config.mask_feature_prob = 0.0
            if hasattr(model, "masked_spec_embed"):
                del model.masked_spec_embed
        if config.layers is not None:
            if not 1 <= config.layers <= len(blocks):
                raise CheckpointError(
                    f"layers={config.layers}, but this encoder has {len(blocks)} layers"
                )
            del blocks[config.layers :]
        self.layers = len(blocks)
        self.width = width
        self.mix = LayerMix(self.layers + 1)

    @property
    def frame_seconds(self) -> float:
        """Seconds from one encoder frame to the next, before pooling."""
        if self.kind == "whisper":
            return 2 * self.frontend.extractor.hop_length / SAMPLE_RATE
        return math.prod(self.model.config.conv_stride) / SAMPLE_RATE

    def forward(self, features: TokenSequence) -> TokenSequence:
        """Frontend features (B, frames, f) -> mixed encoder frames (B, T, width)."""
        states, mask = self._whisper(features) if self.kind == "whisper" else self._wav2vec2(features)
        return pool_frames(TokenSequence(self.mix(states), mask), self.frame_stride)

    def _whisper(self, features: TokenSequence) -> tuple[list[Tensor], Tensor]:
        model, mask = self.model, features.mask
        x = features.hidden.transpose(1, 2) * mask[:, None]  # (B, mels, frames)
        # Padding is zeroed after each convolution, so that a clip's last frames see the same
        # zeros in a batch as they do alone.
        x = F.gelu(model.conv1(x)) * mask[:, None]
        x = F.gelu(model.conv2(x)).transpose(1, 2)  # (B, T, width), T = ceil(frames / 2)
        mask = mask[:, ::2]
        x = x + model.embed_positions(torch.arange(x.shape[1], device=x.device))
        attention_mask = None
        if not mask.all():
            attention_mask = torch.zeros(mask.shape, dtype=x.dtype, device=x.device)
            attention_mask = attention_mask.masked_fill(~mask, torch.finfo(x.dtype).min)[:, None, None]
            attention_mask = attention_mask.expand(-1, 1, x.shape[1], -1)
        states = [x]
        for layer in model.layers:
            x = layer(x, attention_mask)
            states.append(x)
        return states, mask

    def _wav2vec2(self, features: TokenSequence) -> tuple[list[Tensor], Tensor]:
        model = self.model
        lengths = features.mask.sum(1)
        # Group normalisation in the feature encoder sees the whole row, padding included: these
        # models get one clip at a time there.
        rows = [
            model.feature_extractor(row[None, :n, 0]).transpose(1, 2)[0]
            for row, n in zip(features.hidden, lengths.tolist(), strict=True)
        ]
        frames = TokenSequence.pad(rows)
        mask = frames.mask.to(features.mask.device)
        projected = model.feature_projection(frames.hidden)
        x = projected[0] if isinstance(projected, tuple) else projected  # HuBERT gives no tuple
        output = model.encoder(
            x, attention_mask=mask.long(), output_hidden_states=True, return_dict=True
        )
        return list(output.hidden_states), mask


def pool_frames(frames: TokenSequence, stride: int) -> TokenSequence:
    """Mean of each ``stride`` frames, counting only real ones: (B, T, d) -> (B, ceil(T/stride), d)."""
    if stride == 1:
        return frames
    hidden, mask = frames.hidden, frames.mask
    B, T, d = hidden.shape
    extra = -T % stride
    hidden = F.pad(hidden, (0, 0, 0, extra)).view(B, -1, stride, d)
    weights = F.pad(mask, (0, extra)).view(B, -1, stride, 1).to(hidden.dtype)
    count = weights.sum(2)
    return TokenSequence((hidden * weights).sum(2) / count.clamp_min(1), count.squeeze(-1) > 0)


class TextEncoder(nn.Module):
    """A text encoder with mixed layers; padding is masked by the encoder itself."""

    def __init__(self, config: EncoderConfig, model: nn.Module | None = None):
        super().__init__()
        self.kind = config.architecture["model_type"]
        if self.kind not in TEXT_MODELS:
            raise CheckpointError(
                f"{self.kind!r} is not a text encoder this library runs: use {TEXT_MODELS}"
            )
        if model is None:
            hf_config = AutoConfig.for_model(**config.architecture)
            model = AutoModel.from_config(hf_config, **no_pooler(self.kind))
        self.model = model
        blocks = model.transformer.layer if self.kind == "distilbert" else model.encoder.layer
        if config.layers is not None:
            del blocks[config.layers :]
        self.layers = len(blocks)
        self.width = model.config.dim if self.kind == "distilbert" else model.config.hidden_size
        self.mix = LayerMix(self.layers + 1)

    def forward(self, input_ids: Tensor, mask: Tensor) -> TokenSequence:
        """Token ids (B, T) and mask (B, T) -> mixed encoder states (B, T, width)."""
        output = self.model(
            input_ids=input_ids, attention_mask=mask.long(), output_hidden_states=True
        )
        return TokenSequence(self.mix(list(output.hidden_states)), mask)


def no_pooler(kind: str) -> dict[str, bool]:
    """The pooler is trained for another task and unused here; DistilBERT has none."""
    return {} if kind == "distilbert" else {"add_pooling_layer": False}


class Adapter(nn.Module):
    """Linear adapter from an encoder's width to d, normalised so that no modality is louder."""

    def __init__(self, width: int, hidden_size: int, dropout: float):
        super().__init__()
        self.linear = nn.Linear(width, hidden_size)
        self.norm = nn.LayerNorm(hidden_size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, sequence: TokenSequence) -> TokenSequence:
        return TokenSequence(self.dropout(self.norm(self.linear(sequence.hidden))), sequence.mask)


def load_speech_encoder(
    source: str | Path, layers: int | None = None, frame_stride: int = 1, revision: str | None = None
) -> tuple[SpeechEncoder, EncoderConfig]:
    """A pretrained speech encoder from a folder or hub id, cut to its first ``layers`` layers.

    Raises:
        CheckpointError: nothing usable there; the message names the source.
    """
    try:
        hf_config = AutoConfig.from_pretrained(source, revision=revision)
        extractor = AutoFeatureExtractor.from_pretrained(source, revision=revision)
        if hf_config.model_type != "whisper":
            cls: Any = AutoModel
        elif hf_config.architectures == ["WhisperEncoder"]:
            cls = WhisperEncoder
        else:
            cls = WhisperModel
        model, info = cls.from_pretrained(
            source, revision=revision, dtype=torch.float32, output_loading_info=True
        )
    except (OSError, ValueError) as error:
        raise CheckpointError(f"no speech encoder at {source!s}: {first_line(error)}") from None
    require_complete(source, info)
    if cls is WhisperModel:
        model = model.encoder
    architecture = portable(hf_config.to_dict())
    if layers is not None:
        key = "encoder_layers" if hf_config.model_type == "whisper" else "num_hidden_layers"
        architecture[key] = layers
    config = EncoderConfig(architecture, portable(extractor.to_dict()))
    cut = EncoderConfig(config.architecture, config.frontend, layers)
    return SpeechEncoder(cut, frame_stride, model), config


def load_text_encoder(
    source: str | Path, layers: int | None = None, revision: str | None = None
) -> tuple[TextEncoder, EncoderConfig, Any]:
    """A pretrained text encoder and its tokenizer from a folder or hub id.

    Raises:
        CheckpointError: nothing usable there; the message names the source.
    """
    try:
        hf_config = AutoConfig.from_pretrained(source, revision=revision)
        tokenizer = AutoTokenizer.from_pretrained(source, revision=revision)
        model, info = AutoModel.from_pretrained(
            source,
            revision=revision,
            dtype=torch.float32,
            output_loading_info=True,
            **no_pooler(hf_config.model_type),
        )
    except (OSError, ValueError) as error:
        raise CheckpointError(f"no text encoder at {source!s}: {first_line(error)}") from None
    require_complete(source, info)
    architecture = portable(hf_config.to_dict())
    if layers is not None:
        architecture["num_hidden_layers"] = layers
    config = EncoderConfig(architecture)
    return TextEncoder(EncoderConfig(architecture, layers=layers), model), config, tokenizer


def require_complete(source: str | Path, loading_info: dict[str, Any]) -> None:
    """Transformers fills missing weights with random ones and only warns; here it is an error."""
    missing = sorted(name for name in loading_info["missing_keys"] if "masked_spec_embed" not in name)
    if missing:
        raise CheckpointError(f"the encoder at {source!s} lacks weights: {', '.join(missing[:3])}")


def portable(config: dict[str, Any]) -> dict[str, Any]:
    """Drops what is about this machine or this load, not about the architecture."""
    private = ("_name_or_path", "transformers_version", "dtype", "torch_dtype", "architectures")
    return {k: v for k, v in config.items() if k not in private}


def first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def pad_tokens(rows: list[list[int]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Token id lists -> ids (B, T) and mask (B, T)."""
    lengths = torch.tensor([len(row) for row in rows])
    size = int(lengths.max())
    ids = torch.full((len(rows), size), pad_id, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row, dtype=torch.long)
    return ids, lengths_to_mask(lengths, size)
