"""The views of a set's results: a tab for each, drawn when it is opened."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any, Protocol

import gradio as gr

from drkf.errors import ResultsError
from drkf.ui.events import Updates, Values
from drkf.ui.parts import error_html, plot, status_html
from drkf.ui.server.headings import headed
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import workbench as text
from drkf.ui.workbench.rows import suspect_cells
from drkf.ui.workbench.shown import STATE_SECONDS, TAB, WORK, Asked, States, listing, told
from drkf.workbench import comparison, figures
from drkf.workbench.comparison import PairedComparison
from drkf.workbench.exported import read_results
from drkf.workbench.neighbours import EmbeddingMap
from drkf.workbench.results import Results

MAX_FLIPS = 500


class View(Protocol):
    """One tab.

    ``inputs`` are its own controls, ``outputs`` what ``draw`` and ``nothing`` change.
    """

    name: str
    tab: gr.Tab
    inputs: list[Any]
    outputs: list[Any]

    def draw(self, asked: Asked, values: Values) -> Updates:
        """Its figures of the rows that are asked for."""

    def nothing(self) -> Updates:
        """As it is without results, as far as it does not draw them anew each time."""


class Views:
    """All of them, in their order on the page."""

    def __init__(self) -> None:
        with gr.Tabs(elem_id="set-views") as self.tabs:
            self.overview = OverviewView()
            self.calibration = CalibrationView()
            self.slices = SlicesView()
            self.agreement = AgreementView()
            self.map = MapView()
            self.suspects = SuspectsView()
            self.compare = CompareView()
        self.open = gr.State(self.overview.name)
        self.all: dict[str, View] = {
            view.name: view
            for view in (
                self.overview,
                self.calibration,
                self.slices,
                self.agreement,
                self.map,
                self.suspects,
                self.compare,
            )
        }
        self.inputs = [self.open, *(part for view in self.all.values() for part in view.inputs)]
        self.outputs = [
            self.tabs,
            self.open,
            *(part for view in self.all.values() for part in view.outputs),
        ]

    def draw(self, asked: Asked, values: Values) -> Updates:
        """The view that is open; the others are drawn when they are opened."""
        return self.all[values[self.open]].draw(asked, values)

    def nothing(self) -> Updates:
        return {part: new for view in self.all.values() for part, new in view.nothing().items()}


class OverviewView:
    """The confusion matrix and the headline figures."""

    name = "overview"

    def __init__(self) -> None:
        with gr.Tab(text.OVERVIEW, id=self.name) as self.tab, gr.Row():
            self.confusion = card(text.CONFUSION, "set-confusion", text.CONFUSION_CAVEAT)
            self.headline = card(text.HEADLINE, "set-headline", text.HEADLINE_CAVEAT)
        self.inputs: list[Any] = []
        self.outputs = [self.confusion, self.headline]

    def draw(self, asked: Asked, values: Values) -> Updates:
        # Its own cells do not filter the matrix: the others must stay to be clicked on.
        whole = replace(asked.filter, label="", prediction="").mask(asked.results, asked.notes)
        return {
            self.confusion: figures.confusion_figure(asked.results, whole),
            self.headline: figures.headline_figure(asked.results, asked.mask),
        }

    def nothing(self) -> Updates:
        return {}


class CalibrationView:
    """How far confidence is from accuracy."""

    name = "calibration"

    def __init__(self) -> None:
        with gr.Tab(text.CALIBRATION, id=self.name) as self.tab, gr.Row():
            self.reliability = card(text.RELIABILITY, "set-reliability", text.RELIABILITY_CAVEAT)
            self.risk = card(text.RISK, "set-risk", text.RISK_CAVEAT)
        self.inputs: list[Any] = []
        self.outputs = [self.reliability, self.risk]

    def draw(self, asked: Asked, values: Values) -> Updates:
        return {
            self.reliability: figures.reliability_figure(asked.results, asked.mask),
            self.risk: figures.risk_coverage_figure(asked.results, asked.mask),
        }

    def nothing(self) -> Updates:
        return {}


class SlicesView:
    """Groups of rows: those that fail most, and all groups of one facet."""

    name = "slices"

    def __init__(self) -> None:
        with gr.Tab(text.SLICES, id=self.name) as self.tab, gr.Row():
            self.worst = card(text.WORST, "set-worst", text.WORST_CAVEAT)
            with gr.Column(min_width=400, elem_classes="card"):
                self.facet = gr.Dropdown(
                    [(name, key) for key, name in text.FACETS.items()],
                    value="label",
                    label=text.FACET,
                    elem_id="set-facet",
                )
                self.facets = plot("set-facets")
                gr.Markdown(text.FACET_CAVEAT, elem_classes="caveat")
        self.inputs: list[Any] = [self.facet]
        self.outputs = [self.worst, self.facets]

    def draw(self, asked: Asked, values: Values) -> Updates:
        # Their own points do not filter them: the others must stay to be clicked on.
        whole = replace(asked.filter, conditions=()).mask(asked.results, asked.notes)
        return {
            self.worst: figures.worst_slices_figure(asked.results, whole),
            self.facets: figures.facet_figure(asked.results, values[self.facet], whole),
        }

    def nothing(self) -> Updates:
        return {}


class AgreementView:
    """Where voice and words get different emotions, and which of them is right."""

    name = "agreement"

    def __init__(self) -> None:
        with gr.Tab(text.AGREEMENT, id=self.name) as self.tab, gr.Row():
            self.inconsistency = card(
                text.INCONSISTENCY, "set-inconsistency", text.INCONSISTENCY_CAVEAT
            )
            self.who = card(text.WHO, "set-who", text.WHO_CAVEAT)
        self.inputs: list[Any] = []
        self.outputs = [self.inconsistency, self.who]

    def draw(self, asked: Asked, values: Values) -> Updates:
        return {
            self.inconsistency: figures.inconsistency_figure(asked.results, asked.mask),
            self.who: figures.disagreement_figure(asked.results, asked.mask),
        }

    def nothing(self) -> Updates:
        return {}


class MapView:
    """The fused representation in two dimensions, computed when a visitor asks for it."""

    name = "map"

    def __init__(self) -> None:
        with gr.Tab(text.MAP, id=self.name) as self.tab, gr.Column(elem_classes="card"):
            # Within the tab: Gradio counts whatever lies between tabs as one of them.
            self.drawn = gr.State(None, time_to_live=STATE_SECONDS)
            with gr.Row():
                self.start = gr.Button(text.MAP_BUTTON, elem_id="set-draw", min_width=120)
                self.colour = gr.Radio(
                    [(name, key) for key, name in text.MAP_COLOURS.items()],
                    value="label",
                    label=text.MAP_COLOUR,
                    elem_id="set-colour",
                )
            self.told = told("set-map-told")
            self.figure = plot("set-map", visible=False)
            gr.Markdown(text.MAP_CAVEAT, elem_classes="caveat")
        self.inputs: list[Any] = [self.drawn, self.colour]
        self.outputs = [self.drawn, self.told, self.figure]

    def draw(self, asked: Asked, values: Values) -> Updates:
        drawn: EmbeddingMap | None = values[self.drawn]
        if drawn is None:
            return {}
        figure = figures.map_figure(asked.results, drawn, values[self.colour], asked.mask)
        return {self.figure: gr.update(value=figure, visible=True)}

    def keep(self, drawn: EmbeddingMap) -> Updates:
        """A map that has been computed."""
        said = i18n.counted(text.MAP_LEFT_OUT, drawn.left_out) if drawn.left_out else ""
        return {self.drawn: drawn, self.told: html.escape(said)}

    def nothing(self) -> Updates:
        return {
            self.drawn: None,
            self.told: "",
            self.figure: gr.update(value=None, visible=False),
        }


class SuspectsView:
    """Labels that the model confidently contradicts."""

    name = "suspects"

    def __init__(self) -> None:
        with gr.Tab(text.SUSPECTS, id=self.name) as self.tab, gr.Row():
            self.figure = card(text.SUSPECTS, "set-suspects", text.SUSPECTS_CAVEAT)
            with gr.Column(min_width=400):
                self.rows = listing(lambda: text.SUSPECT_HEADERS, "set-suspect-rows", (4,))
        self.inputs: list[Any] = []
        self.outputs = [self.figure, self.rows]

    def draw(self, asked: Asked, values: Values) -> Updates:
        return {
            self.figure: figures.suspects_figure(asked.results, asked.mask),
            self.rows: headed(text.SUSPECT_HEADERS, suspect_cells(asked)),
        }

    def nothing(self) -> Updates:
        return {}


class CompareView:
    """Another checkpoint's results of the same set, beside these."""

    name = "compare"

    def __init__(self) -> None:
        with gr.Tab(text.COMPARE, id=self.name) as self.tab, gr.Column(elem_classes="card"):
            gr.Markdown(text.COMPARE_HELP)
            self.other = gr.UploadButton(
                text.COMPARE_BUTTON, file_types=[".csv", ".jsonl"], elem_id="set-other"
            )
            self.told = told("set-compared")
            self.figure = plot("set-flips", visible=False)
            self.rows = listing(lambda: text.FLIP_HEADERS, "set-flip-rows", (), visible=False)
        self.inputs: list[Any] = []
        self.outputs = [self.told, self.figure, self.rows]

    def draw(self, asked: Asked, values: Values) -> Updates:
        return {}  # what was compared stays, whatever the filters

    def nothing(self) -> Updates:
        return {
            self.told: "",
            self.figure: gr.update(value=None, visible=False),
            self.rows: gr.update(visible=False),
        }

    def connect(self, states: States, uploads: Uploads) -> None:
        def on_other(values: Values, request: gr.Request) -> Updates:
            visitor, path = request.session_hash or "", values[self.other]
            uploads.add(visitor, TAB, path)
            try:
                if values[states.shown] is None:
                    raise ResultsError(text.NO_SET)
                results = values[states.shown].results
                return self.show(results, comparison.compare_results(results, read_results(path)))
            except Exception as error:  # nothing may reach the page as a traceback
                return {
                    self.told: error_html(error),
                    self.figure: gr.update(visible=False),
                    self.rows: gr.update(visible=False),
                }
            finally:
                uploads.remove(visitor, TAB, path)

        self.other.upload(
            on_other,
            {self.other, states.shown},
            self.outputs,
            show_progress="minimal",
            show_progress_on=self.told,
            **WORK,
        )

    def show(self, results: Results, found: PairedComparison) -> Updates:
        rows = flip_cells(results, found)
        return {
            self.told: status_html(comparison_sentence(found)),
            self.figure: gr.update(value=figures.flips_figure(found), visible=True),
            self.rows: gr.update(value=headed(text.FLIP_HEADERS, rows), visible=bool(rows)),
        }


def card(heading: str, elem_id: str, caveat: str) -> gr.Plot:
    """A figure with its heading, and what it does not say."""
    with gr.Column(min_width=400, elem_classes="card"):
        gr.Markdown("### " + heading)
        figure = plot(elem_id)
        gr.Markdown(caveat, elem_classes="caveat")
    return figure


def comparison_sentence(found: PairedComparison) -> str:
    """Which checkpoint is right more often, and whether that is more than chance."""
    said = text.COMPARED.format(
        first=found.before,
        second=found.after,
        first_accuracy=found.accuracy_before,
        second_accuracy=found.accuracy_after,
        rows=len(found.table),
        difference=found.difference.value,
        low=found.difference.low,
        high=found.difference.high,
        fixed=found.count(comparison.FIXED),
        broken=found.count(comparison.BROKEN),
        p=found.p,
    )
    if found.left_out:
        said += " " + i18n.counted(text.COMPARED_LEFT_OUT, found.left_out)
    return said


def flip_cells(results: Results, found: PairedComparison) -> list[list[Any]]:
    """Rows that the two answer differently."""
    place = {name: i + 1 for i, name in enumerate(results.table["id"])}
    return [
        [place[one.id], one.id, one.label, one.before, one.after, text.CHANGES[one.change]]
        for one in found.flipped[:MAX_FLIPS].itertuples()
    ]
