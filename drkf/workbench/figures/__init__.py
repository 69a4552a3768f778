"""Results -> Plotly figures: one function a figure, each of all rows or of those in a mask."""

from drkf.workbench.figures.groups import (
    facet_figure,
    suspects_figure,
    worst_slices_figure,
)
from drkf.workbench.figures.modalities import disagreement_figure, inconsistency_figure
from drkf.workbench.figures.points import MapColour, map_figure
from drkf.workbench.figures.scores import (
    confusion_cell,
    confusion_figure,
    flips_figure,
    headline_figure,
    reliability_figure,
    risk_coverage_figure,
)

__all__ = [
    "MapColour",
    "confusion_cell",
    "confusion_figure",
    "disagreement_figure",
    "facet_figure",
    "flips_figure",
    "headline_figure",
    "inconsistency_figure",
    "map_figure",
    "reliability_figure",
    "risk_coverage_figure",
    "suspects_figure",
    "worst_slices_figure",
]
