"""What a lesson's figures and picture say: English here, others where the interface has texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassWording:
    """The words of ``drkf.figures.classroom`` and of ``drkf.classroom.picture``."""

    title: str = "DRKF: what the class and the model read"
    class_votes: str = "class"
    model: str = "model"
    share: str = "share of the votes, probability of the model"
    meant: str = "meant"
    answered: str = "answered"
    round: str = "Round {number}: {title}"
    one_vote: str = "1 vote"
    votes: str = "{count} votes"
    kappa: str = "agreement within the class (Fleiss' kappa)"
    with_model: str = "votes that are the model's answer"
    class_accuracy: str = "votes that are what was meant"
    model_accuracy: str = "the model's answers that are what was meant"
    nothing: str = "–"
    nothing_meant: str = "No round yet of which one emotion was meant"
    left_out: str = "the last {shown} of {total} rounds"
