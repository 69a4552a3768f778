"""Words with their colour, line, number and bracket."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from drkf.analysis import Analysis, PhraseRelevance, RelevanceEvidence, Transcript, WordRelevance
from drkf.ui.texts.en import evidence as text_evidence
from drkf.ui.word_marks import MAX_NUMBERED, marked_words
from tests.helpers.analyses import analysis_of

HOSTILE = "<img/src=x>&${1+1}"


def marked(analysis: Analysis) -> list[tuple[str, str, str]]:
    """(class, word, number) of each word, as the page shows them."""
    found = re.findall(
        r'<span class="(word[^"]*)"[^>]*>(\S+?)<small>(.+?)</small></span>',
        marked_words(analysis).split("words-legend")[0],
    )
    return [(kind, word, number) for kind, word, number in found]


def test_words_say_for_and_against_without_colour() -> None:
    assert marked(analysis_of(0.5, -0.25, 0.001, -0.001)) == [
        ("word supports", "w0", "+0.50"),
        ("word opposes", "w1", "-0.25"),
        ("word", "w2", "0.00"),
        ("word", "w3", "0.00"),
    ]
    shown = marked_words(analysis_of(0.5, -0.25))
    assert "speaks for anger" in shown and "speaks against it" in shown


def test_strength_follows_the_value() -> None:
    shown = marked_words(analysis_of(1.0, -0.5))
    assert re.findall(r"--strength: ([\d.]+)", shown)[:2] == ["1.00", "0.50"]
    # Small values stay pale, however they compare with each other.
    pale = marked_words(analysis_of(0.02, 0.01))
    assert float(re.findall(r"--strength: ([\d.]+)", pale)[0]) < 0.1


def test_a_long_text_numbers_its_strongest_words_and_shows_what_was_not_read() -> None:
    analysis = analysis_of(*(0.01 * i + 0.01 for i in range(60)), more=" <b>cut</b>")
    numbers = [number for *_, number in marked(analysis)]
    assert numbers[0] == "+0.21" and numbers[-1] == "+0.60" and len(numbers) == MAX_NUMBERED
    # The others have theirs on hover and for screen readers.
    hidden = re.findall(
        r'title="([^"]+)">w\d+<small class="sr-only">(.+?)<', marked_words(analysis)
    )
    assert hidden[0] == ("+0.01", "+0.01") and len(hidden) == 60 - MAX_NUMBERED
    assert '<span class="unread"> &lt;b&gt;cut&lt;/b&gt;</span>' in marked_words(analysis)


@pytest.mark.parametrize("explained", [True, False])
def test_words_are_never_read_as_html(explained: bool) -> None:
    analysis = analysis_of(0.5)
    word = WordRelevance(HOSTILE, 0, len(HOSTILE), 0.5)
    relevance = RelevanceEvidence("occlusion", "anger", (word,)) if explained else None
    hostile = replace(analysis, transcript=Transcript(HOSTILE, "typed"), relevance=relevance)
    shown = marked_words(hostile)
    assert "<img" not in shown and "&lt;img" in shown


def test_where_no_word_matters_it_is_said() -> None:
    assert text_evidence.NO_SINGLE_WORD in marked_words(analysis_of(0.01, -0.02))
    assert text_evidence.NO_SINGLE_WORD not in marked_words(analysis_of(0.01, -0.2))


def bracketed(*phrases: PhraseRelevance) -> str:
    analysis = analysis_of(0.5, 0.1, 0.2, 0.3)
    assert analysis.relevance is not None
    return marked_words(replace(analysis, relevance=replace(analysis.relevance, phrases=phrases)))


def words_under(bracket: str) -> list[str]:
    return re.findall(r">(w\d)<", bracket)


def test_neighbours_that_act_together_have_one_bracket() -> None:
    shown = bracketed(PhraseRelevance((1, 2), "w1 w2", 0.6, -0.3))
    (bracket,) = re.findall(r'<span class="phrase" title=.*?</span></span>', shown)
    assert words_under(bracket) == ["w1", "w2"]
    assert "“w1 w2” act together: without both the answer loses +0.60; one by one +0.30" in shown
    assert shown.count("<span") == shown.count("</span>")
    assert re.sub(r"<small.*?</small>|<ul.*|<[^>]+>", "", shown).startswith("w0 w1 w2 w3")


def test_words_apart_have_a_bracket_each_with_one_number() -> None:
    shown = bracketed(
        PhraseRelevance((0, 2), "w0 … w2", 0.6, -0.3), PhraseRelevance((1, 3), "w1 … w3", 0.2, 0.2)
    )
    found = re.findall(r'<span class="phrase" data-number="(\d)" title=.*?>(w\d)<', shown)
    assert found == [("1", "w0"), ("2", "w1"), ("1", "w2"), ("2", "w3")]
    assert "<sup>1</sup> “w0 … w2”" in shown and "<sup>2</sup> “w1 … w3”" in shown
    assert shown.count("<span") == shown.count("</span>")
