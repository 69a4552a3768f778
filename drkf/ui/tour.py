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
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.evidence import Updates
from drkf.ui.parts import error_html, player_html, plot
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.verdict import emotion_name

MAX_FIGURES = 2


@dataclass(frozen=True)
class Answer:
    """What the model says: Markdown, and at most ``MAX_FIGURES`` figures."""

    said: str
    figures: tuple[go.Figure, ...] = ()


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
    analysis = pipeline.predict(pipeline.encode(text=item.spoken))
    return Answer(
        text.TOUR_ONE_ASKED.format(**_told(analysis)),
        (figures.probabilities(analysis, text_figures.WORDING),),
    )


def reveal_one(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    both = pipeline.predict(utterance)
    voice = pipeline.predict(pipeline.with_text(utterance, None))
    told = _told(both)
    lesson = text.TOUR_ONE_SAME if told["voice"] == told["words"] else text.TOUR_ONE_DIFFERENT
    return Answer(
        f"{text.TOUR_ONE_REVEAL.format(**told)} {lesson}",
        (figures.probabilities(voice, text_figures.WORDING),),
    )


def ask_alone(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    return Answer(text.TOUR_ALONE_ASKED.format(**_told(pipeline.predict(utterance))))


def reveal_agree(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    analysis = pipeline.predict(utterance)
    told = _told(analysis)
    # How sure each half is of the answer that both together give.
    label = analysis.fused.labels.index(analysis.emotion)
    alone = [p.probabilities[label] for p in (analysis.audio, analysis.text) if p is not None]
    if analysis.fused.confidence > max(alone):
        lesson = text.TOUR_AGREE_SURER
    elif analysis.fused.confidence < min(alone):
        lesson = text.TOUR_AGREE_LESS
    else:
        lesson = text.TOUR_AGREE_BETWEEN
    said = (text.TOUR_AGREE_REVEAL, lesson, text.TOUR_AGREE_INCONSISTENCY)
    return Answer(
        " ".join(said).format(**told), (figures.probabilities(analysis, text_figures.WORDING),)
    )


def reveal_disagree(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    analysis = with_shapley(pipeline, utterance)
    return Answer(
        text.TOUR_DISAGREE_REVEAL.format(**_told(analysis)),
        (
            figures.probabilities(analysis, text_figures.WORDING),
            figures.shapley(analysis, text_figures.WORDING),
        ),
    )


def ask_ed(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    analysis = pipeline.predict(pipeline.with_text(utterance, item.spoken))
    return Answer(
        text.TOUR_ED_ASKED.format(**_told(analysis), typed=item.words),
        (figures.inconsistency_gauge(analysis, text_figures.WORDING),),
    )


def reveal_ed(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    before = _told(pipeline.predict(pipeline.with_text(utterance, item.spoken)))
    analysis = pipeline.with_shift(utterance, pipeline.predict(utterance))
    said = f"{text.TOUR_ED_REVEAL} {text.TOUR_ED_READINGS}"
    return Answer(
        said.format(**_told(analysis), ed_before=before["ed"]),
        (
            figures.inconsistency_gauge(analysis, text_figures.WORDING),
            figures.inconsistency_readings(analysis, text_figures.WORDING),
        ),
    )


def ask_attention(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    return Answer(text.TOUR_ATTENTION_ASKED.format(**_told(pipeline.predict(utterance))))


def reveal_attention(pipeline: EmotionPipeline, item: GalleryItem, utterance: Utterance) -> Answer:
    analysis = with_shapley(pipeline, utterance)
    said = f"{text.TOUR_ATTENTION_REVEAL} {text.TOUR_ATTENTION_CHECK}"
    return Answer(
        said.format(**_told(analysis)),
        (
            figures.attention(analysis, wording=text_figures.WORDING),
            figures.shapley(analysis, text_figures.WORDING),
        ),
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


def build(pipeline: EmotionPipeline, concurrency: dict[str, Any]) -> None:
    """Adds the tab's components and events to the current Blocks."""
    items = {item.id: item for item in load_gallery()}
    with gr.Column(elem_id="tour"):
        if not all(step.example in items for step in steps()):
            gr.Markdown(text.TOUR_NO_GALLERY)
            return
        gr.Markdown(text.TOUR_INTRO)
        with gr.Walkthrough(selected=1, elem_id="tour-steps") as walkthrough:
            for number, step in enumerate(steps(), start=1):
                with gr.Step(step.title, id=number, elem_id=f"tour-{number}"):
                    _build_step(
                        pipeline, number, step, items[step.example], walkthrough, concurrency
                    )


def _build_step(
    pipeline: EmotionPipeline,
    number: int,
    step: Step,
    item: GalleryItem,
    walkthrough: gr.Walkthrough,
    concurrency: dict[str, Any],
) -> None:
    clip = None if item.audio is None else load_audio(item.audio)
    voice = i18n.each(lambda: player_html(clip, text.TOUR_LISTEN))
    encoded = gr.State(None, time_to_live=SESSION_SECONDS)
    gr.Markdown(f"## {number}. " + step.title)
    gr.Markdown(step.task)
    gr.HTML(example_html(item.spoken, "" if step.hidden_voice else voice))
    run = gr.Button(text.TOUR_RUN, variant="primary", elem_id=f"tour-run-{number}")
    asked = _Place(f"tour-asked-{number}")
    with gr.Column(visible=False, elem_id=f"tour-question-{number}") as question:
        gr.Markdown(f"**{step.question}**")
        guess = gr.Radio(
            [(answer, i) for i, answer in enumerate(step.answers)],
            label=step.question,
            show_label=False,
            elem_id=f"tour-guess-{number}",
        )
        reveal = gr.Button(text.TOUR_REVEAL, variant="primary", elem_id=f"tour-reveal-{number}")
    listen = gr.HTML(voice, visible=False, elem_id=f"tour-listen-{number}")
    revealed = _Place(f"tour-revealed-{number}")
    if number < len(steps()):
        following = gr.Button(text.TOUR_NEXT, elem_id=f"tour-next-{number}")
        following.click(
            lambda: gr.Walkthrough(selected=number + 1), None, walkthrough, api_visibility="private"
        )

    def on_run() -> Iterator[Updates]:
        yield {
            **asked.show(Answer(text.TOUR_WORKING)),
            **revealed.hide(),
            listen: gr.update(visible=False),
            question: gr.update(visible=False),
        }
        try:
            utterance = pipeline.encode(item.audio, item.words, transcribe=False)
            yield {
                **asked.show(step.ask(pipeline, item, utterance)),
                encoded: utterance,
                question: gr.update(visible=True),
                guess: None,
            }
        except Exception as error:  # nothing may reach the page as a traceback
            yield asked.show(Answer(error_html(error)))

    def on_reveal(guessed: int | None, utterance: Utterance | None) -> Iterator[Updates]:
        if utterance is None:  # the page was left alone for long
            yield revealed.show(Answer(text.TOUR_WAIT))
            return
        yield revealed.show(Answer(text.TOUR_WORKING))
        try:
            answer = step.reveal(pipeline, item, utterance)
            start = ""
            if guessed is not None:
                guess = steps()[number - 1].answers[guessed]
                start = text.TOUR_GUESSED.format(guess=guess) + "\n\n"
            yield {
                **revealed.show(replace(answer, said=start + answer.said)),
                listen: gr.update(visible=step.hidden_voice),
            }
        except Exception as error:
            yield revealed.show(Answer(error_html(error)))

    event: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", **concurrency}
    outputs = [encoded, question, guess, listen, *asked.components, *revealed.components]
    run.click(on_run, None, outputs, **event)
    reveal.click(on_reveal, [guess, encoded], outputs, **event)


class _Place:
    """Where an answer appears: its words, and figures as large as a projector wants them."""

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
    """The placeholders of the tour's sentences, as far as the analysis fills them."""
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
