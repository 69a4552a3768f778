"""The loss components, against hand-computed values and their own definitions."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.model.losses import (
    Losses,
    LossWeights,
    kl_divergence,
    reconstruction,
    soft_cross_entropy,
)
from drkf.model.sequence import TokenSequence

logits = st.lists(st.floats(-30, 30), min_size=4, max_size=4)


@settings(max_examples=60, deadline=None)
@given(p=logits, shift=st.floats(-20, 20))
def test_kl_is_zero_for_equal_distributions(p: list[float], shift: float) -> None:
    a = torch.tensor([p])
    assert float(kl_divergence(a, a + shift)) == pytest.approx(0.0, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(p=logits, q=logits)
def test_kl_is_never_negative_and_is_the_definition(p: list[float], q: list[float]) -> None:
    a, b = torch.tensor([p]), torch.tensor([q])
    value = float(kl_divergence(a, b))
    assert value >= -1e-6
    p_, q_ = a.double().softmax(-1)[0], b.double().log_softmax(-1)[0]
    expected = float((p_ * (a.double().log_softmax(-1)[0] - q_)).sum())
    assert value == pytest.approx(expected, abs=1e-4, rel=1e-4)


def test_kl_is_of_each_row_and_takes_logits_not_probabilities() -> None:
    p = torch.tensor([[math.log(0.75), math.log(0.25)], [0.0, 0.0]])
    q = torch.tensor([[0.0, 0.0], [0.0, 0.0]])
    expected = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert kl_divergence(p, q).tolist() == pytest.approx([expected, 0.0], rel=1e-5, abs=1e-7)


def test_kl_sends_its_gradient_to_the_second_distribution_alone() -> None:
    p, q = torch.randn(3, 4, requires_grad=True), torch.randn(3, 4, requires_grad=True)
    kl_divergence(p, q).sum().backward()
    assert p.grad is None
    assert q.grad is not None and float(q.grad.abs().sum()) > 0


def test_reconstruction_counts_real_tokens_only() -> None:
    augmented = torch.tensor([[[1.0, 3.0], [99.0, 99.0]], [[0.0, 0.0], [2.0, 0.0]]])
    target = torch.zeros(2, 2, 2)
    mask = torch.tensor([[True, False], [True, True]])
    # Token means: (1 + 9) / 2 = 5, 0, (4 + 0) / 2 = 2.
    original = TokenSequence(target, mask)
    made = TokenSequence(augmented, mask)
    assert float(reconstruction(made, original)) == pytest.approx(7 / 3)
    assert float(reconstruction(made.absent(), original.absent())) == 0.0


def test_soft_targets_are_weighted_sums_of_hard_ones() -> None:
    x = torch.randn(1, 3)
    anger, joy = torch.tensor([[1.0, 0, 0]]), torch.tensor([[0, 1.0, 0]])
    mixed = soft_cross_entropy(x, 0.8 * anger + 0.2 * joy)
    expected = 0.8 * soft_cross_entropy(x, anger) + 0.2 * soft_cross_entropy(x, joy)
    torch.testing.assert_close(mixed, expected)
    hard = torch.nn.functional.cross_entropy(x, torch.tensor([0]))
    torch.testing.assert_close(soft_cross_entropy(x, anger)[0], hard)


def test_label_smoothing_mixes_the_target_with_the_even_distribution() -> None:
    x, target = torch.randn(5, 4), torch.eye(4)[torch.tensor([0, 1, 2, 3, 0])]
    smoothed = soft_cross_entropy(x, target, smoothing=0.2)
    torch.testing.assert_close(smoothed, soft_cross_entropy(x, 0.8 * target + 0.2 / 4))
    # The best logits are then finite: certainty costs more than the smoothed target's own odds.
    sure = soft_cross_entropy(50 * target, target, smoothing=0.2)
    fair = soft_cross_entropy((0.8 * target + 0.05).log(), target, smoothing=0.2)
    assert (fair < sure).all()


def named(values: dict[str, float]) -> Losses:
    return Losses(**{name: torch.tensor(value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("component", "weight"),
    [
        ("ce", 1.0),
        ("bce", 0.2),
        ("mi_audio", 0.2),
        ("mi_text", 0.2),
        ("mi_audio_text", 0.2),
        ("mse_audio", 0.2),
        ("mse_text", 0.2),
        ("kld_audio", 1.0),
        ("kld_text", 1.0),
    ],
)
def test_the_total_has_the_papers_weights_by_default(component: str, weight: float) -> None:
    zeros = {f.name: 0.0 for f in fields(Losses)}
    total = named(zeros | {component: 2.0}).total(LossWeights())
    assert float(total) == pytest.approx(2.0 * weight)


def test_components_are_logged_by_name() -> None:
    values = {f.name: float(i) for i, f in enumerate(fields(Losses))}
    logged = named(values).as_floats()
    assert logged == {name.upper(): value for name, value in values.items()}


def test_a_softmax_over_some_classes_leaves_the_others_alone() -> None:
    x = torch.randn(3, 4, requires_grad=True)
    allowed = torch.tensor([[True, True, False, False]] * 2 + [[True] * 4])
    target = torch.eye(4)[torch.tensor([0, 1, 3])]
    rows = soft_cross_entropy(x, target, 0.1, allowed)
    few = soft_cross_entropy(x[:2, :2], target[:2, :2], 0.1)
    torch.testing.assert_close(rows[:2], few)
    torch.testing.assert_close(rows[2:], soft_cross_entropy(x[2:], target[2:], 0.1))
    rows.sum().backward()
    assert not x.grad[:2, 2:].any() and x.grad[2].all()
