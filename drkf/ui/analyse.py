"""The tab "Try": speak or type, then see the emotion, who decided, and any contradiction."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.analysis import Analysis, Transcript
from drkf.errors import AudioError, shorten
from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui import browser
from drkf.ui.about import about_model
from drkf.ui.answer import Answering
from drkf.ui.counterfactuals import CounterfactualPanel
from drkf.ui.events import AT_ONCE, QUIET, Updates, Values, cumulative
from drkf.ui.evidence import Evidence
from drkf.ui.parts import error_html, recorder, status_html, steps_html
from drkf.ui.server import class_mode
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import page as text
from drkf.ui.verdict import verdict_html
from drkf.ui.voice import VoicePanel
from drkf.whatif.edits import Edit
from drkf.whatif.suggestions import Suggestion

SESSION_SECONDS = 3600
SAID_SHOWN = 400  # characters of what was said in another language
TAB = "analyse"


@dataclass(frozen=True)
class Session:
    """What a visitor's page last analysed.

    ``digest`` names the clip by its content, because one clip has several paths on the server.
    ``analysis`` is None until it has been explained. ``suggestions`` are what would change the
    answer, once they have been asked for; ``edits`` are those that the lab is to open with.
    """

    utterance: Utterance
    digest: str | None
    example: bool = False
    analysis: Analysis | None = None
    suggestions: tuple[Suggestion, ...] = ()
    edits: tuple[Edit, ...] = ()

    @property
    def words_are_own(self) -> bool:
        """The visitor typed the words: they stay when another clip comes."""
        return self.utterance.transcript.source == "typed" and not self.example


def build(
    pipeline: EmotionPipeline,
    uploads: Uploads,
    concurrency: dict[str, Any],
    tabs: gr.Tabs,
    lab: str,
) -> AnalyseTab:
    """Adds the tab's components and events to the current Blocks.

    Args:
        lab: the id of the lab's tab among ``tabs``, where a change is opened.
    """
    tab = AnalyseTab(pipeline, uploads)
    tab.connect(concurrency, tabs, lab)
    return tab


class AnalyseTab:
    """The components, and what events do with them.

    ``session`` is the state that holds each visitor's ``Session``, None before there is one.
    """

    def __init__(self, pipeline: EmotionPipeline, uploads: Uploads) -> None:
        self._pipeline, self._uploads = pipeline, uploads
        self._hears = not class_mode.on_this_page()
        self._items = {item.id: item for item in load_gallery()}
        clips = [item.audio for item in self._items.values() if item.audio is not None]
        self._examples = {_digest(str(clip)) for clip in clips}
        self.session = gr.State(None, time_to_live=SESSION_SECONDS)
        self.chosen = gr.State(None)
        with gr.Row():
            with gr.Column(scale=2, min_width=320, elem_id="input"):
                self._add_input()
                self.voice = VoicePanel(pipeline, uploads, SESSION_SECONDS)
                self._add_examples()
                with gr.Accordion(text.MODEL_ACCORDION, open=False):
                    gr.Markdown(i18n.each(lambda: about_model(pipeline)))
            with gr.Column(scale=5, min_width=320):
                self.verdict = gr.HTML(
                    self._nothing_yet(),
                    html_template='<div aria-live="polite">${value}</div>',
                    elem_id="verdict",
                )
                self.voice.add_comparison()
                self.evidence = Evidence()
                self.change = CounterfactualPanel(pipeline)
        self.answering = Answering(pipeline, self.evidence)
        self.outputs = [
            self.session,
            self.words,
            self.verdict,
            self.examples,
            *self.voice.outputs,
            *self.evidence.components,
            *self.change.components,
        ]

    def _nothing_yet(self) -> str:
        return status_html(text.STATUS_EMPTY if self._hears else text.STATUS_EMPTY_CLASS)

    def _add_input(self) -> None:
        self.audio = recorder(text.AUDIO_LABEL, "audio", "microphone")
        self.words = gr.Textbox(
            label=text.WORDS_LABEL,
            info=text.WORDS_HINT,
            placeholder=text.WORDS_PLACEHOLDER,
            lines=1,
            max_lines=6,
            elem_id="words",
        )
        with gr.Row():
            self.analyse = gr.Button(
                text.ANALYSE_BUTTON, variant="primary", min_width=100, elem_id="analyse"
            )
            self.clear = gr.Button(text.CLEAR_BUTTON, min_width=100, elem_id="clear")

    def _add_examples(self) -> None:
        """A row of buttons for each thing that an example shows."""
        rows = (
            (text.EXAMPLES_DISAGREE, "examples-disagree", ("contradict",)),
            (text.EXAMPLES_NEUTRAL, "examples-neutral", ("emotion in audio", "emotion in text")),
            (text.EXAMPLES_AGREE, "examples-agree", ("agree",)),
            (text.EXAMPLES_WORDS, "examples-words", (None,)),
        )
        #: The button of each example -> its id.
        self.buttons: dict[Any, str] = {}
        opened = bool(self._items)
        with gr.Accordion(text.EXAMPLES, open=True, visible=opened, elem_id="examples") as part:
            for heading, elem_id, shown in rows:
                gr.Markdown(heading, elem_classes="caveat")
                with gr.Row(elem_id=elem_id, elem_classes="chips"):
                    # What was meant to contradict itself comes first.
                    for item in sorted(self._items.values(), key=lambda item: item.agree):
                        if item.shows in shown:
                            title = text.EXAMPLE_TITLES.get(item.id, item.title)
                            button = gr.Button(
                                title,
                                size="sm",
                                min_width=40,
                                scale=0,
                                elem_id=f"example-{item.id}",
                            )
                            self.buttons[button] = item.id
            gr.Markdown(text.EXAMPLES_NOTE, elem_classes="caveat")
        self.examples = part

    def connect(self, concurrency: dict[str, Any], tabs: gr.Tabs, lab: str) -> None:
        """Adds the events; ``lab`` is the id of the lab among ``tabs``."""
        model_event = {**QUIET, **concurrency}  # the verdict says what is going on
        inputs: set[Any] = {
            *(self.audio, self.words, self.session),
            *self.voice.inputs,
            self.evidence.attention_method,
        }
        clips = [self.audio.stop_recording, self.audio.upload]
        typed = [self.words.submit, self.analyse.click]
        # Two steps: a value that one yield of a generator sets and the next leaves out comes
        # back from the page damaged, and so the clip is no output of the second.
        chosen = gr.on(
            [button.click for button in self.buttons],
            self.show_example,
            None,
            [self.chosen, self.audio, self.words, self.verdict],
            **AT_ONCE,
        )
        of_example: set[Any] = {
            self.chosen,
            *self.voice.inputs,
            self.evidence.attention_method,
        }
        running = [
            gr.on(clips, self.on_clip, inputs, self.outputs, **model_event),
            gr.on(typed, self.on_words, inputs, self.outputs, **model_event),
            chosen.then(self.run_example, of_example, self.outputs, **model_event),
        ]
        explaining: set[Any] = {self.session, self.evidence.attention_method}
        attention = [self.evidence.attention, self.evidence.attention_caveat]
        for event in running:  # it may have been chosen anew while the run was under way
            event.then(self.on_attention, explaining, attention, **AT_ONCE)
        for start in (*clips, *typed, *(button.click for button in self.buttons)):
            start(None, None, None, js=browser.show_answer("verdict"), **AT_ONCE)
        self.evidence.attention_method.input(
            self.on_attention, explaining, attention, trigger_mode="always_last", **AT_ONCE
        )
        self.voice.connect(self.session, concurrency)
        self.change.connect(self.session, tabs, lab, model_event)
        self.audio.clear(self.on_audio_cleared, self.session, [self.session, self.words], **AT_ONCE)
        self.clear.click(
            self.on_clear, None, [self.audio, *self.outputs], cancels=running, **AT_ONCE
        )

    def show_error(self, error: Exception) -> Updates:
        """The message takes the verdict's place, and no older evidence stands under it."""
        return {
            self.verdict: error_html(error),
            **self.voice.hide_comparison(),
            **self.evidence.hide(),
            **self.change.hide(),
        }

    def look(
        self, utterance: Utterance, digest: str | None, values: Values, example: bool = False
    ) -> Iterator[Updates]:
        """Words first, then the prediction, then the explanation."""
        now = Session(utterance, digest, example)
        yield {
            self.session: now,
            self.words: words_update(utterance.transcript, example),
            self.verdict: steps_html(_steps(utterance.clip is not None), "deciding"),
            **self.change.hide(),
        }
        attention = values[self.evidence.attention_method]
        for answer in self.answering.steps(utterance, attention):
            if answer.explained:
                yield {
                    self.session: replace(now, analysis=answer.analysis),
                    self.verdict: verdict_html(answer.analysis),
                    **answer.updates,
                    **self.change.offer(),
                }
            else:
                status = text.STATUS_EXPLAINING
                yield {
                    self.verdict: verdict_html(answer.analysis, status=status),
                    self.examples: gr.update(open=False),
                    **self.voice.show_comparison(utterance, answer.analysis, values),
                    **answer.updates,
                }

    def on_attention(self, values: Values) -> Updates:
        """Another way to follow attention to the same answer; nothing is computed anew."""
        last: Session | None = values[self.session]
        if last is None or last.analysis is None:  # the run that is under way will use it
            return {self.evidence.attention: gr.skip()}
        method = values[self.evidence.attention_method]
        return self.evidence.show_attention(last.analysis, method)

    def forget(self, last: Session | None) -> Updates:
        """Forgets the clip, and with it the words that the visitor did not type."""
        if last is None or last.words_are_own:
            return {self.session: None}
        return {self.session: None, self.words: no_words()}

    def start(
        self, values: Values, typed: str, digest: str | None, request: gr.Request
    ) -> Iterator[Updates]:
        """A clip or a sentence that has not been encoded yet."""
        path = values[self.audio]
        if path is not None:
            self._uploads.replace(request.session_hash or "", TAB, path)
        steps = _steps(path is not None)
        yield {self.verdict: steps_html(steps, steps[0])}
        heard = self._pipeline.listen(path, typed or None, transcribe=not typed)
        yield {self.verdict: steps_html(steps, "deciding")}
        utterance, own = self._pipeline.encode_heard(heard), self._own(digest)
        yield {self.verdict: gr.skip(), **self.voice.hearing(utterance, own, values)}
        yield from self.look(self.voice.beside(utterance, own, values), digest, values)

    def _own(self, digest: str | None) -> str | None:
        """The name of a recording of the visitor's; None for an example, whose voice is its own."""
        return None if digest in self._examples else digest

    @cumulative
    def on_clip(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """A recording stopped or a file was chosen.

        Words that were typed while there was no clip are meant for this one; words that belong
        to an earlier clip are not.
        """
        last: Session | None = values[self.session]
        typed = values[self.words].strip()
        if last is not None and (last.digest is not None or not last.words_are_own):
            typed = ""
        try:
            yield from self.start(values, typed, _digest(values[self.audio]), request)
        except Exception as error:  # nothing may reach the page as a traceback
            yield {**self.forget(last), **self.show_error(error)}

    @cumulative
    def on_words(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Enter or the button: the clip, if it is the one analysed last, is not encoded again."""
        last: Session | None = values[self.session]
        typed = values[self.words].strip()
        try:
            digest = _digest(values[self.audio])
            if last is None or digest is None or last.digest != digest:
                yield from self.start(values, typed, digest, request)
                return
            utterance, example = last.utterance, last.example
            if typed != utterance.transcript.text:
                yield {self.verdict: steps_html(_steps(True), "words")}
                utterance, example = self._pipeline.with_text(utterance, typed), False
            utterance = self.voice.beside(utterance, self._own(digest), values)
            yield from self.look(utterance, digest, values, example)
        except Exception as error:
            yield self.show_error(error)

    def show_example(self, event: gr.EventData, request: gr.Request) -> Updates:
        """Puts the clip and its words in their places."""
        item = self._items[self.buttons[event.target]]
        self._uploads.replace(request.session_hash or "", TAB, None)
        steps = _steps(item.audio is not None)
        return {
            self.chosen: item.id,
            self.audio: None if item.audio is None else str(item.audio),
            self.words: gr.update(value=item.words),
            self.verdict: steps_html(steps, steps[0]),
        }

    @cumulative
    def run_example(self, values: Values) -> Iterator[Updates]:
        """The clip with the words that it is known to say, or with those typed over it."""
        item: GalleryItem = self._items[values[self.chosen]]
        path = None if item.audio is None else str(item.audio)
        try:
            utterance = self._pipeline.encode(audio=path, text=item.words, transcribe=False)
            yield from self.look(utterance, _digest(path), values, example=True)
        except Exception as error:
            yield self.show_error(error)

    def on_audio_cleared(self, last: Session | None, request: gr.Request) -> Updates:
        """The clip was removed: it is deleted on the server."""
        self._uploads.replace(request.session_hash or "", TAB, None)
        return self.forget(last)

    def on_clear(self, request: gr.Request) -> Updates:
        """Empties the tab; the clip is deleted on the server."""
        self._uploads.replace(request.session_hash or "", TAB, None)
        return {
            self.session: None,
            self.audio: None,
            self.words: no_words(),
            self.verdict: self._nothing_yet(),
            self.examples: gr.update(open=True),
            **self.voice.hide_comparison(),
            **self.evidence.hide(),
            **self.change.hide(),
        }


def _steps(with_clip: bool) -> tuple[str, ...]:
    """What is done in turn; keys of ``text.STEPS``."""
    return ("hearing", "words", "deciding") if with_clip else ("words", "deciding")


def _digest(path: str | None) -> str | None:
    """Names a clip by its content."""
    if path is None:
        return None
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise AudioError(text.CLIP_GONE) from None


def words_update(transcript: Transcript, example: bool = False) -> Any:
    """The words box: what the model read, where it came from, and what was said if that is not
    English; it stays there while the visitor corrects the translation."""
    if transcript.source == "asr":
        label = text.WORDS_LABEL_TRANSLATED if transcript.said else text.WORDS_LABEL_RECOGNISED
        language = "" if transcript.language is None else f": {transcript.language}"
        said = None if not transcript.said else html.escape(shorten(transcript.said, SAID_SHOWN))
        hint = text.WORDS_HINT if said is None else text.WORDS_SAID.format(said=said)
        return gr.update(value=transcript.text, label=label.format(language=language), info=hint)
    if transcript.source == "typed" and not example:
        return gr.update(value=transcript.text, label=text.WORDS_LABEL_TYPED)
    label = text.WORDS_LABEL_KNOWN if example else text.WORDS_LABEL_NONE
    return gr.update(value=transcript.text, label=label, info=text.WORDS_HINT)


def no_words() -> Any:
    """The words box before there is anything."""
    return gr.update(value="", label=text.WORDS_LABEL, info=text.WORDS_HINT)
