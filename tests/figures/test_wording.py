"""Figures in another language have no English left."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import plotly.graph_objects as go

from drkf import figures
from drkf.analysis import Analysis
from drkf.conversation.moment import Moment
from drkf.figures.timeline import emotions_over_time
from drkf.figures.wording import ENGLISH, Wording
from drkf.labels import EMOTIONS
from drkf.whatif.comparison import Comparison, Grid, GridCell, ShapleyChange
from tests.helpers.predictions import FUSED

#: Every word upside down, as it were: nothing English is left in it.
FOREIGN = Wording(
    emotions={label: f"‹{label[::-1]}›" for label in EMOTIONS},
    **{
        field.name: re.sub(r"[^\W\d_]+(?![^{]*})", "‹›", getattr(ENGLISH, field.name))
        for field in dataclasses.fields(Wording)
        if field.name != "emotions"
    },
)


def english_in(figure: go.Figure) -> list[str]:
    """Words of the English figures that this one still shows."""
    figure.for_each_trace(lambda trace: trace.update(name=None))
    shown = re.sub("<[^>]*>", " ", figure.to_json().encode().decode("unicode_escape"))
    wanted = {
        word
        for field in dataclasses.fields(Wording)
        if field.name != "emotions"
        for word in re.findall(r"[a-z]{5,}", getattr(ENGLISH, field.name))
    } - {"method", "emotion", "range"}
    texts = re.findall(r'"(?:text|ticktext|y|hovertext|hovertemplate)":(\[.*?\]|".*?")', shown)
    found = " ".join(texts)
    return sorted(word for word in {*wanted, *EMOTIONS} if re.search(rf"\b{word}\b", found))


def test_no_english_is_left(analysis: Analysis, samples: np.ndarray) -> None:
    assert analysis.shapley is not None
    change = Comparison(analysis, analysis, (ShapleyChange(analysis.shapley, analysis.shapley),))
    cell = GridCell("anger", 0.5, 0.2, False)
    grid = Grid(EMOTIONS, ("a",), ("b",), ((cell,),))
    moments = [Moment(0, 1, FUSED, 0.8, "contradict", words="so")]
    drawn = {
        "probabilities": figures.probability_bars(analysis, FOREIGN),
        "attention": figures.attention_bars(analysis, wording=FOREIGN),
        "shapley": figures.shapley_bars(analysis, FOREIGN),
        "gauge": figures.inconsistency_gauge(analysis, FOREIGN),
        "readings": figures.inconsistency_readings(analysis, FOREIGN),
        "voice": figures.voice_timeline(analysis, samples, wording=FOREIGN),
        "word relevance": figures.word_relevance(analysis, FOREIGN),
        "probability change": figures.probability_change(change, FOREIGN),
        "shapley change": figures.shapley_change(change, FOREIGN),
        "inconsistency change": figures.inconsistency_change(change, FOREIGN),
        "grid": figures.grid_emotions(grid, FOREIGN),
        "timeline": emotions_over_time(moments, 0, 60, 0.5, wording=FOREIGN),
    }
    assert {name: found for name, figure in drawn.items() if (found := english_in(figure))} == {}


def test_the_search_finds_english(analysis: Analysis) -> None:
    assert {"probability", "anger", "voice"} <= set(english_in(figures.probability_bars(analysis)))


def test_a_class_without_a_name_is_its_own_name() -> None:
    assert Wording(emotions={"joy": "Freude"}).emotion("bliss") == "bliss"
