"""Sizes from the configuration alone, against models that exist."""

from __future__ import annotations

import re

import pytest
import torch

from drkf.cli import main
from drkf.errors import CheckpointError
from drkf.experiments.benchmark import build_model
from drkf.experiments.presets import EncoderNames, read_preset
from drkf.experiments.size import model_size
from drkf.labels import EMOTIONS


def test_the_papers_model_on_the_meta_device(capsys):
    assert main(["size"]) == 0
    printed = capsys.readouterr().out
    config = read_preset("paper")
    size = model_size(config, config.english)
    # wav2vec2-large and RoBERTa-large (without pooler) have 315 and 354 million weights.
    assert size.parts["speech encoder"] == pytest.approx(315.4e6, rel=1e-3)
    assert size.parts["text encoder"] == pytest.approx(354.3e6, rel=1e-3)
    # FE by hand: 4 d² + 2 d · FF to a layer, biases and norms, positions, types, specials.
    d, ff, layers = 1024, 4096, 6
    layer = 4 * d * d + 4 * d + 2 * d * ff + ff + d + 4 * d
    fe = layers * layer + 2 * d + d * (1500 + 128 + 4 + 3)
    assert size.parts["fusion encoder (FE)"] == fe
    assert size.training_bytes == 16 * size.parameters
    assert f"{size.parameters / 1e6:.1f} M" in printed
    assert f"{size.weights_bytes / 1e9:.1f} GB" in printed


@pytest.mark.parametrize("frontend", ["paper", "compact"])
def test_counts_are_those_of_the_built_model(frontend, paper_encoders, tiny_encoders):
    speech, text = paper_encoders if frontend == "paper" else tiny_encoders
    config = read_preset(
        "paper", ["model.hidden_size=32", "model.fusion_layers=1", "model.max_text_tokens=48"]
    )
    names = EncoderNames(str(speech), str(text))
    model, _ = build_model(config, EMOTIONS, names)
    counted = model_size(config, names).parameters
    assert counted == sum(p.numel() for p in model.parameters())
    assert all(p.device == torch.device("cpu") for p in model.parameters())


def test_an_unknown_encoder_is_one_line(tmp_path):
    config = read_preset("paper")
    with pytest.raises(CheckpointError, match="no configuration of an encoder at") as caught:
        model_size(config, EncoderNames(str(tmp_path), "FacebookAI/roberta-large"))
    assert not re.search(r"\n", str(caught.value))
