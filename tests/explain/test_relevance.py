"""Relevance finds planted cues, is blind to what the model ignores, and to padding."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from drkf.explain import EXPLAINERS, METHODS
from drkf.explain.hiding import Hiding
from drkf.explain.relevance import occlude_times, occlude_words, occlusion
from drkf.model.sequence import TokenSequence
from tests.helpers.synthetic import LABEL


def values(parts):
    return np.array([part.value for part in parts])


@pytest.mark.parametrize("method", METHODS)
def test_planted_word_and_span_are_found(planted, method):
    evidence = EXPLAINERS[method].explain(Hiding(planted.model, planted.utterance()), LABEL)
    words, times = values(evidence.words), values(evidence.times)
    assert words.argmax() == planted.word
    assert times.argmax() == planted.span
    assert words[planted.word] > 2 * np.abs(np.delete(words, planted.word)).max()
    assert times[planted.span] > 2 * np.abs(np.delete(times, planted.span)).max()
    span = evidence.times[planted.span]
    assert (span.start_seconds, span.end_seconds) == (0.5, 1.0)
    assert evidence.emotion == planted.model.config.labels[LABEL]
    assert evidence.method == method


@pytest.mark.parametrize("method", METHODS)
def test_what_speaks_against_the_emotion_is_negative(planted, method):
    encoded = planted.utterance()
    encoded.speech.hidden[..., 5] *= -1
    evidence = EXPLAINERS[method].explain(Hiding(planted.model, encoded), LABEL)
    assert values(evidence.times).argmin() == planted.span
    assert values(evidence.times).min() < 0 < evidence.words[planted.word].value


def test_occlusion_is_the_change_of_the_logit(tiny_model, utterance):
    encoded = utterance(audio=(31, 20))
    evidence = occlusion(Hiding(tiny_model, encoded), LABEL)

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
    without_span[0, :12] = False
    assert evidence.words[1].value == pytest.approx(
        everything - logit(encoded.speech.mask, without_word), abs=1e-5
    )
    assert evidence.times[0].value == pytest.approx(
        everything - logit(without_span, encoded.text.mask), abs=1e-5
    )


@pytest.mark.parametrize("method", METHODS)
def test_an_ignored_modality_is_irrelevant(deaf_model, utterance, method):
    evidence = EXPLAINERS[method].explain(Hiding(deaf_model, utterance()), LABEL)
    assert np.abs(values(evidence.times)).max() < 1e-6
    assert np.abs(values(evidence.words)).max() > 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_ignored_words_are_irrelevant(unread_model, utterance, method):
    evidence = EXPLAINERS[method].explain(Hiding(unread_model, utterance()), LABEL)
    assert np.abs(values(evidence.words)).max() < 1e-6
    assert np.abs(values(evidence.times)).max() > 1e-4


@pytest.mark.parametrize("method", METHODS)
def test_padding_changes_nothing(tiny_model, utterance, method):
    explain = EXPLAINERS[method].explain
    alone = explain(Hiding(tiny_model, utterance()), LABEL)
    padded = explain(Hiding(tiny_model, utterance(padding=11)), LABEL)
    np.testing.assert_allclose(values(padded.words), values(alone.words), atol=1e-5)
    np.testing.assert_allclose(values(padded.times), values(alone.times), atol=1e-5)
    assert len(padded.times) == len(alone.times)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("settings", [{"audio": (0,)}, {"words": 0}])
def test_one_modality(tiny_model, utterance, method, settings):
    evidence = EXPLAINERS[method].explain(Hiding(tiny_model, utterance(**settings)), LABEL)
    assert (len(evidence.words), len(evidence.times)) == ((5, 0) if "audio" in settings else (0, 3))


def test_words_and_voice_apart_are_the_whole(tiny_model, utterance):
    encoded = utterance(audio=(31, 20))
    hiding = Hiding(tiny_model, encoded)
    whole = occlusion(hiding, LABEL)
    words = occlude_words(hiding, LABEL)
    assert words.times == () and words.words == whole.words and words.phrases == whole.phrases
    assert occlude_times(hiding, LABEL) == whole.times
