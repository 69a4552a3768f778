"""The evidence under an answer: figures, what they claim and how far, and how to read them."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr

from drkf import figures
from drkf.analysis import Analysis, RelevanceEvidence
from drkf.audio.clip import LONG_SECONDS
from drkf.explain import ATTENTION_METHODS
from drkf.pipeline import Utterance
from drkf.ui.events import Updates
from drkf.ui.parts import player_html, plot
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.word_marks import marked_words, signed


class Evidence:
    """Adds the components to the current Blocks, hidden until there is an answer.

    A card, or a figure in it, stays hidden where an utterance has no evidence for it.

    Args:
        prefix: of the elements' ids, where a page has several of these panels.
    """

    def __init__(self, prefix: str = "") -> None:
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
                self._add_relevance()
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

    def _add_relevance(self) -> None:
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
        gr.Markdown(text_evidence.METHOD_CAVEATS["occlusion"], elem_classes="caveat")

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
            **self.show_attention(analysis, attention_method),
            self.badge: faithfulness_badge(relevance),
            self.timeline: figures.voice_timeline(analysis, samples, wording=wording),
            **self.show_words(analysis),
            self.word_bars: gr.update(
                value=figures.word_relevance(analysis, wording), visible=not in_timeline
            ),
        }

    def show_words(self, analysis: Analysis) -> Updates:
        """The words, marked as far as their relevance is known."""
        return {self.words: marked_words(analysis)}

    def show_attention(self, analysis: Analysis, method: str) -> Updates:
        """Attention, followed by one of ``ATTENTION_METHODS``."""
        return {
            self.attention: figures.attention_bars(analysis, method, text_figures.WORDING),
            self.attention_caveat: text_evidence.METHOD_CAVEATS[method],
        }


def how_to_read(explanation: str) -> None:
    """Adds a closed section that says how to read the figure above it."""
    with gr.Accordion(text_evidence.HOW, open=False, elem_classes="how"):
        gr.Markdown(explanation)


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
    """How good this explanation is: what the answer loses without the parts that it names."""
    if relevance is None or relevance.faithfulness is None:
        return badge_html(text.STATUS_EXPLAINING)
    found = relevance.faithfulness
    verdict = text_evidence.GRADES[found.grade].format(
        fall=points(found.comprehensiveness), random=points(found.random_comprehensiveness)
    )
    if found.share_of_best is not None:
        verdict += f" {first_word(found.share_of_best)}"
    told = text_evidence.FAITHFULNESS.format(
        comprehensiveness=signed(-found.comprehensiveness),
        random_comprehensiveness=signed(-found.random_comprehensiveness),
        sufficiency=signed(-found.sufficiency),
        random_sufficiency=signed(-found.random_sufficiency),
    )
    return badge_html(verdict, told, doubtful=found.grade == "poor")


def points(fall: float) -> int:
    """A fall of a probability in points of 100; a rise is no fall."""
    return max(0, round(100 * fall))


def first_word(share_of_best: float) -> str:
    """How near the word that is named first comes to the best that a single word can do."""
    tenths = max(0, round(10 * share_of_best))
    if tenths == 10:
        return text_evidence.FIRST_WORD_BEST
    return text_evidence.FIRST_WORD.format(tenths=tenths)


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
