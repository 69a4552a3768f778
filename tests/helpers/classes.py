"""Votes and questions of a class."""

from __future__ import annotations

from pathlib import Path

from drkf.analysis import Prediction
from drkf.classroom.rounds import ModelAnswer, Question, Vote
from drkf.labels import EMOTIONS


def reading(emotion: str = "joy", audio: str | None = None, text: str | None = None) -> ModelAnswer:
    return ModelAnswer(
        _prediction(emotion),
        None if audio is None else _prediction(audio),
        None if text is None else _prediction(text),
        None if audio is None or text is None else audio != text,
    )


def question(
    emotion: str = "joy", meant: str | None = "joy", clip: Path | None = None, title: str = "A clip"
) -> Question:
    return Question(title, "I am fine", clip, meant, reading(emotion, "anger", "joy"))


def vote(emotion: str = "joy", sure: str = "rather", agree: str = "yes") -> Vote:
    return Vote(emotion, sure, agree)


def phone(number: int) -> str:
    return f"{number:032x}"


def _prediction(emotion: str) -> Prediction:
    return Prediction(EMOTIONS, tuple(0.7 if label == emotion else 0.05 for label in EMOTIONS))
