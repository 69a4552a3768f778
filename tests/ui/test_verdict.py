"""The verdict in words, in both languages."""

from __future__ import annotations

import pytest

from drkf.analysis import Analysis, InconsistencyEvidence, Prediction, Transcript
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts.de import page as german
from drkf.ui.texts.en import page as text
from drkf.ui.verdict import answer_html, verdict_html

LABELS = ("anger", "joy", "neutral", "sadness")


def sure(emotion: str) -> Prediction:
    return Prediction(LABELS, tuple(0.7 if label == emotion else 0.1 for label in LABELS))


def analysis(fused: str, audio: str, words: str, divergence: float = 0.7) -> Analysis:
    return Analysis(
        fused=sure(fused),
        audio=sure(audio),
        text=sure(words),
        transcript=Transcript("so <b>it</b> is", "typed"),
        uncertain=False,
        inconsistency=InconsistencyEvidence(0.8, 0.5, divergence),
    )


@pytest.mark.parametrize(
    ("fused", "audio", "words", "told"),
    [
        ("anger", "anger", "joy", (text.AGREEMENTS["contradict"], text.FOLLOWED_VOICE)),
        ("joy", "anger", "joy", (text.AGREEMENTS["contradict"], text.FOLLOWED_WORDS)),
        ("joy", "joy", "joy", (text.AGREEMENTS["agree"], text.FOLLOWED_BOTH)),
        ("anger", "anger", "neutral", (text.AGREEMENTS["emotion in audio"], text.FOLLOWED_VOICE)),
        ("sadness", "anger", "joy", (text.FOLLOWED_NEITHER.format(emotion="sadness"),)),
    ],
)
def test_the_verdict_says_who_said_what(
    fused: str, audio: str, words: str, told: tuple[str, ...]
) -> None:
    said = verdict_html(analysis(fused, audio, words))
    assert fused.upper() in said and "70\N{NO-BREAK SPACE}%" in said
    for sentence in told:
        assert sentence in said
    assert "trained detector: 80 of 100" in said
    assert text.SPLIT not in said


def test_a_split_is_told_where_a_contradiction_is_in_question() -> None:
    assert text.SPLIT in verdict_html(analysis("anger", "anger", "joy", divergence=0.3))
    assert text.SPLIT not in verdict_html(analysis("anger", "anger", "neutral", divergence=0.3))


def test_a_tie_names_both() -> None:
    tie = Prediction(LABELS, (0.45, 0.44, 0.06, 0.05))
    assert answer_html(tie, uncertain=True).endswith("<b>ANGER</b> or <b>JOY</b>, undecided</span>")


def test_the_verdict_is_german_for_a_german() -> None:
    with i18n.speaking("de"):
        said = verdict_html(analysis("anger", "anger", "joy"))
    assert "WUT" in said and german.AGREEMENTS["contradict"] in said and "wütend" in said
