"""The evidence under an answer: figures, what they claim and how far, and how to read them."""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import Any

import gradio as gr

from drkf import figures
from drkf.analysis import Analysis, RelevanceEvidence, WordRelevance
from drkf.audio.clip import LONG_SECONDS
from drkf.explain import ATTENTION_METHODS, EXPLAINERS, METHODS
from drkf.pipeline import Utterance
from drkf.ui.events import Updates
from drkf.ui.parts import player_html, plot
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text

MAX_NUMBERED = 40
"""Words that bear their number: in a longer text only the strongest."""
LEAST_VALUE = 0.05
"""If the values of all words lie below it, the page says that no single word matters."""


class Evidence:
    """Adds the components to the current Blocks, hidden until there is an answer.

    A card, or a figure in it, stays hidden where an utterance has no evidence for it.

    Args:
        best_method: the relevance method chosen at first, a name in ``METHODS``.
        prefix: of the elements' ids, where a page has several of these panels.
    """

    def __init__(self, best_method: str, prefix: str = "") -> None:
        self._prefix = prefix
        with gr.Column(visible=False, elem_id=f"{prefix}evidence") as self.panel:
            with gr.Column(elem_classes="card") as self.words_part:
                self.words = gr.HTML(elem_id=f"{prefix}relevant-words")
                how_to_read(text_evidence.WORDS_HOW)
            with self._fold(text.PROBABILITIES):
                self.probabilities = plot(f"{prefix}probabilities")
                gr.Markdown(text_evidence.PROBABILITIES_CAVEAT, elem_classes="caveat")
                how_to_read(text_evidence.PROBABILITIES_HOW)
            with self._fold(text.MODALITY) as self.modality_card:
                self._add_modality()
            with self._fold(text.INCONSISTENCY) as self.inconsistency_card:
                self._add_inconsistency()
            with self._fold(text.RELEVANCE, "timeline-card"):
                self._add_relevance(best_method)
        self.methods = [self.relevance_method, self.attention_method]
        self.components: list[Any] = [
            self.panel,
            self.probabilities,
            self.inconsistency_card,
            self.gauge,
            self.readings,
            self.readings_flag,
            self.modality_card,
            self.shapley,
            self.attention,
            self.attention_caveat,
            self.badge,
            self.timeline,
            self.player,
            self.words,
            self.word_bars,
            self.relevance_caveat,
            self.voice_part,
            self.words_part,
        ]

    def _fold(self, heading: str, elem_class: str = "") -> gr.Accordion:
        """A card that shows its heading until it is opened."""
        classes = ["card", "fold", *([elem_class] if elem_class else [])]
        return gr.Accordion(heading, open=False, elem_classes=classes)

    def _add_inconsistency(self) -> None:
        prefix = self._prefix
        with gr.Row():
            with gr.Column(min_width=300):
                self.gauge = plot(f"{prefix}gauge")
                gr.Markdown(text_evidence.GAUGE_CAVEAT, elem_classes="caveat")
                how_to_read(text_evidence.GAUGE_HOW)
            with gr.Column(min_width=300):
                self.readings = plot(f"{prefix}readings")
                self.readings_flag = gr.HTML(elem_id=f"{prefix}readings-flag")
                gr.Markdown(text_evidence.READINGS_CAVEAT, elem_classes="caveat")
                how_to_read(text_evidence.READINGS_HOW)

    def _add_modality(self) -> None:
        prefix = self._prefix
        gr.Markdown("#### " + text_evidence.SHAPLEY)
        self.shapley = plot(f"{prefix}shapley")
        gr.Markdown(text_evidence.METHOD_CAVEATS["shapley"], elem_classes="caveat")
        how_to_read(text_evidence.SHAPLEY_HOW)
        with gr.Accordion(text_evidence.ATTENTION, open=False, elem_classes="fold"):
            self.attention_method = gr.Radio(
                [(text_evidence.METHODS[name], name) for name in ATTENTION_METHODS],
                value="rollout",
                label=text_evidence.ATTENTION_METHOD,
                elem_id=f"{prefix}attention-method",
                elem_classes="method",
            )
            self.attention = plot(f"{prefix}attention")
            self.attention_caveat = gr.Markdown(elem_classes="caveat")
            how_to_read(text_evidence.ATTENTION_HOW)

    def _add_relevance(self, best_method: str) -> None:
        prefix = self._prefix
        self.badge = gr.HTML(
            html_template='<div aria-live="polite">${value}</div>',
            elem_id=f"{prefix}faithfulness",
        )
        with gr.Column() as self.voice_part:
            self.timeline = plot(f"{prefix}timeline", elem_classes="timeline")
            self.player = gr.HTML(elem_id=f"{prefix}timeline-player")
            how_to_read(text_evidence.RELEVANCE_HOW)
        self.word_bars = plot(f"{prefix}word-relevance")
        self.relevance_method = gr.Radio(
            [(method_name(name, best_method), name) for name in METHODS],
            value=best_method,
            label=text_evidence.RELEVANCE_METHOD,
            elem_id=f"{prefix}relevance-method",
            elem_classes="method",
        )
        self.relevance_caveat = gr.Markdown(elem_classes="caveat")

    def hide(self) -> Updates:
        return {self.panel: gr.update(visible=False)}

    def show_prediction(self, analysis: Analysis, utterance: Utterance) -> Updates:
        """What is known without explanations, and nothing of an earlier answer's."""
        voice, words = analysis.audio is not None, analysis.text is not None
        return {
            self.panel: gr.update(visible=True),
            self.inconsistency_card: gr.update(visible=voice and words),
            self.modality_card: gr.update(visible=voice and words),
            self.player: voice_player(utterance) if voice else "",
            self.voice_part: gr.update(visible=voice),
            self.words_part: gr.update(visible=words),
            **self.show_explanation(analysis, utterance),
        }

    def show_explanation(
        self, analysis: Analysis, utterance: Utterance, attention_method: str = "rollout"
    ) -> Updates:
        """What explanations add to ``show_prediction``, as far as they are computed."""
        voice = analysis.audio is not None
        samples = None if utterance.clip is None else utterance.clip.samples
        in_timeline = voice and bool(analysis.transcript.words)  # words with times stand there
        relevance, wording = analysis.relevance, text_figures.WORDING
        return {
            # Again with the explanations: Gradio 6.31 forgets the first of two values that reach
            # a figure in a fold before it is opened.
            self.probabilities: figures.probability_bars(analysis, wording),
            self.gauge: figures.inconsistency_gauge(analysis, wording),
            self.readings: figures.inconsistency_readings(analysis, wording),
            self.readings_flag: readings_flag(analysis),
            self.shapley: figures.shapley_bars(analysis, wording),
            self.attention: figures.attention_bars(analysis, attention_method, wording),
            self.attention_caveat: text_evidence.METHOD_CAVEATS[attention_method],
            self.badge: faithfulness_badge(relevance),
            self.timeline: figures.voice_timeline(analysis, samples, wording=wording),
            self.words: highlighted_words(analysis),
            self.word_bars: gr.update(
                value=figures.word_relevance(analysis, wording), visible=not in_timeline
            ),
            self.relevance_caveat: (
                "" if relevance is None else text_evidence.METHOD_CAVEATS[relevance.method]
            ),
        }


def how_to_read(explanation: str) -> None:
    """Adds a closed section that says how to read the figure above it."""
    with gr.Accordion(text_evidence.HOW, open=False, elem_classes="how"):
        gr.Markdown(explanation)


def method_name(method: str, best: str) -> str:
    name = text_evidence.METHODS[method]
    return text_evidence.RELEVANCE_BEST.format(method=name) if method == best else name


def readings_flag(analysis: Analysis) -> str:
    """Whether the two readings that look for a contradiction agree with each other.

    The third, the neutral shift, says how much the answer needs each side, and takes no part.
    """
    evidence = analysis.inconsistency
    if evidence is None:
        return ""
    flag = text_evidence.READINGS_SPLIT if evidence.split else text_evidence.READINGS_SAME
    return badge_html(flag, doubtful=evidence.split)


def faithfulness_badge(relevance: RelevanceEvidence | None) -> str:
    """How much truer to the model this input's relevance map is than random ones."""
    if relevance is None or relevance.faithfulness is None:
        return badge_html(text.STATUS_EXPLAINING)
    found = relevance.faithfulness
    # Comprehensiveness and sufficiency are how far the probability falls.
    changes = {
        name: signed(-value) for name, value in asdict(found).items() if isinstance(value, float)
    }
    told = text_evidence.FAITHFULNESS.format(**changes)
    return badge_html(text_evidence.GRADES[found.grade], told, doubtful=found.grade == "poor")


def badge_html(verdict: str, details: str = "", doubtful: bool = False) -> str:
    """A line, and numbers behind a fold."""
    kind = "badge doubtful" if doubtful else "badge"
    more = (
        f"<details><summary>{html.escape(text_evidence.NUMBERS)}</summary>"
        f"{html.escape(details)}</details>"
        if details
        else ""
    )
    return f'<div class="{kind}"><b>{html.escape(verdict)}</b>{more}</div>'


def voice_player(utterance: Utterance) -> str:
    """The clip to play under its timeline, or where else it can be played."""
    if utterance.clip is not None and utterance.clip.seconds <= LONG_SECONDS:
        return player_html(utterance.clip, text_evidence.PLAYER)
    return f'<div class="caveat">{html.escape(text_evidence.PLAYER_LONG)}</div>'


def highlighted_words(analysis: Analysis) -> str:
    """HTML: the words as they were read, each marked by how it counts for or against."""
    transcript, relevance = analysis.transcript.text, analysis.relevance
    if relevance is None or not relevance.words:
        return f'<p class="relevant-words">{html.escape(transcript)}</p>'
    reach = figures.relevance_reach(relevance)
    strongest = sorted(relevance.words, key=lambda word: -abs(word.effect))[:MAX_NUMBERED]
    numbered = {word.start_char for word in strongest}
    both_signs = EXPLAINERS[relevance.method].signed
    parts, place = [], 0
    for word in sorted(relevance.words, key=lambda word: word.start_char):
        parts.append(html.escape(transcript[place : word.start_char]))
        number = signed(word.effect) if both_signs else f"{word.effect:.2f}"
        strength = abs(word.effect) / reach
        parts.append(word_html(word, strength, number, word.start_char in numbered))
        place = word.end_char
    parts.append(f'<span class="unread">{html.escape(transcript[place:])}</span>')
    emotion = text_figures.WORDING.emotion(relevance.emotion)
    legend = [("supports", text_evidence.WORDS_FOR.format(emotion=emotion))]
    if both_signs:
        legend.append(("opposes", text_evidence.WORDS_AGAINST))
    marks = " ".join(
        f'<span><span class="word {kind}" style="--strength: 0.5">&emsp;</span> '
        f"{html.escape(told)}</span>"
        for kind, told in legend
    )
    note = ""
    if both_signs and max(abs(word.effect) for word in relevance.words) < LEAST_VALUE:
        note = f'<p class="words-legend">{html.escape(text_evidence.NO_SINGLE_WORD)}</p>'
    words = f'<p class="relevant-words">{"".join(parts)}</p>{note}'
    return f'{words}<p class="words-legend">{marks}</p>'


def word_html(word: WordRelevance, strength: float, number: str, numbered: bool) -> str:
    """A word, marked unless its value rounds to zero."""
    kind = "" if float(number) == 0 else " supports" if word.effect > 0 else " opposes"
    below = f"<small>{number}</small>" if numbered else ""
    return (
        f'<span class="word{kind}" style="--strength: {strength:.2f}" title="{number}">'
        f"{html.escape(word.word)}{below}</span>"
    )


def signed(value: float) -> str:
    """Two decimals with a sign, except for zero."""
    return f"{value:+.2f}" if round(value, 2) else "0.00"
