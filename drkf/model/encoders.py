"""Modality encoders: any Hugging Face speech or text encoder, and the adapter to width d."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import (
    AutoConfig,
    AutoModel,
    Wav2Vec2FeatureExtractor,
    WhisperConfig,
    WhisperFeatureExtractor,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder, sinusoids

from drkf.errors import CheckpointError
from drkf.model.config import EncoderConfig
from drkf.model.sequence import TokenSequence, lengths_to_mask

SAMPLE_RATE = 16_000
SPEECH_MODELS = ("whisper", "wav2vec2", "hubert", "wavlm")
TEXT_MODELS = ("bert", "roberta", "xlm-roberta", "mpnet", "distilbert")
#: Those that count positions from behind the padding index.
LATE_POSITIONS = ("roberta", "xlm-roberta", "mpnet")

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
        """The frontend of a feature extractor's configuration.

        Raises:
            CheckpointError: the kind of feature extractor is unknown.
        """
        kind = data.get("feature_extractor_type", "")
        if kind == "WhisperFeatureExtractor":
            return cls(cast(WhisperFeatureExtractor, WhisperFeatureExtractor.from_dict(data)))
        if kind == "Wav2Vec2FeatureExtractor":
            return cls(cast(Wav2Vec2FeatureExtractor, Wav2Vec2FeatureExtractor.from_dict(data)))
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

    @torch.no_grad()
    def start_from(self, weights: Sequence[float]) -> None:
        """Takes weights that were learned before, the logarithms of the layers' shares."""
        if len(weights) != len(self.weights):
            raise CheckpointError(
                f"the encoder mixes {len(weights)} layers, but {len(self.weights)} are kept"
            )
        self.weights.copy_(torch.tensor(weights))

    def forward(self, states: list[Tensor]) -> Tensor:
        shares = self.weights.softmax(0)
        return sum(
            share * F.layer_norm(state, state.shape[-1:])
            for share, state in zip(shares, states, strict=True)
        )


class SinusoidPositions(nn.Module):
    """Whisper's fixed positions, computed instead of stored."""

    table: Tensor

    def __init__(self, length: int, width: int):
        super().__init__()
        self.register_buffer("table", sinusoids(length, width), persistent=False)

    def forward(self, positions: Tensor) -> Tensor:
        return self.table[positions]


class SpeechEncoder(nn.Module):
    """A speech encoder on the clips' own length, with a padding mask and mixed layers.

    ``forward`` gives the same frames for a clip alone and padded in a batch. The encoders' own
    forward does not: Whisper's neither masks attention nor takes less than 30 s, and the others
    normalise over padding. So their layers are run here.
    """

    #: A Transformers encoder; which class, and so which attributes, depends on ``kind``.
    model: Any

    def __init__(
        self, config: EncoderConfig, frame_stride: int = 1, model: nn.Module | None = None
    ):
        super().__init__()
        self.kind: str = config.architecture["model_type"]
        require_kind(self.kind, SPEECH_MODELS, "speech")
        self.frame_stride = frame_stride
        self.frontend = SpeechFrontend.from_dict(config.frontend)
        if model is None:
            hf_config = AutoConfig.for_model(**config.architecture)
            if self.kind == "whisper":
                model = WhisperEncoder(cast(WhisperConfig, hf_config))
            else:
                model = AutoModel.from_config(hf_config)
        self.model = model
        if self.kind == "whisper":
            self.width = self.model.config.d_model
            self.model.embed_positions = SinusoidPositions(
                self.model.config.max_source_positions, self.width
            )
            # Whisper's last norm belongs to its last layer; the mix normalises every layer.
            self.model.layer_norm = nn.Identity()
        else:
            self.width = self.model.config.hidden_size
            if self.model.config.do_stable_layer_norm:  # as Whisper's
                self.model.encoder.layer_norm = nn.Identity()
            # Time masking is the training data's business, not the encoder's, and the adapter
            # of some models comes after the layers that are mixed.
            if hasattr(self.model, "masked_spec_embed"):
                del self.model.masked_spec_embed
            self.model.adapter = None
        self.layers = keep_layers(self.blocks, config.layers)
        self.mix = LayerMix(self.layers + 1)

    @property
    def blocks(self) -> nn.ModuleList:
        """The transformer's layers that are kept, from the first to the last."""
        return self.model.layers if self.kind == "whisper" else self.model.encoder.layers

    @property
    def frame_seconds(self) -> float:
        """Seconds from one encoder frame to the next, before pooling."""
        extractor = self.frontend.extractor
        if isinstance(extractor, WhisperFeatureExtractor):
            return 2 * extractor.hop_length / SAMPLE_RATE
        return math.prod(self.model.config.conv_stride) / SAMPLE_RATE

    def forward(self, features: TokenSequence) -> TokenSequence:
        """Frontend features (B, frames, f) -> mixed encoder frames (B, T, width)."""
        run = self._whisper if self.kind == "whisper" else self._wav2vec2
        states, mask = run(features)
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
        bias = padding_bias(x, mask)
        states = [x]
        for layer in model.layers:
            x = layer(x, bias)
            states.append(x)
        return states, mask

    def _wav2vec2(self, features: TokenSequence) -> tuple[list[Tensor], Tensor]:
        lengths = features.mask.sum(1).tolist()
        rows = [
            self._embed_clip(row[:n, 0]) for row, n in zip(features.hidden, lengths, strict=True)
        ]
        frames = TokenSequence.pad(rows)
        x, mask = self.model.encoder.dropout(frames.hidden), frames.mask
        states = [x]
        if self.kind == "wavlm":
            positions = None  # relative position bias, made by the first layer for all
            for layer in self.model.encoder.layers:
                x, positions = layer(x, attention_mask=mask.long(), position_bias=positions)
                states.append(x)
        else:
            bias = padding_bias(x, mask)
            for layer in self.model.encoder.layers:
                x = layer(x, attention_mask=bias)
                states.append(x)
        return states, mask

    def _embed_clip(self, waveform: Tensor) -> Tensor:
        """(n,) -> (T, width), what the transformer starts from: one clip at a time, because
        group normalisation and the positional convolution would see the padding beside it."""
        model, encoder = self.model, self.model.encoder
        frames = model.feature_extractor(waveform[None]).transpose(1, 2)
        projected = model.feature_projection(frames)
        x = projected[0] if isinstance(projected, tuple) else projected  # HuBERT gives no tuple
        x = x + encoder.pos_conv_embed(x)
        if not model.config.do_stable_layer_norm:
            x = encoder.layer_norm(x)
        return x[0]


def padding_bias(x: Tensor, mask: Tensor) -> Tensor | None:
    """What hides padding when added to attention scores: (B, 1, T, T); None without padding."""
    if mask.all():
        return None
    bias = torch.zeros(mask.shape, dtype=x.dtype, device=x.device)
    bias = bias.masked_fill(~mask, torch.finfo(x.dtype).min)
    return bias[:, None, None].expand(-1, 1, x.shape[1], -1)


def keep_layers(blocks: nn.ModuleList, layers: int | None) -> int:
    """Drops all but the first ``layers`` blocks (None: none); how many are left."""
    if layers is not None:
        if not 1 <= layers <= len(blocks):
            raise CheckpointError(
                f"{layers} layers are asked for, but this encoder has {len(blocks)}"
            )
        del blocks[layers:]
    return len(blocks)


def freeze_layers(encoder: SpeechEncoder | TextEncoder, count: int) -> None:
    """Keeps the first ``count`` layers, and what comes before them, from being trained."""
    if count:
        encoder.model.requires_grad_(False)
        encoder.blocks[count:].requires_grad_(True)


def require_kind(kind: str, known: tuple[str, ...], modality: str) -> None:
    """Raises CheckpointError unless ``kind``, a Transformers model type, is one of ``known``."""
    if kind not in known:
        raise CheckpointError(
            f"{kind!r} is not a {modality} encoder this library runs: use {', '.join(known)}"
        )


def pool_frames(frames: TokenSequence, stride: int) -> TokenSequence:
    """Mean of each ``stride`` real frames: (B, T, d) -> (B, ceil(T / stride), d)."""
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

    #: A Transformers encoder; which class, and so which attributes, depends on ``kind``.
    model: Any

    def __init__(self, config: EncoderConfig, model: nn.Module | None = None):
        super().__init__()
        self.kind: str = config.architecture["model_type"]
        require_kind(self.kind, TEXT_MODELS, "text")
        if model is None:
            hf_config = AutoConfig.for_model(**config.architecture)
            model = AutoModel.from_config(hf_config, **no_pooler(self.kind))
        self.model = model
        self.layers = keep_layers(self.blocks, config.layers)
        self.width: int = self.model.config.hidden_size  # DistilBERT's ``dim`` by another name
        self.mix = LayerMix(self.layers + 1)

    @property
    def blocks(self) -> nn.ModuleList:
        """The transformer's layers that are kept, from the first to the last."""
        stack = self.model.transformer if self.kind == "distilbert" else self.model.encoder
        return stack.layer

    @property
    def max_tokens(self) -> int:
        """The longest text the encoder has positions for."""
        first = self.model.config.pad_token_id + 1 if self.kind in LATE_POSITIONS else 0
        return self.model.config.max_position_embeddings - first

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


def pad_tokens(rows: list[list[int]], pad_id: int) -> tuple[Tensor, Tensor]:
    """Token id lists -> ids (B, T) and mask (B, T)."""
    lengths = torch.tensor([len(row) for row in rows])
    size = int(lengths.max())
    ids = torch.full((len(rows), size), pad_id, dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row, dtype=torch.long)
    return ids, lengths_to_mask(lengths, size)
