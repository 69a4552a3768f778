"""The ablation trains every variant on the same states, resumes, and tells what it measured."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
import json
import shutil
from pathlib import Path

import pytest
import torch

from drkf.cli import main
from drkf.evaluation.card import render_ablation
from drkf.experiments import ablation
from drkf.experiments.ablation import COLUMNS, VARIANTS, mean_sd
from drkf.experiments.baselines import ConcatenationMLP, CrossAttentionFusion, LateFusion
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, shuffle_pairs
from drkf.training.config import TrainConfig
from drkf.training.distillation import DistillationConfig

BASELINES = (ConcatenationMLP, CrossAttentionFusion, LateFusion)


def sequences(width: int) -> tuple[TokenSequence, TokenSequence]:
    """Two utterances of different length."""
    torch.manual_seed(3)
    speech = TokenSequence.pad([torch.randn(7, width), torch.randn(4, width)])
    return speech, TokenSequence.pad([torch.randn(2, width), torch.randn(5, width)])


@pytest.fixture(params=BASELINES)
def baseline(request: pytest.FixtureRequest, tiny_model: DRKF) -> DRKF:
    model = request.param(tiny_model.config, tiny_model.speech_encoder, tiny_model.text_encoder)
    return model.eval()


def test_a_baseline_gives_the_same_alone_and_in_a_batch(baseline: DRKF) -> None:
    speech, text = sequences(baseline.config.hidden_size)
    both = baseline.fuse(speech, text)
    for row in range(2):
        alone = baseline.fuse(
            TokenSequence.pad([speech.hidden[row][speech.mask[row]]]),
            TokenSequence.pad([text.hidden[row][text.mask[row]]]),
        )
        torch.testing.assert_close(alone.emotion_logits[0], both.emotion_logits[row])
        torch.testing.assert_close(alone.inconsistency_logit[0], both.inconsistency_logit[row])


def test_a_baseline_does_not_see_a_missing_modality(baseline: DRKF) -> None:
    speech, text = sequences(baseline.config.hidden_size)
    other = TokenSequence(torch.randn_like(text.hidden), text.mask)
    one, two = (baseline.fuse(speech, words.absent()).emotion_logits for words in (text, other))
    torch.testing.assert_close(one, two)
    assert torch.isfinite(one).all()


def test_late_fusion_is_the_mean_of_what_each_modality_says(tiny_model: DRKF) -> None:
    model = LateFusion(tiny_model.config, tiny_model.speech_encoder, tiny_model.text_encoder).eval()
    speech, text = sequences(model.config.hidden_size)
    voice = model.speech_classifier(speech).log_softmax(-1)
    words = model.text_classifier(text).log_softmax(-1)
    fused = model.fuse(speech, text)
    torch.testing.assert_close(fused.emotion_logits, (voice + words) / 2)
    torch.testing.assert_close(model.fuse(speech, text.absent()).emotion_logits, voice)
    torch.testing.assert_close(model.fuse(speech.absent(), text).emotion_logits, words)
    p, q = voice.exp(), words.exp()
    m = (p + q) / 2
    divergence = ((p * (p / m).log2()).sum(-1) + (q * (q / m).log2()).sum(-1)) / 2
    torch.testing.assert_close(fused.inconsistency_logit.sigmoid(), divergence)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_variant_leaves_out_what_its_name_says(variant, tiny_model: DRKF) -> None:
    config = variant.change(TrainConfig())
    torch.manual_seed(0)
    model = variant.model(tiny_model.config, tiny_model.speech_encoder, tiny_model.text_encoder)
    speech = TokenSequence.pad([torch.randn(5, model.speech_encoder.width) for _ in range(4)])
    text = TokenSequence.pad([torch.randn(3, model.text_encoder.width) for _ in range(4)])
    labels = torch.tensor([0, 3, 4, 0])
    generator = torch.Generator().manual_seed(0)
    pairs = shuffle_pairs(labels, labels, len(model.config.labels), 4, generator)
    losses = model.losses(speech, text, labels, labels, pairs, float(variant.augmented))
    losses.total(config.loss).backward()

    def trained(module: torch.nn.Module) -> bool:
        return any(p.grad is not None and p.grad.abs().sum() > 0 for p in module.parameters())

    fusion_is_drkf = variant.model is DRKF
    assert trained(model.discriminator) == (config.loss.bce > 0)
    assert trained(model.speech_augmentation) == (fusion_is_drkf and variant.augmented)
    assert trained(model.mutual_information) == (
        max(config.loss.mi_audio, config.loss.mi_text, config.loss.mi_audio_text) > 0
    )
    assert trained(model.fusion_encoder) == (variant.model is not LateFusion)
    assert trained(model.speech_classifier) == (config.loss.kld > 0)
    if variant.name == "without modality dropout":
        assert config.pairing.modality_dropout == config.pairing.text_only == 0
    assert MISSING not in labels


def test_names_are_the_rows_and_no_two_are_alike() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS) == 12
    taught = TrainConfig(distillation=DistillationConfig(weight=0.5))
    changed = [json.dumps(v.change(taught).to_dict()) + v.model.__name__ for v in VARIANTS]
    assert len(set(changed)) == len(VARIANTS)


def test_mean_and_sample_deviation() -> None:
    assert mean_sd([0.5, 0.7]) == "0.600 ± 0.141"
    assert mean_sd([0.5]) == "0.500" and mean_sd([None, None]) == "–"


@pytest.fixture
def checkpoint(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_checkpoint, tmp_path / "untrained")


@pytest.fixture
def command(miniature: tuple[Path, Path], checkpoint: Path, tmp_path: Path) -> list[str]:
    speech, text = miniature
    small = ["seeds=2", "texts=4", "train.dev_fraction=0.4", "train.precision=no"]
    small += ["train.fusion.epochs=1", "train.fusion.steps=2", "train.fusion.batch_size=4"]
    return [
        *("ablate", "--speech", str(speech), "--text", str(text)),
        *("--checkpoint", str(checkpoint), "--work", str(tmp_path / "work"), *small),
    ]


def test_from_corpora_to_the_card(command, checkpoint, tmp_path, capsys, monkeypatch) -> None:
    assert (
        main([*command, "--only", "full DRKF", "--only", "without ED", "--only", "late fusion"])
        == 0
    )
    printed = capsys.readouterr().out
    rows = [line for line in printed.splitlines() if line.startswith("| ")]
    assert rows[0].count("|") == len(COLUMNS) + 3
    assert [row.split(" | ")[:2] for row in rows[2:5]] == [
        ["| full DRKF", "2"],
        ["| without ED", "2"],
        ["| late fusion", "2"],
    ]
    assert "±" in rows[2] and rows[3].endswith(" – |")
    assert "full DRKF, before ORL" in printed and "full DRKF, after ORL" in printed
    done = json.loads((tmp_path / "work" / "ablation.json").read_text())["runs"]
    assert len(done) == 6 and not (tmp_path / "work" / "run").exists()

    ran = []

    def pretend(variant, seed, *rest):
        ran.append((variant.name, seed))
        return next(iter(done.values()))

    monkeypatch.setattr(ablation, "run", pretend)
    cards = []
    monkeypatch.setattr(ablation, "write_card", lambda folder, about: cards.append(about))
    assert main([*command, "--only", "full DRKF", "--only", "cross-attention", "--update"]) == 0
    assert ran == [("cross-attention", 0), ("cross-attention", 1)]
    card = " ".join(render_ablation(cards[0]).split())
    assert "| cross-attention | 2 |" in card and "1 x 2 steps of 4 pairs" in card
    assert "noise at 5 dB" in card
    assert "but for one row, taught by its unimodal classifiers" in card
    assert "taught" not in render_ablation(
        {"ablation": cards[0]["ablation"] | {"distilled": False}}
    )


def test_runs_of_other_settings_are_not_mixed(command, capsys) -> None:
    assert main([*command, "--only", "late fusion", "--seeds", "1"]) == 0
    assert main([*command, "train.fusion.steps=3", "--only", "late fusion"]) == 2
    assert "holds a run with another train" in capsys.readouterr().err


def test_an_unknown_variant_is_named_with_the_known_ones(command, capsys) -> None:
    assert main([*command, "--only", "without everything"]) == 2
    message = capsys.readouterr().err
    assert "'without everything'" in message and "without MI_ST" in message
    assert len(message.splitlines()) == 1
