"""A tiny DRKF with random weights, labelled untrained, built by the real loading code."""

from __future__ import annotations

import os

# Tests run in as many processes as there are cores, and start more: each computes in one thread,
# and threads that wait let others work. Read when PyTorch and CTranslate2 are loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# isort: split
import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperFeatureExtractor,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from drkf.checkpoint import Calibration, save_checkpoint
from drkf.model import DRKF, DRKFConfig
from drkf.model.pretrained import load_speech_encoder, load_text_encoder
from tests.helpers.miniature_corpora import write_corpora

WORDS = (
    "i you we am are is was so very not happy sad angry afraid glad furious fine the a to of "
    "and this that it what do did can cannot believe hate love have been waiting for weeks"
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """A file's tests run in one process."""
    return ByFile(config, log)


class ByFile(LoadScopeScheduling):
    """Files of tests, one by one: those in the browser are the first process's first, and the
    others' last, so that as few as possible of them wait for each other. Long files come before
    short ones, so that no process waits long for the last file of another."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0]

    def _assign_work_unit(self, node: Any) -> None:
        browser = node is next(iter(self.assigned_work))
        file = max(
            self.workqueue,
            key=lambda name: (name.startswith("tests/browser/") == browser, self._bytes(name)),
        )
        self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)

    def _bytes(self, file: str) -> int:
        """A better measure of a file's time than the number of its tests."""
        return (self.config.rootpath / file).stat().st_size


@pytest.fixture(scope="session")
def tiny_encoders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of a tiny random Whisper encoder and BERT, saved as Transformers saves them."""
    folder = tmp_path_factory.mktemp("encoders")
    torch.manual_seed(0)
    speech, text = folder / "tiny-whisper", folder / "tiny-bert"
    WhisperEncoder(
        WhisperConfig(
            d_model=32,
            encoder_layers=2,
            encoder_attention_heads=4,
            encoder_ffn_dim=64,
            decoder_layers=1,
            decoder_attention_heads=4,
            decoder_ffn_dim=64,
            num_mel_bins=80,
        )
    ).save_pretrained(speech)
    WhisperFeatureExtractor().save_pretrained(speech)
    tokenizer = tiny_tokenizer()
    tokenizer.save_pretrained(text)
    BertModel(
        BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=64,
        )
    ).save_pretrained(text)
    return speech, text


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """WordPiece over a few words and single characters."""
    characters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS.split(), *characters]
    pieces += [f"##{c}" for c in characters]
    vocabulary = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = [("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, special)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )


@pytest.fixture(scope="session")
def tiny_parts(tiny_encoders: tuple[Path, Path]) -> tuple[DRKF, PreTrainedTokenizerFast]:
    torch.manual_seed(1)
    speech, speech_config = load_speech_encoder(tiny_encoders[0], frame_stride=2)
    text, text_config, tokenizer = load_text_encoder(tiny_encoders[1])
    config = DRKFConfig(
        speech_config,
        text_config,
        hidden_size=32,
        augmentation_sizes=(16, 8),
        augmentation_blocks=2,
        projection_size=16,
        fusion_layers=2,
        fusion_heads=4,
        fusion_ff_size=64,
        max_text_tokens=48,
    )
    return DRKF(config, speech, text).eval(), tokenizer


@pytest.fixture
def tiny_model(tiny_parts: tuple[DRKF, PreTrainedTokenizerFast]) -> DRKF:
    """An untrained DRKF of a few thousand weights; a fresh copy for each test."""
    model = DRKF(tiny_parts[0].config)
    model.load_state_dict(tiny_parts[0].state_dict())
    return model.eval()


@pytest.fixture(scope="session")
def tiny_checkpoint(
    tmp_path_factory: pytest.TempPathFactory, tiny_parts: tuple[DRKF, PreTrainedTokenizerFast]
) -> Path:
    """A checkpoint folder of the untrained model."""
    folder = tmp_path_factory.mktemp("checkpoints") / "untrained-tiny"
    return write_untrained(folder, *tiny_parts)


@pytest.fixture(scope="session")
def voiced_checkpoint(
    tmp_path_factory: pytest.TempPathFactory, tiny_parts: tuple[DRKF, PreTrainedTokenizerFast]
) -> Path:
    """The same with a model that reads a clip relative to what is known of its voice."""
    trained, tokenizer = tiny_parts
    torch.manual_seed(2)
    model = DRKF(replace(trained.config, voice_reference=True)).eval()
    model.load_state_dict(trained.state_dict(), strict=False)
    assert model.voice is not None
    with torch.no_grad():
        for parameter in model.voice.modulation.parameters():
            parameter.normal_(std=0.2)
    folder = tmp_path_factory.mktemp("checkpoints") / "untrained-voiced"
    return write_untrained(folder, model, tokenizer)


def write_untrained(folder: Path, model: DRKF, tokenizer: PreTrainedTokenizerFast) -> Path:
    rng = np.random.default_rng(0)
    clips = [rng.standard_normal(8000).astype(np.float32) * 0.1 for _ in range(2)]
    with torch.no_grad():
        neutral = model.encode_speech(model.speech_features(clips))
    save_checkpoint(
        folder,
        model,
        tokenizer,
        Calibration(),
        neutral,
        ("it is what it is", "this is a"),
        {
            "trained_on": "nothing: random weights for tests (UNTRAINED)",
            "licence": "MIT",
            "headline": {},
        },
    )
    return folder


@pytest.fixture(scope="session")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Folders of speech (five speakers, three emotions) and of texts (two corpora)."""
    return write_corpora(tmp_path_factory.mktemp("miniature"))
