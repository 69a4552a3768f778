"""The smallest change that turns an answer, in models whose rule is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from drkf.audio import Clip
from drkf.explain.counterfactual import counterfactuals, fewest_words
from drkf.explain.hiding import Hiding
from drkf.explain.relevance import occlude_words
from drkf.explain.replacements import opposites
from drkf.pipeline import EmotionPipeline
from tests.explain.test_phrases import Rule
from tests.helpers.sound import any_sound
from tests.helpers.synthetic import LABEL


def words_of(tiny_model, utterance, rule):
    model, encoded = Rule(tiny_model, rule), utterance(audio=(0,), words=6)
    hiding = Hiding(model, encoded)
    found = fewest_words(hiding, LABEL, occlude_words(hiding, LABEL).words)
    return found and [edit.before for edit in found.edits]


def test_the_fewest_words(tiny_model, utterance):
    one = words_of(tiny_model, utterance, lambda there: 5.0 if 3 in there else -5.0)
    assert one == ["word3"]
    two = words_of(tiny_model, utterance, lambda there: 5.0 if {1, 4} & there else -5.0)
    assert two == ["word1", "word4"]
    three = words_of(tiny_model, utterance, lambda there: 5.0 if {0, 2, 5} & there else -5.0)
    assert three == ["word0", "word2", "word5"]
    four = words_of(tiny_model, utterance, lambda there: len(there & {0, 1, 2, 3}) - 0.5)
    assert four == ["word0", "word1", "word2", "word3"]


def test_nothing_short_of_everything(tiny_model, utterance):
    assert words_of(tiny_model, utterance, lambda there: 5.0) is None


@pytest.mark.parametrize(("tokens", "expected"), [((12, 25), (0.5, 1.0)), ((16, 50), (0.5, 2.0))])
def test_the_shortest_silence(tiny_model, utterance, tokens, expected):
    """The answer is LABEL as long as one of these speech tokens is heard."""

    class Heard:
        config = tiny_model.config

        def fuse(self, speech, text, need_weights=False):
            logits = torch.zeros(len(speech.mask), 7)
            logits[:, LABEL] = 4.0 * speech.mask[:, slice(*tokens)].any(1) - 2
            return SimpleNamespace(emotion_logits=logits)

    encoded = utterance(audio=(62,), words=0)
    (found,) = counterfactuals(Hiding(Heard(), encoded), LABEL)
    assert (found.kind, found.start_seconds, found.end_seconds) == ("silence", *expected)


def test_what_it_says_is_what_the_pipeline_answers(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    rng = np.random.default_rng(0)
    checked = 0
    for seed in range(6):
        sound = Clip(0.1 * rng.standard_normal(16000, np.float32)) if seed % 2 else None
        said = "i am so happy and i love this very fine , not sad"
        utterance = pipeline.encode(sound, said)
        analysis = pipeline.predict(utterance)
        assert analysis.counterfactuals is None
        for found in pipeline.with_counterfactuals(utterance, analysis).counterfactuals:
            assert found.emotion != analysis.emotion
            if found.kind == "silence":
                continue
            text = said
            for edit in sorted(found.edits, key=lambda edit: -edit.start_char):
                assert said[edit.start_char : edit.end_char] == edit.before
                text = text[: edit.start_char] + edit.after + text[edit.end_char :]
            again = pipeline.predict(pipeline.with_text(utterance, text))
            assert again.emotion == found.emotion
            assert again.fused.confidence == pytest.approx(found.probability, abs=1e-4)
            checked += 1
    assert checked


def test_opposites_keep_capitals_and_punctuation():
    assert opposites("Happy!") == ["Sad!"]
    assert opposites("“can’t") == ["“can"]
    assert opposites("table") == [] == opposites("?!")
