"""Whether explanations name the one emotion word that a sentence holds.

The words are those of the NRC emotion lexicon (Mohammad & Turney 2013), from the package nrclex,
which only tests and ``drkf faithfulness`` look for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from drkf.data.manifest import Item
from drkf.evaluation.deletion import named_first
from drkf.evaluation.measure import Measure
from drkf.pipeline import EmotionPipeline

PACKAGE = "nrclex"


def read_lexicon() -> dict[str, frozenset[str]] | None:
    """Word -> the emotions that people associate with it; None where the package is missing."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "data" / "nrc_en.json"
    found: Mapping[str, Sequence[str]] = json.loads(path.read_text(encoding="utf-8"))
    return {word: frozenset(emotions) for word, emotions in found.items()}


def emotion_words(text: str, emotion: str, lexicon: Mapping[str, frozenset[str]]) -> list[str]:
    """The words of a text that the lexicon has for an emotion."""
    words = (re.sub(r"^\W+|\W+$", "", word).lower() for word in text.split())
    return [word for word in words if emotion in lexicon.get(word, ())]


def judge_pointing(
    pipeline: EmotionPipeline, sentences: Sequence[Item], lexicon: Mapping[str, frozenset[str]]
) -> Measure:
    """How often the one lexicon word of their emotion, or a pair with it, is named first, over
    those of the sentences that have exactly one.

    Args:
        sentences: as of ``deletion.sure_sentences``.
    """
    asked = right = 0
    chance = 0.0
    for item in sentences:
        text = item.text or ""
        words = emotion_words(text, item.emotion, lexicon)
        if len(words) != 1:
            continue
        asked += 1
        found = named_first(pipeline.relevance(pipeline.encode(None, text), item.emotion))
        right += words[0] in found
        chance += 1 / len(text.split())
    return Measure(
        "pointing: the one NRC word of the emotion, or a pair with it, is named first",
        asked,
        right / max(asked, 1),
        chance / max(asked, 1),
        1.0,
    )
