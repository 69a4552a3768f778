"""The fused representation: a map of it, nearest neighbours, and labels that look wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drkf.errors import ResultsError
from drkf.workbench.results import Results

MAX_MAPPED = 2000
"""Rows on a map. t-SNE takes seconds for these, and a page draws them without delay."""
COMPONENTS = 50
PERPLEXITY = 30.0


@dataclass(frozen=True)
class EmbeddingMap:
    """Every row's place (n, 2) on the map, NaN where it has none; ``left_out`` rows have a vector
    but no place, because there are too many."""

    points: NDArray[np.float64]
    left_out: int

    @property
    def shown(self) -> NDArray[np.bool_]:
        """(n,) True on rows with a place."""
        return np.asarray(~np.isnan(self.points).any(1))


@dataclass(frozen=True)
class Neighbour:
    """Another row and its cosine distance, 0..2."""

    row: int
    distance: float


@dataclass(frozen=True)
class Suspect:
    """A row whose label the model confidently contradicts.

    ``margin``: the probability of ``suggested`` less that of the label, 0..1.
    """

    row: int
    label: str
    suggested: str
    margin: float


def embedding_map(results: Results, max_rows: int = MAX_MAPPED, seed: int = 0) -> EmbeddingMap:
    """t-SNE (van der Maaten & Hinton 2008) of the fused vectors by cosine distance.

    Vectors are scaled to length 1 (so that Euclidean distance orders them as cosine does) and
    reduced to 50 principal components first, as its authors do. The same results give the same
    map. Near points are alike; distances between clusters and their sizes mean nothing. Of more
    than ``max_rows`` rows, that many are drawn at random.
    """
    # Slow to import, and not needed by most of the workbench.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    points = np.full((len(results), 2), np.nan)
    rows = np.flatnonzero(~np.isnan(results.embeddings).any(1))
    left_out = max(0, len(rows) - max_rows)
    if left_out:
        rows = np.sort(np.random.default_rng(seed).choice(rows, max_rows, replace=False))
    vectors = _unit(results.embeddings[rows])
    if len(rows) < 4:  # too few for neighbourhoods: side by side
        points[rows] = np.stack([np.arange(len(rows)), np.zeros(len(rows))], axis=1)
        return EmbeddingMap(points, left_out)
    components = min(COMPONENTS, *vectors.shape)
    reduced = PCA(components, random_state=seed).fit_transform(vectors)
    points[rows] = TSNE(
        # Above a third of the rows the neighbourhoods are the whole set.
        perplexity=min(PERPLEXITY, (len(rows) - 1) / 3),
        init="pca" if components > 1 else "random",
        random_state=seed,
    ).fit_transform(reduced)
    return EmbeddingMap(points, left_out)


def nearest(results: Results, row: int, count: int = 8) -> tuple[Neighbour, ...]:
    """The rows nearest to a row by the cosine distance of fused vectors, nearest first.

    Raises:
        ResultsError: no such row, or it has no vector.
    """
    if not 0 <= row < len(results):
        raise ResultsError(f"No row {row}: rows are 0 to {len(results) - 1}.")
    if np.isnan(results.embeddings[row]).any():
        raise ResultsError(f"Row {row} has no result, and so no neighbours.")
    indices, distances = all_nearest(results, np.array([row]), count)
    return tuple(
        Neighbour(int(index), float(distance))
        for index, distance in zip(indices[0], distances[0], strict=True)
    )


def all_nearest(
    results: Results, rows: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The same for many rows, all with a vector: neighbours (R, count) and distances, fewer where
    the set has fewer."""
    from sklearn.neighbors import NearestNeighbors

    known = np.flatnonzero(~np.isnan(results.embeddings).any(1))
    asked = min(count + 1, len(known))  # one is the row itself
    index = NearestNeighbors(metric="cosine", algorithm="brute").fit(results.embeddings[known])
    distances, found = index.kneighbors(results.embeddings[rows], n_neighbors=asked)
    found = known[found]
    # The row itself is dropped; of rows that are all alike it may not be among those found.
    itself = found == rows[:, None]
    itself[~itself.any(1), -1] = True
    kept = ~itself
    return (
        found[kept].reshape(len(rows), asked - 1),
        distances[kept].reshape(len(rows), asked - 1).clip(0, 2),
    )


def label_suspects(results: Results) -> tuple[Suspect, ...]:
    """Labels to check by listening, the most suspicious first, by confident learning.

    Northcutt, Jiang & Chuang (2021, "Confident Learning"): a class's threshold is the mean
    probability that rows with this label get for it; a row counts as of the likeliest class among
    those whose threshold it reaches, and is a suspect if that is not its label (an off-diagonal
    entry of the confident joint). They are ordered by normalised margin. The model must not have
    been trained on these labels; and it may be the model that is wrong.
    """
    rows = np.flatnonzero(results.scored)
    if not len(rows):
        return ()
    probabilities = results.probabilities()[rows]
    labels = results.table["label"].to_numpy()[rows]
    given = np.array([results.labels.index(label) for label in labels])
    thresholds = np.array(
        [
            probabilities[given == j, j].mean() if (given == j).any() else np.inf
            for j in range(len(results.labels))
        ]
    )
    reached = np.where(probabilities >= thresholds, probabilities, -np.inf)
    counted = reached.argmax(1)
    suspicious = np.isfinite(reached.max(1)) & (counted != given)
    at = np.arange(len(rows))
    margin = probabilities[at, counted] - probabilities[at, given]
    chosen = [i for i in np.argsort(-margin, kind="stable") if suspicious[i]]
    return tuple(
        Suspect(
            int(rows[i]), results.labels[given[i]], results.labels[counted[i]], float(margin[i])
        )
        for i in chosen
    )


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Vectors (n, d) at length 1; a zero vector stays as it is."""
    length = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)
