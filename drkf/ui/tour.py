"""The tab "Tour": five steps for a class, each with a live example, a question and a reveal."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from drkf import figures
from drkf.analysis import Analysis
from drkf.audio.clip import load_audio
from drkf.figures import style
from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui import browser
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.events import QUIET, Updates, Values
from drkf.ui.parts import error_html, player_html, plot
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.verdict import emotion_name

MAX_FIGURES = 2
SAME_SCORE = 0.05
"""A change of the inconsistency (0..1) that is smaller counts as "the same"."""


@dataclass(frozen=True)
class Answer:
    """What the model says: Markdown, and at most ``MAX_FIGURES`` figures.

    ``right`` is the place of the right guess among a step's answers, None before it is known.
    """

    said: str
    figures: tuple[go.Figure, ...] = ()
    right: int | None = None


@dataclass(frozen=True)
class Step:
    """One step of the tour.

    ``ask`` runs the model on the example before the question, ``reveal`` goes on from there.
    ``hidden_voice`` keeps the clip for the reveal.
    """

    title: str
    example: str
    task: str
    question: str
    answers: tuple[str, ...]
    ask: Callable[[EmotionPipeline, GalleryItem, Utterance], Answer]
    reveal: Callable[[EmotionPipeline, GalleryItem, Utterance], Answer]
    hidden_voice: bool = False


def ask_one(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 1: the words alone are read."""
    analysis = pipeline.predict(pipeline.encode(text=item.spoken))
    return Answer(
        text.TOUR_ONE_ASKED.format(**_told(analysis)),
        (figures.probability_bars(analysis, text_figures.WORDING),),
    )


def reveal_one(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 1: the voice alone, and whether it says the same."""
    both = pipeline.predict(utterance)
    voice = pipeline.predict(pipeline.with_text(utterance, None))
    told = _told(both)
    lesson = text.TOUR_ONE_SAME if told["voice"] == told["words"] else text.TOUR_ONE_DIFFERENT
    return Answer(
        f"{text.TOUR_ONE_REVEAL.format(**told)} {lesson}",
        (figures.probability_bars(voice, text_figures.WORDING),),
        right=2,  # nobody can know
    )


def ask_alone(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """The answer to the example, without evidence."""
    return Answer(text.TOUR_ALONE_ASKED.format(**_told(pipeline.predict(utterance))))


def reveal_agree(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 2: how sure the answer is beside those of voice and words alone."""
    analysis = pipeline.predict(utterance)
    told = _told(analysis)
    # How sure each half is of the answer that both together give.
    label = analysis.fused.labels.index(analysis.emotion)
    alone = [p.probabilities[label] for p in (analysis.audio, analysis.text) if p is not None]
    if analysis.fused.confidence > max(alone):
        lesson, right = text.TOUR_AGREE_SURER, 0
    elif analysis.fused.confidence < min(alone):
        lesson, right = text.TOUR_AGREE_LESS, 2
    else:
        lesson, right = text.TOUR_AGREE_BETWEEN, 1
    said = (text.TOUR_AGREE_REVEAL, lesson, text.TOUR_AGREE_INCONSISTENCY)
    return Answer(
        " ".join(said).format(**told),
        (figures.probability_bars(analysis, text_figures.WORDING),),
        right,
    )


def reveal_disagree(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 3: which side the answer followed, by Shapley values."""
    analysis = with_shapley(pipeline, utterance)
    told = _told(analysis)
    return Answer(
        text.TOUR_DISAGREE_REVEAL.format(**told),
        (
            figures.probability_bars(analysis, text_figures.WORDING),
            figures.shapley_bars(analysis, text_figures.WORDING),
        ),
        right=0 if told.get("leader") == text.TOUR_LEADER_VOICE else 1,
    )


def ask_ed(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 4: the inconsistency of the voice with the words that it says."""
    analysis = pipeline.predict(pipeline.with_text(utterance, item.spoken))
    return Answer(
        text.TOUR_ED_ASKED.format(**_told(analysis), typed=item.words),
        (figures.inconsistency_gauge(analysis, text_figures.WORDING),),
    )


def reveal_ed(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 4: the inconsistency with other words, and what changed."""
    before = _told(pipeline.predict(pipeline.with_text(utterance, item.spoken)))
    analysis = pipeline.with_shift(utterance, pipeline.predict(utterance))
    said = f"{text.TOUR_ED_REVEAL} {text.TOUR_ED_READINGS}"
    told = _told(analysis)
    change = float(told["ed"]) - float(before["ed"])
    return Answer(
        said.format(**told, ed_before=before["ed"]),
        (
            figures.inconsistency_gauge(analysis, text_figures.WORDING),
            figures.inconsistency_readings(analysis, text_figures.WORDING),
        ),
        right=1 if abs(change) < SAME_SCORE else 2 if change > 0 else 0,
    )


def ask_attention(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 5: the answer to the example."""
    return Answer(text.TOUR_ATTENTION_ASKED.format(**_told(pipeline.predict(utterance))))


def reveal_attention(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    """Step 5: attention beside the Shapley values, which it cannot replace."""
    analysis = with_shapley(pipeline, utterance)
    said = f"{text.TOUR_ATTENTION_REVEAL} {text.TOUR_ATTENTION_CHECK}"
    return Answer(
        said.format(**_told(analysis)),
        (
            figures.attention_bars(analysis, wording=text_figures.WORDING),
            figures.shapley_bars(analysis, text_figures.WORDING),
        ),
        right=2,  # attention cannot tell
    )


def with_shapley(pipeline: EmotionPipeline, utterance: Utterance) -> Analysis:
    """The analysis with what this tour shows of the explanations."""
    analysis = pipeline.predict(utterance)
    return replace(analysis, shapley=pipeline.shapley(utterance, analysis.emotion))


def steps() -> tuple[Step, ...]:
    """The tour, in the language of the event; markers while the page is built."""
    return (
        Step(
            text.TOUR_ONE,
            "fine-but-angry",
            text.TOUR_ONE_TASK,
            text.TOUR_ONE_QUESTION,
            text.TOUR_ONE_ANSWERS,
            ask_one,
            reveal_one,
            hidden_voice=True,
        ),
        Step(
            text.TOUR_AGREE,
            "sadness",
            text.TOUR_AGREE_TASK,
            text.TOUR_AGREE_QUESTION,
            text.TOUR_AGREE_ANSWERS,
            ask_alone,
            reveal_agree,
        ),
        Step(
            text.TOUR_DISAGREE,
            "angry-words-calm-voice",
            text.TOUR_DISAGREE_TASK,
            text.TOUR_DISAGREE_QUESTION,
            text.TOUR_DISAGREE_ANSWERS,
            ask_alone,
            reveal_disagree,
        ),
        Step(
            text.TOUR_ED,
            "typed-joy-angry-voice",
            text.TOUR_ED_TASK,
            text.TOUR_ED_QUESTION,
            text.TOUR_ED_ANSWERS,
            ask_ed,
            reveal_ed,
        ),
        Step(
            text.TOUR_ATTENTION,
            "disgust",
            text.TOUR_ATTENTION_TASK,
            text.TOUR_ATTENTION_QUESTION,
            text.TOUR_ATTENTION_ANSWERS,
            ask_attention,
            reveal_attention,
        ),
    )


def build(pipeline: EmotionPipeline, concurrency: dict[str, Any], tabs: gr.Tabs) -> None:
    """Adds the tab's components and events to the current Blocks.

    Args:
        tabs: of the page; the tour ends where a visitor's own voice is read.
    """
    items = {item.id: item for item in load_gallery()}
    with gr.Column(elem_id="tour"):
        if not all(step.example in items for step in steps()):
            gr.Markdown(text.TOUR_NO_GALLERY)
            return
        gr.Markdown(text.TOUR_INTRO)
        with gr.Walkthrough(selected=1, elem_id="tour-steps") as walkthrough:
            for number, step in enumerate(steps(), start=1):
                with gr.Step(step.title, id=number, elem_id=f"tour-{number}"):
                    panel = StepPanel(pipeline, number, items[step.example])
                    panel.connect(walkthrough, tabs, concurrency)


class StepPanel:
    """One step: the example, the question, and the answer that is uncovered."""

    def __init__(self, pipeline: EmotionPipeline, number: int, item: GalleryItem) -> None:
        self._pipeline, self._number, self._item = pipeline, number, item
        step, last = self.step, number == len(steps())
        clip = None if item.audio is None else load_audio(item.audio)
        voice = i18n.each(lambda: player_html(clip, text.TOUR_LISTEN))
        self.encoded = gr.State(None, time_to_live=SESSION_SECONDS)
        gr.Markdown(f"## {number}. " + step.title)
        gr.Markdown(step.task)
        gr.HTML(example_html(item.spoken, "" if step.hidden_voice else voice))
        self.run = gr.Button(text.TOUR_RUN, variant="primary", elem_id=f"tour-run-{number}")
        self.asked = _Place(f"tour-asked-{number}")
        with gr.Column(visible=False, elem_id=f"tour-question-{number}") as self.question:
            gr.Markdown("**" + step.question + "**")
            self.guess = gr.Radio(
                [(answer, i) for i, answer in enumerate(step.answers)],
                label=step.question,
                show_label=False,
                elem_id=f"tour-guess-{number}",
            )
            self.reveal = gr.Button(
                text.TOUR_REVEAL, variant="primary", elem_id=f"tour-reveal-{number}"
            )
        self.listen = gr.HTML(voice, visible=False, elem_id=f"tour-listen-{number}")
        self.revealed = _Place(f"tour-revealed-{number}")
        with gr.Column(visible=False, elem_id=f"tour-learned-{number}") as self.learned:
            if last:
                gr.Markdown(text.TOUR_LEARNED)
        following = text.TOUR_YOUR_VOICE if last else text.TOUR_NEXT
        self.following = gr.Button(following, elem_id=f"tour-next-{number}")

    @property
    def step(self) -> Step:
        """In the language of the event; markers while the page is built."""
        return steps()[self._number - 1]

    def connect(
        self, walkthrough: gr.Walkthrough, tabs: gr.Tabs, concurrency: dict[str, Any]
    ) -> None:
        """Adds the events."""
        number = self._number
        event = {**QUIET, **concurrency}
        outputs = [
            self.encoded,
            self.question,
            self.guess,
            self.listen,
            self.learned,
            *self.asked.components,
            *self.revealed.components,
        ]
        asked = self.run.click(self.on_run, None, outputs, **event)
        asked.then(None, None, None, js=browser.show(f"tour-asked-{number}"), **QUIET)
        revealed = self.reveal.click(self.on_reveal, {self.guess, self.encoded}, outputs, **event)
        revealed.then(None, None, None, js=browser.show(f"tour-revealed-{number}"), **QUIET)
        if number < len(steps()):
            self.following.click(
                lambda: gr.Walkthrough(selected=number + 1), None, walkthrough, **QUIET
            )
        else:
            self.following.click(lambda: gr.Tabs(selected="analyse"), None, tabs, **QUIET)

    def on_run(self) -> Iterator[Updates]:
        yield {
            **self.asked.show(Answer(text.TOUR_WORKING)),
            **self.revealed.hide(),
            self.listen: gr.update(visible=False),
            self.question: gr.update(visible=False),
        }
        try:
            item = self._item
            utterance = self._pipeline.encode(item.audio, item.words, transcribe=False)
            yield {
                **self.asked.show(self.step.ask(self._pipeline, item, utterance)),
                self.encoded: utterance,
                self.question: gr.update(visible=True),
                self.guess: None,
            }
        except Exception as error:  # nothing may reach the page as a traceback
            yield self.asked.show(Answer(error_html(error)))

    def on_reveal(self, values: Values) -> Iterator[Updates]:
        utterance, guessed = values[self.encoded], values[self.guess]
        if utterance is None:  # the page was left alone for long
            yield self.revealed.show(Answer(text.TOUR_WAIT))
            return
        yield self.revealed.show(Answer(text.TOUR_WORKING))
        try:
            answer = self.step.reveal(self._pipeline, self._item, utterance)
            told = "" if guessed is None else self._judged(guessed, answer)
            yield {
                **self.revealed.show(replace(answer, said=told + answer.said)),
                self.listen: gr.update(visible=self.step.hidden_voice),
                self.learned: gr.update(visible=self._number == len(steps())),
            }
        except Exception as error:
            yield self.revealed.show(Answer(error_html(error)))

    def _judged(self, guessed: int, answer: Answer) -> str:
        """Markdown: the guess, and whether it is right."""
        answers = self.step.answers
        told = text.TOUR_GUESSED.format(guess=answers[guessed])
        if answer.right is None:
            return f"{told}\n\n"
        verdict = text.TOUR_RIGHT
        if guessed != answer.right:
            verdict = text.TOUR_WRONG.format(right=answers[answer.right])
        return f"{told} **{verdict}**\n\n"


class _Place:
    """Where an answer appears: its text, and its figures in the size for a projector."""

    def __init__(self, elem_id: str) -> None:
        self.said = gr.Markdown(visible=False, elem_id=elem_id, elem_classes="tour-said")
        with gr.Row():
            self.plots = [plot(f"{elem_id}-figure-{i}", False) for i in range(MAX_FIGURES)]
        self.components = [self.said, *self.plots]

    def show(self, answer: Answer) -> Updates:
        updates: Updates = {
            **self.hide(),
            self.said: gr.update(value=answer.said, visible=True),
        }
        for component, figure in zip(self.plots, answer.figures, strict=False):
            updates[component] = gr.update(value=style.for_projector(figure), visible=True)
        return updates

    def hide(self) -> Updates:
        return dict.fromkeys(self.components, gr.update(visible=False))


def example_html(words: str, voice: str) -> str:
    return f'<blockquote class="tour-words">“{html.escape(words)}”</blockquote>{voice}'


def _told(analysis: Analysis) -> dict[str, str]:
    """The values of the placeholders in the tour's sentences that the analysis can fill."""
    told: dict[str, str] = {}

    def tell(name: str, value: float | None, form: str) -> None:
        if value is not None:
            told[name] = format(value, form)

    predictions = {"fused": analysis.fused, "voice": analysis.audio, "words": analysis.text}
    for name, prediction in predictions.items():
        if prediction is not None:
            told[name] = emotion_name(prediction.emotion)
            tell(f"{name}_p", prediction.confidence, ".2f")
    for attention in analysis.attention[:1]:
        for name, values, form in (
            ("share", attention.share, ".0%"),
            ("baseline", attention.baseline, ".0%"),
            ("lift", attention.lift, ".2f"),
        ):
            tell(f"{name}_voice", values.audio, form)
            tell(f"{name}_words", values.text, form)
    if analysis.shapley is not None:
        phi = analysis.shapley.phi
        tell("phi_voice", phi.audio, "+.2f")
        tell("phi_words", phi.text, "+.2f")
        if phi.audio is not None and phi.text is not None:
            told["leader"] = (
                text.TOUR_LEADER_VOICE if phi.audio > phi.text else text.TOUR_LEADER_WORDS
            )
    if (evidence := analysis.inconsistency) is not None:
        tell("ed", evidence.discrimination, ".2f")
        tell("threshold", evidence.threshold, ".2f")
        tell("divergence", evidence.divergence, ".2f")
        tell("shift", evidence.neutral_shift, ".2f")
        told["finding"] = (
            text.TOUR_CONTRADICTION if evidence.inconsistent else text.TOUR_NO_CONTRADICTION
        )
    return told
