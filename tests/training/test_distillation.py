"""The teacher says what its classifiers say, and what two of them say together follows from
probability."""

from __future__ import annotations

import drkf  # noqa: F401  (lets torchaudio, and so transformers, be imported)

# isort: split
import numpy as np
import pytest
import torch
from torch import Tensor

from drkf.data.manifest import Item
from drkf.errors import ConfigError
from drkf.evaluation.card import render_distillation
from drkf.model import DRKF
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, fused_targets, shuffle_pairs
from drkf.training.config import TrainConfig
from drkf.training.distillation import DistillationConfig, Teacher, fuse_posteriors, mix_voices
from drkf.training.fusion import teacher_for

LABELS, NEUTRAL = 7, 4
EVEN = torch.full((LABELS,), 1 / LABELS)


def posterior(*probabilities: tuple[int, float]) -> Tensor:
    row = torch.zeros(1, LABELS)
    for label, probability in probabilities:
        row[0, label] = probability
    return row


def test_two_who_are_sure_give_the_labels_own_targets() -> None:
    a = torch.arange(LABELS).repeat_interleave(LABELS)
    b = torch.arange(LABELS).repeat(LABELS)
    said = torch.eye(LABELS)
    targets, inconsistent = fuse_posteriors(said[a], said[b], EVEN, NEUTRAL)
    torch.testing.assert_close(targets, fused_targets(a, b, LABELS, NEUTRAL))
    torch.testing.assert_close(inconsistent, (a != b).float())


def test_words_that_say_what_any_words_say_leave_it_open() -> None:
    prior = torch.tensor([0.1, 0.02, 0.02, 0.3, 0.4, 0.06, 0.1])
    voice = posterior((0, 0.7), (2, 0.3))
    targets, inconsistent = fuse_posteriors(voice, prior[None], prior, NEUTRAL)
    assert float(inconsistent) == pytest.approx(0.5)
    assert int(targets.argmax()) == 0


def test_doubt_of_one_is_resolved_by_the_other() -> None:
    anger_or_fear, fear_or_sadness = posterior((0, 0.6), (2, 0.4)), posterior((2, 0.5), (5, 0.5))
    targets, _ = fuse_posteriors(anger_or_fear, fear_or_sadness, EVEN, NEUTRAL)
    assert int(targets.argmax()) == 2


@pytest.mark.parametrize("consistent", [0.5, 0.8])
def test_the_joint_distribution_is_bayes_rule(consistent: float) -> None:
    """Against the sum over all pairs of emotions, written out."""
    rng = np.random.default_rng(0)
    voice, words, prior = (rng.dirichlet(np.ones(LABELS)) for _ in range(3))
    joint, even = np.zeros((2, LABELS, LABELS))
    for a in range(LABELS):
        for b in range(LABELS):
            likelihood = voice[a] * 7 * words[b] / prior[b]
            joint[a, b] = likelihood * (consistent / 7 if a == b else (1 - consistent) / 42)
            even[a, b] = likelihood * (0.5 / 7 if a == b else 0.5 / 42)
    joint /= joint.sum()
    even /= even.sum()
    expected = np.zeros(LABELS)
    for a in range(LABELS):
        for b in range(LABELS):
            target = fused_targets(torch.tensor([a]), torch.tensor([b]), LABELS, NEUTRAL)[0]
            expected += joint[a, b] * target.numpy()
    targets, inconsistent = fuse_posteriors(
        torch.tensor(voice)[None].float(),
        torch.tensor(words)[None].float(),
        torch.tensor(prior).float(),
        NEUTRAL,
        consistent,
    )
    np.testing.assert_allclose(targets[0].numpy(), expected, atol=1e-6)
    assert float(inconsistent) == pytest.approx(1 - np.trace(even), abs=1e-6)


def batch(model: DRKF) -> tuple[TokenSequence, TokenSequence]:
    """States of four utterances: two with both, a voice alone, words alone."""
    torch.manual_seed(1)
    wide, narrow = model.speech_encoder.width, model.text_encoder.width
    voices = TokenSequence.pad([torch.randn(n, wide) for n in (6, 4, 5, 0)])
    return voices, TokenSequence.pad([torch.randn(n, narrow) for n in (3, 5, 0, 2)])


AUDIO_LABELS = torch.tensor([0, 4, 3, MISSING])
TEXT_LABELS = torch.tensor([0, 5, MISSING, 6])


def teach(model: DRKF, config: DistillationConfig, mixed: Tensor) -> tuple:
    teacher = Teacher(model, config, np.full(LABELS, 1 / LABELS))
    voices, words = batch(model)
    pairs = shuffle_pairs(
        AUDIO_LABELS, TEXT_LABELS, LABELS, NEUTRAL, torch.Generator().manual_seed(0), 1
    )
    taught = teacher.teach(pairs, AUDIO_LABELS, TEXT_LABELS, voices, words, mixed)
    return pairs, *taught, teacher.voices(voices), teacher.words(words)


def test_a_teacher_without_weight_changes_no_label(tiny_model: DRKF) -> None:
    pairs, taught, targets, _, _ = teach(tiny_model, DistillationConfig(), torch.zeros(4) > 0)
    torch.testing.assert_close(taught.target, pairs.target)
    torch.testing.assert_close(taught.inconsistent, pairs.inconsistent.float())
    present = AUDIO_LABELS != MISSING
    assert targets[0][present].argmax(1).tolist() == AUDIO_LABELS[present].tolist()
    assert set(targets[0][present].flatten().tolist()) == {0.0, 1.0}


def test_a_mixed_voice_has_no_label_but_the_teachers_word(tiny_model: DRKF) -> None:
    mixed = torch.tensor([False, True, False, False])
    pairs, taught, targets, said, _ = teach(tiny_model, DistillationConfig(), mixed)
    for row in range(len(pairs)):
        same = torch.allclose(taught.target[row], pairs.target[row])
        assert same != bool(mixed[pairs.audio[row]])
    torch.testing.assert_close(targets[0][1], said[1])


def test_one_modality_alone_is_taught_what_its_classifier_says(tiny_model: DRKF) -> None:
    config = DistillationConfig(weight=1.0)
    pairs, taught, targets, voices, words = teach(tiny_model, config, torch.zeros(4) > 0)
    torch.testing.assert_close(taught.target.sum(1), torch.ones(len(pairs)))
    alone = {2: voices[2], 3: words[3]}
    for row, utterance in enumerate(pairs.audio.tolist()):
        if utterance in alone:
            torch.testing.assert_close(taught.target[row], alone[utterance])
    torch.testing.assert_close(targets[0], voices)
    torch.testing.assert_close(targets[1], words)


def test_the_teacher_says_what_the_classifiers_said_when_it_was_made(tiny_model: DRKF) -> None:
    config = DistillationConfig(weight=1.0, audio_temperature=2.0)
    teacher = Teacher(tiny_model, config, np.full(LABELS, 1 / LABELS))
    voices, _ = batch(tiny_model)
    tiny_model.eval()
    with torch.no_grad():
        logits = tiny_model.speech_classifier(tiny_model.adapt_speech(voices))
        said = teacher.voices(voices)
        torch.testing.assert_close(said[:3], (logits[:3] / 2).softmax(-1))
        assert not said[3].any()
        for parameter in tiny_model.speech_classifier.parameters():
            parameter.add_(1.0)
        torch.testing.assert_close(teacher.voices(voices), said)
    assert not any(p.requires_grad for p in teacher.parameters())


def test_mixing_keeps_lengths_and_the_rows_it_does_not_choose(tiny_model: DRKF) -> None:
    voices, _ = batch(tiny_model)
    same, none = mix_voices(voices, 0.0, torch.Generator().manual_seed(0))
    assert torch.equal(same.hidden, voices.hidden) and not none.any()
    seen = torch.zeros(4, dtype=torch.bool)
    for seed in range(20):
        changed, mixed = mix_voices(voices, 0.5, torch.Generator().manual_seed(seed))
        assert torch.equal(changed.mask, voices.mask)
        assert torch.equal(changed.hidden[~mixed], voices.hidden[~mixed])
        assert not (changed.hidden[~changed.mask]).any()
        seen |= mixed
    assert seen.tolist() == [True, True, True, False]


def test_there_is_a_teacher_only_where_one_is_asked_for(tiny_model: DRKF) -> None:
    texts = [Item(str(i), None, "x", (e,), corpus="meld") for i, e in enumerate(["joy", "joy"])]
    assert teacher_for(tiny_model, TrainConfig(), texts) is None
    config = TrainConfig(distillation=DistillationConfig(weight=0.5))
    teacher = teacher_for(tiny_model, config, texts)
    assert teacher is not None
    assert teacher.text_prior.tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_the_card_tells_who_taught() -> None:
    taught = TrainConfig(distillation=DistillationConfig(weight=0.7, mixed=0.5, consistent=0.8))
    told = " ".join(render_distillation(taught.to_dict()).split())
    assert (
        "70% of every target" in told
        and "80% of pairs" in told
        and "50% of the stage's voices" in told
    )
    assert render_distillation(TrainConfig().to_dict()) == render_distillation({}) == ""


@pytest.mark.parametrize("setting", [{"weight": 1.5}, {"mixed": -0.1}, {"audio_temperature": 0.0}])
def test_settings_that_mean_nothing_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=rf"distillation\.{next(iter(setting))} must"):
        DistillationConfig(**setting)


def test_neutral_words_are_expected_of_any_voice() -> None:
    """Then they say nothing about the voice, and the answer is the voice's own."""
    neutral, joy = 4, 3
    voice = torch.full((1, 7), 0.05)
    voice[0, joy] = 0.7
    words = torch.full((1, 7), 0.01)
    words[0, neutral] = 0.94
    even = torch.full((7,), 1 / 7)
    usual, ed = fuse_posteriors(voice, words, even, neutral, 0.8)
    free, ed_free = fuse_posteriors(voice, words, even, neutral, 0.8, 0.0, neutral_words=0.95)
    assert usual[0, neutral] > 0.3 and free[0, neutral] < 0.15
    torch.testing.assert_close(free[0], voice[0], atol=0.06, rtol=0)
    torch.testing.assert_close(ed, ed_free)
    torch.testing.assert_close(free.sum(), torch.tensor(1.0))
