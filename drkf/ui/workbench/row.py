"""The row that is open: its clip, its analysis, its note, and the rows that are nearest to it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.audio.clip import load_audio
from drkf.errors import AudioError, ResultsError
from drkf.pipeline import EmotionPipeline
from drkf.speakers import beside_others
from drkf.ui.analyse import Session as LabSession
from drkf.ui.answer import Answering
from drkf.ui.classroom.panel import ClassPanel, ClassRow
from drkf.ui.events import QUIET, Updates, Values, cumulative
from drkf.ui.evidence import Evidence
from drkf.ui.parts import error_html, player_html, status_html
from drkf.ui.server.headings import headed
from drkf.ui.texts import workbench as text
from drkf.ui.texts.translation import translated
from drkf.ui.verdict import verdict_html
from drkf.ui.workbench.rows import near_cells, outcome
from drkf.ui.workbench.shown import LATEST, Opened, Shown, States, listing, shortened, told
from drkf.workbench import notes as notes_file
from drkf.workbench.notes import Note, Notes
from drkf.workbench.results import Results


class RowPanel:
    """Adds its components, empty until a row is opened.

    Args:
        states: of the tab.
        lab_session: the state of the tab "Analyse", which the lab takes over.
        tabs: the page's tabs, of which ``lab`` is the id of "What if".
        lesson: the panel of the tab "Class", which asks a class about a row.
    """

    def __init__(
        self,
        pipeline: EmotionPipeline,
        states: States,
        lab_session: gr.State,
        tabs: gr.Tabs,
        lab: str,
        lesson: ClassPanel,
    ) -> None:
        self.pipeline, self.states, self.lesson = pipeline, states, lesson
        self.lab_session, self.tabs, self.lab = lab_session, tabs, lab
        self.head = told("set-row", status_html(text.ROW_EMPTY))
        with gr.Row(elem_id="set-steps"):
            self.previous = gr.Button(text.ROW_PREVIOUS, min_width=120, elem_id="set-previous")
            self.next = gr.Button(text.ROW_NEXT, min_width=120, elem_id="set-next")
            self.play_on = gr.Checkbox(
                False, label=text.ROW_PLAY_ON, container=False, elem_id="set-play-on"
            )
        # Apart from the text above, which changes while the clip plays.
        self.player = gr.HTML(elem_id="set-player")
        with gr.Row(visible=False) as self.part:
            self._build_note()
            with gr.Column(min_width=300, elem_classes="card") as self.near_part:
                gr.Markdown("### " + text.NEIGHBOURS)
                self.near = listing(lambda: text.NEIGHBOUR_HEADERS, "set-near", (4,))
                gr.Markdown(text.NEIGHBOURS_CAVEAT, elem_classes="caveat")
        self.evidence = Evidence("set-")
        self.answering = Answering(pipeline, self.evidence)
        #: What ``open`` needs and what it changes.
        self.inputs = {states.shown, states.notes, self.evidence.attention_method}
        self.outputs = [
            states.opened,
            self.head,
            self.player,
            self.part,
            self.note,
            self.tags,
            self.noted,
            self.near_part,
            self.near,
            *self.evidence.components,
        ]

    def _build_note(self) -> None:
        with gr.Column(min_width=300, elem_classes="card"):
            self.note = gr.Textbox(
                label=text.NOTE,
                placeholder=text.NOTE_PLACEHOLDER,
                lines=2,
                max_length=notes_file.MAX_NOTE,
                elem_id="set-note",
            )
            self.tags = gr.Textbox(label=text.TAGS, max_lines=1, elem_id="set-tags")
            with gr.Row():
                self.save = gr.Button(text.NOTE_BUTTON, min_width=120, elem_id="set-save")
                self.to_lab = gr.Button(text.LAB_BUTTON, min_width=120, elem_id="set-lab")
                self.to_class = gr.Button(text.CLASS_BUTTON, min_width=120, elem_id="set-class")
            self.noted = told("set-noted")

    def connect(self) -> None:
        """Its own events; who opens rows connects ``open``."""
        self.evidence.attention_method.input(
            self.on_attention,
            {self.states.opened, self.evidence.attention_method},
            [self.evidence.attention, self.evidence.attention_caveat],
            **LATEST,
        )
        self.to_lab.click(
            self.take_to_lab,
            {self.states.opened},
            [self.lab_session, self.noted, self.tabs],
            **QUIET,
        )

        self.to_class.click(
            self.take_to_class,
            {self.states.opened, self.states.shown},
            [self.lesson.row, self.lesson.example, self.noted, self.tabs],
            **QUIET,
        )

    @cumulative
    def open(self, row: int, values: Values) -> Iterator[Updates]:
        """One row, as the tab "Analyse" shows it: the answer first, then explanations."""
        shown: Shown | None = values[self.states.shown]
        if shown is None or not 0 <= row < len(shown.results):
            yield {self.head: gr.skip()}
            return
        head = row_head(shown.results, row)
        try:
            yield self._begin(row, shown.results, values[self.states.notes] or Notes())
            if error := shown.results.table["error"].iloc[row]:
                failed = ResultsError(text.ROW_FAILED.format(error=translated(error)))
                yield {self.head: head + error_html(failed)}
                return
            yield from self._analyse(row, shown, values)
        except Exception as error:  # nothing may reach the page as a traceback
            yield {self.head: head + error_html(error), **self.evidence.hide()}

    def _begin(self, row: int, results: Results, notes: Notes) -> Updates:
        """What is known without the model, and nothing of the row before."""
        one, usable = results.table.iloc[row], bool(results.usable[row])
        waiting = "" if one["error"] else text.ROW_OPENING
        return {
            self.states.opened: Opened(row, one["id"]),
            self.head: row_head(results, row) + status_html(waiting),
            self.player: "",
            self.part: gr.update(visible=True),
            **self.show_note(notes.note(one["id"])),
            self.noted: "",
            self.near_part: gr.update(visible=usable),
            self.near: headed(text.NEIGHBOUR_HEADERS, near_cells(results, row) if usable else None),
            **self.evidence.hide(),
        }

    def _analyse(self, row: int, shown: Shown, values: Values) -> Iterator[Updates]:
        one, head = shown.results.table.iloc[row], row_head(shown.results, row)
        path = one["audio"] or None
        if path is not None and not Path(path).is_file():
            raise AudioError(text.ROW_CLIP_GONE)
        if path is not None:  # also where no speech was found in it
            yield {self.player: player_html(load_audio(path), text.ROW_PLAYER, autoplay=True)}
        known = shown.store.find(one["hash"])
        if known is None:
            raise AudioError(text.ROW_CLIP_GONE)
        utterance = self.pipeline.encode(path, known.transcript, transcribe=False)
        if shown.voices is not None:
            speaker = one["speaker"] or None
            utterance = beside_others(self.pipeline, utterance, speaker, shown.voices)
        attention = values[self.evidence.attention_method]
        for answer in self.answering.steps(utterance, attention):
            if answer.explained:
                yield {
                    self.states.opened: Opened(row, one["id"], utterance, answer.analysis),
                    self.head: head + verdict_html(answer.analysis, status=" "),
                    **answer.updates,
                }
            else:
                status = text.ROW_OPENING
                yield {
                    self.head: head + verdict_html(answer.analysis, status=status),
                    **answer.updates,
                }

    def on_attention(self, values: Values) -> Updates:
        """Another way to follow attention in the row that is open."""
        opened: Opened | None = values[self.states.opened]
        if opened is None or opened.analysis is None:
            return {self.evidence.attention: gr.skip()}
        method = values[self.evidence.attention_method]
        return self.evidence.show_attention(opened.analysis, method)

    def take_to_lab(self, values: Values) -> Updates:
        """The lab takes over what was analysed last; so this row is that now."""
        opened: Opened | None = values[self.states.opened]
        if opened is None or opened.utterance is None:
            return {self.noted: error_html(ResultsError(text.LAB_NO_ROW))}
        return {
            self.lab_session: LabSession(opened.utterance, None, example=True),
            self.tabs: gr.Tabs(selected=self.lab),
        }

    def take_to_class(self, values: Values) -> Updates:
        """The class is asked about this row next."""
        opened: Opened | None = values[self.states.opened]
        shown: Shown | None = values[self.states.shown]
        if shown is None or opened is None or opened.utterance is None:
            return {self.noted: error_html(ResultsError(text.LAB_NO_ROW))}
        one = shown.results.table.iloc[opened.row]
        row = ClassRow(
            title=text.ROW_TITLE.format(number=opened.row + 1, id=shortened(one["id"])),
            clip=Path(one["audio"]) if one["audio"] else None,
            meant=one["label"] or None,
            utterance=opened.utterance,
        )
        return {**self.lesson.choose_row(row), self.tabs: gr.Tabs(selected="class")}

    def show_note(self, note: Note) -> Updates:
        return {self.note: note.text, self.tags: ", ".join(note.tags)}

    def nothing(self) -> dict[Any, Any]:
        """No row is open."""
        return {
            self.states.opened: None,
            self.head: status_html(text.ROW_EMPTY),
            self.player: "",
            self.part: gr.update(visible=False),
            **self.evidence.hide(),
        }


def row_head(results: Results, row: int) -> str:
    """Which row it is and what it is labelled, escaped."""
    one = results.table.iloc[row]
    title = text.ROW_TITLE.format(number=row + 1, id=shortened(one["id"]))
    said = labelled(one["label"], one["original_label"])
    mark = ""
    if results.usable[row]:
        said = text.ROW_SAID.format(label=said, emotion=one["emotion"].upper())
        mark = {"right": " ✓", "wrong": " ✗"}.get(outcome(results, row), "")
    return f'<h3>{html.escape(title)}</h3><p class="row-said">{html.escape(said + mark)}</p>'


def labelled(label: str, original: str) -> str:
    """What a row is labelled, and how the set calls it where that is something else."""
    if not original:
        return text.ROW_LABEL.format(label=label) if label else text.ROW_NO_LABEL
    if not label:
        return text.ROW_LABEL_UNKNOWN.format(original=shortened(original))
    if label == original:
        return text.ROW_LABEL.format(label=label)
    return text.ROW_LABEL_ORIGINAL.format(label=label, original=shortened(original))
