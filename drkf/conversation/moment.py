"""What the model says of a stretch of time."""

from __future__ import annotations

from dataclasses import dataclass

from drkf.analysis import Agreement, Prediction


@dataclass(frozen=True)
class Moment:
    """What the model says of a stretch of time; ``prediction`` is None where nobody speaks.

    ``inconsistency`` is P(inconsistent) and ``agreement`` what voice and words are to each other,
    None where one of them is missing.
    """

    start_seconds: float
    end_seconds: float
    prediction: Prediction | None
    inconsistency: float | None = None
    agreement: Agreement | None = None
    uncertain: bool = False
    words: str = ""

    @property
    def contradicts(self) -> bool:
        return self.agreement == "contradict"

    @property
    def seconds(self) -> float:
        return self.end_seconds - self.start_seconds
