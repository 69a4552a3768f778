"""Relevance finds planted cues, is blind to what the model ignores, and to padding."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from drkf.explain import EXPLAINERS, METHODS
from drkf.explain.relevance import gradient, occlusion
from drkf.model.sequence import TokenSequence
from tests.helpers.synthetic import LABEL


def values(parts):
    return np.array([part.value for part in parts])


@pytest.mark.parametrize("method", METHODS)
def test_planted_word_and_span_are_found(planted, method):
    evidence = EXPLAINERS[method].explain(planted.model, planted.utterance(), LABEL)
    words, times = values(evidence.words), values(evidence.times)
    assert words.argmax() == planted.word
    assert times.argmax() == planted.span
    assert words[planted.word] > 2 * np.abs(np.delete(words, planted.word)).max()
    assert times[planted.span] > 2 * np.abs(np.delete(times, planted.span)).max()
    span = evidence.times[planted.span]
    assert (span.start_seconds, span.end_seconds) == (0.5, 0.75)
    assert evidence.emotion == planted.model.config.labels[LABEL]
    assert evidence.method == method


@pytest.mark.parametrize("method", ["occlusion", "gradient"])
def test_what_speaks_against_the_emotion_is_negative(planted, method):
    encoded = planted.utterance()
    encoded.speech.hidden[..., 5] *= -1
    evidence = EXPLAINERS[method].explain(planted.model, encoded, LABEL)
    assert values(evidence.times).argmin() == planted.span
    assert values(evidence.times).min() < 0 < evidence.words[planted.word].value


def test_occlusion_is_the_change_of_the_logit(tiny_model, utterance):
    encoded = utterance(audio=(31, 20))
    evidence = occlusion(tiny_model, encoded, LABEL)

    def logit(speech_mask, text_mask):
        with torch.no_grad():
            output = tiny_model.fuse(
                TokenSequence(encoded.speech.hidden, speech_mask),
                TokenSequence(encoded.text.hidden, text_mask),
            )
        return float(encoded.average(output.emotion_logits)[LABEL])

    everything = logit(encoded.speech.mask, encoded.text.mask)
    without_word = encoded.text.mask.clone()
    without_word[:, 2:4] = False  # word1 has tokens 2 and 3, in both windows
    without_span = encoded.speech.mask.clone()
    without_span[0, :6] = False
    assert evidence.words[1].value == pytest.approx(
        everything - logit(encoded.speech.mask, without_word), abs=1e-5
    )
    assert evidence.times[0].value == pytest.approx(
        everything - logit(without_span, encoded.text.mask), abs=1e-5
    )


@pytest.mark.parametrize("method", METHODS)
def test_an_ignored_modality_is_irrelevant(deaf_model, utterance, method):
    evidence = EXPLAINERS[method].explain(deaf_model, utterance(), LABEL)
    assert np.abs(values(evidence.times)).max() < 1e-6
    assert np.abs(values(evidence.words)).max() > 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_ignored_words_are_irrelevant(unread_model, utterance, method):
    evidence = EXPLAINERS[method].explain(unread_model, utterance(), LABEL)
    assert np.abs(values(evidence.words)).max() < 1e-6
    assert np.abs(values(evidence.times)).max() > 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_padding_changes_nothing(tiny_model, utterance, method):
    explain = EXPLAINERS[method].explain
    alone = explain(tiny_model, utterance(), LABEL)
    padded = explain(tiny_model, utterance(padding=11), LABEL)
    np.testing.assert_allclose(values(padded.words), values(alone.words), atol=1e-5)
    np.testing.assert_allclose(values(padded.times), values(alone.times), atol=1e-5)
    assert len(padded.times) == len(alone.times)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("settings", [{"audio": (0,)}, {"words": 0}])
def test_one_modality(tiny_model, utterance, method, settings):
    evidence = EXPLAINERS[method].explain(tiny_model, utterance(**settings), LABEL)
    assert (len(evidence.words), len(evidence.times)) == ((5, 0) if "audio" in settings else (0, 5))


def test_gradient_is_the_slope_of_a_fading_part(tiny_model, utterance):
    """A gate on a key is a bias of log(gate) on its attention scores: differentiate that."""
    encoded = utterance(audio=(40,), words=4)
    seen = []

    def gated(part: int, gate: float) -> float:
        """The logit when one span's tokens have their attention weight multiplied by ``gate``."""

        def attend(self, x, mask, need_weights, cls_only=False):
            B, N, d = x.shape
            q, k, v = self.qkv(x).view(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            bias = torch.zeros(N)
            bias[1 + 6 * part : 1 + 6 * part + 6] = np.log(gate)
            a = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5 + bias).softmax(-1)
            seen.append(part)
            mixed = self.output((a @ v).transpose(1, 2).reshape(B, N, d))
            return (mixed[:, :1] if cls_only else mixed), None

        with pytest.MonkeyPatch.context() as patch, torch.no_grad():
            patch.setattr(type(tiny_model.fusion_encoder.layers[0].attention), "forward", attend)
            output = tiny_model.double().fuse(
                TokenSequence(encoded.speech.hidden.double(), encoded.speech.mask),
                TokenSequence(encoded.text.hidden.double(), encoded.text.mask),
            )
        tiny_model.float()
        return float(output.emotion_logits[0, LABEL])

    evidence = gradient(tiny_model, encoded, LABEL)
    for part in range(2):  # the first two spans have six tokens each
        slope = (gated(part, 1 + 1e-4) - gated(part, 1 - 1e-4)) / 2e-4
        assert evidence.times[part].value == pytest.approx(slope, abs=1e-4, rel=1e-3)
    assert set(seen) == {0, 1}


def test_gradient_agrees_with_occlusion_where_parts_are_small(tiny_model, utterance):
    encoded = utterance(audio=(190,), words=20)
    exact, fast = occlusion(tiny_model, encoded, LABEL), gradient(tiny_model, encoded, LABEL)
    exact_values = np.concatenate([values(exact.times), values(exact.words)])
    fast_values = np.concatenate([values(fast.times), values(fast.words)])
    assert np.corrcoef(exact_values, fast_values)[0, 1] > 0.9
