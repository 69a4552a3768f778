"""One label to an utterance, and several: targets and losses by hand."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from drkf.model.labelling import MultiLabel, SingleLabel
from drkf.model.losses import kl_divergence, soft_cross_entropy
from drkf.model.shuffling import Pairs


def make_pairs(audio, text, has_audio, has_text) -> Pairs:
    size = len(audio)
    nothing = torch.zeros(size)
    return Pairs(
        torch.tensor(audio),
        torch.tensor(text),
        torch.tensor(has_audio),
        torch.tensor(has_text),
        nothing,
        nothing.bool(),
        nothing.bool(),
    )


def test_targets_of_several_labels():
    #                     anger joy neutral
    labels = torch.tensor([[1.0, 1, 0], [0, 0, 1], [1, 1, 0]])
    pairs = make_pairs(
        [0, 0, 1, 0, 1, 0],
        [0, 1, 0, 2, 0, 1],
        [True, True, True, True, True, False],
        [True, True, True, True, False, True],
    )
    expected = torch.tensor(
        [
            [1, 1, 0],  # its own
            [1, 1, 0.25],  # voice of two emotions, neutral words
            [1, 1, 0.25],
            [1, 1, 0],  # another utterance with the same set
            [0, 0, 1],  # its words are dropped: neutral alone counts in full
            [0, 0, 1],
        ]
    )
    assert torch.equal(MultiLabel().targets(pairs, labels, 2), expected)


def test_sets_of_labels_are_consistent_only_if_equal():
    labels = torch.tensor([[1.0, 1, 0], [1, 0, 0], [1, 1, 0], [0, 0, 1]])
    kinds = MultiLabel().kinds(labels)
    assert kinds[0] == kinds[2]
    assert len(set(kinds.tolist())) == 3


def test_row_losses_agree_with_the_batch_losses():
    torch.manual_seed(0)
    p, q = torch.randn(5, 4), torch.randn(5, 4)
    target = torch.randn(5, 4).softmax(-1)
    single, multi = SingleLabel(), MultiLabel()
    assert single.loss(p, target, 0.1).mean() == pytest.approx(
        soft_cross_entropy(p, target, 0.1).mean().item()
    )
    assert single.divergence(p, q).mean() == pytest.approx(kl_divergence(p, q).mean().item())
    assert torch.allclose(multi.divergence(p, p), torch.zeros(5), atol=1e-6)
    # Bernoulli KL by hand for one cell: p = 0.8, q = 0.5.
    logit = torch.tensor([[0.8]]).logit()
    by_hand = 0.8 * torch.tensor(0.8 / 0.5).log() + 0.2 * torch.tensor(0.2 / 0.5).log()
    assert multi.divergence(logit, torch.zeros(1, 1)).item() == pytest.approx(by_hand.item())
    assert multi.loss(p, (target > 0.2).float(), 0.0).mean() == pytest.approx(
        F.binary_cross_entropy_with_logits(p, (target > 0.2).float()).item()
    )
