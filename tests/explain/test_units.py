"""Words and spans of voice cover the utterance's tokens, each token once."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from drkf.explain.units import MAX_SPANS, MAX_WORDS, find_units


def test_half_seconds_of_five_seconds(utterance):
    units = find_units(utterance(audio=(125,), words=10))
    assert len(units.words) == 10
    assert [(s.start_seconds, s.end_seconds) for s in units.spans] == [
        (0.5 * i, 0.5 * (i + 1)) for i in range(10)
    ]
    # A token is 0.04 s: twelve or thirteen have their middle in half a second.
    assert set(units.audio[10:].sum((1, 2)).tolist()) == {12, 13}


@pytest.mark.parametrize("seconds", [0.02, 0.04, 0.3])
@pytest.mark.parametrize("audio", [(1,), (31,), (125, 60), (190, 200)])
def test_every_speech_token_is_in_one_span(utterance, audio, seconds):
    encoded = replace(utterance(audio=audio, padding=3), token_seconds=seconds)
    units = find_units(encoded)
    assert torch.equal(units.audio.sum(0) == 1, encoded.speech.mask)
    assert units.audio.sum(0).max() == 1
    assert len(units.spans) <= MAX_SPANS + len(audio)
    for window, length in enumerate(audio):
        own = [
            s for i, s in enumerate(units.spans, len(units.words)) if units.audio[i, window].any()
        ]
        begin = encoded.window_starts[window]
        assert own[0].start_seconds == begin
        assert own[-1].end_seconds == pytest.approx(begin + length * seconds)
        for before, after in itertools.pairwise(own):
            assert before.end_seconds == pytest.approx(after.start_seconds)
            assert before.start_seconds < before.end_seconds


def test_a_word_in_every_window_is_one_unit(utterance):
    encoded = utterance(audio=(31, 20), words=3)
    units = find_units(encoded)
    assert [word.word for word in units.words] == ["word0", "word1", "word2"]
    assert units.text[:3].any(2).all()


def test_missing_modalities_have_no_units(utterance):
    encoded = utterance()
    assert find_units(encoded.only_audio()).words == ()
    assert find_units(encoded.only_text()).spans == ()
    assert find_units(utterance(audio=(0,))).spans == ()


def test_long_texts_are_hidden_by_phrase(utterance):
    encoded = utterance(words=MAX_WORDS + 1)
    units = find_units(encoded)
    assert len(units.words) == MAX_WORDS // 2 + 1
    first = units.words[0]
    assert (first.word, first.start_char, first.end_char) == ("word0 word1", 0, 11)
    assert units.text.sum(0).max() == 1
    assert units.text.sum() == encoded.text.mask.sum() - 2
