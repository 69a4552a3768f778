"""What happens in the lab: a start is chosen, a control moves, a scenario is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.audio.clip import Clip, load_audio
from drkf.errors import NoInputError, ScenarioError
from drkf.gallery import GalleryItem
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui import browser
from drkf.ui.analyse import Session
from drkf.ui.events import Updates, Values, cumulative
from drkf.ui.parts import error_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import page as text
from drkf.ui.whatif.controls import OTHER, ControlPanel, Controls
from drkf.ui.whatif.keep import KeepPanel
from drkf.ui.whatif.result import ResultPanel
from drkf.ui.whatif.state import CURRENT, FILE, TAB, Lab, recordings
from drkf.whatif.application import apply_edits
from drkf.whatif.comparison import compare
from drkf.whatif.edits import Edit, SwapVoice
from drkf.whatif.scenario import Scenario
from drkf.whatif.voices import Recording

FIRST_START = "angry-words-calm-voice"


class LabEvents:
    """The events of the lab's panels.

    Args:
        items: the gallery by id.
        session: the state of the tab "Analyse".
        lab: the state with a visitor's ``Lab``.
    """

    def __init__(
        self,
        pipeline: EmotionPipeline,
        uploads: Uploads,
        items: Mapping[str, GalleryItem],
        session: gr.State,
        lab: gr.State,
        controls: ControlPanel,
        result: ResultPanel,
        keep: KeepPanel,
    ) -> None:
        self._pipeline, self._uploads, self._items = pipeline, uploads, items
        self._session, self._lab = session, lab
        self._controls, self._result, self._keep = controls, result, keep

    def connect(self, tab: gr.Tab, event: Mapping[str, Any]) -> None:
        """Adds the events, with the options of the model's work.

        Args:
            tab: takes over the utterance analysed last when it is opened.
        """
        controls, result, keep = self._controls, self._result, self._keep
        everything = [
            controls.source,
            controls.other,
            controls.sound,
            *controls.components,
            self._lab,
            *result.components,
            keep.link,
        ]
        beginning: set[Any] = {controls.source, self._session, self._lab, keep.embed}
        changes: set[Any] = {self._lab, keep.embed, *controls.components}
        tab.select(self.on_open, beginning, everything, **event)
        controls.source.input(self.on_source, beginning, everything, **event)
        answered = [
            controls.words.submit(self.on_words, changes, everything, **event),
            controls.voice.input(self.on_voice, changes, everything, **event),
            gr.on(
                [controls.other.upload, controls.other.stop_recording],
                self.on_other,
                {controls.other, *changes},
                everything,
                **event,
            ),
            gr.on(
                [control.input for control in controls.moved],
                self.on_change,
                changes,
                everything,
                **event,
            ),
            keep.load.upload(self.on_load, {keep.load, *beginning}, everything, **event),
            controls.reset.click(self.on_reset, beginning, everything, **event),
        ]
        show = browser.show_answer("lab-answer")
        for change in answered:
            change.then(None, None, None, js=show, api_visibility="private")
        controls.other.clear(
            self.on_other_cleared,
            {self._lab},
            [self._lab, result.answer, result.details, result.evidence, keep.link],
            cancels=answered,
            queue=False,
            show_progress="hidden",
            api_visibility="private",
        )
        keep.embed.input(
            self.on_embed, changes, keep.link, api_visibility="private", show_progress="hidden"
        )

    @cumulative
    def on_open(self, values: Values) -> Iterator[Updates]:
        """What was analysed since the last visit is the new start, with the edits that were asked
        for there; at first, an example is, the one that a link has chosen."""
        last: Session | None = values[self._session]
        state: Lab | None = values[self._lab]
        if last is not None and last.edits and (state is None or state.asked is not last.edits):
            yield {self._controls.source: CURRENT}
            yield from self._begin(Lab(last.utterance).seeing(last), last.edits, values)
            return
        gone = last is None and state is not None and state.base is state.seen
        if last is not None and (state is None or state.seen is not last.utterance):
            start = CURRENT
        elif state is None and values[self._controls.source] in self._items:
            start = values[self._controls.source]
        elif (state is None or gone) and FIRST_START in self._items:
            start = FIRST_START
        else:
            yield self._result.show_nothing_new()
            return
        yield {self._controls.source: start}
        yield from self.on_source({**values, self._controls.source: start})

    @cumulative
    def on_source(self, values: Values) -> Iterator[Updates]:
        """Another start was chosen: an example, what was analysed last, or the loaded scenario."""
        start: str = values[self._controls.source]
        last: Session | None = values[self._session]
        state: Lab | None = values[self._lab]
        try:
            if start == FILE and state is not None:
                chosen = state
            elif start != CURRENT:
                chosen = Lab(self._example(self._items[start]))
            elif last is None:
                raise NoInputError(text.LAB_NO_CURRENT)
            else:
                chosen = Lab(last.utterance)
            yield from self._begin(chosen.seeing(last), (), values)
        except Exception as error:  # nothing may reach the page as a traceback
            yield self._show_error(error)

    @cumulative
    def on_change(self, values: Values) -> Iterator[Updates]:
        yield from self._change(values[self._lab], self._controls.read(values), values)

    @cumulative
    def on_words(self, values: Values) -> Iterator[Updates]:
        """Other words: what was masked among the old ones means nothing any more."""
        chosen = replace(self._controls.read(values), masked=())
        yield self._controls.show_masks(chosen)
        yield from self._change(values[self._lab], chosen, values)

    @cumulative
    def on_voice(self, values: Values) -> Iterator[Updates]:
        yield from self._change_voice(values[self._lab], values)

    @cumulative
    def on_other(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Another recording takes the place of the one before: it is read into memory at once."""
        path: str | None = values[self._controls.other]
        state: Lab | None = values[self._lab]
        self._uploads.replace(request.session_hash or "", TAB, path)
        try:
            if path is None or state is None:
                yield self._result.show_nothing_new()
                return
            state = state.without_other()
            yield {self._lab: state}  # the one before is dropped, even if this one cannot be read
            state = replace(state, other=load_audio(path))
            yield {self._lab: state}
            yield from self._change_voice(state, values)
        except Exception as error:
            yield self._show_error(error)

    def on_other_cleared(self, values: Values, request: gr.Request) -> Updates:
        """Forgets the other recording; it can only be cleared where it is the voice."""
        state: Lab | None = values[self._lab]
        self._uploads.replace(request.session_hash or "", TAB, None)
        return {
            self._lab: None if state is None else state.without_other(),
            **self._result.hide_evidence(),
            **self._result.show_status(text.LAB_NO_OTHER),
            **self._keep.hide(),
        }

    @cumulative
    def on_load(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """A scenario file was given: its start and its edits take the place of what is there."""
        path: str = values[self._keep.load]
        last: Session | None = values[self._session]
        try:
            self._uploads.add(request.session_hash or "", TAB, path)
            scenario = Scenario.from_json(Path(path).read_bytes()).with_recordings(
                recordings(last, values[self._lab])
            )
            yield self._result.show_status(text.LAB_WORKING)
            base = scenario.encode(self._pipeline)
            start = Lab(base, other=other_recording(scenario), file=True).seeing(last)
            choices = starts(self._items, loaded=True)
            yield {self._controls.source: gr.update(choices=choices, value=FILE)}
            yield from self._begin(start, scenario.edits, values)
        except Exception as error:
            yield self._show_error(error)

    def on_embed(self, values: Values) -> Updates:
        """The scenario to download, with or without the recordings in it."""
        state: Lab | None = values[self._lab]
        if state is None:
            return self._keep.hide()
        try:
            edits = self._controls.read(values).edits(state.base, state.other)
        except ScenarioError as error:
            return {self._keep.link: error_html(error)}
        return self._keep.show(state.base, edits, values[self._keep.embed])

    @cumulative
    def on_reset(self, values: Values) -> Iterator[Updates]:
        """Takes back all edits."""
        state: Lab | None = values[self._lab]
        try:
            if state is None:
                raise NoInputError(text.LAB_NO_CURRENT)
            yield from self._begin(state, (), values)
        except Exception as error:
            yield self._show_error(error)

    def _begin(self, state: Lab, edits: Sequence[Edit], values: Values) -> Iterator[Updates]:
        """A new start: the controls show the edits, then the comparison follows."""
        shown = Controls.showing(state.base, edits)
        yield {
            self._lab: state,
            self._controls.source: gr.update(choices=starts(self._items, state.file)),
            **self._controls.show(shown, state.base, state.other),
            **self._result.show_status(text.LAB_WORKING),
        }
        yield self._attempt(state, edits, values)

    def _change(self, state: Lab | None, chosen: Controls, values: Values) -> Iterator[Updates]:
        try:
            if state is None:
                raise NoInputError(text.LAB_NO_CURRENT)
            yield {self._controls.other: gr.update(visible=chosen.voice == OTHER)}
            yield self._attempt(state, chosen.edits(state.base, state.other), values)
        except Exception as error:
            yield self._show_error(error)

    def _change_voice(self, state: Lab | None, values: Values) -> Iterator[Updates]:
        """Another voice has another length: a silence of the old one is taken back."""
        chosen = replace(self._controls.read(values), silence_start=0, silence_end=0)
        if state is not None:
            yield self._controls.show_length(chosen, state.base, state.other)
        yield from self._change(state, chosen, values)

    def _attempt(self, state: Lab, edits: Sequence[Edit], values: Values) -> Updates:
        """Applies the edits, compares, and remembers what was encoded."""
        after = apply_edits(self._pipeline, state.base, edits, state.known)
        comparison = compare(self._pipeline, state.base, after)
        # Only the newest voice is kept: enough for a slider that moves and words that change.
        known = state.known if after.clip is None else (after,)
        return {
            self._lab: replace(state, known=known),
            **self._result.show(comparison, edits, state.base, after),
            **self._keep.show(state.base, edits, values[self._keep.embed]),
        }

    def _show_error(self, error: Exception) -> Updates:
        return {**self._result.show_error(error), **self._keep.hide()}

    def _example(self, item: GalleryItem) -> Utterance:
        return self._pipeline.encode(item.audio, item.words, transcribe=False)


def starts(items: Mapping[str, GalleryItem], loaded: bool = False) -> list[tuple[str, str]]:
    """What can be started from; asked anew in each event, in its visitor's language."""
    examples = [(text.EXAMPLE_TITLES.get(item.id, item.title), item.id) for item in items.values()]
    file = [(text.LAB_SOURCE_FILE, FILE)] if loaded else []
    return [(text.LAB_SOURCE_CURRENT, CURRENT), *examples, *file]


def other_recording(scenario: Scenario) -> Clip | None:
    """The recording that takes the voice's place in a scenario, if one does."""
    for edit in scenario.edits:
        if isinstance(edit, SwapVoice) and isinstance(edit.voice, Recording):
            return edit.voice.load()
    return None
