"""The fusion encoder: masks, attention weights, positions, both attention kernels."""

from __future__ import annotations

import pytest
import torch

from drkf.errors import ConfigError
from drkf.model.fusion import AUDIO, CLS, SEP, TEXT, FusionEncoder, drop_masked
from drkf.model.sequence import TokenSequence

WIDTH = 16


def encoder(dropout: float = 0.0, audio: int = 12, text: int = 9) -> FusionEncoder:
    torch.manual_seed(0)
    return FusionEncoder(WIDTH, 3, 4, 32, dropout, audio, text).eval()


def batch() -> tuple[TokenSequence, TokenSequence]:
    torch.manual_seed(1)
    speech = TokenSequence.pad([torch.randn(n, WIDTH) for n in (7, 3, 0, 5)])
    text = TokenSequence.pad([torch.randn(n, WIDTH) for n in (2, 6, 4, 0)])
    return speech, text


@torch.no_grad()
def test_attention_rows_sum_to_1_over_real_tokens_and_are_0_on_padding() -> None:
    out = encoder()(*batch(), need_weights=True)
    B, N = out.mask.shape
    assert (B, N) == (4, 7 + 6 + 3)
    assert len(out.attentions) == 3
    for weights in out.attentions:
        assert weights.shape == (B, 4, N, N)
        torch.testing.assert_close(weights.sum(-1), torch.ones(B, 4, N))
        assert float(weights.min()) >= 0.0
        padding = ~out.mask[:, None, None, :].expand_as(weights)
        assert float(weights[padding].abs().sum()) == 0.0


def test_places_are_named_in_order() -> None:
    out = encoder()(*batch())
    assert out.token_types.tolist() == [CLS] + [AUDIO] * 7 + [SEP] + [TEXT] * 6 + [SEP]
    special = (out.token_types == CLS) | (out.token_types == SEP)
    assert out.mask[:, special].all()
    assert out.mask[:, out.token_types == AUDIO].sum(1).tolist() == [7, 3, 0, 5]
    assert out.mask[:, out.token_types == TEXT].sum(1).tolist() == [2, 6, 4, 0]


def test_the_two_ways_of_attending_agree() -> None:
    """Eager with weights over all places; fused kernel over the real ones, CLS alone at last."""
    model = encoder()
    eager, fused = model(*batch(), need_weights=True), model(*batch())
    torch.testing.assert_close(eager.cls, fused.cls, atol=1e-5, rtol=1e-5)
    assert fused.attentions == ()
    assert torch.equal(eager.mask, fused.mask)


@pytest.mark.parametrize("need_weights", [False, True])
def test_a_row_alone_gives_the_same_as_padded_in_a_batch(need_weights: bool) -> None:
    model = encoder()
    speech, text = batch()
    noisy_s = TokenSequence(speech.hidden.masked_fill(~speech.mask[..., None], 99.0), speech.mask)
    noisy_t = TokenSequence(text.hidden.masked_fill(~text.mask[..., None], -99.0), text.mask)
    together = model(noisy_s, noisy_t, need_weights).cls
    for i in range(4):
        alone = model(
            TokenSequence.pad([speech.hidden[i][speech.mask[i]]]),
            TokenSequence.pad([text.hidden[i][text.mask[i]]]),
            need_weights,
        )
        torch.testing.assert_close(alone.cls[0], together[i], atol=1e-4, rtol=0)


@pytest.mark.parametrize("need_weights", [False, True])
def test_an_empty_modality_is_the_same_as_a_masked_one(need_weights: bool) -> None:
    model = encoder()
    speech, text = batch()
    for nothing in (speech.absent(), TokenSequence.empty(4, WIDTH)):
        out = model(nothing, text, need_weights).cls
        assert torch.isfinite(out).all()
        expected = model(speech.absent(), text, True).cls
        torch.testing.assert_close(out, expected, atol=1e-5, rtol=1e-5)
    neither = model(TokenSequence.empty(2, WIDTH), TokenSequence.empty(2, WIDTH), need_weights).cls
    assert torch.isfinite(neither).all()
    torch.testing.assert_close(neither[0], neither[1])


def test_a_token_is_read_by_its_place_and_by_its_modality() -> None:
    model = encoder()
    x, y = torch.randn(1, WIDTH), torch.randn(1, WIDTH)
    nothing = TokenSequence.empty(1, WIDTH)
    forth = model(TokenSequence.pad([torch.cat([x, y])]), nothing).cls
    back = model(TokenSequence.pad([torch.cat([y, x])]), nothing).cls
    assert not torch.allclose(forth, back, atol=1e-4)
    voice = model(TokenSequence.pad([x]), nothing).cls
    words = model(nothing, TokenSequence.pad([x])).cls
    assert not torch.allclose(voice, words, atol=1e-4)


def test_the_marks_are_learned_not_zero() -> None:
    model = encoder()
    assert model.special.requires_grad
    assert float(model.special.abs().min(1).values.max()) > 0
    cls, first, second = model.special
    assert not torch.allclose(cls, first) and not torch.allclose(first, second)


@torch.no_grad()
def test_speech_positions_shift_in_training_alone() -> None:
    """So that the later positions are trained too; without dropout only the shift is random."""
    model = encoder()
    speech, text = batch()
    still = {round(float(model(speech, text).cls[0, 0]), 4) for _ in range(5)}
    assert len(still) == 1
    model.train()
    moved = {round(float(model(speech, text).cls[0, 0]), 4) for _ in range(30)}
    assert len(moved) > 2
    full = TokenSequence.pad([torch.randn(12, WIDTH)])  # no room to shift
    assert torch.isfinite(model(full, text[:1]).cls).all()


@pytest.mark.parametrize(("audio", "text"), [(13, 2), (2, 10)])
def test_sequences_beyond_the_positions_are_refused(audio: int, text: int) -> None:
    with pytest.raises(ValueError, match=f"{audio} speech and {text} text tokens"):
        encoder()(
            TokenSequence.pad([torch.zeros(audio, WIDTH)]),
            TokenSequence.pad([torch.zeros(text, WIDTH)]),
        )


def test_a_width_that_the_heads_do_not_divide_is_refused() -> None:
    with pytest.raises(ConfigError, match="18 is not a multiple of fusion_heads 4"):
        FusionEncoder(18, 1, 4, 32, 0.0, 4, 4)


def test_attention_is_in_the_graph() -> None:
    out = encoder()(*batch(), need_weights=True)
    for weights in out.attentions:
        weights.retain_grad()
    out.cls[:, 0].sum().backward()
    for weights in out.attentions:
        assert weights.grad is not None
        assert float(weights.grad.abs().sum()) > 0


def test_dropping_masked_places_keeps_the_real_ones_in_order() -> None:
    x = torch.arange(10.0).view(2, 5, 1)
    mask = torch.tensor([[1, 0, 1, 0, 1], [1, 1, 0, 0, 0]], dtype=torch.bool)
    kept, kept_mask = drop_masked(x, mask)
    assert kept.shape == (2, 3, 1)
    assert kept_mask.tolist() == [[True] * 3, [True, True, False]]
    assert kept[0, :, 0].tolist() == [0.0, 2.0, 4.0]
    assert kept[1, :2, 0].tolist() == [5.0, 6.0]
    everything = torch.ones(2, 5, dtype=torch.bool)
    assert drop_masked(x, everything)[0] is x


def test_no_state_is_kept_between_calls() -> None:
    model = encoder()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    attributes = set(vars(model))
    model(*batch(), need_weights=True)
    assert set(vars(model)) == attributes
    assert not model._forward_hooks
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
