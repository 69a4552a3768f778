"""Counterfactuals as edits: the smallest changes that the lab can make to turn an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from drkf.analysis import Analysis, Counterfactual
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif.application import apply_edits, word_spans
from drkf.whatif.edits import Edit, MaskWords, Rewrite, Silence
from drkf.words import edited_text


@dataclass(frozen=True)
class Suggestion:
    """A counterfactual, and the edits that make it; its answer is the one after those edits."""

    counterfactual: Counterfactual
    edits: tuple[Edit, ...]


def suggest(
    pipeline: EmotionPipeline, utterance: Utterance, analysis: Analysis
) -> tuple[Suggestion, ...]:
    """What turns the answer, by kind; empty where nothing short of everything does.

    Each is tried as an edited recording: there, a stretch that was made quiet is left out like any
    pause, so that a silence found by ``counterfactuals`` may not hold. Then it is no suggestion.

    Args:
        analysis: of the utterance, with counterfactuals or without.
    """
    if analysis.counterfactuals is None:
        analysis = pipeline.with_counterfactuals(utterance, analysis)
    found = []
    for one in analysis.counterfactuals or ():
        edits = edits_of(one, utterance.transcript.text)
        answer = pipeline.predict(apply_edits(pipeline, utterance, edits)).fused
        if answer.emotion != analysis.emotion:
            turned = replace(one, emotion=answer.emotion, probability=answer.confidence)
            found.append(Suggestion(turned, edits))
    return tuple(found)


def edits_of(found: Counterfactual, text: str) -> tuple[Edit, ...]:
    """The edits of an utterance with these words that make a counterfactual."""
    if found.kind == "silence":
        assert found.start_seconds is not None and found.end_seconds is not None
        return (Silence(max(0.0, found.start_seconds), found.end_seconds),)
    places = {(edit.start_char, edit.end_char): edit.after for edit in found.edits}
    if found.kind == "replacement":
        return (Rewrite(edited_text(0, text, places)),)
    inside = [
        i
        for i, (first, last) in enumerate(word_spans(text))
        if any(start <= first and last <= end for start, end in places)
    ]
    return (MaskWords(tuple(inside)),)
