"""One step of the tour on the page: the example, the question, the answer that is uncovered."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr

from drkf.audio.clip import load_audio
from drkf.figures import style
from drkf.gallery import GalleryItem
from drkf.pipeline import EmotionPipeline
from drkf.ui import browser
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.events import AT_ONCE, QUIET, Updates, Values, cumulative
from drkf.ui.parts import error_html, player_html, plot
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import page as text
from drkf.ui.tour.steps import Answer, Step, steps
from drkf.ui.tour.votes import TourPoll, TourVotes, told_by_class

MAX_FIGURES = 2


class StepPanel:
    """One step: the example, the question, and the answer that is uncovered."""

    def __init__(
        self, pipeline: EmotionPipeline, number: int, item: GalleryItem, votes: TourVotes
    ) -> None:
        self._pipeline, self._number, self._item = pipeline, number, item
        self._votes = votes
        step, last = self.step, number == len(steps())
        clip = None if item.audio is None else load_audio(item.audio)
        voice = i18n.each(lambda: player_html(clip, text.TOUR_LISTEN))
        self.encoded = gr.State(None, time_to_live=SESSION_SECONDS)
        self.poll = gr.State(None)
        self.tick = gr.Timer(1.0, active=False)
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
            self.count = gr.HTML(
                visible=False,
                html_template='<div aria-live="polite">${value}</div>',
                elem_id=f"tour-count-{number}",
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
            *(self.encoded, self.question, self.guess, self.listen, self.learned),
            *(self.poll, self.count, self.tick),
            *self.asked.components,
            *self.revealed.components,
        ]
        asked = self.run.click(self.on_run, None, outputs, **event)
        asked.then(None, None, None, js=browser.show(f"tour-asked-{number}"), **QUIET)
        given: set[Any] = {self.guess, self.encoded, self.poll}
        revealed = self.reveal.click(self.on_reveal, given, outputs, **event)
        self.tick.tick(self.on_tick, self.poll, [self.count, self.tick], **AT_ONCE)
        revealed.then(None, None, None, js=browser.show(f"tour-revealed-{number}"), **QUIET)
        if number < len(steps()):
            self.following.click(
                lambda: gr.Walkthrough(selected=number + 1), None, walkthrough, **QUIET
            )
        else:
            self.following.click(lambda: gr.Tabs(selected="analyse"), None, tabs, **QUIET)

    @cumulative
    def on_run(self, request: gr.Request) -> Iterator[Updates]:
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
                **self._open_question(request.session_hash or ""),
            }
        except Exception as error:  # nothing may reach the page as a traceback
            yield self.asked.show(Answer(error_html(error)))

    def _open_question(self, owner: str) -> Updates:
        """Phones answer it, or else whoever sits at this page."""
        poll = self._votes.ask(owner)
        count = None if poll is None else self._votes.count(owner, poll)
        return {
            self.poll: poll,
            self.guess: gr.update(value=None, visible=poll is None),
            self.count: gr.update(value=count, visible=poll is not None),
            self.tick: gr.Timer(active=poll is not None),
        }

    def on_tick(self, poll: TourPoll | None, request: gr.Request) -> Updates:
        count = None if poll is None else self._votes.count(request.session_hash or "", poll)
        if count is None:
            return {self.tick: gr.Timer(active=False)}
        return {self.count: count}

    @cumulative
    def on_reveal(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        utterance, guessed = values[self.encoded], values[self.guess]
        if utterance is None:  # the page was left alone for long
            yield self.revealed.show(Answer(text.TOUR_WAIT))
            return
        yield self.revealed.show(Answer(text.TOUR_WORKING))
        try:
            answer = self.step.reveal(self._pipeline, self._item, utterance)
            told = "" if guessed is None else self._judged(guessed, answer)
            if (asked := values[self.poll]) is not None:
                done = self._votes.uncover(request.session_hash or "", asked, answer.right)
                told = "" if done is None else told_by_class(done)
            yield {
                self.tick: gr.Timer(active=False),
                self.count: gr.update(visible=False),
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
