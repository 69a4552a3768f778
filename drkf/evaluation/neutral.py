"""Neutral voices and sentences: what a modality is replaced by in explanations."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import PreTrainedTokenizerFast

from drkf.audio.clip import load_audio
from drkf.data.manifest import Item
from drkf.explain.inconsistency import NeutralReferences
from drkf.model import DRKF
from drkf.model.encoders import pad_tokens
from drkf.model.sequence import TokenSequence

#: Sentences that say nothing about a feeling: what words are replaced by in explanations.
NEUTRAL_TEXTS = (
    "The meeting is on Tuesday.",
    "It is on the table in the other room.",
    "I read a few pages of it this morning.",
    "The train leaves at half past nine.",
)

REFERENCE_VOICES = 4


@torch.no_grad()
def neutral_voices(model: DRKF, items: Sequence[Item]) -> TokenSequence:
    """Encoder states of a few neutral English training clips, each of another speaker."""
    neutral = [i for i in items if i.emotion == "neutral" and i.language in (None, "en")]
    by_speaker = {item.speaker: item for item in sorted(neutral, key=lambda item: item.id)}
    speakers = sorted(by_speaker, key=str)
    step = max(1, len(speakers) // REFERENCE_VOICES)
    chosen = [by_speaker[s] for s in speakers[::step][:REFERENCE_VOICES]]
    clips = [load_audio(item.audio).samples for item in chosen]
    return model.encode_speech(model.speech_features(clips))


@torch.no_grad()
def reference_sequences(
    model: DRKF,
    tokenizer: PreTrainedTokenizerFast,
    speech: TokenSequence,
    texts: Sequence[str],
) -> NeutralReferences:
    """The neutral voices and sentences as the fusion encoder gets them."""
    ids, mask = pad_tokens(tokenizer(list(texts))["input_ids"], tokenizer.pad_token_id)
    text = model.adapt_text(model.encode_text(ids.to(model.device), mask.to(model.device)))
    return NeutralReferences(speech=model.adapt_speech(speech), text=text)
