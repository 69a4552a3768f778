"""The words as they were read, each marked by how it counts for or against the answer."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from drkf import figures
from drkf.analysis import Analysis, PhraseRelevance, RelevanceEvidence, WordRelevance
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import figures as text_figures

MAX_NUMBERED = 40
"""Words that show their number: in a longer text only the strongest."""
LEAST_VALUE = 0.05
"""Below it, in every word, no single word matters."""


def marked_words(analysis: Analysis) -> str:
    """HTML: each word with its colour, its line and its number; words that act together under one
    bracket. Every number is there on hover and for screen readers."""
    transcript, relevance = analysis.transcript.text, analysis.relevance
    if relevance is None or not relevance.words:
        return f'<p class="relevant-words">{html.escape(transcript)}</p>'
    words = relevance.words
    bracket = {i: n for n, phrase in enumerate(relevance.phrases, 1) for i in phrase.words}
    order = sorted(range(len(words)), key=lambda i: words[i].start_char)
    pieces, place = _pieces(relevance), 0
    parts: list[str] = []
    for before, i in zip([None, *order], order, strict=False):
        number, gap = bracket.get(i), html.escape(transcript[place : words[i].start_char])
        joined = number is not None and before is not None and bracket.get(before) == number
        if joined:  # two neighbours under one bracket
            parts[-1] = parts[-1].removesuffix("</span>") + gap + pieces[i] + "</span>"
        elif number is not None:
            parts.append(f"{gap}{_bracket(relevance.phrases, number)}{pieces[i]}</span>")
        else:
            parts.append(gap + pieces[i])
        place = words[i].end_char
    parts.append(f'<span class="unread">{html.escape(transcript[place:])}</span>')
    return (
        f'<p class="relevant-words">{"".join(parts)}</p>'
        f"{_phrases(relevance.phrases)}{_no_single_word(relevance)}{_legend(relevance)}"
    )


def signed(value: float) -> str:
    """Two decimals with a sign, except for zero."""
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def _pieces(relevance: RelevanceEvidence) -> Mapping[int, str]:
    """Each word's HTML by its place."""
    reach, words = figures.relevance_reach(relevance), relevance.words
    strongest = set(sorted(range(len(words)), key=lambda i: -abs(words[i].effect))[:MAX_NUMBERED])
    return {
        i: _word(word, abs(word.effect) / reach, i in strongest) for i, word in enumerate(words)
    }


def _word(word: WordRelevance, strength: float, shown: bool) -> str:
    """A word, marked unless its value rounds to zero."""
    number = signed(word.effect)
    kind = "" if float(number) == 0 else " supports" if word.effect > 0 else " opposes"
    hidden = "" if shown else ' class="sr-only"'
    return (
        f'<span class="word{kind}" style="--strength: {min(strength, 1):.2f}" title="{number}">'
        f"{html.escape(word.word)}<small{hidden}>{number}</small></span>"
    )


def _bracket(phrases: Sequence[PhraseRelevance], number: int) -> str:
    """The start of a bracket; words that stand apart bear its number."""
    phrase = phrases[number - 1]
    first, second = phrase.words
    apart = "" if second == first + 1 else f' data-number="{number}"'
    told = html.escape(_together(phrase))
    return f'<span class="phrase"{apart} title="{told}">'


def _phrases(phrases: Sequence[PhraseRelevance]) -> str:
    """What the bracketed words do together, a line each."""
    if not phrases:
        return ""
    lines = []
    for number, phrase in enumerate(phrases, 1):
        mark = "" if phrase.words[1] == phrase.words[0] + 1 else f"<sup>{number}</sup> "
        lines.append(f"<li>{mark}{html.escape(_together(phrase))}</li>")
    return f'<ul class="phrases">{"".join(lines)}</ul>'


def _together(phrase: PhraseRelevance) -> str:
    return text_evidence.TOGETHER.format(
        words=phrase.text,
        change=signed(phrase.change),
        apart=signed(phrase.change + phrase.interaction),
    )


def _no_single_word(relevance: RelevanceEvidence) -> str:
    if max(abs(word.effect) for word in relevance.words) >= LEAST_VALUE:
        return ""
    return f'<p class="words-legend">{html.escape(text_evidence.NO_SINGLE_WORD)}</p>'


def _legend(relevance: RelevanceEvidence) -> str:
    emotion = text_figures.WORDING.emotion(relevance.emotion)
    entries = (
        ("supports", text_evidence.WORDS_FOR.format(emotion=emotion)),
        ("opposes", text_evidence.WORDS_AGAINST),
    )
    marks = " ".join(
        f'<span><span class="word {kind}" style="--strength: 0.5">&emsp;</span> '
        f"{html.escape(told)}</span>"
        for kind, told in entries
    )
    return f'<p class="words-legend">{marks}</p>'
