"""Results of a set in the tab "Error analysis": what is looked at, and what leads to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.errors import ResultsError
from drkf.pipeline import EmotionPipeline
from drkf.ui.classroom.panel import ClassPanel
from drkf.ui.events import QUIET, Updates, Values
from drkf.ui.parts import error_html, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import workbench as text
from drkf.ui.workbench.filters import Filters
from drkf.ui.workbench.keep import Keep
from drkf.ui.workbench.row import RowPanel
from drkf.ui.workbench.rows import RowList
from drkf.ui.workbench.shown import LATEST, TAB, Asked, Opened, Shown, States
from drkf.ui.workbench.views import Views
from drkf.workbench import neighbours, slices
from drkf.workbench import notes as notes_file
from drkf.workbench.findings import findings
from drkf.workbench.notes import Notes
from drkf.workbench.slices import conditions_key, read_key

MAX_SLICES = 20

#: A click on a cell of the confusion matrix, or on a point of the map, found by its axes.
CLICKS = (Path(__file__).parents[1] / "static" / "set_clicks.js").read_text("utf-8")


class Look:
    """Adds the components and events to the current Blocks, hidden until there are results.

    Args:
        lab_session: the state of the tab "Analyse", which the lab takes over.
        tabs: the page's tabs, of which ``lab`` is the id of "What if".
        lesson: the panel of the tab "Class", which asks a class about a row.
    """

    def __init__(
        self,
        pipeline: EmotionPipeline,
        uploads: Uploads,
        lab_session: gr.State,
        tabs: gr.Tabs,
        lab: str,
        lesson: ClassPanel,
    ) -> None:
        self.uploads = uploads
        self.states = States()
        # Only here for its events.
        self.clicks = gr.HTML(
            "", html_template="<span></span>", js_on_load=CLICKS, elem_id="set-clicks"
        )
        with gr.Column(visible=False, elem_id="look") as self.panel:
            gr.Markdown("## " + text.LOOK)
            self.filters = Filters()
            self.views = Views()
            self.rows = RowList()
            self.row = RowPanel(pipeline, self.states, lab_session, tabs, lab, lesson)
            self.keep = Keep(self.states, uploads)
        #: What says which rows are shown, and how.
        self.inputs = {
            self.states.shown,
            self.states.notes,
            *self.filters.controls,
            self.rows.order,
            *self.views.inputs,
        }
        #: Everything that ``show`` may change.
        self.outputs = [
            self.panel,
            *self.states.all,
            *self.filters.outputs,
            *self.views.outputs,
            *self.rows.outputs,
            *(part for part in self.row.outputs if part is not self.states.opened),
            *self.keep.outputs,
        ]
        #: Events that go on for a while, and leave what they make in a visitor's states.
        self.working: list[Any] = []
        self._connect_filters()
        self._connect_rows()
        self._connect_notes()
        self.row.connect()
        self.keep.connect()
        self.views.compare.connect(self.states, uploads)

    def _connect_filters(self) -> None:
        """What changes the rows that are shown, and the view of them."""
        changing = [*self.filters.changes, self.rows.order.input, self.views.slices.facet.input]
        gr.on(
            [*changing, self.views.map.colour.input],
            self.redraw,
            self.inputs,
            self.outputs,
            **LATEST,
        )
        for name, view in self.views.all.items():
            view.tab.select(self._opener(name), self.inputs, self.outputs, **LATEST)
        self.clicks.select(self.choose_cell, self.inputs, self.outputs, **LATEST)
        self.clicks.input(self.choose_slice, self.inputs, self.outputs, **LATEST)
        self.filters.clear.click(self.show_all, self.inputs, self.outputs, **LATEST)
        drawing = {
            **LATEST,
            "show_progress": "minimal",
            "show_progress_on": self.views.map.told,
        }
        drawn = self.views.map.start.click(self.draw_map, self.inputs, self.outputs, **drawing)
        self.working.append(drawn)

    def _connect_rows(self) -> None:
        """What opens a row."""
        suspects, flips = self.views.suspects.rows, self.views.compare.rows
        opening: dict[str, Any] = {
            "inputs": self.row.inputs,
            "outputs": self.row.outputs,
            **LATEST,
        }
        for listing in (self.rows.table, suspects, flips, self.row.near):
            self.working.append(listing.select(self.open_row, **opening))
        self.working.append(self.clicks.click(self.open_point, **opening))
        place = {self.states.opened, self.row.play_on}
        stepping = {**opening, "inputs": {*self.inputs, *self.row.inputs, *place}}
        self.working.append(self.row.next.click(self.open_next, **stepping))
        self.working.append(self.row.previous.click(self.open_previous, **stepping))

    def _connect_notes(self) -> None:
        """What changes notes; rows may be filtered by their tags, and are drawn anew."""
        row, states = self.row, self.states
        shown = [states.notes, self.filters.tag, self.keep.session_link]
        noting = {states.shown, states.notes, states.opened}
        written = row.save.click(
            self.write_note, {*noting, row.note, row.tags}, [*shown, row.noted], **QUIET
        )
        loaded = self.keep.load.upload(
            self.load_notes,
            {*noting, self.keep.load},
            [*shown, row.note, row.tags, self.keep.told],
            **QUIET,
        )
        for event in (written, loaded):
            event.success(self.redraw, self.inputs, self.outputs, **LATEST)

    def show(self, shown: Shown) -> Updates:
        """New results: nothing of older ones stays."""
        results = shown.results
        worst = slices.search(results).slices[:MAX_SLICES] if results.scored.any() else ()
        shown = replace(shown, worst=worst, found=findings(results))
        view = self.views.overview.name
        values = {
            **{part: part.value for part in self.inputs},
            **self.filters.nothing(),
            self.states.shown: shown,
            self.views.open: view,
        }
        return {
            **self.nothing(),
            self.panel: gr.update(visible=True),
            self.views.open: view,
            self.views.tabs: gr.Tabs(selected=view),
            **self.filters.offer(shown),
            **self.redraw(values),
            self.states.shown: shown,
        }

    def nothing(self) -> Updates:
        """No results, and nothing that was made of them."""
        return {
            self.panel: gr.update(visible=False),
            self.states.shown: None,
            self.states.notes: None,
            self.rows.table: None,
            **self.views.nothing(),
            **self.row.nothing(),
            **self.keep.nothing(),
        }

    def redraw(self, values: Values) -> Updates:
        """The open view and the rows, of what is asked for."""
        asked = self.asked(values)
        if asked is None:
            return {self.views.open: gr.skip()}
        return {
            **self.filters.count(asked),
            **self.views.draw(asked, values),
            **self.rows.show(asked),
        }

    def asked(self, values: Values) -> Asked | None:
        """What the controls ask for; None as long as there are no results."""
        shown: Shown | None = values[self.states.shown]
        if shown is None:
            return None
        notes = values[self.states.notes] or Notes()
        wanted = self.filters.read(values, shown.found)
        mask = wanted.mask(shown.results, notes)
        return Asked(shown, notes, wanted, mask, values[self.rows.order])

    def _change(self, values: Values, changes: Updates) -> Updates:
        """Other values of some controls, and what they lead to."""
        return {**changes, **self.redraw({**values, **changes})}

    def _opener(self, view: str) -> Callable[[Values], Updates]:
        def open_view(values: Values) -> Updates:
            return self._change(values, {self.views.open: view})

        return open_view

    def choose_cell(self, values: Values, cell: gr.EventData) -> Updates:
        """A cell's label and prediction; the same cell again: all of them."""
        chosen = {
            self.filters.label: str(cell.label),
            self.filters.prediction: str(cell.prediction),
        }
        if all(values[control] == name for control, name in chosen.items()):
            chosen = dict.fromkeys(chosen, "")
        return self._change(values, chosen)

    def choose_slice(self, values: Values, point: gr.EventData) -> Updates:
        """The group of rows that a point of a figure stands for; the same again: all of them."""
        shown: Shown | None = values[self.states.shown]
        if shown is None:
            return {self.views.open: gr.skip()}
        control, key = self.filters.slice, conditions_key(read_key(str(point.conditions)))
        key = "" if values[control] == key else key
        changes = self._change(values, {control: key})
        return {**changes, control: self.filters.choose_slice(shown, key)}

    def show_all(self, values: Values) -> Updates:
        return self._change(values, self.filters.nothing())

    def draw_map(self, values: Values) -> Iterator[Updates]:
        shown: Shown | None = values[self.states.shown]
        if shown is None:
            yield {self.views.open: gr.skip()}
            return
        view = self.views.map
        try:
            yield {view.told: status_html(text.MAP_WORKING)}
            drawn = neighbours.embedding_map(shown.results)
            now = {**values, view.drawn: drawn, self.views.open: view.name}
            yield {**view.keep(drawn), **self.redraw(now)}
        except Exception as error:  # nothing may reach the page as a traceback
            yield {view.told: error_html(error)}

    def open_row(self, values: Values, chosen: gr.SelectData) -> Iterator[Updates]:
        """The row of a table whose first column is its number."""
        try:
            number, *_ = chosen.row_value
            row = int(number) - 1
        except (TypeError, ValueError):
            yield {self.row.head: gr.skip()}  # an empty table's only cell
            return
        yield from self.row.open(row, values)

    def open_point(self, values: Values, point: gr.EventData) -> Iterator[Updates]:
        yield from self.row.open(int(point.row), values)

    def open_next(self, values: Values) -> Iterator[Updates]:
        yield from self._open_beside(1, values)

    def open_previous(self, values: Values) -> Iterator[Updates]:
        yield from self._open_beside(-1, values)

    def _open_beside(self, step: int, values: Values) -> Iterator[Updates]:
        """The row after or before the open one, of those that are listed; at first the first.

        Who listens to one clip after the other is led past rows that have none.
        """
        asked = self.asked(values)
        opened: Opened | None = values[self.states.opened]
        rows = [] if asked is None else asked.rows()
        place = rows.index(opened.row) + step if opened and opened.row in rows else 0
        if asked is not None and values[self.row.play_on]:
            clips = asked.results.table["audio"]
            while 0 <= place < len(rows) and not clips.iloc[rows[place]]:
                place += step
        if not 0 <= place < len(rows):
            yield {self.row.head: gr.skip()}
            return
        yield from self.row.open(rows[place], values)

    def write_note(self, values: Values) -> Updates:
        """The note and the tags of the row that is open."""
        notes = values[self.states.notes] or Notes()
        opened: Opened | None = values[self.states.opened]
        try:
            if values[self.states.shown] is None or opened is None:
                raise ResultsError(text.LAB_NO_ROW)
            tags = values[self.row.tags].split(",")
            notes = notes.write(opened.id, values[self.row.note], tags)
        except Exception as error:
            return {self.row.noted: error_html(error)}
        said = i18n.counted(text.NOTE_SAVED, len(notes.notes))
        return {self.row.noted: status_html(said), **self._show_notes(notes)}

    def load_notes(self, values: Values, request: gr.Request) -> Updates:
        """A session file: its notes join those that are there, and win over them."""
        visitor, path = request.session_hash or "", values[self.keep.load]
        shown: Shown | None = values[self.states.shown]
        self.uploads.add(visitor, TAB, path)
        try:
            if shown is None:
                raise ResultsError(text.NO_SET)
            loaded = notes_file.load_notes(path)
            joined = values[self.states.notes] or Notes()
            for identity, note in loaded.notes.items():
                joined = joined.write(identity, note.text, note.tags)
        except Exception as error:
            return {self.keep.told: error_html(error)}
        finally:
            self.uploads.remove(visitor, TAB, path)
        said = i18n.counted(text.SESSION_LOADED, len(loaded.notes))
        if unknown := loaded.unknown(shown.results):
            said += " " + i18n.counted(text.SESSION_UNKNOWN, len(unknown))
        updates = {**self._show_notes(joined), self.keep.told: status_html(said)}
        opened: Opened | None = values[self.states.opened]
        if opened is not None:
            updates |= self.row.show_note(joined.note(opened.id))
        return updates

    def _show_notes(self, notes: Notes) -> Updates:
        return {
            self.states.notes: notes,
            **self.filters.offer_tags(notes),
            **self.keep.offer_notes(notes),
        }
