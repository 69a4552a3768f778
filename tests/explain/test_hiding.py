"""Words leave the text and stretches leave the sound before the encoders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from drkf.audio import Clip
from drkf.audio.edits import quieted
from drkf.errors import ExplanationError
from drkf.explain.hiding import Hiding
from drkf.pipeline import EmotionPipeline
from tests.helpers.sound import any_sound

SENTENCE = "i am so very angry , i can not believe it"


@pytest.fixture
def pipeline(tiny_checkpoint):
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


@pytest.fixture(autouse=True)
def everybody_speaks(monkeypatch):
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)


def clip(seconds: float = 1.2) -> Clip:
    return Clip(0.1 * np.random.default_rng(1).standard_normal(int(16000 * seconds), np.float32))


def test_a_hidden_word_is_as_if_it_had_never_been_typed(pipeline):
    whole = pipeline.encode(None, SENTENCE)
    relevance = pipeline.relevance(whole, "anger", "occlusion")
    words = SENTENCE.split()
    assert [word.word for word in relevance.words] == words
    before = pipeline.predict(whole).fused.as_mapping()["anger"]
    for i, word in enumerate(relevance.words):
        other = pipeline.encode(None, " ".join(words[:i] + words[i + 1 :]))
        after = pipeline.predict(other).fused.as_mapping()["anger"]
        assert word.change == pytest.approx(before - after, abs=1e-5)


def test_beside_a_voice_too(pipeline):
    whole = pipeline.encode(clip(), SENTENCE)
    found = pipeline.relevance(whole, "joy", "occlusion")
    before = pipeline.predict(whole).fused.as_mapping()["joy"]
    shorter = pipeline.predict(pipeline.with_text(whole, SENTENCE[2:])).fused.as_mapping()["joy"]
    assert found.words[0].change == pytest.approx(before - shorter, abs=1e-5)


@pytest.mark.parametrize(("bfloat16", "tolerance"), [(False, 1e-5), (True, 0.01)])
def test_a_hidden_stretch_is_quiet_in_the_sound(pipeline, monkeypatch, bfloat16, tolerance):
    monkeypatch.setattr("drkf.model.precision.BFLOAT16", bfloat16)
    sound = clip()
    whole = pipeline.encode(sound, None, transcribe=False)
    found = pipeline.relevance(whole, "fear", "occlusion")
    assert [round(span.end_seconds, 2) for span in found.times] == [0.5, 1.0, 1.2]
    quiet = pipeline.encode(Clip(quieted(sound.samples, [(0.5, 1.0)])), None, transcribe=False)
    before, after = (pipeline.predict(one).fused.as_mapping()["fear"] for one in (whole, quiet))
    assert found.times[1].change == pytest.approx(before - after, abs=tolerance)


def test_a_repeated_word_and_a_sentence_of_one(pipeline):
    found = pipeline.relevance(pipeline.encode(None, "so so angry !"), "anger")
    assert [word.start_char for word in found.words] == [0, 3, 6, 12]
    alone = pipeline.relevance(pipeline.encode(None, "angry"), "anger")
    assert len(alone.words) == 1 and alone.words[0].change is not None


def test_what_was_encoded_once_is_kept(tiny_model, utterance):
    """Windows that nothing is hidden in, and what was hidden before, are not encoded again."""
    encoded = utterance(audio=(31, 20))
    source, sounds, texts = encoded.source, [], []

    class Watched:
        def texts(self, pieces):
            texts.extend(pieces)
            return source.texts(pieces)

        def sounds(self, pieces):
            sounds.extend(pieces)
            return source.sounds(pieces)

    hiding = Hiding(tiny_model, replace(encoded, source=Watched()))
    span, word = len(hiding.units.words), 0  # the first span is in window 0, a word in both
    hidden = torch.zeros(3, len(hiding.units), dtype=torch.bool)
    hidden[1, span] = True
    hidden[2, word] = True
    found = hiding.logits(hidden)
    assert [window for window, _ in sounds] == [0]
    assert [window for window, _ in texts] == [0, 1]
    both = torch.zeros(1, len(hiding.units), dtype=torch.bool)
    both[0, [word, span]] = True
    together = hiding.logits(both)
    assert len(sounds) == 1 and len(texts) == 2
    fresh = Hiding(tiny_model, encoded).logits(both)
    torch.testing.assert_close(together, fresh, atol=1e-5, rtol=0)
    with torch.no_grad():
        whole = encoded.average(tiny_model.fuse(encoded.speech, encoded.text).emotion_logits)
    torch.testing.assert_close(found[0], whole, atol=1e-5, rtol=0)


def test_an_utterance_without_its_source_is_refused(tiny_model, utterance):
    with pytest.raises(ExplanationError, match="encode it again"):
        Hiding(tiny_model, replace(utterance(), source=None))
