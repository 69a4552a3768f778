"""A lesson as a table: a row a vote, without a sign of who gave it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from drkf.classroom.rounds import Round

COLUMNS = (
    "round",
    "title",
    "meant",
    "voter",
    "emotion",
    "sure",
    "voice_and_words_agree",
    "model",
    "model_probability",
    "model_voice",
    "model_words",
    "model_finds_contradiction",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Signs with which a spreadsheet begins a formula."""


def lesson_csv(rounds: Iterable[Round]) -> str:
    """CSV with ``COLUMNS``, a row a vote, over the rounds that were closed.

    ``voter`` numbers the phones of this lesson as they first voted, from 1: it tells which votes
    are of one phone, as agreement among raters needs, and not whose phone it was.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    voters: dict[str, int] = {}
    for done in rounds:
        if done.open:
            continue
        question, reading = done.question, done.question.reading
        for phone, vote in done.votes.items():
            table.writerow(
                (
                    done.number,
                    _plain(question.title),
                    question.meant or "",
                    voters.setdefault(phone, len(voters) + 1),
                    vote.emotion,
                    vote.sure,
                    vote.agree,
                    reading.fused.emotion,
                    f"{reading.fused.confidence:.4f}",
                    "" if reading.audio is None else reading.audio.emotion,
                    "" if reading.text is None else reading.text.emotion,
                    "" if reading.inconsistent is None else str(reading.inconsistent).lower(),
                )
            )
    return out.getvalue()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
