"""Neighbours worked out by hand, a map that keeps clusters, and planted wrong labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drkf.errors import ResultsError
from drkf.workbench import neighbours
from drkf.workbench.results import Results
from tests.helpers.made_results import by_hand, make_results, sure


def with_vectors(vectors: list[list[float]]) -> Results:
    results = by_hand([{"label": "joy", "p": sure("joy")}] * len(vectors))
    return replace(results, embeddings=np.array(vectors, dtype=np.float32))


def test_nearest_by_cosine() -> None:
    results = with_vectors([[1, 0], [0, 3], [5, 5], [-2, 0], [np.nan, np.nan]])
    found = neighbours.nearest(results, 0, 3)
    assert [one.row for one in found] == [2, 1, 3]
    assert [one.distance for one in found] == pytest.approx([1 - np.sqrt(0.5), 1, 2], abs=1e-6)
    assert len(neighbours.nearest(results, 0, 50)) == 3


def test_a_clip_is_not_its_own_neighbour_even_among_copies() -> None:
    results = with_vectors([[1, 1]] * 6)
    for row in range(6):
        found = [one.row for one in neighbours.nearest(results, row, 3)]
        assert row not in found and len(set(found)) == 3


def test_rows_without_a_vector_have_no_neighbours() -> None:
    results = make_results(20)
    with pytest.raises(ResultsError, match="no result"):
        neighbours.nearest(results, 9)
    with pytest.raises(ResultsError, match="rows are 0 to 19"):
        neighbours.nearest(results, 20)


def test_the_map_keeps_clusters_and_repeats_itself() -> None:
    rng = np.random.default_rng(0)
    cluster = np.repeat([0, 1, 2], 20)
    vectors = 8 * np.eye(3, 16)[cluster] + rng.standard_normal((60, 16))
    vectors[5] = np.nan
    results = with_vectors(vectors.tolist())
    drawn = neighbours.embedding_map(results)
    assert drawn.shown.sum() == 59 and not drawn.shown[5] and drawn.left_out == 0
    points, cluster = drawn.points[drawn.shown], cluster[drawn.shown]
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distance, np.inf)
    assert (cluster[distance.argmin(1)] == cluster).mean() > 0.95
    np.testing.assert_array_equal(drawn.points, neighbours.embedding_map(results).points)


def test_a_large_set_is_drawn_in_part() -> None:
    drawn = neighbours.embedding_map(make_results(60), max_rows=20)
    assert drawn.shown.sum() == 20 and drawn.left_out == 54 - 20


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_maps_of_a_few_rows(count: int) -> None:
    results = make_results(10)
    few = results.rows(np.arange(10) < count)
    assert neighbours.embedding_map(few).shown.sum() == count


def test_confident_contradictions_are_suspects() -> None:
    # Thresholds: anger (0.9 + 0.9 + 0.1) / 3 = 0.63; joy (0.8 + 0.8 + 0.4) / 3 = 0.67.
    results = by_hand(
        [
            {"label": "anger", "p": [0.9, 0.05, 0.05]},
            {"label": "anger", "p": [0.9, 0.05, 0.05]},
            {"label": "anger", "p": [0.1, 0.85, 0.05]},  # says joy beyond joy's threshold
            {"label": "joy", "p": [0.1, 0.8, 0.1]},
            {"label": "joy", "p": [0.1, 0.8, 0.1]},
            {"label": "joy", "p": [0.5, 0.4, 0.1]},  # wrong, but below anger's threshold
            {"label": "", "p": [0.9, 0.05, 0.05]},
        ]
    )
    (found,) = neighbours.label_suspects(results)
    assert (found.row, found.label, found.suggested) == (2, "anger", "joy")
    assert found.margin == pytest.approx(0.75)


def test_planted_wrong_labels_come_first() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(3, size=150)
    rows = [
        {"p": sure(("anger", "joy", "sadness")[i], rng.uniform(0.6, 0.95)), "speaker": "x"}
        for i in labels
    ]
    wrong = set(range(0, 150, 15))
    for i, row in enumerate(rows):
        row["label"] = ("anger", "joy", "sadness")[(labels[i] + (i in wrong)) % 3]
    found = neighbours.label_suspects(by_hand(rows))
    assert found and {one.row for one in found} <= wrong
    margins = [one.margin for one in found]
    assert margins == sorted(margins, reverse=True)


def test_without_labels_no_suspects() -> None:
    assert neighbours.label_suspects(by_hand([{"label": "", "p": sure("joy")}])) == ()
