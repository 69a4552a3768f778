"""Figures of a set: what they show, fixed axes, and text that stays text."""

from __future__ import annotations

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from drkf.workbench import figures, metrics, neighbours, slices
from drkf.workbench.comparison import compare_results
from drkf.workbench.figures.groups import MAX_SHOWN
from drkf.workbench.results import Results
from tests.helpers.made_results import by_hand, make_results, sure

HOSTILE = '<a href="https://example.com">x</a>'

BY_MASK = {
    "headline": figures.headline_figure,
    "confusion": figures.confusion_figure,
    "reliability": figures.reliability_figure,
    "risk_coverage": figures.risk_coverage_figure,
    "facet": lambda results, mask=None: figures.facet_figure(results, "gender", mask),
    "worst_slices": figures.worst_slices_figure,
    "inconsistency": figures.inconsistency_figure,
    "disagreement": figures.disagreement_figure,
    "suspects": figures.suspects_figure,
}


def annotations(figure: go.Figure) -> list[str]:
    return [one.text for one in figure.layout.annotations]


@pytest.mark.parametrize("name", BY_MASK)
def test_a_mask_draws_as_its_rows_alone_with_the_same_axes(name: str) -> None:
    results = make_results(240, seed=2)
    table = results.table
    weak = (table["speaker"] == "speaker-1").to_numpy() & results.scored
    table.loc[weak, "emotion"] = np.where(table["label"][weak] == "joy", "anger", "joy")
    table.loc[weak, "correct"] = False
    mask = results.table["corpus"].to_numpy() == "first"
    everything, some = BY_MASK[name](results), BY_MASK[name](results, mask)
    if name != "suspects":  # they are judged among all rows
        assert some.to_json() == BY_MASK[name](results.rows(mask)).to_json()
    assert some.to_json() != everything.to_json()
    for figure in (everything, some):
        assert figure.layout.height and figure.layout.xaxis.range is not None
    assert everything.layout.xaxis.range == some.layout.xaxis.range


@pytest.mark.parametrize("name", BY_MASK)
def test_without_labels_a_figure_says_so(name: str) -> None:
    results = by_hand([{"label": "", "p": sure("joy")}] * 3)
    figure = BY_MASK[name](results)
    assert annotations(figure) and not figure.data and figure.layout.height
    assert BY_MASK[name](results, np.zeros(3, dtype=bool)).layout.height


def test_the_confusion_figure_counts_and_its_cells_choose_rows(results: Results) -> None:
    (heat,) = figures.confusion_figure(results).data
    counts = metrics.confusion(results)
    for i, label in enumerate(results.labels):
        for j, predicted in enumerate(results.labels):
            assert heat.text[i][j] == (str(counts[i, j]) if counts[i, j] else "")
            rows = figures.confusion_cell(results, *heat.customdata[i][j])
            assert rows.sum() == counts[i, j]
            assert set(results.table[rows]["label"]) <= {label}
            assert set(results.table[rows]["emotion"]) <= {predicted}
    shares = np.array(heat.z)
    np.testing.assert_allclose(shares.sum(1), 1)


def test_speakers_with_numbers_for_names_stay_names() -> None:
    rows = [{"label": "joy", "p": sure("joy"), "speaker": name} for name in ("03", "2024-01-01")]
    figure = figures.facet_figure(by_hand(rows), "speaker")
    assert list(figure.layout.yaxis.tickvals) == [0, 1]
    assert [text.split(" (")[0] for text in figure.layout.yaxis.ticktext] == ["03", "2024-01-01"]


def test_of_many_speakers_the_worst_are_drawn() -> None:
    rows = [
        {"label": "joy", "p": sure("joy" if i else "anger"), "speaker": f"s{i:02}"}
        for i in range(40)
    ]
    figure = figures.facet_figure(by_hand(rows), "speaker")
    assert len(figure.layout.yaxis.ticktext) == MAX_SHOWN
    assert figure.layout.yaxis.ticktext[0].startswith("s00 (n 1)")
    assert "the worst 30 of 40" in figure.layout.xaxis.title.text


def test_text_from_outside_is_never_markup() -> None:
    rows = [
        {
            "label": "joy",
            "p": sure("joy" if i % 2 else "anger"),
            "id": f"{HOSTILE}{i}",
            "text": HOSTILE,
            "speaker": HOSTILE,
            "gender": f"{HOSTILE}{i % 2}",
            "corpus": HOSTILE,
        }
        for i in range(24)
    ]
    results = by_hand(rows)
    drawn = neighbours.embedding_map(results)
    made = [
        *(figures.facet_figure(results, name) for name in slices.FACETS),
        figures.worst_slices_figure(results),
        *(figures.map_figure(results, drawn, c) for c in ("label", "inconsistency", "error")),
    ]
    text = json.dumps([figure.to_dict() for figure in made], default=str)
    assert "&lt;a href" in text and "<a " not in text


def test_the_map_colours_by_what_is_asked(results: Results) -> None:
    drawn = neighbours.embedding_map(results)
    for colour, column in (("label", "label"), ("prediction", "emotion")):
        figure = figures.map_figure(results, drawn, colour)
        for trace in figure.data:
            found = set(results.table[column].iloc[list(trace.customdata)])
            assert found == {"" if trace.name == "no label" else trace.name}
        assert len({trace.marker.symbol for trace in figure.data}) == len(figure.data)
    right, wrong = figures.map_figure(results, drawn, "error").data[1:]
    assert results.table["correct"].iloc[list(right.customdata)].all()
    assert not results.table["correct"].iloc[list(wrong.customdata)].any()
    for trace in figures.map_figure(results, drawn, "inconsistency").data[1:]:
        values = results.table["inconsistency"].iloc[list(trace.customdata)]
        np.testing.assert_allclose(trace.marker.color, values)


def test_filtering_the_map_does_not_move_it(results: Results) -> None:
    drawn = neighbours.embedding_map(results)
    mask = results.table["gender"].to_numpy() == "male"
    some = figures.map_figure(results, drawn, "label", mask)
    assert some.layout.xaxis == figures.map_figure(results, drawn, "label").layout.xaxis
    rows = np.concatenate([list(trace.customdata) for trace in some.data])
    assert sorted(rows) == list(np.flatnonzero(mask & results.usable))


def test_flips_of_each_label() -> None:
    labels = ["joy", "joy", "anger"]
    before = by_hand([{"label": one, "p": sure("joy")} for one in labels])
    after = by_hand([{"label": one, "p": sure("anger")} for one in labels])
    fixed, broken = figures.flips_figure(compare_results(before, after)).data
    assert list(fixed.x) == [1, 0] and list(broken.x) == [0, -2]
    assert broken.text[1] == "-2"


def test_the_slice_figure_marks_what_is_more_than_chance() -> None:
    rows = [
        {"label": "joy", "p": sure("anger" if i < 30 else "joy"), "gender": "fm"[i >= 30]}
        for i in range(90)
    ]
    figure = figures.worst_slices_figure(by_hand(rows))
    assert figure.layout.yaxis.ticktext[0].startswith("f (n 30) ★<br>1.00")


def test_the_matrix_of_suspects_counts_those_that_are_listed(results: Results) -> None:
    listed = neighbours.label_suspects(results)
    mask = np.arange(len(results)) % 2 == 0
    (heat,) = figures.suspects_figure(results, mask).data
    for i, label in enumerate(results.labels):
        for j, said in enumerate(results.labels):
            cell = [s for s in listed if (s.label, s.suggested) == (label, said) and mask[s.row]]
            assert heat.text[i][j] == (str(len(cell)) if cell else "")


def test_points_of_slices_bear_their_conditions(results: Results) -> None:
    (points,) = figures.facet_figure(results, "gender").data
    keys = [slices.read_key(key) for key in points.customdata]
    assert {(("gender", "female"),), (("gender", "male"),)} == set(keys)
    for key, wrong in zip(keys, points.x, strict=True):
        rows = slices.rows_of(results, key) & results.scored
        assert 1 - results.table["correct"][rows].mean() == pytest.approx(wrong)
