"""One round: what the class is asked, its votes, and what the model reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drkf.analysis import Analysis, Prediction

SURE = ("guess", "rather", "certain")
"""How sure a voter may be, from the least."""
AGREE = ("yes", "no", "unknown")
"""Do voice and words agree?"""


@dataclass(frozen=True)
class ModelAnswer:
    """What the model reads: ``audio`` and ``text`` alone are None where there is only one of them.

    ``inconsistent`` is whether it finds that voice and words contradict each other, None where it
    cannot tell.
    """

    fused: Prediction
    audio: Prediction | None
    text: Prediction | None
    inconsistent: bool | None

    @classmethod
    def of(cls, analysis: Analysis) -> ModelAnswer:
        evidence = analysis.inconsistency
        return cls(
            analysis.fused,
            analysis.audio,
            analysis.text,
            None if evidence is None else evidence.inconsistent,
        )


@dataclass(frozen=True)
class Question:
    """What a round asks about: a clip, words, or both.

    Args:
        title: what the teacher calls it; phones see it after the round only, as it may tell.
        words: what phones show; empty: the clip has to be heard.
        clip: the file that phones play, which belongs to the example or to the teacher's page.
        meant: the emotion that was acted or labelled, None where there is not exactly one.
        reading: what the model reads in it.
    """

    title: str
    words: str
    clip: Path | None
    meant: str | None
    reading: ModelAnswer


@dataclass(frozen=True)
class Vote:
    """One phone's answer: a label of the model, one of ``SURE`` and one of ``AGREE``."""

    emotion: str
    sure: str
    agree: str


@dataclass
class Round:
    """A question with the votes of the phones, by the number that each phone made for itself.

    It is the one at ``place``, from 1, of ``total`` that were asked together.
    """

    number: int
    question: Question
    place: int = 1
    total: int = 1
    votes: dict[str, Vote] = field(default_factory=dict)
    open: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        return self.question.reading.fused.labels

    def counts(self) -> dict[str, int]:
        """Votes for each label, in the order of the labels."""
        return tally((vote.emotion for vote in self.votes.values()), self.labels)


@dataclass
class Poll:
    """A question about the model itself, with answers to choose from: no emotion is asked for.

    Args:
        question: by language, and so are the ``answers``.
        votes: the place of each phone's answer.
        right: the place of the right answer, None before it is told or where there is none.
    """

    number: int
    question: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]]
    votes: dict[str, int] = field(default_factory=dict)
    open: bool = True
    right: int | None = None

    @property
    def choices(self) -> int:
        return len(next(iter(self.answers.values())))

    def counts(self) -> tuple[int, ...]:
        """Votes for each answer, in their order."""
        found = Counter(self.votes.values())
        return tuple(found[place] for place in range(self.choices))


def tally(answers: Iterable[str], choices: tuple[str, ...]) -> dict[str, int]:
    """How often each choice was answered, in the order of the choices."""
    found = Counter(answers)
    return {choice: found[choice] for choice in choices}
