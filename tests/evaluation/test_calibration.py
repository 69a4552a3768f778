"""Temperatures and thresholds are recovered from data made with known ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from drkf.evaluation.calibration import (
    TEMPERATURES,
    UNLABELLED,
    Judged,
    Readings,
    balanced_threshold,
    confidence_for_coverage,
    fit_binary_temperature,
    fit_calibration,
    fit_temperature,
    with_readings,
)
from drkf.evaluation.dev_set import Logits


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_sharpened_logits_is_found(temperature: float) -> None:
    generator = torch.Generator().manual_seed(0)
    honest = 1.5 * torch.randn(20_000, 5, generator=generator)
    targets = torch.multinomial(honest.softmax(-1), 1, generator=generator)[:, 0]
    assert fit_temperature(honest * temperature, targets) == pytest.approx(temperature, rel=0.05)


def test_it_is_the_best_of_all_and_keeps_the_order_of_classes() -> None:
    torch.manual_seed(0)
    logits, targets = 4 * torch.randn(300, 4), torch.randint(0, 4, (300,))
    found = fit_temperature(logits, targets)

    def loss(t: float) -> float:
        return float(((logits / t).softmax(1) - F.one_hot(targets)).square().sum(1).mean())

    for t in np.geomspace(*TEMPERATURES, 40):
        assert loss(found) <= loss(float(t)) + 1e-4
    assert torch.equal((logits / found).argmax(1), logits.argmax(1))


def test_soft_targets_are_taken_too() -> None:
    honest = 2 * torch.randn(500, 3, generator=torch.Generator().manual_seed(1))
    assert fit_temperature(2 * honest, honest.softmax(-1)) == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize("temperature", [0.5, 4.0])
def test_the_binary_temperature_is_found(temperature: float) -> None:
    generator = torch.Generator().manual_seed(2)
    honest = 2 * torch.randn(20_000, generator=generator)
    targets = torch.bernoulli(torch.sigmoid(honest), generator=generator)
    found = fit_binary_temperature(honest * temperature, targets.long())
    assert found == pytest.approx(temperature, rel=0.06)


def test_separable_logits_stay_within_the_bounds() -> None:
    logits = torch.tensor([[5.0, 0.0], [0.0, 5.0]])
    low, high = TEMPERATURES
    assert low * 0.99 <= fit_temperature(logits, torch.tensor([0, 1])) <= high
    assert low <= fit_temperature(logits, torch.tensor([1, 0])) <= high * 1.01


def test_the_balanced_threshold_parts_two_separate_classes() -> None:
    truth, scores = np.array([0, 0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.7, 0.9])
    assert balanced_threshold(truth, scores) == pytest.approx(0.7)
    assert ((scores >= balanced_threshold(truth, scores)) == truth).all()


def test_the_balanced_threshold_has_the_best_balanced_accuracy() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.1).astype(int)  # uneven classes must not pull it
    scores = np.clip(rng.normal(0.35 + 0.3 * truth, 0.15), 0, 1)

    def balanced(t: float) -> float:
        yes = scores >= t
        return (yes[truth == 1].mean() + (~yes)[truth == 0].mean()) / 2

    found = balanced_threshold(truth, scores)
    assert balanced(found) == pytest.approx(max(balanced(t) for t in scores))


def test_the_confidence_limit_leaves_the_stated_coverage() -> None:
    confidence = np.random.default_rng(0).random(1000)
    for coverage in (0.5, 0.9, 1.0):
        limit = confidence_for_coverage(confidence, coverage)
        assert float((confidence >= limit).mean()) == pytest.approx(coverage, abs=0.002)


def test_one_fit_gives_every_temperature_limit_and_threshold() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 4000)
    honest = torch.from_numpy(2.0 * np.eye(3)[truth] + rng.normal(0, 1, (4000, 3))).float()
    # Rows without a label say nothing about the temperature, but count for coverage.
    half = np.where(np.arange(4000) % 2, truth, UNLABELLED)
    audio, text = (Judged(Logits(scale * honest, torch.zeros(4000)), truth) for scale in (1.0, 3.0))
    fused = Judged(Logits(2.0 * honest, torch.zeros(4000)), half)
    inconsistent = (rng.random(4000) < 0.5).astype(np.int64)
    ed = torch.from_numpy(3.0 * (inconsistent - 0.5) + rng.normal(0, 1, 4000)).float()
    found = fit_calibration(fused, audio, text, (ed, inconsistent), coverage=0.8)
    assert found.text_temperature == pytest.approx(3 * found.audio_temperature, rel=0.01)
    assert found.fused_temperature == pytest.approx(2 * found.audio_temperature, rel=0.05)
    said = fused.logits.probabilities(found.fused_temperature).max(1)
    assert (said >= found.fused_min_confidence).mean() == pytest.approx(0.8, abs=0.01)
    said = torch.sigmoid(ed / found.discrimination_temperature) >= found.discrimination_threshold
    assert (said.numpy() == inconsistent).mean() > 0.9
    none = fit_calibration(fused, audio, text, (ed, np.zeros(4000, dtype=np.int64)))
    assert none.discrimination_temperature == 1.0

    apart = Readings(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.6, 0.8]), np.arange(4.0))
    read = with_readings(found, apart)
    assert (read.divergence_threshold, read.shift_threshold) == (0.6, 2.0)
    same = Readings(np.array([1, 1]), np.array([0.1, 0.2]), np.array([0.1, 0.2]))
    assert with_readings(found, same) == found


def test_unseen_corpora_have_half_the_weight_in_the_temperature() -> None:
    generator = torch.Generator().manual_seed(4)
    honest = 1.5 * torch.randn(4000, 5, generator=generator)
    truth = torch.multinomial(honest.softmax(-1), 1, generator=generator)[:, 0].numpy()
    seen = Logits(honest, torch.zeros(4000))
    few = Logits(4 * honest[:400], torch.zeros(400))  # four times as sure as it may be
    alone, limit = Judged(seen, truth).fit(0.9)
    both, lower = Judged(seen, truth, (few, truth[:400])).fit(0.9)
    assert alone == pytest.approx(1.0, rel=0.1)
    assert 1.3 < both < 4.0
    assert lower < limit, "the same share of the seen ones stays certain"
    assert lower == confidence_for_coverage(seen.probabilities(both).max(1), 0.9)


def test_nothing_to_fit_on_leaves_the_defaults() -> None:
    nothing = Judged(Logits(torch.zeros(0, 3), torch.zeros(0)), np.zeros(0, dtype=np.int64))
    assert nothing.fit(0.9) == (1.0, 0.3)
