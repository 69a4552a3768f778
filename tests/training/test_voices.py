"""What is known of a voice in training, groups of a speaker's clips, and what they are for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
import numpy as np
import pytest
import soundfile
import torch
from transformers import WhisperFeatureExtractor

from drkf.data.manifest import Item
from drkf.errors import ConfigError
from drkf.evaluation.features import FeatureStore
from drkf.labels import EMOTIONS
from drkf.model import DRKF
from drkf.model.encoders import SpeechFrontend
from drkf.training.augment import AugmentConfig
from drkf.training.batches import balanced_weights, capped_shares
from drkf.training.speech import SpeechBranch, interpolate, speech_loss
from drkf.training.speech_batches import SpeechBatches, StateBatches
from drkf.training.voices import ReferenceDraws, SpeakerGroups, VoiceConfig, corpus_classes


def clip(number: int, emotion: str, speaker: str, corpus: str = "a") -> Item:
    return Item(f"u{number}", Path("x.wav"), None, (emotion,), speaker, corpus=corpus)


def voices(count: int = 30) -> list[Item]:
    """Two speakers, each with anger, joy and neutral in turn."""
    return [clip(i, ("anger", "joy", "neutral")[i // 2 % 3], f"s{i % 2}") for i in range(count)]


def test_references_are_of_the_voice_without_the_clip_and_of_any_number() -> None:
    items = voices(60)
    draws = ReferenceDraws(items, VoiceConfig(alone=0.3, max_clips=20))
    rng = np.random.default_rng(0)
    found = [draws.draw(rng, 4) for _ in range(600)]
    assert all(4 not in rows and len(set(rows)) == len(rows) for rows in found)
    assert {items[row].speaker for rows in found for row in rows} == {"s0"}
    sizes = Counter(map(len, found))
    assert set(sizes) == set(range(20)), "from the clip alone to 20 clips with it"
    assert sizes[0] / 600 == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize(
    ("setting", "emotions"), [("mostly_neutral", {"neutral"}), ("same_emotion", {"anger"})]
)
def test_references_are_of_every_composition(setting: str, emotions: set[str]) -> None:
    items = voices()
    config = VoiceConfig(alone=0.0, **({"mostly_neutral": 0.0} | {setting: 1.0}))
    draws = ReferenceDraws(items, config)
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows = draws.draw(rng, 0)  # an angry clip
        assert rows and {items[row].emotion for row in rows} == emotions
    alone = ReferenceDraws([clip(0, "joy", "s0")], config)
    assert alone.draw(rng, 0) == []


def test_groups_are_of_one_speaker_each_and_follow_the_weights() -> None:
    items = voices(80) + [clip(100 + i, "joy", f"b{i}", "b") for i in range(3)]
    weights = balanced_weights(items)
    groups = SpeakerGroups(items, weights)
    rng = np.random.default_rng(0)
    drawn = [groups.draw(rng, 24) for _ in range(200)]
    assert all(len(rows) == 24 for rows in drawn)
    for rows in drawn:
        names = [items[row].speaker for row in rows]
        changes = sum(a != b for a, b in pairwise(names))
        assert changes <= 24 - 8 + 3  # long runs of one speaker, but for the three single clips
    assert {items[row].corpus for rows in drawn for row in rows} == {"a", "b"}


def test_no_corpus_is_drawn_more_often_than_the_limit() -> None:
    sizes = np.array([100.0, 2500.0, 10_000.0])
    roots = sizes**0.5 / (sizes**0.5).sum()
    capped = capped_shares(roots, sizes, draws=100_000, max_draws=25)
    assert capped.sum() == pytest.approx(1)
    assert (capped * 100_000 / sizes <= 25 + 1e-6).all()
    assert capped[0] * 100_000 / 100 == pytest.approx(25)
    assert capped[2] / capped[1] == pytest.approx(2), "the others keep their proportion"
    assert (capped_shares(roots, sizes, 100_000, 0) == roots).all()
    too_few = capped_shares(roots, sizes, draws=10_000_000, max_draws=25)
    np.testing.assert_allclose(too_few, sizes / sizes.sum())


def test_a_corpus_has_its_own_classes() -> None:
    items = [clip(0, "joy", "s"), clip(1, "anger", "s"), clip(2, "fear", "t", "b")]
    allowed = corpus_classes(items, EMOTIONS)
    assert [[EMOTIONS[i] for i in np.flatnonzero(row)] for row in allowed] == [
        ["anger", "joy"],
        ["anger", "joy"],
        ["fear"],
    ]


@pytest.fixture
def heard(tmp_path: Path) -> list[Item]:
    """Three speakers of two corpora, six clips each."""
    rng = np.random.default_rng(0)
    items = []
    for s in range(3):
        for i in range(6):
            path = tmp_path / f"{s}-{i}.wav"
            soundfile.write(path, 0.1 * rng.standard_normal(6000 + 500 * i), 16_000)
            emotion = ("anger", "joy")[i % 2] if s < 2 else ("fear", "neutral")[i % 2]
            corpus = "a" if s < 2 else "b"
            items.append(Item(f"{s}-{i}", path, None, (emotion,), f"s{s}", corpus=corpus))
    return items


GROUPED = VoiceConfig(grouped=True, alone=0.2, corpus_softmax=True, contrast=0.5)


def make_batches(heard: list[Item], mixed: float = 0.0) -> SpeechBatches:
    frontend = SpeechFrontend(WhisperFeatureExtractor())
    augment = AugmentConfig(voice=0.5, microphone=0.5)
    return SpeechBatches(heard, EMOTIONS, frontend, augment, 12, 0, mixed, 0, GROUPED, 10)


def test_a_grouped_batch_depends_on_its_step_and_knows_its_own_speakers(heard: list[Item]) -> None:
    batches = make_batches(heard, mixed=0.5)
    batch = batches[3]
    torch.manual_seed(5)
    again = make_batches(heard, mixed=0.5)[3]
    assert torch.equal(batch.features.hidden, again.features.hidden)
    assert torch.equal(batch.known, again.known)
    assert (batch.known.diagonal() == 1).all()
    same = batch.speakers[:, None] == batch.speakers[None]
    assert not batch.known[~same].any(), "nothing is known of another's voice"
    others = batch.known.sum(1) - 1
    assert others.max() >= 1 and batch.mixed.any()
    # A clip in which somebody else is heard tells nothing of the others' voice.
    apart = batch.known - torch.eye(len(batch.known))
    assert not apart[:, batch.mixed].any()
    # Mixing stays within a corpus: no target is outside the classes of the softmax.
    assert not batch.targets[~batch.allowed].any()


def test_the_speech_stage_learns_relative_to_the_voice(heard: list[Item], tiny_model: DRKF) -> None:
    torch.manual_seed(0)
    model = DRKF(replace(tiny_model.config, voice_reference=True))
    branch = SpeechBranch(model, GROUPED).train()
    batches = make_batches(heard)
    # One emotion of two speakers, so that there is something to contrast.
    batch = next(
        b
        for step in range(20)
        if len((b := batches[step]).speakers[:9].unique()) > 1
        and {0, 1} <= set(b.speakers.tolist())
    )
    result = speech_loss(branch, batch, GROUPED, 0.1)
    result.loss.backward()
    assert set(result.logged) == {"CE", "MI_AUDIO"} and result.logged["MI_AUDIO"] > 0
    assert model.voice is not None
    assert model.voice.mean.abs().sum() > 0 and float(model.voice.updates) == 1
    for parameter in (model.voice.gate, next(branch.projection.parameters())):
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0
    branch.eval()
    before = model.voice.mean.clone()
    branch(batch)
    assert torch.equal(model.voice.mean, before), "only training learns the mean of all voices"


def test_a_frozen_encoder_s_states_are_drawn_as_clips_are(heard: list[Item]) -> None:
    views = [
        FeatureStore.join(torch.full((8 + i, 4), float(i + 100 * view)) for i in range(len(heard)))
        for view in range(2)
    ]
    batches = StateBatches(heard, EMOTIONS, views, 12, 0, GROUPED, 10)
    lengths = set()
    for step in range(4):
        batch, clips = batches[step], make_batches(heard)[step]
        assert torch.equal(batch.speakers, clips.speakers) and not batch.mixed.any()
        assert torch.equal(batch.targets, clips.targets)
        rows = batch.features.hidden.max(1).values[:, 0] - 100 * (step % 2)
        counts = batch.features.mask.sum(1)
        for row, count, speaker in zip(rows.tolist(), counts.tolist(), batch.speakers, strict=True):
            assert heard[int(row)].speaker == f"s{int(speaker)}", "the states are the clip's own"
            assert (8 + row) / 2 - 0.5 <= count <= 8 + row
            lengths.add(count / (8 + row))
        assert torch.equal(batch.features.hidden, batches[step].features.hidden)
    assert 1.0 in lengths and min(lengths) < 0.8, "some are heard in part"


def test_interpolation_is_the_mean_of_pretrained_and_tuned_weights() -> None:
    tuned = torch.nn.Linear(2, 2)
    pretrained = {name: torch.zeros_like(value) for name, value in tuned.state_dict().items()}
    expected = 0.25 * tuned.weight.detach().clone()
    interpolate(tuned, pretrained, 0.25)
    torch.testing.assert_close(tuned.weight.detach(), expected)


@pytest.mark.parametrize(
    "wrong", [{"alone": 1.5}, {"max_clips": 0}, {"mostly_neutral": 0.6, "same_emotion": 0.6}]
)
def test_impossible_settings_are_refused(wrong: dict) -> None:
    with pytest.raises(ConfigError, match="voices"):
        VoiceConfig(**wrong)
