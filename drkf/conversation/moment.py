"""What the model says of a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass

from drkf.analysis import Prediction


@dataclass(frozen=True)
class Moment:
    """What the model says of a stretch of time; ``prediction`` is None where nobody speaks.

    ``inconsistency`` is P(inconsistent), None where voice or words are missing.
    """

    start_seconds: float
    end_seconds: float
    prediction: Prediction | None
    inconsistency: float | None = None
    inconsistent: bool = False
    uncertain: bool = False
    words: str = ""

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds
