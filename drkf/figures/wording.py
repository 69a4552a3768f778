"""The words in figures, in a language: English here, others where the interface has its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wording:
    """What axes, legends and hover texts say. ``{emotion}`` stands for an emotion's name.

    ``emotions`` are names by label; a label that is not among them is its own name.
    """

    emotions: Mapping[str, str] = field(default_factory=dict)
    voice: str = "voice"
    words: str = "words"
    together: str = "both together"
    fused: str = "voice and words"
    voice_only: str = "voice only"
    words_only: str = "words only"
    probability: str = "probability"
    share: str = "share ({method})"
    baseline: str = "its fair share: by length"
    lift: str = "times its fair share"
    special: str = "sentence marks"
    push: str = "push for {emotion}"
    push_each: str = "push for the emotion"
    agree: str = "agree"
    disagree: str = "disagree"
    discrimination: str = "trained detector"
    divergence: str = "how far apart the two answers are"
    neutral_shift: str = "what each side changes"
    threshold: str = "threshold"
    beyond_threshold: str = "its threshold; beyond it ≠"
    inconsistency: str = "inconsistency"
    seconds: str = "seconds"
    relevance_of_voice: str = "voice: {unit}"
    relevance_of_words: str = "words: {unit}"
    probability_change: str = "Δ probability"
    before: str = "before"
    after: str = "after"
    after_difference: str = "after (difference)"
    none: str = "none"
    needs_both: str = "Needs both voice and words"
    needs_voice: str = "Needs a voice"
    needs_words: str = "Needs words"
    explaining: str = "Explaining …"

    def emotion(self, label: str) -> str:
        """The name of a class; the label itself where it has no other."""
        return self.emotions.get(label, label)


ENGLISH = Wording()
