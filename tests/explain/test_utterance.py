"""Maskings in one batch give what the model gives for each of them alone."""

from __future__ import annotations

import pytest
import torch

from drkf.explain import utterance as base
from drkf.explain.utterance import masked_logits
from drkf.model.sequence import TokenSequence


@pytest.mark.parametrize("chunk", [1, 100, 10_000])
def test_masked_logits_equal_single_passes(tiny_model, utterance, monkeypatch, chunk):
    monkeypatch.setattr(base, "CHUNK_TOKENS", chunk)
    encoded = utterance(audio=(31, 12, 20), padding=4)
    generator = torch.Generator().manual_seed(1)
    keep_audio = torch.rand(6, *encoded.speech.mask.shape, generator=generator) > 0.4
    keep_text = torch.rand(6, *encoded.text.mask.shape, generator=generator) > 0.4
    keep_audio[0] = keep_text[0] = True
    keep_audio[1] = False
    keep_text[2] = False
    keep_audio[3] = keep_text[3] = False
    keep_audio[4, 1:] = keep_text[4, 1:] = True  # only the first window changes
    found = masked_logits(tiny_model, encoded, keep_audio, keep_text)
    for k in range(6):
        with torch.no_grad():
            output = tiny_model.fuse(
                TokenSequence(encoded.speech.hidden, encoded.speech.mask & keep_audio[k]),
                TokenSequence(encoded.text.hidden, encoded.text.mask & keep_text[k]),
                need_weights=True,
            )
        expected = (output.emotion_logits * encoded.weights[:, None]).sum(0)
        torch.testing.assert_close(found[k], expected, atol=1e-5, rtol=1e-4)


def test_windows_that_no_masking_changes_are_passed_once(tiny_model, utterance, monkeypatch):
    encoded = utterance(audio=(31, 12, 20))
    rows = []
    fuse = tiny_model.fuse
    monkeypatch.setattr(
        tiny_model, "fuse", lambda speech, text: rows.append(len(speech.mask)) or fuse(speech, text)
    )
    keep_audio = torch.ones(7, *encoded.speech.mask.shape, dtype=torch.bool)
    keep_text = torch.ones(7, *encoded.text.mask.shape, dtype=torch.bool)
    for k in range(1, 6):
        keep_audio[k, 0, k] = False
    masked_logits(tiny_model, encoded, keep_audio, keep_text)
    assert sum(rows) == 3 + 5
