"""Padded batches and their masks."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from drkf.model.sequence import TokenSequence, lengths_to_mask, masked_mean


@settings(max_examples=40, deadline=None)
@given(lengths=st.lists(st.integers(0, 6), min_size=1, max_size=5))
def test_padding_keeps_every_row_and_masks_the_rest(lengths: list[int]) -> None:
    rows = [torch.randn(n, 3) + 5 for n in lengths]
    batch = TokenSequence.pad(rows)
    assert batch.hidden.shape == (len(rows), max(lengths), 3)
    assert batch.mask.sum(1).tolist() == lengths
    assert batch.present.tolist() == [n > 0 for n in lengths]
    for i, row in enumerate(rows):
        torch.testing.assert_close(batch.hidden[i][batch.mask[i]], row)
    assert float(batch.hidden[~batch.mask].abs().sum()) == 0.0


def test_a_mask_is_true_on_the_first_length_places() -> None:
    mask = lengths_to_mask(torch.tensor([0, 2, 3]), 3)
    assert mask.tolist() == [[False] * 3, [True, True, False], [True] * 3]


def test_the_masked_mean_counts_real_tokens_and_is_zero_without_any() -> None:
    hidden = torch.tensor([[[1.0], [3.0], [50.0]], [[7.0], [8.0], [9.0]]])
    mask = torch.tensor([[True, True, False], [False, False, False]])
    assert masked_mean(hidden, mask).tolist() == [[2.0], [0.0]]
    assert (
        masked_mean(torch.zeros(2, 0, 4), torch.zeros(2, 0, dtype=torch.bool)).tolist()
        == [[0.0] * 4] * 2
    )


def test_hiding_tokens_adds_to_the_mask_and_never_uncovers() -> None:
    batch = TokenSequence.pad([torch.ones(3, 2), torch.ones(1, 2)])
    kept = batch.masked(torch.tensor([[True, False, True]]))
    assert kept.mask.tolist() == [[True, False, True], [True, False, False]]
    assert not batch.absent().present.any()
    assert batch.mask.sum() == 4  # the batch itself is unchanged


def test_an_empty_modality_has_no_tokens() -> None:
    empty = TokenSequence.empty(3, 5)
    assert empty.hidden.shape == (3, 0, 5)
    assert empty.present.tolist() == [False] * 3


def test_rows_are_picked_by_mask_and_by_index() -> None:
    batch = TokenSequence.pad([torch.full((n, 1), float(n)) for n in (1, 2, 3)])
    picked = batch[torch.tensor([2, 0, 2])]
    assert picked.mask.sum(1).tolist() == [3, 1, 3]
    assert batch[torch.tensor([False, True, False])].mask.sum(1).tolist() == [2]
