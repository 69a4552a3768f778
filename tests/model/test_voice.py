"""A voice's reference: the formula, any number of clips, and models without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from drkf.model import DRKF, DRKFConfig, VoiceReference
from drkf.model.losses import LossWeights
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import shuffle_pairs
from drkf.model.storage import load_weights, save_weights
from drkf.model.voice import VoiceNormalisation, alone, clip_mean

Build = Callable[..., tuple[DRKF, object]]


def clip(*lengths: int, seed: int = 0, width: int = 6) -> TokenSequence:
    """A clip of windows with these many frames."""
    generator = torch.Generator().manual_seed(seed)
    return TokenSequence.pad([torch.randn(n, width, generator=generator) for n in lengths])


def test_r_is_the_mean_of_clips_shrunk_towards_the_mean_of_all_voices() -> None:
    module = VoiceNormalisation(6, 4, shrinkage=3.0)
    module.mean.copy_(torch.arange(6.0))
    clips = [clip(5, 2), clip(4, seed=1), clip(9, seed=2)]
    s = [
        torch.cat([row[mask] for row, mask in zip(c.hidden, c.mask, strict=True)]).mean(0)
        for c in clips
    ]
    r = module.reference(VoiceReference.of(clips))
    torch.testing.assert_close(r, ((sum(s) + 3 * module.mean) / 6)[None])
    one = module.reference(VoiceReference.of(clips[:1]))
    torch.testing.assert_close(one, ((s[0] + 3 * module.mean) / 4)[None])


def test_clips_are_added_and_taken_out() -> None:
    first, second = clip(5), clip(3, 4, seed=1)
    both = VoiceReference.of([first, second])
    added = VoiceReference.of([first]).with_clip(second)
    torch.testing.assert_close(added.total, both.total)
    left = both.without_clip(first)
    assert left is not None and left.count.tolist() == [1]
    torch.testing.assert_close(left.total[0], clip_mean(second))
    assert left.without_clip(second) is None
    with pytest.raises(ValueError, match="at least one clip"):
        VoiceReference.of([])


def test_untrained_it_is_plain_subtraction() -> None:
    module = VoiceNormalisation(6, 4)
    voice = VoiceReference.of([clip(5), clip(7, seed=3)])
    r = module.reference(voice)
    states = clip(5)
    torch.testing.assert_close(module.subtract(states, r).hidden, states.hidden - r[:, None])
    adapted = clip(5, width=4)
    torch.testing.assert_close(module.modulate(adapted, r, voice).hidden, adapted.hidden)


def test_the_mean_of_all_voices_is_learned() -> None:
    module = VoiceNormalisation(6, 4)
    for seed in range(50):
        module.learn_mean(2.0 + torch.randn(8, 6, generator=torch.Generator().manual_seed(seed)))
    torch.testing.assert_close(module.mean, torch.full((6,), 2.0), atol=0.2, rtol=0)
    assert float(module.updates) == 50


@pytest.fixture
def voiced(build_drkf: Build, clips: list[np.ndarray]) -> tuple[DRKF, TokenSequence]:
    """A model with a reference that has learned something, and the states of four clips."""
    model, _ = build_drkf(voice_reference=True)
    assert model.voice is not None
    with torch.no_grad():
        for parameter in model.voice.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.manual_seed(1)))
        return model, model.encode_speech(model.speech_features(clips))


@torch.no_grad()
def test_a_clip_alone_is_its_own_reference(voiced: tuple[DRKF, TokenSequence]) -> None:
    model, states = voiced
    every = model.adapt_speech(states, alone(states)).hidden
    torch.testing.assert_close(model.adapt_speech(states).hidden, every)
    for i in range(len(states.mask)):
        one = states[i : i + 1]
        own = model.adapt_speech(one, VoiceReference.of([one])).hidden
        torch.testing.assert_close(own[0], every[i], atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_other_clips_of_the_voice_change_the_answer(voiced: tuple[DRKF, TokenSequence]) -> None:
    model, states = voiced
    text = TokenSequence.empty(4, model.text_encoder.width)
    voice = VoiceReference.of([states[i : i + 1] for i in range(4)])
    alone_, known = model(states, text), model(states, text, voice=voice)
    assert not torch.allclose(alone_.emotion_logits, known.emotion_logits, atol=1e-4)
    rows = torch.tensor([0, 0, 0, 0])  # the same voice for each row, said row by row
    each = model(states, text, voice=voice[rows])
    torch.testing.assert_close(each.emotion_logits, known.emotion_logits)


@torch.no_grad()
def test_a_voice_that_is_moved_as_a_whole_is_read_alike(
    voiced: tuple[DRKF, TokenSequence],
) -> None:
    """The more clips are known, the less of a constant in all of them is left."""
    model, states = voiced
    assert model.voice is not None
    model.voice.gate.fill_(1.0)
    for parameter in model.voice.modulation.parameters():
        parameter.zero_()
    moved = TokenSequence(states.hidden + 3.0 * states.mask[..., None], states.mask)

    def difference(n: int) -> float:
        def reference(clips: TokenSequence) -> VoiceReference:
            total = clips.hidden.new_zeros(clips.hidden.shape[-1])
            for i in range(n):
                total = total + clip_mean(clips[i % 4 : i % 4 + 1])
            return VoiceReference(total[None], torch.tensor([float(n)]))

        a = model.adapt_speech(states, reference(states)).hidden
        b = model.adapt_speech(moved, reference(moved)).hidden
        return float((a - b).abs()[states.mask].mean())

    differences = [difference(n) for n in (1, 4, 20, 400)]
    assert differences == sorted(differences, reverse=True)
    assert differences[-1] < 0.1 * differences[0]


def test_it_learns_with_the_objective(build_drkf: Build, clips: list[np.ndarray]) -> None:
    model, _ = build_drkf(voice_reference=True)
    model.train()
    with torch.no_grad():
        states = model.encode_speech(model.speech_features(clips))
        text = TokenSequence(torch.randn(4, 5, model.text_encoder.width), states.mask[:, :5])
    labels = torch.tensor([0, 3, 4, 5])
    pairs = shuffle_pairs(labels, labels, 7, 4, torch.Generator().manual_seed(0))
    voice = VoiceReference(torch.randn(4, model.speech_encoder.width), torch.ones(4))
    losses = model.losses(states, text, labels, labels, pairs, 0.5, voice=voice)
    losses.total(LossWeights()).backward()
    assert model.voice is not None
    assert model.voice.gate.grad is not None and model.voice.gate.grad.abs().sum() > 0
    last = model.voice.modulation[2]
    assert last.weight.grad is not None and last.weight.grad.abs().sum() > 0
    assert model.voice.log_shrinkage.grad is not None


@torch.no_grad()
def test_mean_and_shrinkage_are_in_the_weights(
    voiced: tuple[DRKF, TokenSequence], build_drkf: Build, tmp_path: Path
) -> None:
    model, _ = voiced
    assert model.voice is not None
    model.voice.mean.fill_(0.25)
    model.voice.log_shrinkage.fill_(1.5)
    save_weights(model, tmp_path / "model.safetensors")
    other, _ = build_drkf(voice_reference=True)
    load_weights(other, tmp_path / "model.safetensors")
    assert other.voice is not None
    assert other.voice.mean.unique().tolist() == [0.25]
    assert float(other.voice.shrinkage) == pytest.approx(np.exp(1.5), rel=1e-3)


@torch.no_grad()
def test_an_older_model_takes_no_notice(build_drkf: Build, clips: list[np.ndarray]) -> None:
    model, _ = build_drkf()
    assert model.voice is None
    older = {k: v for k, v in model.config.to_dict().items() if k != "voice_reference"}
    assert DRKFConfig.from_dict(older) == model.config
    states = model.encode_speech(model.speech_features(clips))
    voice = VoiceReference(torch.randn(4, model.speech_encoder.width), torch.ones(4))
    assert torch.equal(model.adapt_speech(states).hidden, model.adapt_speech(states, voice).hidden)
