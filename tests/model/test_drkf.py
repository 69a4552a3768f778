"""The whole model and its objective, on every encoder family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from drkf.errors import ConfigError
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.losses import Losses, LossWeights, soft_cross_entropy
from drkf.model.sequence import TokenSequence
from drkf.model.shuffling import MISSING, Pairs, shuffle_pairs

SPEECH_KINDS = (
    "whisper",
    "wav2vec2-group",
    "wav2vec2-layer",
    "hubert-group",
    "hubert-layer",
    "wavlm-group",
    "wavlm-layer",
)
TEXT_KINDS = ("bert", "minilm", "roberta", "xlm-roberta", "mpnet", "distilbert")
#: Each speech family once, each text family once.
COMBINATIONS = [(s, TEXT_KINDS[i % 5]) for i, s in enumerate(SPEECH_KINDS)]

Build = Callable[..., tuple[DRKF, object]]


def encode(
    model: DRKF, tokenizer: object, clips: list[np.ndarray], texts: tuple[str, ...]
) -> tuple[TokenSequence, TokenSequence]:
    """Encoder states of both modalities."""
    ids, mask = pad_tokens(tokenizer(list(texts))["input_ids"], tokenizer.pad_token_id)  # type: ignore[operator,attr-defined]
    return model.encode_speech(model.speech_features(clips)), model.encode_text(ids, mask)


@pytest.mark.parametrize(("speech", "text"), COMBINATIONS)
@torch.no_grad()
def test_the_same_utterance_alone_and_padded_in_a_batch_gives_the_same_logits(
    speech: str, text: str, build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf(speech, text)
    A, T = encode(model, tokenizer, clips, texts)
    assert not A.mask.all() and not T.mask.all()
    for need_weights in (False, True):
        together = model(A, T, need_weights)
        for i, (clip, words) in enumerate(zip(clips, texts, strict=True)):
            alone = model(*encode(model, tokenizer, [clip], (words,)), need_weights)
            torch.testing.assert_close(
                alone.emotion_logits[0], together.emotion_logits[i], atol=1e-4, rtol=0
            )
            torch.testing.assert_close(
                alone.inconsistency_logit[0], together.inconsistency_logit[i], atol=1e-4, rtol=0
            )


@torch.no_grad()
def test_a_missing_modality_is_left_out_however_it_is_given(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf()
    speech, text = encode(model, tokenizer, clips, texts)
    A, T = model.adapt_speech(speech), model.adapt_text(text)
    for need_weights in (False, True):
        for full, masked, empty in (
            ((A, T), (A.absent(), T), (TokenSequence.empty(4, 24), T)),
            ((A, T), (A, T.absent()), (A, TokenSequence.empty(4, 24))),
        ):
            both = model.fuse(*full, need_weights).emotion_logits
            one = model.fuse(*masked, need_weights).emotion_logits
            same = model.fuse(*empty, need_weights).emotion_logits
            assert torch.isfinite(one).all()
            torch.testing.assert_close(one, same, atol=1e-5, rtol=1e-5)
            assert not torch.allclose(both, one, atol=1e-4)
    # Encoder states of no tokens at all pass the adapters too.
    out = model(TokenSequence.empty(4, model.speech_encoder.width), text)
    torch.testing.assert_close(
        out.emotion_logits, model.fuse(A.absent(), T).emotion_logits, atol=1e-5, rtol=1e-5
    )
    # One row of a batch may lack what the others have.
    mixed = A.masked(torch.tensor([[True], [False], [True], [True]]))
    logits = model.fuse(mixed, T).emotion_logits
    torch.testing.assert_close(
        logits[1], model.fuse(A.absent(), T).emotion_logits[1], atol=1e-5, rtol=1e-5
    )
    torch.testing.assert_close(logits[0], model.fuse(A, T).emotion_logits[0], atol=1e-5, rtol=1e-5)


AUDIO_LABELS = torch.tensor([0, 3, 4, 3, 5, MISSING])
TEXT_LABELS = torch.tensor([0, 3, 4, 4, MISSING, 5])


def objective(
    model: DRKF,
    speech: TokenSequence,
    text: TokenSequence,
    weight: float = 0.5,
    audio_labels: Tensor = AUDIO_LABELS,
    text_labels: Tensor = TEXT_LABELS,
    **changes: object,
) -> tuple[Losses, Pairs]:
    pairs = shuffle_pairs(
        audio_labels,
        text_labels,
        len(model.config.labels),
        model.neutral,
        torch.Generator().manual_seed(0),
        shuffles=2,
        modality_dropout=float(changes.pop("modality_dropout", 0.0)),  # type: ignore[arg-type]
    )
    losses = model.losses(
        speech.masked((audio_labels != MISSING)[:, None]),
        text.masked((text_labels != MISSING)[:, None]),
        audio_labels,
        text_labels,
        pairs,
        weight,
        **changes,  # type: ignore[arg-type]
    )
    return losses, pairs


def six(clips: list[np.ndarray], texts: tuple[str, ...]) -> tuple[list[np.ndarray], tuple]:
    return [*clips, *clips[:2]], (*texts, *texts[:2])


#: Softmax does not see a constant added to all its scores, so these biases move nothing.
WITHOUT_EFFECT = ("k_proj.bias", "key.bias", "k_lin.bias", "score.2.bias")


@pytest.mark.parametrize(("speech", "text"), COMBINATIONS)
def test_every_trainable_parameter_gets_a_gradient_from_the_total_loss(
    speech: str, text: str, build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf(speech, text)
    model.train()
    torch.manual_seed(0)
    states = encode(model, tokenizer, *six(clips, texts))
    losses, _ = objective(model, *states, weight=0.5, modality_dropout=0.3)
    losses.total(LossWeights()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.requires_grad, name
        assert parameter.grad is not None, f"{name} has no gradient"
        assert torch.isfinite(parameter.grad).all(), name
        if not name.endswith(WITHOUT_EFFECT):
            assert float(parameter.grad.abs().max()) > 0, f"the gradient of {name} is zero"


def test_each_component_reaches_the_parts_it_is_about(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    """In particular nothing about the voice is computed on the words."""
    model, tokenizer = build_drkf()
    with torch.no_grad():
        speech, text = encode(model, tokenizer, *six(clips, texts))
    reached: dict[str, set[str]] = {}
    for component in (f.name for f in fields(Losses)):
        model.zero_grad()
        losses, _ = objective(model, speech, text)
        getattr(losses, component).backward()
        reached[component] = {
            name.split(".")[0]
            for name, p in model.named_parameters()
            if p.grad is not None and float(p.grad.abs().sum()) > 0
        }
    fusion = {"speech_adapter", "text_adapter", "fusion_encoder"}
    assert reached == {
        "ce": fusion | {"classifier"},
        "bce": fusion | {"discriminator"},
        "mi_audio": {"speech_adapter", "speech_augmentation", "mutual_information"},
        "mi_text": {"text_adapter", "text_augmentation", "mutual_information"},
        "mi_audio_text": {"speech_adapter", "text_adapter", "mutual_information"},
        "mse_audio": {"speech_adapter", "speech_augmentation"},
        "mse_text": {"text_adapter", "text_augmentation"},
        "kld_audio": {"speech_adapter", "speech_augmentation", "speech_classifier"},
        "kld_text": {"text_adapter", "text_augmentation", "text_classifier"},
        "ce_audio": {"speech_adapter", "speech_augmentation", "speech_classifier"},
        "ce_text": {"text_adapter", "text_augmentation", "text_classifier"},
    }


@torch.no_grad()
def test_augmentation_weight_0_leaves_nothing_to_rebuild(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf()
    states = encode(model, tokenizer, *six(clips, texts))
    none, _ = objective(model, *states, weight=0.0)
    some, _ = objective(model, *states, weight=0.5)
    for name in ("mse_audio", "mse_text", "kld_audio", "kld_text"):
        assert float(getattr(none, name)) == pytest.approx(0.0, abs=1e-6)
        assert float(getattr(some, name)) > 1e-4
    # What the fusion encoder sees is the original, whatever the weight.
    assert float(none.ce) == pytest.approx(float(some.ce))


@torch.no_grad()
def test_ec_learns_the_pairs_targets_and_ed_judges_complete_pairs_alone(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf()
    speech, text = encode(model, tokenizer, *six(clips, texts))
    losses, pairs = objective(model, speech, text, modality_dropout=0.5, label_smoothing=0.1)
    assert 0 < int(pairs.judged.sum()) < len(pairs)
    A, T = model.adapt_speech(speech), model.adapt_text(text)
    emotion, inconsistency = [], []
    for p in range(len(pairs)):
        a, t = pairs.audio[p : p + 1], pairs.text[p : p + 1]
        out = model.fuse(
            A[a] if pairs.has_audio[p] else TokenSequence.empty(1, 24),
            T[t] if pairs.has_text[p] else TokenSequence.empty(1, 24),
        )
        emotion.append(out.emotion_logits[0])
        if pairs.judged[p]:
            y = pairs.inconsistent[p].float()
            inconsistency.append(
                nn.functional.binary_cross_entropy_with_logits(out.inconsistency_logit[0], y)
            )
    ce = soft_cross_entropy(torch.stack(emotion), pairs.target, 0.1).mean()
    torch.testing.assert_close(losses.ce, ce, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(losses.bce, torch.stack(inconsistency).mean(), atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_only_utterances_whose_modalities_agree_are_positives_between_them(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf()
    speech, text = encode(model, tokenizer, *six(clips, texts))
    before, _ = objective(model, speech, text)
    other = text.hidden.clone()
    other[3] = torch.randn_like(other[3])  # row 3 says joy in words, neutral in voice
    after, _ = objective(model, speech, replace(text, hidden=other))
    assert float(before.mi_audio_text) == pytest.approx(float(after.mi_audio_text), abs=1e-6)
    assert float(before.mi_text) != pytest.approx(float(after.mi_text), abs=1e-6)


@pytest.mark.parametrize(
    ("audio", "text"),
    [
        ([MISSING] * 3, [0, 3, 4]),
        ([0, 3, 4], [MISSING] * 3),
        ([0, 3, 4], [1, 4, 5]),
        ([0, MISSING, 3], [MISSING, 2, 3]),
        ([0], [0]),
        ([MISSING], [6]),
    ],
)
def test_batches_that_lack_something_still_train(
    audio: list[int],
    text: list[int],
    build_drkf: Build,
    clips: list[np.ndarray],
    texts: tuple[str, ...],
) -> None:
    model, tokenizer = build_drkf()
    n = len(audio)
    states = encode(model, tokenizer, clips[:n], texts[:n])
    losses, _ = objective(
        model, *states, audio_labels=torch.tensor(audio), text_labels=torch.tensor(text)
    )
    total = losses.total(LossWeights())
    assert torch.isfinite(total)
    total.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all(), name


@torch.no_grad()
def test_a_batch_where_nobody_speaks_may_have_no_speech_tokens(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf()
    speech, text = encode(model, tokenizer, clips[:3], texts[:3])
    labels = {"audio_labels": torch.tensor([MISSING] * 3), "text_labels": torch.tensor([0, 3, 4])}
    masked, _ = objective(model, speech, text, **labels)  # type: ignore[arg-type]
    empty = TokenSequence.empty(3, model.speech_encoder.width)
    without, _ = objective(model, empty, text, **labels)  # type: ignore[arg-type]
    for f in fields(Losses):
        a, b = getattr(masked, f.name), getattr(without, f.name)
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)
        assert torch.isfinite(a)


def test_training_lowers_the_objective(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    model, tokenizer = build_drkf()
    with torch.no_grad():
        states = encode(model, tokenizer, *six(clips, texts))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    first: Losses | None = None
    for _ in range(25):
        optimizer.zero_grad()
        losses, _ = objective(model, *states)
        first = first or losses
        losses.total(LossWeights()).backward()
        optimizer.step()
    assert first is not None
    for name in ("ce", "bce", "mi_audio", "mi_text", "ce_audio", "ce_text"):
        assert float(getattr(losses, name).detach()) < float(getattr(first, name).detach()), name


def test_a_clip_beyond_the_speech_positions_is_cut(build_drkf: Build) -> None:
    for kind in ("whisper", "wavlm-layer"):
        model, _ = build_drkf(kind)
        assert model.speech_token_seconds == pytest.approx(0.04)
        assert model.max_speech_seconds == pytest.approx(2.4)
        clip = np.random.default_rng(0).standard_normal(60_000).astype(np.float32)
        with torch.no_grad():
            states = model.encode_speech(model.speech_features([clip]))
            assert 58 <= states.hidden.shape[1] <= 60
            model(states, TokenSequence.empty(1, model.text_encoder.width))


def test_more_text_tokens_than_the_encoder_has_positions_are_refused(build_drkf: Build) -> None:
    with pytest.raises(ConfigError, match=r"max_text_tokens is 39.*38"):
        build_drkf("whisper", "roberta", max_text_tokens=39)
    build_drkf("whisper", "roberta", max_text_tokens=38)


def test_a_label_set_without_neutral_is_known_to_have_none(build_drkf: Build) -> None:
    assert build_drkf()[0].neutral == 4
    model, _ = build_drkf(labels=("joy", "sadness"))
    assert model.neutral is None
    out = model.fuse(TokenSequence.empty(1, 24), TokenSequence.empty(1, 24))
    assert out.emotion_logits.shape == (1, 2)


@torch.no_grad()
def test_mixed_precision_runs_on_padded_batches(
    build_drkf: Build, clips: list[np.ndarray], texts: tuple[str, ...]
) -> None:
    for speech, text in COMBINATIONS[:1] + COMBINATIONS[2:3] + COMBINATIONS[-1:]:
        model, tokenizer = build_drkf(speech, text)
        exact = model(*encode(model, tokenizer, clips, texts)).emotion_logits
        features = model.speech_features(clips)
        ids, mask = pad_tokens(tokenizer(list(texts))["input_ids"], tokenizer.pad_token_id)  # type: ignore[operator,attr-defined]
        with torch.autocast("cpu", torch.bfloat16):
            states = model.encode_speech(features), model.encode_text(ids, mask)
            rough = model(*states).emotion_logits.float()
        assert torch.isfinite(rough).all()
        torch.testing.assert_close(rough, exact, atol=0.1, rtol=0.1)
