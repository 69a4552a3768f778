"""Tiny random encoders of every supported family, saved and loaded as the real ones are."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertForMaskedLM,
    HubertConfig,
    HubertModel,
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForMaskedLM,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForPreTraining,
    Wav2Vec2Model,
    WavLMConfig,
    WavLMModel,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    XLMRobertaConfig,
    XLMRobertaModel,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from drkf.model import DRKF, DRKFConfig
from drkf.model.pretrained import load_speech_encoder, load_text_encoder

SPEECH_KINDS = (
    "whisper",
    "whisper-full",
    "wav2vec2-group",
    "wav2vec2-layer",
    "hubert-group",
    "hubert-layer",
    "wavlm-group",
    "wavlm-layer",
)
TEXT_KINDS = ("bert", "minilm", "roberta", "xlm-roberta", "mpnet", "distilbert")

WHISPER = {
    "d_model": 16,
    "encoder_layers": 3,
    "encoder_attention_heads": 4,
    "encoder_ffn_dim": 32,
    "decoder_layers": 1,
    "decoder_attention_heads": 2,
    "decoder_ffn_dim": 16,
    "vocab_size": 60,
    "max_target_positions": 8,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
    "suppress_tokens": None,
    "begin_suppress_tokens": None,
}
#: Strides of 320 samples, as the real models'. Every clip of the tests is longer than a window.
WAV2VEC2 = {
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 32,
    "conv_dim": [8, 8, 8],
    "conv_stride": [5, 8, 8],
    "conv_kernel": [10, 10, 10],
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 2,
    "num_codevectors_per_group": 4,
    "codevector_dim": 8,
    "proj_codevector_dim": 8,
    "vocab_size": 8,
}
GROUP = {"feat_extract_norm": "group", "do_stable_layer_norm": False, "conv_bias": False}
LAYER = {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}
BERT = {
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
}


def word_tokenizer(special: tuple[str, str, str, str]) -> PreTrainedTokenizerFast:
    """Whole words, behind the special tokens (begin, pad, end, unknown) as ids 0 to 3."""
    begin, pad, end, unknown = special
    words = [*special, *(f"word{i}" for i in range(30))]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        f"{begin} $A {end}", None, [(begin, 0), (end, 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        unk_token=unknown,
        cls_token=begin,
        sep_token=end,
        model_max_length=36,
    )


def save_speech(kind: str, folder: Path) -> None:
    torch.manual_seed(3)
    family, _, norm = kind.partition("-")
    if family == "whisper":
        cls = WhisperForConditionalGeneration if norm == "full" else WhisperEncoder
        cls(WhisperConfig(**WHISPER)).save_pretrained(folder)
        WhisperFeatureExtractor().save_pretrained(folder)
        return
    config, model = {
        "wav2vec2": (Wav2Vec2Config, Wav2Vec2ForPreTraining if norm == "group" else Wav2Vec2Model),
        "hubert": (HubertConfig, HubertModel),
        "wavlm": (WavLMConfig, WavLMModel),
    }[family]
    model(config(**WAV2VEC2, **(GROUP if norm == "group" else LAYER))).save_pretrained(folder)
    Wav2Vec2FeatureExtractor(do_normalize=norm == "layer").save_pretrained(folder)


def save_text(kind: str, folder: Path) -> None:
    torch.manual_seed(4)
    late = "roberta" in kind or kind == "mpnet"
    special = ("<s>", "<pad>", "</s>", "<unk>") if late else ("[CLS]", "[PAD]", "[SEP]", "[UNK]")
    tokenizer = word_tokenizer(special)
    tokenizer.save_pretrained(folder)
    common = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    if kind == "bert":
        model = BertModel(BertConfig(**BERT, **common))
    elif kind == "minilm":  # a sentence encoder: no pooler in the file
        model = BertModel(BertConfig(**BERT, **common), add_pooling_layer=False)
    elif kind == "roberta":
        model = RobertaForMaskedLM(RobertaConfig(**BERT, **common))
    elif kind == "xlm-roberta":
        model = XLMRobertaModel(XLMRobertaConfig(**BERT, **common))
    elif kind == "mpnet":
        model = MPNetModel(MPNetConfig(**BERT, **common))
    else:
        model = DistilBertForMaskedLM(
            DistilBertConfig(
                dim=16, n_layers=3, n_heads=4, hidden_dim=32, max_position_embeddings=40, **common
            )
        )
    model.save_pretrained(folder)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small are computed faster by one thread than by several that wait."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def encoder_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Kind -> folder, for every speech and text kind."""
    root = tmp_path_factory.mktemp("encoder-families")
    for kind in SPEECH_KINDS:
        save_speech(kind, root / kind)
    for kind in TEXT_KINDS:
        save_text(kind, root / kind)
    return {kind: root / kind for kind in (*SPEECH_KINDS, *TEXT_KINDS)}


BuildDRKF = Callable[..., tuple[DRKF, PreTrainedTokenizerFast]]


@pytest.fixture(scope="session")
def build_drkf(encoder_folders: dict[str, Path]) -> BuildDRKF:
    """Makes a small DRKF, in evaluation mode, from a speech and a text kind."""

    def build(
        speech: str = "whisper", text: str = "bert", **dimensions: object
    ) -> tuple[DRKF, PreTrainedTokenizerFast]:
        speech_encoder, speech_config = load_speech_encoder(encoder_folders[speech], frame_stride=2)
        text_encoder, text_config, tokenizer = load_text_encoder(encoder_folders[text])
        sizes = {
            "hidden_size": 24,
            "augmentation_sizes": (12, 6),
            "augmentation_blocks": 2,
            "projection_size": 8,
            "fusion_layers": 2,
            "fusion_heads": 4,
            "fusion_ff_size": 32,
            "max_audio_tokens": 60,
            "max_text_tokens": 30,
        }
        torch.manual_seed(5)
        config = DRKFConfig(speech_config, text_config, **(sizes | dimensions))  # type: ignore[arg-type]
        return DRKF(config, speech_encoder, text_encoder).eval(), tokenizer

    return build


def noise(samples: int, seed: int = 0) -> np.ndarray:
    """A clip of coloured noise, (samples,) float32."""
    white = np.random.default_rng(seed).standard_normal(samples)
    return (0.1 * np.convolve(white, np.hanning(9), "same")).astype(np.float32)


@pytest.fixture(scope="session")
def clips() -> list[np.ndarray]:
    """Clips of 0.31 s to 0.9 s, none a multiple of any stride."""
    return [noise(n, seed) for seed, n in enumerate((5011, 9733, 14411, 7177))]


TEXTS = ("word1 word2", "word3", "word4 word5 word6 word7 word8", "word9 word1 unheard")


@pytest.fixture(scope="session")
def texts() -> tuple[str, ...]:
    return TEXTS
