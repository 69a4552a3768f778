"""NT-Xent and InfoNCE against hand-computed values; the bound; the temperature."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.model.mutual_information import (
    MutualInformation,
    contrast,
    cross_speaker_contrast,
    info_nce,
    mi_bound,
    nt_xent,
)
from drkf.model.sequence import TokenSequence

E1, E2 = [1.0, 0.0], [0.0, 1.0]


@pytest.mark.parametrize("temperature", [1.0, 0.5, 0.1])
def test_nt_xent_of_two_orthogonal_pairs(temperature: float) -> None:
    """Each vector has its partner at similarity 1 and two others at 0."""
    views = torch.tensor([E1, E2])
    expected = math.log(1 + 2 * math.exp(-1 / temperature))
    assert float(nt_xent(views, views, temperature)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("temperature", [1.0, 0.5, 0.1])
def test_info_nce_of_two_orthogonal_pairs(temperature: float) -> None:
    """Each row has its partner at similarity 1 and one other at 0."""
    views = torch.tensor([E1, E2])
    expected = math.log(1 + math.exp(-1 / temperature))
    assert float(info_nce(views, views, temperature)) == pytest.approx(expected, abs=1e-6)


def test_info_nce_of_swapped_pairs_is_dear() -> None:
    loss = info_nce(torch.tensor([E1, E2]), torch.tensor([E2, E1]), 1.0)
    assert float(loss) == pytest.approx(math.log(1 + math.e), rel=1e-5)


def test_info_nce_is_symmetric_where_one_direction_is_not() -> None:
    a, b = torch.tensor([E1, E2]), torch.tensor([E1, [1.0, 1.0]])
    assert float(info_nce(a, b, 0.3)) == pytest.approx(float(info_nce(b, a, 0.3)), rel=1e-6)
    c, t = 1 / math.sqrt(2), 0.3
    # Similarities [[1, c], [0, c]]: by rows and by columns.
    rows = [math.exp(1 / t) + math.exp(c / t), 1 + math.exp(c / t)]
    columns = [math.exp(1 / t) + 1, 2 * math.exp(c / t)]
    own = [math.exp(1 / t), math.exp(c / t)]
    by_row = -sum(math.log(o / r) for o, r in zip(own, rows, strict=True)) / 2
    by_column = -sum(math.log(o / k) for o, k in zip(own, columns, strict=True)) / 2
    assert float(info_nce(a, b, t)) == pytest.approx((by_row + by_column) / 2, rel=1e-5)


def test_nt_xent_is_its_definition_on_random_vectors() -> None:
    torch.manual_seed(0)
    first, second, t = torch.randn(5, 3), torch.randn(5, 3), 0.4
    z = [v / v.norm() for v in torch.cat([first, second]).double()]
    total = 0.0
    for i in range(10):
        partner = (i + 5) % 10
        others = sum(math.exp(float(z[i] @ z[k]) / t) for k in range(10) if k != i)
        total -= math.log(math.exp(float(z[i] @ z[partner]) / t) / others)
    assert float(nt_xent(first, second, t)) == pytest.approx(total / 10, rel=1e-5)


def test_only_the_direction_of_a_vector_counts() -> None:
    torch.manual_seed(1)
    a, b = torch.randn(4, 6), torch.randn(4, 6)
    scale = torch.tensor([[0.1], [3.0], [20.0], [1.0]])
    for loss in (nt_xent, info_nce):
        torch.testing.assert_close(loss(a, b, 0.2), loss(a * scale, b, 0.2))


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 1000),
    size=st.integers(2, 12),
    temperature=st.floats(0.01, 0.99),
    alike=st.floats(0, 1),
)
def test_the_estimate_never_exceeds_log_of_the_candidates(
    seed: int, size: int, temperature: float, alike: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(size, 4, generator=generator)
    b = alike * a + (1 - alike) * torch.randn(size, 4, generator=generator)
    between = mi_bound(info_nce(a, b, temperature), size)
    within = mi_bound(nt_xent(a, b, temperature), 2 * size - 1)
    assert float(between) <= math.log(size) + 1e-5
    assert float(within) <= math.log(2 * size - 1) + 1e-5


def test_the_estimate_comes_close_to_log_n_for_identical_views() -> None:
    views = torch.eye(8)
    assert float(mi_bound(info_nce(views, views, 0.02), 8)) == pytest.approx(math.log(8), abs=1e-4)
    independent = mi_bound(info_nce(torch.ones(8, 3), torch.randn(8, 3), 0.5), 8)
    assert float(independent) <= 1e-5


def test_descending_makes_two_views_agree() -> None:
    torch.manual_seed(2)
    a = torch.randn(6, 4)
    b = torch.randn(6, 4, requires_grad=True)
    optimizer = torch.optim.SGD([b], lr=1.0)
    first = float(info_nce(a, b, 0.2).detach())
    for _ in range(50):
        optimizer.zero_grad()
        info_nce(a, b, 0.2).backward()
        optimizer.step()
    assert float(info_nce(a, b, 0.2).detach()) < first / 2


@pytest.mark.parametrize("raw", [-1e4, -20.0, -2.0, 0.0, 20.0, 1e4])
def test_the_temperature_stays_between_0_and_1(raw: float) -> None:
    module = MutualInformation(4, 4)
    module.raw_temperature.data.fill_(raw)
    assert 0.0 < float(module.temperature) < 1.0
    a = torch.eye(4)
    assert torch.isfinite(nt_xent(a, a.flip(0), module.temperature))


def test_the_temperature_is_learned() -> None:
    module = MutualInformation(4, 4)
    info_nce(torch.randn(5, 4), torch.randn(5, 4), module.temperature).backward()
    assert module.raw_temperature.grad is not None
    assert float(module.raw_temperature.grad.abs()) > 0


def test_projections_pool_real_tokens_only_and_differ_by_modality() -> None:
    torch.manual_seed(3)
    module = MutualInformation(4, 3)
    hidden = torch.randn(1, 5, 4)
    mask = torch.tensor([[True, True, True, False, False]])
    noisy = hidden.clone()
    noisy[:, 3:] = 1e3
    same = module.project_speech(TokenSequence(hidden, mask))
    torch.testing.assert_close(module.project_speech(TokenSequence(noisy, mask)), same)
    torch.testing.assert_close(
        module.project_speech(TokenSequence(hidden[:, :3], mask[:, :3])), same
    )
    assert same.shape == (1, 3)
    assert not torch.allclose(module.project_text(TokenSequence(hidden, mask)), same)


def test_nothing_to_contrast_is_zero_and_in_the_graph():
    first = torch.randn(1, 3, requires_grad=True)
    temperature = torch.tensor(0.5, requires_grad=True)
    loss = contrast(info_nce, first, first, temperature)
    loss.backward()
    assert loss == 0
    assert first.grad is not None and not first.grad.any()
    assert temperature.grad == 0
    assert contrast(nt_xent, torch.eye(3), torch.eye(3), temperature) > 0


def test_the_contrast_draws_one_emotion_of_several_speakers_together() -> None:
    labels, speakers = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    by_emotion = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    by_speaker = torch.tensor([[1.0, 0], [0, 1], [1, 0], [0, 1]])
    good = cross_speaker_contrast(by_emotion, labels, speakers, 0.1)
    bad = cross_speaker_contrast(by_speaker, labels, speakers, 0.1)
    assert float(good) < 0.01 < 5 < float(bad)


def test_the_same_speakers_same_emotion_is_neither_drawn_nor_pushed() -> None:
    vectors = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    labels, speakers = torch.tensor([0, 0, 0, 1, 1]), torch.tensor([0, 0, 1, 0, 1])
    z = torch.nn.functional.normalize(vectors, dim=-1)
    similarity = (z @ z.T / 0.5).double()
    expected = []
    for i, positives, compared in (
        (0, [2], [2, 3, 4]),
        (1, [2], [2, 3, 4]),
        (2, [0, 1], [0, 1, 3, 4]),
        (3, [4], [0, 1, 2, 4]),
        (4, [3], [0, 1, 2, 3]),
    ):
        total = similarity[i, compared].logsumexp(0)
        expected.append(-(similarity[i, positives] - total).mean())
    found = cross_speaker_contrast(vectors, labels, speakers, 0.5)
    assert float(found) == pytest.approx(float(torch.stack(expected).mean()), rel=1e-5)
    nobody = torch.randn(2, 3, requires_grad=True)
    zero = cross_speaker_contrast(nobody, torch.tensor([0, 1]), torch.tensor([0, 0]), 0.5)
    zero.backward()
    assert float(zero) == 0 and not nobody.grad.any()
