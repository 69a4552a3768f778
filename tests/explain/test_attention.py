"""Attention by modality: what adds up, and what length alone gives."""

from __future__ import annotations

import pytest
import torch

from drkf.explain.attention import (
    attention_gradients,
    cls_row,
    gradient_rows,
    gradient_weighted,
    rollout,
    rollout_rows,
)
from tests.helpers.synthetic import LABEL, WIDTH


def weights(model, encoded):
    with torch.no_grad():
        return model.fuse(encoded.speech, encoded.text, need_weights=True).fusion


def test_rollout_rows_add_up_to_one_and_skip_padding(tiny_model, utterance):
    fusion = weights(tiny_model, utterance(audio=(31, 12), padding=5))
    rows = rollout_rows(fusion.attentions)
    torch.testing.assert_close(rows.sum(1), torch.ones(2))
    assert (rows[~fusion.mask] == 0).all()
    assert (rows[fusion.mask] > 0).all()


def test_rollout_is_the_product_of_whole_matrices(tiny_model, utterance):
    fusion = weights(tiny_model, utterance())
    product = torch.eye(fusion.mask.shape[1])
    for attention in fusion.attentions:
        product = (0.5 * attention[0].mean(0) + 0.5 * torch.eye(len(product))) @ product
    torch.testing.assert_close(rollout_rows(fusion.attentions)[0], product[0])


@pytest.mark.parametrize("audio", [(1,), (31,), (120,), (120, 7)])
@pytest.mark.parametrize("words", [1, 9])
def test_even_attention_has_lift_one_whatever_the_lengths(even_model, utterance, audio, words):
    evidence = rollout(even_model, utterance(audio=audio, words=words, padding=3))
    assert evidence.lift.audio == pytest.approx(1, abs=1e-5)
    assert evidence.lift.text == pytest.approx(1, abs=1e-5)


def test_baseline_counts_unpadded_tokens(tiny_model, utterance):
    evidence = rollout(tiny_model, utterance(audio=(30,), words=2, padding=9))
    assert evidence.baseline.audio == pytest.approx(30 / 35)
    assert evidence.baseline.text == pytest.approx(5 / 35)


@pytest.mark.parametrize("audio", [(31,), (31, 12)])
def test_shares_add_up(tiny_model, utterance, audio):
    encoded = utterance(audio=audio, padding=2)
    for evidence in (rollout(tiny_model, encoded), gradient_weighted(tiny_model, encoded, LABEL)):
        total = evidence.share.audio + evidence.share.text + evidence.special
        assert total == pytest.approx(1, abs=1e-5)
        assert min(evidence.share.audio, evidence.share.text, evidence.special) > 0


def test_lift_of_one_window_is_share_over_baseline(tiny_model, utterance):
    for evidence in (
        rollout(tiny_model, utterance()),
        gradient_weighted(tiny_model, utterance(), LABEL),
    ):
        part = evidence.share.audio / (evidence.share.audio + evidence.share.text)
        assert evidence.lift.audio == pytest.approx(part / evidence.baseline.audio, rel=1e-4)


def test_attention_drawn_to_the_words_lifts_them(even_model, utterance):
    encoded = utterance()
    with torch.no_grad():
        encoded.text.hidden[..., 0] += 8
        for layer in even_model.fusion_encoder.layers:
            layer.attention.qkv.weight[WIDTH : 2 * WIDTH, 0] = 3  # keys read coordinate 0
            layer.attention.qkv.bias[:WIDTH] = 1  # queries ask for it
    evidence = rollout(even_model, encoded)
    assert evidence.lift.text > 1.5
    assert evidence.lift.audio < 1


@pytest.mark.parametrize("settings", [{"audio": (0,)}, {"words": 0}])
def test_one_modality(tiny_model, utterance, settings):
    encoded = utterance(**settings)
    for evidence in (rollout(tiny_model, encoded), gradient_weighted(tiny_model, encoded, LABEL)):
        for values in (evidence.share, evidence.baseline, evidence.lift):
            assert (values.audio is None) == ("audio" in settings)
            assert (values.text is None) == ("words" in settings)
        there = "text" if "audio" in settings else "audio"
        assert getattr(evidence.baseline, there) == pytest.approx(1)
        assert getattr(evidence.lift, there) == pytest.approx(1)


def test_gradients_are_the_logits_own(tiny_model, utterance):
    """Against the definition, by autograd through the model's own graph."""
    encoded = utterance(audio=(9,), words=2)
    fusion, gradients = attention_gradients(tiny_model, encoded, LABEL)
    output = tiny_model.fuse(encoded.speech, encoded.text, need_weights=True)
    expected = torch.autograd.grad(output.emotion_logits[0, LABEL], output.fusion.attentions)
    for mine, other in zip(gradients, expected, strict=True):
        torch.testing.assert_close(mine, other)
    assert all(not attention.requires_grad for attention in fusion.attentions)
    assert all(parameter.grad is None for parameter in tiny_model.parameters())


def test_gradient_rows_follow_the_definition(tiny_model, utterance):
    encoded = utterance(audio=(9,), words=2)
    fusion, gradients = attention_gradients(tiny_model, encoded, LABEL)
    relevance = torch.eye(fusion.mask.shape[1])
    for attention, gradient in zip(fusion.attentions, gradients, strict=True):
        relevance = relevance + (attention * gradient).clamp(min=0).mean(1)[0] @ relevance
    row = relevance[0] - torch.eye(len(relevance))[0]
    torch.testing.assert_close(gradient_rows(tiny_model, encoded, LABEL)[1][0], row / row.sum())


def test_gradients_work_without_trainable_weights_and_under_no_grad(tiny_model, utterance):
    expected = gradient_weighted(tiny_model, utterance(), LABEL)
    tiny_model.requires_grad_(False)
    with torch.no_grad():
        assert gradient_weighted(tiny_model, utterance(), LABEL) == expected


def test_a_logit_that_ignores_the_input_has_no_lift(tiny_model, utterance):
    with torch.no_grad():
        tiny_model.classifier[-1].weight[LABEL] = 0
    evidence = gradient_weighted(tiny_model, utterance(), LABEL)
    assert (evidence.share.audio, evidence.share.text, evidence.special) == (0, 0, 1)
    assert evidence.lift.audio is None and evidence.lift.text is None


def test_gradient_weighted_attention_finds_the_planted_modality(planted):
    encoded = planted.utterance(audio=(31,))
    encoded.speech.hidden[..., 5] = 0  # the cue is in the words alone
    evidence = gradient_weighted(planted.model, encoded, LABEL)
    assert evidence.lift.text > 2
    assert evidence.lift.audio < 0.5


def test_cls_row_of_one_layer_is_identity_plus_attention():
    matrix = torch.rand(2, 4, 4)
    expected = matrix[:, 0] + torch.tensor([1.0, 0, 0, 0])
    torch.testing.assert_close(cls_row([matrix]), expected)
