"""Answer first, then explanation: the one way in which a tab reads an utterance and shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drkf.analysis import Analysis
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui.events import Updates
from drkf.ui.evidence import Evidence


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

    def steps(self, utterance: Utterance, attention: str) -> Iterator[AnswerSoFar]:
        """The answer as soon as it is known, then its words marked, then all its explanations.

        Args:
            attention: which of ``ATTENTION_METHODS`` the figure of attention shows.
        """
        evidence, analysis = self._evidence, self._pipeline.predict(utterance)
        yield AnswerSoFar(analysis, False, evidence.show_prediction(analysis, utterance))
        for step in self._pipeline.explain_in_steps(utterance, analysis):
            if step.shapley is None:
                yield AnswerSoFar(step, False, evidence.show_words(step))
            else:
                updates = evidence.show_explanation(step, utterance, attention)
                yield AnswerSoFar(step, True, updates)
