"""Whose voice the model is tuned to: three sentences, every recording more, and what it changes."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import gradio as gr

from drkf.analysis import Analysis, Prediction
from drkf.conversation.tuning import sentences_in
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.speakers import SessionVoice
from drkf.ui.events import AT_ONCE, QUIET, Updates, Values
from drkf.ui.parts import error_html, recorder
from drkf.ui.server import class_mode
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import voice as text
from drkf.ui.verdict import emotion_name, percent

TAB = "voice"
NEW = SessionVoice()


def can_be_tuned(pipeline: EmotionPipeline) -> bool:
    """Whether the page that is being built hears voices, and its model makes use of knowing one."""
    return pipeline.uses_voice_reference and not class_mode.on_this_page()


class VoicePanel:
    """Adds its components to the current Blocks; none where no voice can be known.

    Args:
        seconds: for which a session's voice is kept unused.
    """

    def __init__(self, pipeline: EmotionPipeline, uploads: Uploads, seconds: int) -> None:
        self._pipeline, self._uploads = pipeline, uploads
        self.present = can_be_tuned(pipeline)
        self.known = gr.State(None, time_to_live=seconds)
        if not self.present:
            return
        with gr.Column(elem_id="voice", elem_classes="card"):
            gr.Markdown("### " + text.VOICE)
            self.told = gr.HTML(
                i18n.each(lambda: known_html(NEW)),
                html_template='<div aria-live="polite">${value}</div>',
                elem_id="voice-told",
            )
            with gr.Column(visible=False) as self.controls:
                self.compare = gr.Checkbox(
                    False, label=text.COMPARE, container=False, elem_id="voice-compare"
                )
                self.restart = gr.Button(text.SOMEONE_ELSE, size="sm", elem_id="voice-restart")
            with gr.Accordion(text.TUNE, open=False, elem_id="voice-tune", elem_classes="fold"):
                gr.Markdown(text.TUNE_HELP)
                gr.HTML(i18n.each(sentences_html), elem_id="voice-sentences")
                self.audio = recorder(text.TUNE_AUDIO, "voice-audio", "microphone")
                gr.Markdown(text.HELP, elem_classes="caveat")

    def add_comparison(self) -> None:
        """Adds the place where both answers stand side by side, below the answer."""
        if self.present:
            self.comparison = gr.HTML(visible=False, elem_id="voice-comparison")

    @property
    def inputs(self) -> set[Any]:
        """What ``beside``, ``hearing`` and ``show_comparison`` need of an event."""
        return {self.known, self.compare} if self.present else set()

    @property
    def outputs(self) -> list[Any]:
        return [self.known, self.told, self.controls, self.comparison] if self.present else []

    def connect(self, session: gr.State, concurrency: dict[str, Any]) -> None:
        """Adds the events.

        Args:
            session: the state of what was analysed last.
        """
        if not self.present:
            return
        work = {**QUIET, **concurrency}
        gr.on(
            [self.audio.stop_recording, self.audio.upload],
            self.on_tune,
            {self.audio, self.known},
            [*self.outputs, self.audio],
            **work,
        )

        def on_compare(values: Values) -> Updates:
            last = values[session]
            if last is None or last.analysis is None:
                return {self.comparison: gr.skip()}
            return self.show_comparison(last.utterance, last.analysis, values)

        self.compare.input(on_compare, {session, self.compare}, self.comparison, **work)
        self.restart.click(
            lambda: {**self.show(NEW), self.comparison: gr.update(visible=False)},
            None,
            self.outputs,
            **AT_ONCE,
        )

    def on_tune(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Three sentences were read aloud, or any number."""
        path, known = values[self.audio], values[self.known] or NEW
        yield {self.told: f"<p>{html.escape(text.TUNING)}</p>"}
        visitor = request.session_hash or ""
        self._uploads.add(visitor, TAB, path)
        try:
            for sentence in sentences_in(self._pipeline, path):
                known = known.with_recording(sentence)
            yield {**self.show(known, text.TUNED), self.audio: None}
        except Exception as error:  # nothing may reach the page as a traceback
            yield {self.told: known_html(known) + error_html(error), self.audio: None}
        finally:
            self._uploads.remove(visitor, TAB, path)

    def beside(self, utterance: Utterance, clip: str | None, values: Values) -> Utterance:
        """The utterance, read beside the visitor's other recordings.

        Args:
            clip: names its recording by the content.
        """
        if not self.present or clip is None:
            return utterance
        known: SessionVoice = values[self.known] or NEW
        return known.beside(self._pipeline, utterance, clip)

    def hearing(self, utterance: Utterance, clip: str | None, values: Values) -> Updates:
        """The visitor's recording tells of the voice from now on."""
        if not self.present or clip is None:
            return {}
        return self.show((values[self.known] or NEW).with_recording(utterance, clip))

    def show(self, known: SessionVoice, more: str = "") -> Updates:
        if not self.present:
            return {}
        return {
            self.known: known,
            self.told: known_html(known, more),
            self.controls: gr.update(visible=known.recordings > 0),
        }

    def show_comparison(self, utterance: Utterance, analysis: Analysis, values: Values) -> Updates:
        """Both answers, where they are wanted and the voice is known; nothing is encoded again."""
        if not self.present:
            return {}
        if not values[self.compare] or utterance.voice is None:
            return self.hide_comparison()
        alone = self._pipeline.predict(self._pipeline.with_voice(utterance, None))
        shown = both_answers_html(alone.fused, analysis.fused, int(utterance.voice.count))
        return {self.comparison: gr.update(value=shown, visible=True)}

    def hide_comparison(self) -> Updates:
        return {self.comparison: gr.update(visible=False)} if self.present else {}


def known_html(known: SessionVoice, more: str = "") -> str:
    """Whose voice it is tuned to."""
    count = known.recordings
    said = i18n.counted(text.KNOWN, count) if count else text.NEW
    return f"<p>{said}</p>" + (f"<p>{html.escape(more)}</p>" if more else "")


def sentences_html() -> str:
    return "<ol>" + "".join(f"<li>{html.escape(one)}</li>" for one in text.SENTENCES) + "</ol>"


def both_answers_html(without: Prediction, known: Prediction, others: int) -> str:
    """The answer without and with what is known of the voice, side by side.

    Args:
        others: how many other recordings of the voice are known.
    """
    rows = "".join(
        f'<tr><th scope="row">{html.escape(emotion_name(label))}</th>'
        f"{_cell(without, label)}{_cell(known, label)}</tr>"
        for label in known.labels
    )
    if without.emotion == known.emotion:
        said = text.COMPARISON_SAME.format(emotion=emotion_name(known.emotion))
    else:
        said = text.COMPARISON_OTHER.format(
            without=emotion_name(without.emotion), known=emotion_name(known.emotion)
        )
    return (
        f"<h3>{html.escape(text.COMPARISON)}</h3><p>{html.escape(said)}</p>"
        f'<table><thead><tr><td></td><th scope="col">{html.escape(text.WITHOUT)}</th>'
        f'<th scope="col">{html.escape(i18n.counted(text.WITH, others))}</th></tr></thead>'
        f'<tbody>{rows}</tbody></table><p class="caveat">{html.escape(text.COMPARISON_NOTE)}</p>'
    )


def _cell(answer: Prediction, label: str) -> str:
    probability = answer.as_mapping()[label]
    strong = label == answer.emotion
    number = f"<b>{percent(probability)}</b>" if strong else percent(probability)
    return (
        f'<td><span class="voice-number">{number}</span>'
        f'<span class="side-bar of-voice"><i style="width:{probability:.0%}"></i></span></td>'
    )
