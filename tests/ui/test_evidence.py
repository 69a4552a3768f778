"""The words of the evidence: marked words, badges, and captions for every method."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from drkf.analysis import (
    Analysis,
    FaithfulnessEvidence,
    InconsistencyEvidence,
    Prediction,
    RelevanceEvidence,
    Transcript,
    WordRelevance,
)
from drkf.explain import EXPLAINERS
from drkf.labels import EMOTIONS
from drkf.ui.evidence import (
    MAX_NUMBERED,
    faithfulness_badge,
    highlighted_words,
    method_name,
    readings_flag,
)
from drkf.ui.texts.en import evidence as text_evidence
from drkf.ui.texts.en import page as text

HOSTILE = "<img/src=x>&${1+1}"
FUSED = Prediction(EMOTIONS, (0.7, *[0.05] * 6))


def analysis_of(*values: float, method: str = "occlusion", more: str = "") -> Analysis:
    """Words w0, w1, … with these values, then words that the model did not read."""
    text = " ".join(f"w{i}" for i in range(len(values)))
    words = tuple(
        WordRelevance(match.group(), *match.span(), value)
        for match, value in zip(re.finditer(r"\S+", text), values, strict=True)
    )
    return Analysis(
        fused=FUSED,
        audio=None,
        text=FUSED,
        transcript=Transcript(text + more, "typed"),
        uncertain=False,
        relevance=RelevanceEvidence(method, "anger", words),
    )


def marked(analysis: Analysis) -> list[tuple[str, str, str]]:
    """(class, word, number) of each word, as the page shows them."""
    found = re.findall(
        r'<span class="(word[^"]*)"[^>]*>(\S+?)(?:<small>(.+?)</small>)?</span>',
        highlighted_words(analysis).split("words-legend")[0],
    )
    return [(kind, word, number) for kind, word, number in found]


def test_words_say_for_and_against_without_colour() -> None:
    assert marked(analysis_of(0.5, -0.25, 0.001, -0.001)) == [
        ("word supports", "w0", "+0.50"),
        ("word opposes", "w1", "-0.25"),
        ("word", "w2", "0.00"),
        ("word", "w3", "0.00"),
    ]
    shown = highlighted_words(analysis_of(0.5, -0.25))
    assert "speaks for anger" in shown and "speaks against it" in shown


def test_strength_follows_the_value() -> None:
    shown = highlighted_words(analysis_of(1.0, -0.5))
    assert re.findall(r"--strength: ([\d.]+)", shown)[:2] == ["1.00", "0.50"]
    # Small values stay pale, however they compare with each other.
    pale = highlighted_words(analysis_of(0.02, 0.01))
    assert float(re.findall(r"--strength: ([\d.]+)", pale)[0]) < 0.1


def test_unsigned_values_have_no_sign() -> None:
    analysis = analysis_of(0.5, 0.25, method="attention")
    assert [number for *_, number in marked(analysis)] == ["0.50", "0.25"]
    assert "against" not in highlighted_words(analysis)


def test_a_long_text_numbers_its_strongest_words_and_shows_what_was_not_read() -> None:
    analysis = analysis_of(*(0.01 * i + 0.01 for i in range(60)), more=" <b>cut</b>")
    numbers = [number for *_, number in marked(analysis)]
    assert numbers[0] == "" and numbers[-1] == "+0.60"
    assert sum(bool(number) for number in numbers) == MAX_NUMBERED
    assert '<span class="unread"> &lt;b&gt;cut&lt;/b&gt;</span>' in highlighted_words(analysis)


@pytest.mark.parametrize("explained", [True, False])
def test_words_are_never_read_as_html(explained: bool) -> None:
    analysis = analysis_of(0.5)
    word = WordRelevance(HOSTILE, 0, len(HOSTILE), 0.5)
    relevance = RelevanceEvidence("occlusion", "anger", (word,)) if explained else None
    hostile = replace(analysis, transcript=Transcript(HOSTILE, "typed"), relevance=relevance)
    shown = highlighted_words(hostile)
    assert "<img" not in shown and "&lt;img" in shown


def test_the_badge_gives_this_inputs_own_figures() -> None:
    faithful = FaithfulnessEvidence(0.41, 0.1, 0.12, 0.33)
    relevance = RelevanceEvidence("occlusion", "anger", faithfulness=faithful)
    badge = faithfulness_badge(relevance)
    assert [float(x) for x in re.findall(r"[+-]\d\.\d\d", badge)] == [-0.41, -0.12, -0.1, -0.33]
    assert text_evidence.GRADES["good"] in badge and "doubtful" not in badge
    fair = replace(relevance, faithfulness=replace(faithful, comprehensiveness=0.05))
    assert text_evidence.GRADES["fair"] in faithfulness_badge(fair)
    worse = replace(relevance, faithfulness=replace(faithful, comprehensiveness=-0.2))
    assert text_evidence.GRADES["poor"] in faithfulness_badge(worse)
    assert "doubtful" in faithfulness_badge(worse)
    assert text.STATUS_EXPLAINING in faithfulness_badge(None)


def test_where_no_word_matters_it_is_said() -> None:
    assert text_evidence.NO_SINGLE_WORD in highlighted_words(analysis_of(0.01, -0.02))
    assert text_evidence.NO_SINGLE_WORD not in highlighted_words(analysis_of(0.01, -0.2))


def test_a_warning_comes_only_when_detector_and_distance_split() -> None:
    readings = InconsistencyEvidence(0.8, 0.5, 0.7, 0.1, disagree=True)  # a small neutral shift
    analysis = replace(analysis_of(0.5), inconsistency=readings)
    assert text_evidence.READINGS_SAME in readings_flag(analysis)
    split = replace(analysis, inconsistency=replace(readings, divergence=0.3))
    assert text_evidence.READINGS_SPLIT in readings_flag(split)
    assert readings_flag(analysis_of(0.5)) == ""


def test_the_page_says_what_an_explainer_says_of_itself() -> None:
    for name, explainer in EXPLAINERS.items():
        assert text_evidence.METHODS[name] == explainer.title
        assert text_evidence.METHOD_CAVEATS[name] == explainer.caveat
    assert "truest" in method_name("gradient", best="gradient")
    assert "truest" not in method_name("gradient", best="occlusion")
