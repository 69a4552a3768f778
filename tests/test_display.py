"""How an analysis shows itself: printed, in a notebook, as a table and as a figure."""

from __future__ import annotations

import sys
from dataclasses import replace

import plotly.graph_objects as go
import pytest

from drkf import figures
from drkf.analysis import Analysis, InconsistencyEvidence, Prediction, Transcript
from drkf.display import FIGURES
from drkf.errors import ExplanationError, MissingExtraError

LABELS = ("anger", "joy", "neutral")
BOTH = Analysis(
    fused=Prediction(LABELS, (0.7, 0.2, 0.1)),
    audio=Prediction(LABELS, (0.8, 0.1, 0.1)),
    text=Prediction(LABELS, (0.1, 0.6, 0.3)),
    transcript=Transcript("so <b>glad</b>\nto see you", "typed"),
    uncertain=True,
    inconsistency=InconsistencyEvidence(0.9, 0.5, divergence=0.6),
    warnings=("It is <very> quiet.",),
)
WORDS = replace(BOTH, audio=None, inconsistency=None, uncertain=False)
VOICE = replace(WORDS, audio=BOTH.audio, text=None, transcript=Transcript("", "none"))


def test_it_prints_itself_in_three_lines() -> None:
    assert str(BOTH).split("\n") == [
        "anger 0.70, uncertain",
        "voice anger 0.80, words joy 0.60: contradict (inconsistency 0.90)",
        "'so <b>glad</b> to see you' (typed)",
    ]
    assert str(WORDS).split("\n")[:2] == ["anger 0.70", "from the words alone"]
    assert str(VOICE).split("\n")[1:] == ["from the voice alone", "no words"]
    assert f"{BOTH}" == str(BOTH) and repr(BOTH).startswith("Analysis(")


def test_a_notebook_shows_its_probabilities_and_escapes_words() -> None:
    page = BOTH._repr_html_()
    assert page.index("anger") < page.index("joy") < page.index("neutral")
    for shown in ("0.70", "0.80", "0.60", "fused", "audio", "text", "contradict"):
        assert shown in page
    assert "<b>" not in page and "<very>" not in page and "so &lt;b&gt;glad" in page
    assert "audio" not in WORDS._repr_html_().partition("<thead>")[2].partition("</thead>")[0]


def test_it_becomes_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    table = BOTH.to_frame()
    assert list(table.index) == list(LABELS) and table.index.name == "emotion"
    assert table.loc["joy"].to_dict() == {"fused": 0.2, "audio": 0.1, "text": 0.6}
    assert list(VOICE.to_frame().columns) == ["fused", "audio"]
    monkeypatch.setattr("drkf.extras.find_spec", lambda name: None)
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    with pytest.raises(MissingExtraError, match=r"pandas.*pip install 'drkf\[workbench\]'"):
        BOTH.to_frame()


def test_it_plots_what_needs_nothing_else() -> None:
    assert BOTH.plot() == figures.probability_bars(BOTH)
    for name in FIGURES:
        assert isinstance(BOTH.plot(name), go.Figure), name
    with pytest.raises(ExplanationError, match="no figure 'pie': choose one of probabilities"):
        BOTH.plot("pie")
