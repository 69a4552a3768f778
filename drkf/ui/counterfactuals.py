"""What would change the answer: the smallest changes, each a click away from the lab."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from drkf.analysis import Analysis, Counterfactual
from drkf.pipeline import EmotionPipeline
from drkf.ui.events import AT_ONCE, Updates, Values
from drkf.ui.evidence import how_to_read
from drkf.ui.parts import error_html, status_html
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import figures as text_figures
from drkf.whatif.suggestions import Suggestion, suggest

KINDS = ("words", "replacement", "silence")


class CounterfactualPanel:
    """Adds the components to the current Blocks, hidden until there is an answer."""

    def __init__(self, pipeline: EmotionPipeline) -> None:
        self._pipeline = pipeline
        with gr.Accordion(
            text_evidence.CHANGE,
            open=False,
            visible=False,
            elem_classes=["card", "fold"],
            elem_id="counterfactuals",
        ) as self.panel:
            self.find = gr.Button(text_evidence.CHANGE_FIND, size="sm", elem_id="change-find")
            self.told = gr.HTML(
                html_template='<div aria-live="polite">${value}</div>', elem_id="change-told"
            )
            #: A button for each kind of change, which opens it in the lab.
            self.buttons: dict[str, gr.Button] = {
                kind: gr.Button(visible=False, elem_id=f"change-{kind}") for kind in KINDS
            }
            how_to_read(text_evidence.CHANGE_HOW)
        self.components = [self.panel, self.find, self.told, *self.buttons.values()]

    def connect(self, session: gr.State, tabs: gr.Tabs, lab: str, work: dict[str, Any]) -> None:
        """Adds the events, with the options of the model's work.

        Args:
            session: the state of what was analysed last (``drkf.ui.analyse.Session``).
            lab: the id of the lab among ``tabs``.
        """

        def on_find(values: Values) -> Iterator[Updates]:
            last = values[session]
            if last is None or last.analysis is None:
                yield self.hide()
                return
            yield self.show_work()
            try:
                found = suggest(self._pipeline, last.utterance, last.analysis)
                shown = self.show(last.analysis, found)
                yield {session: replace(last, suggestions=found), **shown}
            except Exception as error:  # nothing may reach the page as a traceback
                yield {self.told: error_html(error)}

        def on_try(kind: str, values: Values) -> Updates:
            last = values[session]
            for one in () if last is None else last.suggestions:
                if one.counterfactual.kind == kind:
                    return {
                        session: replace(last, edits=(*one.edits,)),  # new: opened anew each time
                        tabs: gr.Tabs(selected=lab),
                    }
            return {session: gr.skip()}

        self.find.click(on_find, {session}, [session, *self.components], **work)
        for kind, button in self.buttons.items():
            button.click(partial(on_try, kind), {session}, [session, tabs], **AT_ONCE)

    def hide(self) -> Updates:
        return {self.panel: gr.update(visible=False)}

    def offer(self) -> Updates:
        """Ready to be asked, with nothing of an earlier answer's."""
        hidden = {button: gr.update(visible=False) for button in self.buttons.values()}
        return {
            self.panel: gr.update(visible=True),
            self.find: gr.update(visible=True),
            self.told: "",
            **hidden,
        }

    def show_work(self) -> Updates:
        return {
            self.find: gr.update(visible=False),
            self.told: status_html(text_evidence.CHANGE_LOOKING),
        }

    def show(self, analysis: Analysis, found: Sequence[Suggestion]) -> Updates:
        """A button for each change that turns the answer, or that there is none."""
        emotion = text_figures.WORDING.emotion(analysis.emotion)
        told = text_evidence.CHANGE_OPEN if found else text_evidence.CHANGE_NONE
        updates: Updates = {
            self.find: gr.update(visible=False),
            self.told: status_html(told.format(emotion=emotion)),
        }
        by_kind: dict[str, Counterfactual] = {
            one.counterfactual.kind: one.counterfactual for one in found
        }
        for kind, button in self.buttons.items():
            one = by_kind.get(kind)
            updates[button] = gr.update(
                visible=one is not None, value="" if one is None else change_sentence(one)
            )
        return updates


def change_sentence(found: Counterfactual) -> str:
    """A change and the answer after it."""
    then = {
        "emotion": text_figures.WORDING.emotion(found.emotion),
        "probability": f"{found.probability:.0%}",
    }
    if found.kind == "silence":
        start, end = found.start_seconds or 0.0, found.end_seconds or 0.0
        return text_evidence.CHANGE_SILENCE.format(start=f"{start:.1f}", end=f"{end:.1f}", **then)
    if found.kind == "replacement":
        (edit,) = found.edits
        return text_evidence.CHANGE_REPLACEMENT.format(before=edit.before, after=edit.after, **then)
    words = ", ".join(text_evidence.QUOTED.format(word=edit.before) for edit in found.edits)
    return text_evidence.CHANGE_WORDS.format(words=words, **then)
