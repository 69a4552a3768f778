"""The figures of the report, in the page's order, each with its title and caption."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from drkf.workbench import figures, neighbours, slices
from drkf.workbench.comparison import PairedComparison
from drkf.workbench.results import Results


@dataclass(frozen=True)
class ReportFigure:
    """A figure of the page. ``action``: what a click on a point does ("", "cell" or "row")."""

    title: str
    caption: str
    figure: go.Figure
    action: str = ""
    wide: bool = False

    @property
    def height(self) -> int:
        return int(self.figure.layout.height)


def report_figures(
    results: Results, drawn: neighbours.EmbeddingMap, comparison: PairedComparison | None
) -> list[ReportFigure]:
    """All that these results have; those that need labels only where there are any."""
    shown = []
    if comparison is not None:
        shown.append(
            ReportFigure(
                "Rows that flipped",
                f"Before: {comparison.before}; after: {comparison.after}. Rows of each label that "
                "only one of the two has right.",
                figures.flips_figure(comparison),
            )
        )
    if results.scored.any():
        shown += [*_of_answers(results), *_of_modalities(results), *_of_groups(results)]
    return [*shown, *_maps(results, drawn)]


def _of_answers(results: Results) -> list[ReportFigure]:
    """How good the answers are, and how well their confidence tells it."""
    return [
        ReportFigure(
            "Confusion",
            "Counts; darker is a larger share of the label's rows. A click on a cell shows "
            "its rows below.",
            figures.confusion_figure(results),
            action="cell",
        ),
        ReportFigure(
            "Reliability",
            "A well calibrated model's diamonds lie on the dotted line.",
            figures.reliability_figure(results),
        ),
        ReportFigure(
            "Risk and coverage",
            "The error when only the most confident rows are kept. A confidence that tells "
            "nothing would stay at the dotted line.",
            figures.risk_coverage_figure(results),
        ),
    ]


def _of_modalities(results: Results) -> list[ReportFigure]:
    """Voice against words."""
    return [
        ReportFigure(
            "Inconsistency against correctness",
            "Whether the model errs more where it finds voice and words inconsistent. An AUROC "
            "of 0.5 is no relation.",
            figures.inconsistency_figure(results),
        ),
        ReportFigure(
            "Who was right when voice and words disagreed",
            "Rows whose voice alone and words alone get different emotions.",
            figures.disagreement_figure(results),
        ),
    ]


def _of_groups(results: Results) -> list[ReportFigure]:
    """Where the model fails, and where the labels may."""
    return [
        *(
            ReportFigure(
                f"By {name}",
                "With 95 % Wilson intervals, which take rows as independent.",
                figures.facet_figure(results, name),
            )
            for name in slices.FACETS
            if len(slices.parts(results, name)) > 1
        ),
        ReportFigure(
            "Labels to check, by class",
            "Rows whose label the model confidently contradicts.",
            figures.suspects_figure(results),
        ),
    ]


def _maps(results: Results, drawn: neighbours.EmbeddingMap) -> list[ReportFigure]:
    """The map in several colours."""
    colours: tuple[figures.MapColour, ...] = ("prediction", "inconsistency")
    if results.scored.any():
        colours = ("label", "prediction", "inconsistency", "error")
    return [
        ReportFigure(
            f"Map of the fused representation: {colour}",
            "t-SNE: near points are alike to the model; distances between clusters and their "
            "sizes mean nothing. A click on a point opens its row below.",
            figures.map_figure(results, drawn, colour),
            action="row",
        )
        for colour in colours
    ]
