"""Answer first, then explanation: the one way in which a tab reads an utterance and shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from drkf.analysis import Analysis
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui.events import Updates, Values
from drkf.ui.evidence import Evidence


@dataclass(frozen=True)
class Methods:
    """How a visitor wants an answer explained."""

    relevance: str
    attention: str


@dataclass(frozen=True)
class AnswerSoFar:
    """A reading as far as it is computed, and what the evidence shows of it."""

    analysis: Analysis
    explained: bool
    updates: Updates


class Answering:
    """Reads an utterance and explains the answer in one panel of evidence."""

    def __init__(self, pipeline: EmotionPipeline, evidence: Evidence) -> None:
        self._pipeline = pipeline
        self._evidence = evidence

    def methods(self, values: Values) -> Methods:
        """What the panel's two controls are set to, by an event's inputs."""
        evidence = self._evidence
        return Methods(values[evidence.relevance_method], values[evidence.attention_method])

    def steps(self, utterance: Utterance, methods: Methods) -> Iterator[AnswerSoFar]:
        """The answer as soon as it is known, then the same answer with its explanations."""
        analysis = self._pipeline.predict(utterance)
        yield AnswerSoFar(analysis, False, self._evidence.show_prediction(analysis, utterance))
        analysis = self._pipeline.explain(utterance, analysis, methods.relevance)
        yield self._explained(analysis, utterance, methods)

    def again(self, utterance: Utterance, analysis: Analysis, methods: Methods) -> AnswerSoFar:
        """The same answer, explained by other methods; nothing is predicted anew."""
        relevance = self._pipeline.relevance(utterance, analysis.emotion, methods.relevance)
        return self._explained(replace(analysis, relevance=relevance), utterance, methods)

    def _explained(self, analysis: Analysis, utterance: Utterance, methods: Methods) -> AnswerSoFar:
        updates = self._evidence.show_explanation(analysis, utterance, methods.attention)
        return AnswerSoFar(analysis, True, updates)
