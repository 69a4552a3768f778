"""Plotly figures: one function a figure, the same colours and axes everywhere."""

from drkf.figures.analysis import (
    attention,
    inconsistency_gauge,
    inconsistency_readings,
    probabilities,
    shapley,
)
from drkf.figures.comparison import (
    grid_emotions,
    grid_inconsistency,
    inconsistency_change,
    probability_change,
    shapley_change,
)
from drkf.figures.relevance import relevance_reach, voice_timeline, word_relevance
from drkf.figures.style import for_projector
from drkf.figures.wording import ENGLISH, Wording

__all__ = [
    "ENGLISH",
    "Wording",
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
