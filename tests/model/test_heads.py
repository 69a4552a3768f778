"""The unimodal classifier and the two-layer heads."""

from __future__ import annotations

import torch

from drkf.model.heads import UnimodalClassifier, mlp
from drkf.model.sequence import TokenSequence


def classifier() -> UnimodalClassifier:
    torch.manual_seed(0)
    return UnimodalClassifier(8, 5, dropout=0.3).eval()


def test_padding_changes_nothing() -> None:
    model = classifier()
    rows = [torch.randn(n, 8) for n in (2, 7, 1)]
    batch = TokenSequence.pad(rows)
    noisy = TokenSequence(batch.hidden.masked_fill(~batch.mask[..., None], 1e3), batch.mask)
    together = model(noisy)
    for i, row in enumerate(rows):
        torch.testing.assert_close(
            model(TokenSequence.pad([row]))[0], together[i], atol=1e-5, rtol=1e-5
        )


def test_the_order_of_tokens_does_not_matter_but_their_spread_does() -> None:
    """Statistics pooling: the mean is joined by the standard deviation."""
    model = classifier()
    x = torch.randn(6, 8)
    shuffled = x[torch.randperm(6)]
    torch.testing.assert_close(
        model(TokenSequence.pad([x])), model(TokenSequence.pad([shuffled])), atol=1e-5, rtol=1e-5
    )
    model.score.requires_grad_(False)
    for parameter in model.score.parameters():
        parameter.zero_()  # even weights
    flat = x.mean(0, keepdim=True).expand(6, 8)
    spread = model(TokenSequence.pad([x])) - model(TokenSequence.pad([flat]))
    assert float(spread.abs().max()) > 1e-2


def test_a_row_without_tokens_and_a_row_of_one_token_stay_finite() -> None:
    model = classifier()
    hidden = torch.randn(2, 4, 8, requires_grad=True)
    mask = torch.tensor([[False] * 4, [True, False, False, False]])
    logits = model(TokenSequence(hidden, mask))
    assert torch.isfinite(logits).all()
    logits.sum().backward()
    assert hidden.grad is not None and torch.isfinite(hidden.grad).all()


def test_no_rows_give_no_logits() -> None:
    empty = TokenSequence(torch.zeros(0, 3, 8), torch.zeros(0, 3, dtype=torch.bool))
    assert classifier()(empty).shape == (0, 5)


def test_a_head_gives_one_number_for_each_output() -> None:
    assert mlp(6, 4, 3, 0.0)(torch.randn(2, 6)).shape == (2, 3)
