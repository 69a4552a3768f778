"""Shapley values of voice and words: who moved the predicted emotion's logit, and how far.

Shapley (1953), for the game whose players are the two modalities and whose value v is the
emotion's logit with only those modalities given:

    phi_audio = 1/2 [v(audio) - v(none)] + 1/2 [v(both) - v(text)], and likewise phi_text;
    interaction = v(both) - v(audio) - v(text) + v(none)   (Shapley interaction index).

Exact, in four passes of the fusion encoder. "None" is the fusion encoder on CLS and SEP alone.
"""

from __future__ import annotations

import torch

from drkf.analysis import PerModality, ShapleyEvidence
from drkf.explain.utterance import EncodedUtterance, masked_logits
from drkf.model import DRKF

CAVEAT = (
    "What voice and words each added to the emotion, against hearing and reading nothing. It "
    "credits the model's use of them, not what the speaker felt."
)


def shapley(model: DRKF, encoded: EncodedUtterance, label: int) -> ShapleyEvidence:
    """Exact two-player Shapley values of the logit of ``label``.

    ``v(both) - v(none)`` is the sum of the two. A missing modality adds nothing to any
    coalition, so its value would be 0: it is given as None, and the other one has it all.
    """
    audio, text = encoded.speech.mask, encoded.text.mask
    nothing_a, nothing_t = torch.zeros_like(audio), torch.zeros_like(text)
    values = masked_logits(
        model,
        encoded,
        torch.stack([nothing_a, audio, nothing_a, audio]),
        torch.stack([nothing_t, nothing_t, text, text]),
    )[:, label]
    none, only_audio, only_text, both = values.tolist()
    interaction = both - only_audio - only_text + none
    return ShapleyEvidence(
        emotion=model.config.labels[label],
        phi=PerModality(
            audio=only_audio - none + interaction / 2 if encoded.has_audio else None,
            text=only_text - none + interaction / 2 if encoded.has_text else None,
        ),
        interaction=interaction,
        value_none=none,
        value_audio=only_audio,
        value_text=only_text,
        value_both=both,
    )
