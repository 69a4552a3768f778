"""Plotly figures: one function a figure, the same colours and axes everywhere."""

from drkf.figures.analysis import (
    attention_bars,
    inconsistency_gauge,
    inconsistency_readings,
    probability_bars,
    shapley_bars,
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
    "attention_bars",
    "for_projector",
    "grid_emotions",
    "grid_inconsistency",
    "inconsistency_change",
    "inconsistency_gauge",
    "inconsistency_readings",
    "probability_bars",
    "probability_change",
    "relevance_reach",
    "shapley_bars",
    "shapley_change",
    "voice_timeline",
    "word_relevance",
]
