"""The residual auto-encoder of each modality."""

from __future__ import annotations

import pytest
import torch

from drkf.model.augmentation import AutoEncoderBlock, ProgressiveAugmentation
from drkf.model.sequence import TokenSequence


def module() -> ProgressiveAugmentation:
    torch.manual_seed(0)
    return ProgressiveAugmentation(8, (6, 3), 3)


def batch() -> TokenSequence:
    torch.manual_seed(1)
    return TokenSequence.pad([torch.randn(n, 8) for n in (4, 2, 5)])


def test_weight_0_gives_the_original() -> None:
    original = batch()
    augmented = module()(original, 0.0)
    assert torch.equal(augmented.hidden, original.hidden)
    assert torch.equal(augmented.mask, original.mask)


@pytest.mark.parametrize("weight", [0.25, 0.5, 1.0])
def test_the_weight_goes_straight_from_the_original_to_the_auto_encoders_own(weight: float) -> None:
    original, model = batch(), module()
    full = model(original, 1.0).hidden
    assert not torch.allclose(full, original.hidden, atol=1e-2)
    expected = (1 - weight) * original.hidden + weight * full
    torch.testing.assert_close(model(original, weight).hidden, expected)


def test_block_i_gets_the_running_sum_of_its_input_and_the_last_output() -> None:
    model, x = module(), torch.randn(1, 2, 8)
    running, output = x, torch.zeros_like(x)
    for block in model.blocks:
        running = running + output
        output = block(running)
    expected = model.transition(running + output)
    got = model(TokenSequence(x, torch.ones(1, 2, dtype=torch.bool)), 1.0)
    torch.testing.assert_close(got.hidden, expected)
    assert len(model.blocks) == 3


def test_each_token_is_changed_by_itself_alone() -> None:
    model, original = module(), batch()
    noisy = TokenSequence(
        original.hidden.masked_fill(~original.mask[..., None], 1e3), original.mask
    )
    a, b = model(original).hidden, model(noisy).hidden
    torch.testing.assert_close(a[original.mask], b[original.mask])


def test_a_block_passes_through_its_narrowest_width_and_can_lower_values() -> None:
    torch.manual_seed(2)
    block = AutoEncoderBlock(8, (6, 3))
    assert block.encode(torch.randn(5, 8)).shape == (5, 3)
    out = block(torch.randn(50, 8))
    assert out.shape == (50, 8)
    assert float(out.min().detach()) < 0 < float(out.max().detach())


def test_it_learns_to_rebuild_its_input() -> None:
    model, original = module(), batch()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        loss = (model(original).hidden - original.hidden)[original.mask].square().mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0] / 3
