"""Results of a set in the tab "Error analysis": figures, rows, one row's analysis, what to keep."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder
from numpy.typing import NDArray

from drkf.analysis import Analysis
from drkf.audio.clip import load_audio
from drkf.errors import AudioError, ResultsError
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui.analyse import Session as LabSession
from drkf.ui.analyse import verdict_html
from drkf.ui.evidence import Evidence, Updates
from drkf.ui.parts import download_link, error_html, player_html, plot, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts.en import workbench as text
from drkf.workbench import comparison as compare
from drkf.workbench import export, figures, metrics, neighbours, report, slices
from drkf.workbench import notes as session
from drkf.workbench.exported import read_results
from drkf.workbench.filters import Filter
from drkf.workbench.neighbours import EmbeddingMap
from drkf.workbench.notes import Session
from drkf.workbench.outcomes import Store
from drkf.workbench.results import VOICE, WORDS, Results
from drkf.workbench.slices import Slice

STATE_SECONDS = 8 * 3600
"""Somebody looks at a set for longer than at a clip."""
TAB, EXPORTS = "error analysis", "exports"  # what uses files
MOST_ROWS = 1000
MOST_SLICES = 20
MOST_SUSPECTS = 200
MOST_FLIPS = 500
MOST_CHARACTERS = 200
NEIGHBOURS = 8
MOST_SPEAKERS = 500

QUICK: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
WORK: dict[str, Any] = {"concurrency_limit": 2, "concurrency_id": "looks"}

#: A click on a cell of the confusion matrix, or on a point of the map, found by its axes.
CLICKS = """
document.addEventListener("click", (event) => {
  if (!element.isConnected) return;
  const plot = event.target.closest?.("#set-confusion .js-plotly-plot, #set-map .js-plotly-plot");
  const axes = plot?._fullLayout;
  if (!axes?.xaxis || !plot._fullData?.length) return;
  const stage = plot.querySelector(".svg-container").getBoundingClientRect();
  const [x, y] = [event.clientX - stage.left, event.clientY - stage.top];
  if (plot._fullData[0].type === "heatmap") {
    const column = Math.round(axes.xaxis.p2l(x - axes.xaxis._offset));
    const row = Math.round(axes.yaxis.p2l(y - axes.yaxis._offset));
    const cell = plot._fullData[0].customdata?.[row]?.[column];
    if (cell) trigger("select", { label: cell[0], prediction: cell[1] });
    return;
  }
  let nearest = null, least = 12;
  for (const trace of plot._fullData) {
    if (trace.visible === "legendonly" || !trace.customdata) continue;
    for (let i = 0; i < trace.x.length; i++) {
      const away = Math.hypot(
        axes.xaxis._offset + axes.xaxis.l2p(trace.x[i]) - x,
        axes.yaxis._offset + axes.yaxis.l2p(trace.y[i]) - y);
      if (away < least) [nearest, least] = [trace.customdata[i], away];
    }
  }
  if (nearest !== null) trigger("click", { row: nearest });
});
"""


@dataclass(frozen=True, eq=False)
class Shown:
    """The results that are looked at, and the store of the outcomes they were made of.

    ``names``: a clip's path -> what the visitor calls it.
    """

    results: Results
    store: Store
    names: Mapping[str, str] = field(default_factory=dict)
    worst: tuple[Slice, ...] = ()


@dataclass(frozen=True, eq=False)
class Opened:
    """The row that is open, encoded, and explained once it has been."""

    row: int
    id: str
    utterance: Utterance | None = None
    analysis: Analysis | None = None


class Look:
    """Adds the components and events to the current Blocks, hidden until there are results.

    Args:
        lab_session: the state of the tab "Analyse", which the lab takes over.
        tabs: the page's tabs, of which ``lab`` is the id of "What if".
    """

    def __init__(
        self,
        pipeline: EmotionPipeline,
        uploads: Uploads,
        lab_session: gr.State,
        tabs: gr.Tabs,
        lab: str,
    ) -> None:
        self.pipeline, self.uploads = pipeline, uploads
        self.lab_session, self.tabs, self.lab = lab_session, tabs, lab
        self.shown = gr.State(None, time_to_live=STATE_SECONDS)
        self.notes = gr.State(None, time_to_live=STATE_SECONDS)
        self.drawn = gr.State(None, time_to_live=STATE_SECONDS)
        self.opened = gr.State(None, time_to_live=STATE_SECONDS)
        self.view = gr.State("overview")
        # Only here for its two events.
        clicks = gr.HTML("", html_template="<span></span>", js_on_load=CLICKS)
        with gr.Column(visible=False, elem_id="look") as self.panel:
            gr.Markdown("## " + text.LOOK)
            self._build_filters()
            self._build_views()
            self._build_rows()
            self._build_row()
            self._build_keep()
        self.views: dict[str, tuple[gr.Tab, list[Any]]] = {
            "overview": (self.overview, [self.headline, self.confusion]),
            "calibration": (self.calibration, [self.reliability, self.risk]),
            "slices": (self.slices, [self.worst, self.facets]),
            "agreement": (self.agreement, [self.inconsistency, self.who]),
            "map": (self.map_view, [self.map]),
            "suspects": (self.suspects_view, [self.suspects, self.suspect_rows]),
            "compare": (self.compare_view, []),
        }
        #: Everything that ``show`` may change.
        self.outputs = [
            self.panel,
            self.view,
            self.view_tabs,
            self.shown,
            self.notes,
            self.drawn,
            self.opened,
            *self.filters,
            self.counts,
            self.rows,
            self.rows_more,
            *(part for _, parts in self.views.values() for part in parts),
            self.map,
            self.map_told,
            self.compared,
            self.flips,
            self.flip_rows,
            self.row_head,
            self.player,
            self.note_part,
            self.session_link,
            self.keep_told,
            self.file,
            *self.evidence.components,
        ]
        self.outputs = list(dict.fromkeys(self.outputs))
        self._connect(clicks)

    def _build_filters(self) -> None:
        def choice(label: str, name: str) -> gr.Dropdown:
            return gr.Dropdown(
                [(text.ANY, "")], value="", label=label, min_width=140, elem_id=f"set-{name}"
            )

        with gr.Row(elem_classes="card", elem_id="set-filters"):
            self.filters: list[Any] = [
                choice(text.FILTER_LABEL, "label"),
                choice(text.FILTER_PREDICTION, "prediction"),
                choice(text.FILTER_OUTCOME, "outcome"),
                choice(text.FILTER_SPEAKER, "speaker"),
                choice(text.FILTER_CORPUS, "corpus"),
                choice(text.FILTER_INCONSISTENT, "inconsistent"),
                choice(text.FILTER_SLICE, "slice"),
                choice(text.FILTER_TAG, "tag"),
                gr.Textbox(
                    label=text.FILTER_SEARCH,
                    placeholder=text.FILTER_SEARCH_HINT,
                    max_lines=1,
                    min_width=160,
                    elem_id="set-search",
                ),
            ]
            self.clear = gr.Button(text.FILTER_CLEAR, min_width=120, elem_id="set-all")
        self.counts = gr.HTML(
            html_template='<div aria-live="polite">${value}</div>', elem_id="set-shown"
        )

    def _build_views(self) -> None:
        def card(heading: str, elem_id: str, caveat: str) -> gr.Plot:
            with gr.Column(min_width=400, elem_classes="card"):
                gr.Markdown("### " + heading)
                figure = plot(elem_id)
                gr.Markdown(caveat, elem_classes="caveat")
            return figure

        with gr.Tabs(elem_id="set-views") as self.view_tabs:
            with gr.Tab(text.OVERVIEW, id="overview") as self.overview, gr.Row():
                self.confusion = card(text.CONFUSION, "set-confusion", text.CONFUSION_CAVEAT)
                self.headline = card(text.HEADLINE, "set-headline", text.HEADLINE_CAVEAT)
            with gr.Tab(text.CALIBRATION, id="calibration") as self.calibration, gr.Row():
                self.reliability = card(
                    text.RELIABILITY, "set-reliability", text.RELIABILITY_CAVEAT
                )
                self.risk = card(text.RISK, "set-risk", text.RISK_CAVEAT)
            with gr.Tab(text.SLICES, id="slices") as self.slices, gr.Row():
                caveat = text.WORST_CAVEAT.format(smallest=slices.SMALLEST)
                self.worst = card(text.WORST, "set-worst", caveat)
                with gr.Column(min_width=400, elem_classes="card"):
                    self.facet = gr.Dropdown(
                        [(name, key) for key, name in text.FACETS.items()],
                        value="label",
                        label=text.FACET,
                        elem_id="set-facet",
                    )
                    self.facets = plot("set-facets")
                    gr.Markdown(text.FACET_CAVEAT, elem_classes="caveat")
            with gr.Tab(text.AGREEMENT, id="agreement") as self.agreement, gr.Row():
                self.inconsistency = card(
                    text.INCONSISTENCY, "set-inconsistency", text.INCONSISTENCY_CAVEAT
                )
                self.who = card(text.WHO, "set-who", text.WHO_CAVEAT)
            with (
                gr.Tab(text.MAP, id="map") as self.map_view,
                gr.Column(elem_classes="card"),
            ):
                with gr.Row():
                    self.draw = gr.Button(text.MAP_BUTTON, elem_id="set-draw", min_width=120)
                    self.colour = gr.Radio(
                        [(name, key) for key, name in text.MAP_COLOURS.items()],
                        value="label",
                        label=text.MAP_COLOUR,
                        elem_id="set-colour",
                    )
                self.map_told = gr.HTML(
                    html_template='<div aria-live="polite">${value}</div>',
                    elem_id="set-map-told",
                )
                self.map = plot("set-map", visible=False)
                gr.Markdown(text.MAP_CAVEAT, elem_classes="caveat")
            with gr.Tab(text.SUSPECTS, id="suspects") as self.suspects_view, gr.Row():
                self.suspects = card(text.SUSPECTS, "set-suspects", text.SUSPECTS_CAVEAT)
                with gr.Column(min_width=400):
                    self.suspect_rows = _listing(text.SUSPECT_HEADERS, "set-suspect-rows", (4,))
            with (
                gr.Tab(text.COMPARE, id="compare") as self.compare_view,
                gr.Column(elem_classes="card"),
            ):
                gr.Markdown(text.COMPARE_HELP)
                self.other = gr.UploadButton(
                    text.COMPARE_BUTTON,
                    file_types=[".csv", ".jsonl"],
                    elem_id="set-other",
                )
                self.compared = gr.HTML(
                    html_template='<div aria-live="polite">${value}</div>',
                    elem_id="set-compared",
                )
                self.flips = plot("set-flips", visible=False)
                self.flip_rows = _listing(text.FLIP_HEADERS, "set-flip-rows", (), visible=False)

    def _build_rows(self) -> None:
        gr.Markdown(f"## {text.ROWS_HEADING}\n{text.ROWS_HELP}")
        widths = (60, 150, 100, 110, 60, 100, 130, 100, 100, 110, 60, 360, 120)
        self.rows = _listing(
            text.ROWS_HEADERS,
            "set-rows",
            (4, 6, 10),
            column_widths=[f"{width}px" for width in widths],
            show_search="none",
        )
        self.rows_more = gr.Markdown(elem_classes="caveat")

    def _build_row(self) -> None:
        self.row_head = gr.HTML(
            status_html(text.ROW_EMPTY),
            html_template='<div aria-live="polite">${value}</div>',
            elem_id="set-row",
        )
        # Apart from the text above, which changes while the clip plays.
        self.player = gr.HTML(elem_id="set-player")
        with gr.Row(visible=False) as self.note_part:
            with gr.Column(min_width=300, elem_classes="card"):
                self.note = gr.Textbox(
                    label=text.NOTE,
                    placeholder=text.NOTE_PLACEHOLDER,
                    lines=2,
                    max_length=session.MAX_NOTE,
                    elem_id="set-note",
                )
                self.tags = gr.Textbox(label=text.TAGS, max_lines=1, elem_id="set-tags")
                with gr.Row():
                    self.save = gr.Button(text.NOTE_BUTTON, min_width=120, elem_id="set-save")
                    self.to_lab = gr.Button(text.LAB_BUTTON, min_width=120, elem_id="set-lab")
                self.noted = gr.HTML(
                    html_template='<div aria-live="polite">${value}</div>', elem_id="set-noted"
                )
            with gr.Column(min_width=300, elem_classes="card") as self.near_part:
                gr.Markdown("### " + text.NEIGHBOURS)
                self.near = _listing(text.NEIGHBOUR_HEADERS, "set-near", (4,))
                gr.Markdown(text.NEIGHBOURS_CAVEAT, elem_classes="caveat")
        self.evidence = Evidence(self.pipeline.info.relevance_method, prefix="set-")

    def _build_keep(self) -> None:
        with gr.Column(elem_classes="card", elem_id="set-keep"):
            gr.Markdown("## " + text.KEEP)
            with gr.Row():
                with gr.Column(min_width=300):
                    self.format = gr.Dropdown(
                        [(name, key) for key, name in text.EXPORT_FORMATS.items()],
                        value="csv",
                        label=text.EXPORT_FORMAT,
                        elem_id="set-format",
                    )
                    self.prepare = gr.Button(text.EXPORT_BUTTON, elem_id="set-prepare")
                    self.keep_told = gr.HTML(
                        html_template='<div aria-live="polite">${value}</div>',
                        elem_id="set-kept",
                    )
                    self.file = gr.File(
                        label=text.EXPORT_FILE,
                        interactive=False,
                        visible=False,
                        elem_id="set-file",
                    )
                with gr.Column(min_width=300):
                    self.session_link = gr.HTML(elem_id="set-session")
                    self.load = gr.UploadButton(
                        text.SESSION_LOAD, file_types=[".json"], elem_id="set-load"
                    )

    def _connect(self, clicks: gr.HTML) -> None:
        asked = [
            self.shown,
            self.notes,
            self.drawn,
            self.view,
            self.facet,
            self.colour,
            *self.filters,
        ]
        everything = self.outputs
        event: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "always_last",
            **WORK,
        }

        def redraw(*values: Any) -> Updates:
            return self._redraw(values)

        def view_of(name: str) -> Any:
            def on_view(*values: Any) -> Updates:
                return {self.view: name, **self._redraw((*values[:3], name, *values[4:]))}

            return on_view

        *choices, search = self.filters
        gr.on(
            [*(choice.input for choice in choices), search.submit],
            redraw,
            asked,
            everything,
            **event,
        )
        for name, (tab, _) in self.views.items():
            tab.select(view_of(name), asked, everything, **event)
        gr.on([self.facet.input, self.colour.input], redraw, asked, everything, **event)

        def on_cell(cell: gr.EventData, *values: Any) -> Updates:
            """A cell's label and prediction; the same cell again: all of them."""
            chosen = [str(cell.label), str(cell.prediction)]
            if list(values[6:8]) == chosen:
                chosen = ["", ""]
            return {
                **dict(zip(self.filters[:2], chosen, strict=True)),
                **self._redraw((*values[:6], *chosen, *values[8:])),
            }

        clicks.select(on_cell, asked, everything, **event)

        def on_clear(*values: Any) -> Updates:
            nothing = [""] * len(self.filters)
            return {
                **dict(zip(self.filters, nothing, strict=True)),
                **self._redraw((*values[:6], *nothing)),
            }

        self.clear.click(on_clear, asked, everything, **event)
        drawing = {**event, "show_progress": "minimal", "show_progress_on": self.map_told}
        #: Events that go on for a while, and leave what they make in a visitor's states.
        self.working: list[Any] = [self.draw.click(self._on_draw, asked, everything, **drawing)]

        opening: dict[str, Any] = {
            "show_progress": "hidden",
            "api_visibility": "private",
            "trigger_mode": "always_last",
            "outputs": [
                self.opened,
                self.row_head,
                self.player,
                self.note_part,
                self.note,
                self.tags,
                self.noted,
                self.near_part,
                self.near,
                *self.evidence.components,
            ],
            **WORK,
        }
        state = [self.shown, self.notes, *self.evidence.methods]

        def on_row(
            shown: Shown | None,
            notes: Session | None,
            relevance: str,
            attention: str,
            chosen: gr.SelectData,
        ) -> Iterator[Updates]:
            try:
                row = int(chosen.row_value[0]) - 1
            except (TypeError, ValueError, IndexError):
                yield {self.row_head: gr.skip()}  # an empty table's only cell
                return
            yield from self._open(row, shown, notes, relevance, attention)

        for listing in (self.rows, self.suspect_rows, self.flip_rows, self.near):
            self.working.append(listing.select(on_row, state, **opening))

        def on_point(
            shown: Shown | None,
            notes: Session | None,
            relevance: str,
            attention: str,
            point: gr.EventData,
        ) -> Iterator[Updates]:
            yield from self._open(int(point.row), shown, notes, relevance, attention)

        self.working.append(clicks.click(on_point, state, **opening))
        gr.on(
            [method.input for method in self.evidence.methods],
            self._on_methods,
            [self.opened, *self.evidence.methods],
            [self.row_head, *self.evidence.components],
            **event,
        )
        self.save.click(
            self._on_note,
            [self.shown, self.notes, self.opened, self.note, self.tags],
            [self.notes, self.noted, self.filters[7], self.session_link],
            **QUICK,
        ).success(redraw, asked, everything, **event)
        self.load.upload(
            self._on_load,
            [self.load, self.shown, self.notes, self.opened],
            [self.notes, self.note, self.tags, self.filters[7], self.session_link, self.keep_told],
            **QUICK,
        ).success(redraw, asked, everything, **event)
        self.other.upload(
            self._on_other,
            [self.other, self.shown],
            [self.compared, self.flips, self.flip_rows],
            show_progress="minimal",
            show_progress_on=self.compared,
            api_visibility="private",
            **WORK,
        )
        self.prepare.click(
            self._on_prepare,
            [self.format, self.shown, self.notes],
            [self.keep_told, self.file],
            show_progress="minimal",
            show_progress_on=self.keep_told,
            api_visibility="private",
            **WORK,
        )
        self.to_lab.click(
            self._on_lab, self.opened, [self.lab_session, self.noted, self.tabs], **QUICK
        )

    def show(self, shown: Shown) -> Updates:
        """New results: nothing of older ones stays."""
        results = shown.results
        found = slices.search(results).slices[:MOST_SLICES] if results.scored.any() else ()
        shown = replace(shown, worst=found)
        none = [""] * len(self.filters)
        values = (shown, None, None, "overview", "label", "label", *none)
        return {
            **self.nothing(),
            self.panel: gr.update(visible=True),
            self.view: "overview",
            self.view_tabs: gr.Tabs(selected="overview"),
            **self._choices(shown),
            **self._redraw(values),
            self.shown: shown,
        }

    def nothing(self) -> Updates:
        """No results, and nothing that was made of them."""
        return {
            self.panel: gr.update(visible=False),
            self.shown: None,
            self.rows: None,
            self.notes: None,
            self.drawn: None,
            self.opened: None,
            self.row_head: status_html(text.ROW_EMPTY),
            self.player: "",
            self.note_part: gr.update(visible=False),
            self.map: gr.update(value=None, visible=False),
            self.map_told: "",
            self.compared: "",
            self.flips: gr.update(value=None, visible=False),
            self.flip_rows: gr.update(visible=False),
            self.session_link: _session_link(Session()),
            self.keep_told: "",
            self.file: gr.update(value=None, visible=False),
            **self.evidence.hide(),
        }

    def _choices(self, shown: Shown) -> Updates:
        """What there is to filter by."""
        results = shown.results
        table = results.table

        def of(values: Sequence[tuple[str, Any]]) -> Any:
            return gr.update(choices=[(text.ANY, ""), *values], value="", visible=bool(values))

        def same(names: Sequence[str]) -> Any:
            return of([(name, name) for name in names])

        speakers = sorted({name for name in metrics.speakers(results) if name})[:MOST_SPEAKERS]
        corpora = sorted({name for name in table["corpus"] if name})
        worst = [
            (
                text.SLICE_CHOICE.format(
                    name=", ".join(f"{facet} {value}" for facet, value in one.conditions),
                    error=one.error.value,
                    count=one.count,
                    star=" ★" if one.significant else "",
                ),
                str(i),
            )
            for i, one in enumerate(shown.worst)
        ]
        both = bool(table["inconsistent"].notna().any())
        return {
            self.filters[0]: same([name for name in results.labels if name in set(table["label"])]),
            self.filters[1]: same(results.labels),
            self.filters[2]: of([(name, key) for key, name in text.OUTCOMES.items()]),
            self.filters[3]: same(speakers),
            self.filters[4]: same(corpora),
            self.filters[5]: of(
                [(name, key) for key, name in text.INCONSISTENT.items()] if both else []
            ),
            self.filters[6]: of(worst),
            self.filters[7]: same([]),
            self.filters[8]: "",
        }

    def _redraw(self, values: Sequence[Any]) -> Updates:
        """The open view and the rows, of what is asked for."""
        shown, notes, drawn, view, facet, colour, *asked = values
        if shown is None:
            return {self.view: gr.skip()}
        notes = notes or Session()
        results: Results = shown.results
        wanted = _filter(asked, shown.worst)
        mask = wanted.mask(results, notes)
        return {
            self.counts: _counts_html(results, mask),
            **self._draw(view, shown, wanted, mask, drawn, facet, colour, notes),
            self.rows: _rows(results, notes, mask),
            self.rows_more: (
                text.ROWS_MORE.format(most=MOST_ROWS, count=int(mask.sum()))
                if mask.sum() > MOST_ROWS
                else ""
            ),
        }

    def _draw(
        self,
        view: str,
        shown: Shown,
        wanted: Filter,
        mask: NDArray[np.bool_],
        drawn: EmbeddingMap | None,
        facet: str,
        colour: figures.MapColour,
        notes: Session,
    ) -> Updates:
        """The figures of one view; those of the others are drawn when they are opened."""
        results = shown.results
        if view == "overview":
            # Its own cells do not filter the matrix: the others must stay to be clicked on.
            whole = replace(wanted, label="", prediction="").mask(results, notes)
            return {
                self.confusion: figures.confusion(results, whole),
                self.headline: figures.headline(results, mask),
            }
        if view == "calibration":
            return {
                self.reliability: figures.reliability(results, mask),
                self.risk: figures.risk_coverage(results, mask),
            }
        if view == "slices":
            return {
                self.worst: figures.worst_slices(results, mask),
                self.facets: figures.facet(results, facet, mask),
            }
        if view == "agreement":
            return {
                self.inconsistency: figures.inconsistency(results, mask),
                self.who: figures.disagreement(results, mask),
            }
        if view == "map" and drawn is not None:
            figure = figures.embedding_map(results, drawn, colour, mask)
            return {self.map: gr.update(value=figure, visible=True)}
        if view == "suspects":
            return {
                self.suspects: figures.suspects(results, mask),
                self.suspect_rows: _suspects(results, mask),
            }
        return {}

    def _on_draw(self, *values: Any) -> Iterator[Updates]:
        shown = values[0]
        if shown is None:
            yield {self.view: gr.skip()}
            return
        try:
            yield {self.map_told: status_html(text.MAP_WORKING)}
            drawn = neighbours.embedding_map(shown.results)
            told = text.MAP_LEFT_OUT.format(count=drawn.left_out) if drawn.left_out else ""
            yield {
                self.drawn: drawn,
                self.map_told: html.escape(told),
                **self._redraw((*values[:2], drawn, "map", *values[4:])),
            }
        except Exception as error:  # nothing may reach the page as a traceback
            yield {self.map_told: error_html(error)}

    def _open(
        self,
        row: int,
        shown: Shown | None,
        notes: Session | None,
        relevance: str,
        attention: str,
    ) -> Iterator[Updates]:
        """One row, as the tab "Analyse" shows it: the answer first, then explanations."""
        if shown is None or not 0 <= row < len(shown.results):
            yield {self.row_head: gr.skip()}
            return
        results = shown.results
        one = results.table.iloc[row]
        note = (notes or Session()).note(one["id"])
        head = _row_head(results, row)
        near = _near(results, row) if results.usable[row] else None
        try:
            yield {
                self.opened: Opened(row, one["id"]),
                self.row_head: head + status_html(text.ROW_OPENING if not one["error"] else ""),
                self.player: "",
                self.note_part: gr.update(visible=True),
                self.note: note.text,
                self.tags: ", ".join(note.tags),
                self.noted: "",
                self.near_part: gr.update(visible=bool(results.usable[row])),
                self.near: near,
                **self.evidence.hide(),
            }
            if one["error"]:
                failed = ResultsError(text.ROW_FAILED.format(error=one["error"]))
                yield {self.row_head: head + error_html(failed)}
                return
            path = one["audio"] or None
            if path is not None and not Path(path).is_file():
                raise AudioError(text.ROW_CLIP_GONE)
            if path is not None:  # also where no speech was found in it
                clip = load_audio(path)
                yield {self.player: player_html(clip, text.ROW_PLAYER, autoplay=True)}
            outcome = shown.store.find(one["hash"])
            if outcome is None:
                raise AudioError(text.ROW_CLIP_GONE)
            utterance = self.pipeline.encode(path, outcome.transcript, transcribe=False)
            analysis = self.pipeline.predict(utterance)
            yield {
                self.row_head: head + verdict_html(analysis, status=text.ROW_OPENING),
                **self.evidence.show_prediction(analysis, utterance),
            }
            analysis = self.pipeline.explain(utterance, analysis, relevance)
            yield {
                self.opened: Opened(row, one["id"], utterance, analysis),
                self.row_head: head + verdict_html(analysis, status=" "),
                self.near: near,  # again: a table that only now came to be seen may have lost it
                **self.evidence.show_explanation(analysis, utterance, attention),
            }
        except Exception as error:
            yield {self.row_head: head + error_html(error), **self.evidence.hide()}

    def _on_methods(
        self, opened: Opened | None, relevance: str, attention: str
    ) -> Iterator[Updates]:
        """Another way to explain the row that is open."""
        if opened is None or opened.utterance is None or opened.analysis is None:
            yield {self.row_head: gr.skip()}
            return
        try:
            found = self.pipeline.relevance(opened.utterance, opened.analysis.emotion, relevance)
            analysis = replace(opened.analysis, relevance=found)
            yield self.evidence.show_explanation(analysis, opened.utterance, attention)
        except Exception as error:
            yield {self.row_head: error_html(error)}

    def _on_note(
        self,
        shown: Shown | None,
        notes: Session | None,
        opened: Opened | None,
        written: str,
        tags: str,
    ) -> Updates:
        notes = notes or Session()
        try:
            if shown is None or opened is None:
                raise ResultsError(text.LAB_NO_ROW)
            notes = notes.write(opened.id, written, tags.split(","))
        except Exception as error:
            return {self.noted: error_html(error)}
        told = text.NOTE_SAVED.format(notes=len(notes.notes))
        return {self.noted: status_html(told), **self._show_notes(notes)}

    def _show_notes(self, notes: Session) -> Updates:
        choices = [(text.ANY, ""), *((f"{tag} ({n})", tag) for tag, n in notes.tags().items())]
        return {
            self.notes: notes,
            self.filters[7]: gr.update(choices=choices, visible=len(choices) > 1),
            self.session_link: _session_link(notes),
        }

    def _on_load(
        self,
        path: str,
        shown: Shown | None,
        notes: Session | None,
        opened: Opened | None,
        request: gr.Request,
    ) -> Updates:
        """A session file: its notes join those that are there, and win over them."""
        visitor = request.session_hash or ""
        self.uploads.add(visitor, TAB, path)
        try:
            if shown is None:
                raise ResultsError(text.NO_SET)
            loaded = session.load(path)
            joined = notes or Session()
            for identity, note in loaded.notes.items():
                joined = joined.write(identity, note.text, note.tags)
        except Exception as error:
            return {self.keep_told: error_html(error)}
        finally:
            self.uploads.remove(visitor, TAB, path)
        told = text.SESSION_LOADED.format(count=len(loaded.notes))
        if unknown := loaded.unknown(shown.results):
            told += " " + text.SESSION_UNKNOWN.format(count=len(unknown))
        updates = {**self._show_notes(joined), self.keep_told: status_html(told)}
        if opened is not None:
            note = joined.note(opened.id)
            updates |= {self.note: note.text, self.tags: ", ".join(note.tags)}
        return updates

    def _on_other(self, path: str, shown: Shown | None, request: gr.Request) -> Updates:
        """Another checkpoint's results, compared with these."""
        visitor = request.session_hash or ""
        self.uploads.add(visitor, TAB, path)
        try:
            if shown is None:
                raise ResultsError(text.NO_SET)
            found = compare.compare(shown.results, read_results(path))
        except Exception as error:
            return {
                self.compared: error_html(error),
                self.flips: gr.update(visible=False),
                self.flip_rows: gr.update(visible=False),
            }
        finally:
            self.uploads.remove(visitor, TAB, path)
        told = text.COMPARED.format(
            first=found.before,
            second=found.after,
            first_accuracy=found.accuracy_before,
            second_accuracy=found.accuracy_after,
            rows=len(found.table),
            difference=found.difference.value,
            low=found.difference.low,
            high=found.difference.high,
            fixed=found.count(compare.FIXED),
            broken=found.count(compare.BROKEN),
            p=found.p,
        )
        if found.left_out:
            told += " " + text.COMPARED_LEFT_OUT.format(count=found.left_out)
        place = {name: i + 1 for i, name in enumerate(shown.results.table["id"])}
        rows = [
            [place[one.id], one.id, one.label, one.before, one.after, text.CHANGES[one.change]]
            for one in found.flipped[:MOST_FLIPS].itertuples()
        ]
        return {
            self.compared: status_html(told),
            self.flips: gr.update(value=figures.flips(found), visible=True),
            self.flip_rows: gr.update(value=rows or None, visible=bool(rows)),
        }

    def _on_prepare(
        self, kind: str, shown: Shown | None, notes: Session | None, request: gr.Request
    ) -> Iterator[Updates]:
        """Writes an export; the server keeps it until the set is removed or the session ends."""
        try:
            if shown is None:
                raise ResultsError(text.NO_SET)
            yield {
                self.keep_told: status_html(text.EXPORT_WORKING),
                self.file: gr.update(value=None, visible=False),
            }
            visitor = request.session_hash or ""
            folder = self.uploads.folder(visitor) / "exports"
            folder.mkdir(exist_ok=True)
            try:
                path = save_file_to_cache(
                    write_export(kind, shown, notes or Session(), folder), get_upload_folder()
                )
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            self.uploads.add(visitor, EXPORTS, path)
            yield {
                self.keep_told: status_html(text.EXPORT_READY.format(name=Path(path).name)),
                self.file: gr.update(value=path, visible=True),
            }
        except Exception as error:
            yield {self.keep_told: error_html(error)}

    def _on_lab(self, opened: Opened | None) -> Updates:
        """The lab takes over what was analysed last; so this row is that now."""
        if opened is None or opened.utterance is None:
            return {self.noted: error_html(ResultsError(text.LAB_NO_ROW))}
        return {
            self.lab_session: LabSession(opened.utterance, None, example=True),
            self.tabs: gr.Tabs(selected=self.lab),
        }


def write_export(kind: str, shown: Shown, notes: Session, folder: Path) -> Path:
    """All rows, in a format of ``EXPORT_FORMATS``; clips bear the names the visitor knows.

    Raises:
        ResultsError: it cannot be written.
    """
    results = shown.results
    named = [shown.names.get(path, Path(path).name) for path in results.table["audio"]]
    frame = export.with_notes(replace(results, table=results.table.assign(audio=named)), notes)
    if kind == "csv":
        export.write_csv(frame, folder / "results.csv")
        return folder / "results.csv"
    if kind == "jsonl":
        export.write_jsonl(frame, folder / "results.jsonl")
        return folder / "results.jsonl"
    if kind == "parquet":
        export.write_parquet(frame, folder / "results.parquet")
        return folder / "results.parquet"
    if kind == "dataset":
        export.write_dataset(results, folder / "dataset", notes)
        return Path(shutil.make_archive(str(folder / "dataset"), "zip", folder / "dataset"))
    report.write_html(results, folder / "report.html", audio=kind == "html-sound")
    return folder / "report.html"


def _listing(headers: list[str], elem_id: str, numbers: Sequence[int], **options: Any) -> Any:
    """A table of rows of which the first column is the row's number. Text is shown as it is."""
    kinds: list[Any] = ["number" if i == 0 or i in numbers else "str" for i in range(len(headers))]
    return gr.Dataframe(
        headers=headers,
        datatype=kinds,
        interactive=False,
        show_label=False,
        max_height=420,
        buttons=[],
        elem_id=elem_id,
        elem_classes="listing",
        **options,
    )


def _filter(asked: Sequence[Any], worst: Sequence[Slice]) -> Filter:
    values: list[Any] = [value or "" for value in asked]
    label, prediction, outcome, speaker, corpus, inconsistent, chosen, tag, search = values
    return Filter(
        label=label,
        prediction=prediction,
        outcome=outcome,
        speaker=speaker,
        corpus=corpus,
        inconsistent=inconsistent,
        conditions=worst[int(chosen)].conditions if chosen else (),
        tag=tag,
        search=search,
    )


def _counts_html(results: Results, mask: NDArray[np.bool_]) -> str:
    told = text.SHOWN.format(shown=int(mask.sum()), total=len(results))
    scored = results.scored & mask
    if scored.any():
        right = results.table.loc[scored, "correct"].mean()
        told += text.SHOWN_SCORED.format(scored=int(scored.sum()), right=float(right))
        groups, by_speaker = metrics.group_codes(results.rows(mask))
        told += text.SHOWN_GROUPS.format(
            groups=int(groups.max()) + 1, unit=text.SPEAKERS if by_speaker else text.ROWS
        )
    return status_html(told)


def _rows(results: Results, notes: Session, mask: NDArray[np.bool_]) -> list[list[Any]] | None:
    """The rows as they are listed."""
    kinds = {kind: results.probabilities(kind) for kind in (VOICE, WORDS)}
    fused = results.probabilities()

    def alone(kind: str, i: int) -> str:
        values = kinds[kind][i]
        return "" if np.isnan(values).any() else results.labels[int(values.argmax())]

    def outcome(i: int) -> str:
        if not results.usable[i]:
            return text.OUTCOMES["failed"]
        if not results.scored[i]:
            return text.OUTCOMES["no label"]
        return text.OUTCOMES["right" if table["correct"].iloc[i] else "wrong"]

    table = results.table
    rows = []
    for i in np.flatnonzero(mask)[:MOST_ROWS].tolist():
        one = table.iloc[i]
        usable = bool(results.usable[i])
        emotion = one["emotion"]
        rows.append(
            [
                i + 1,
                _cut(one["id"]),
                one["label"],
                text.UNCERTAIN.format(emotion=emotion) if usable and one["uncertain"] else emotion,
                _number(float(fused[i].max())) if usable else None,
                outcome(i),
                _number(one["inconsistency"]),
                alone(VOICE, i),
                alone(WORDS, i),
                _cut(one["speaker"]),
                _number(one["duration"], 1),
                _cut(one["text"] if usable else one["error"]),
                ", ".join(notes.note(one["id"]).tags),
            ]
        )
    return rows or None


def _number(value: float, digits: int = 2) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)


def _cut(written: str) -> str:
    return written if len(written) <= MOST_CHARACTERS else written[: MOST_CHARACTERS - 1] + "…"


def _suspects(results: Results, mask: NDArray[np.bool_]) -> list[list[Any]] | None:
    found = [one for one in neighbours.label_suspects(results) if mask[one.row]]
    names = results.table["id"]
    return [
        [one.row + 1, _cut(names.iloc[one.row]), one.label, one.suggested, round(one.margin, 2)]
        for one in found[:MOST_SUSPECTS]
    ] or None


def _near(results: Results, row: int) -> list[list[Any]] | None:
    found = neighbours.nearest(results, row, NEIGHBOURS) if results.usable.sum() > 1 else ()
    rows = []
    for one in found:
        other = results.table.iloc[one.row]
        told = [_cut(other["id"]), other["label"], other["emotion"], round(one.distance, 3)]
        rows.append([one.row + 1, *told])
    return rows or None


def _row_head(results: Results, row: int) -> str:
    """Which row it is and what it is labelled, escaped."""
    one = results.table.iloc[row]
    label, original = one["label"], one["original_label"]
    if not label and not original:
        told = text.ROW_NO_LABEL
    elif label == original:
        told = text.ROW_LABEL.format(label=label)
    else:
        told = text.ROW_LABEL_ORIGINAL.format(label=label or "–", original=_cut(original))
    title = text.ROW_TITLE.format(number=row + 1, id=_cut(one["id"]))
    return f"<h3>{html.escape(title)}</h3><p>{html.escape(told)}</p>"


def _session_link(notes: Session) -> str:
    if not notes.notes:
        return ""
    return download_link(
        session.to_json(notes), "set-session-link", "drkf-notes.json", text.SESSION_DOWNLOAD
    )
