"""Plotly figures: one function a figure, the same colours and axes everywhere."""

from drkf.figures.analysis import (
    attention,
    inconsistency_gauge,
    inconsistency_readings,
    probabilities,
    relevance_reach,
    shapley,
    voice_timeline,
    word_relevance,
)
from drkf.figures.comparison import (
    grid_emotions,
    grid_inconsistency,
    inconsistency_change,
    probability_change,
    shapley_change,
)
from drkf.figures.style import for_projector

__all__ = [
    "attention",
    "for_projector",
    "grid_emotions",
    "grid_inconsistency",
    "inconsistency_change",
    "inconsistency_gauge",
    "inconsistency_readings",
    "probabilities",
    "probability_change",
    "relevance_reach",
    "shapley",
    "shapley_change",
    "voice_timeline",
    "word_relevance",
]
