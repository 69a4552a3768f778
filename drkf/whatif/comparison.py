"""Analyses side by side: before and after an edit, and a grid of voices by sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from drkf.analysis import Analysis, InconsistencyEvidence, PerModality, ShapleyEvidence
from drkf.audio.clip import Clip
from drkf.encoding import UNREADABLE
from drkf.errors import NoInputError, ScenarioError
from drkf.model.sequence import TokenSequence
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.words import clean_text


@dataclass(frozen=True)
class ShapleyChange:
    """Shapley values of one emotion's logit before and after; their difference is ``delta``.

    A modality that is missing on either side has no difference (None).
    """

    before: ShapleyEvidence
    after: ShapleyEvidence

    @property
    def emotion(self) -> str:
        return self.before.emotion

    @property
    def delta(self) -> PerModality:
        """After minus before of the two Shapley values, None where one is missing."""
        return PerModality(
            _difference(self.before.phi.audio, self.after.phi.audio),
            _difference(self.before.phi.text, self.after.phi.text),
        )


@dataclass(frozen=True)
class InconsistencyDelta:
    """After minus before of the three readings; None for a reading missing on either side."""

    discrimination: float | None
    divergence: float | None
    neutral_shift: float | None


@dataclass(frozen=True)
class Comparison:
    """An utterance's analysis before and after an edit.

    ``shapley`` is about the emotion predicted before, and, if it is another one, the emotion
    predicted after: values of different emotions cannot be compared.
    """

    before: Analysis
    after: Analysis
    shapley: tuple[ShapleyChange, ...]

    @property
    def probability_delta(self) -> dict[str, float]:
        """After minus before of the fused probabilities, by emotion."""
        before, after = self.before.fused.as_mapping(), self.after.fused.as_mapping()
        return {label: after[label] - before[label] for label in before}

    @property
    def inconsistency_delta(self) -> InconsistencyDelta:
        """After minus before of the three readings of inconsistency."""
        before, after = self.before.inconsistency, self.after.inconsistency

        def delta(name: str) -> float | None:
            return _difference(_reading(before, name), _reading(after, name))

        return InconsistencyDelta(
            delta("discrimination"), delta("divergence"), delta("neutral_shift")
        )


def compare(pipeline: EmotionPipeline, before: Utterance, after: Utterance) -> Comparison:
    """Analyses both; about ten passes of the fusion encoder each, none of the encoders."""
    first, second = (pipeline.with_shift(u, pipeline.predict(u)) for u in (before, after))
    return Comparison(
        before=first,
        after=second,
        shapley=tuple(
            ShapleyChange(pipeline.shapley(before, emotion), pipeline.shapley(after, emotion))
            for emotion in dict.fromkeys((first.emotion, second.emotion))
        ),
    )


@dataclass(frozen=True)
class GridCell:
    """One voice with one sentence: the answer, ED's P(inconsistent), and whether the two
    contradict each other (``drkf.analysis.agreement_of``)."""

    emotion: str
    probability: float
    inconsistency: float
    contradicts: bool


@dataclass(frozen=True)
class Grid:
    """Every voice with every sentence: ``cells[s][v]`` is sentence s in voice v."""

    labels: tuple[str, ...]
    voices: tuple[str, ...]
    sentences: tuple[str, ...]
    cells: tuple[tuple[GridCell, ...], ...]


def grid(pipeline: EmotionPipeline, voices: Mapping[str, Clip], sentences: Sequence[str]) -> Grid:
    """Every voice with every sentence; each voice and each sentence is encoded once.

    Args:
        voices: clips by the names that the grid shows.

    Raises:
        ScenarioError: no voice or no sentence. NoInputError: the model can read none of one.
        AudioError: a clip has no speech in it.
    """
    cleaned = tuple(dict.fromkeys(s for s in map(clean_text, sentences) if s))
    if not voices or not cleaned:
        raise ScenarioError("Choose at least one voice and type at least one sentence.")
    heard = [pipeline.encode(clip, transcribe=False) for clip in voices.values()]
    read = [pipeline.with_text(heard[0], sentence) for sentence in cleaned]
    if not all(words.encoded.has_text for words in read):
        raise NoInputError(UNREADABLE)
    return Grid(
        labels=pipeline.info.labels,
        voices=tuple(voices),
        sentences=cleaned,
        cells=tuple(
            tuple(_cell(pipeline.predict(paired(voice, words))) for voice in heard)
            for words in read
        ),
    )


def paired(voice: Utterance, words: Utterance) -> Utterance:
    """The voice of one utterance with the words of another; neither is encoded again.

    The words must be typed over another voice: they go to every window, as typed words do.
    """
    windows = len(voice.encoded.weights)
    text = words.encoded.text
    found = [word for word in words.encoded.words if word.window == 0]
    encoded = replace(
        voice.encoded,
        text=TokenSequence(
            text.hidden[:1].expand(windows, -1, -1),  # (W, Tt, d)
            text.mask[:1].expand(windows, -1),
        ),
        words=tuple(replace(word, window=w) for w in range(windows) for word in found),
    )
    return replace(
        voice,
        transcript=words.transcript,
        encoded=encoded,
        warnings=voice.clip_warnings + words.warnings,
        timings={},
    )


def _cell(analysis: Analysis) -> GridCell:
    inconsistency = analysis.inconsistency
    assert inconsistency is not None  # both modalities are there
    return GridCell(
        analysis.emotion,
        analysis.fused.confidence,
        inconsistency.discrimination,
        analysis.agreement == "contradict",
    )


def _reading(evidence: InconsistencyEvidence | None, name: str) -> float | None:
    return None if evidence is None else getattr(evidence, name)


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
