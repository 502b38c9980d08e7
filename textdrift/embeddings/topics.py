"""Topics: clusters of texts that mean alike."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import EmbeddingsError

__all__ = ["Topics", "topics_of"]

_MOST_FITTED = 10_000
_BATCH_ROWS = 8192
_MOST_ITERATIONS = 50


@dataclass(frozen=True, slots=True)
class Topics:
    """A partition of points into clusters, none of them empty.

    Attributes
    ----------
    of_row:
        Shape (n,), the topic of each row.
    centres:
        Shape (k, d), ``float32``, the mean of the points that each topic was made of.
    squared_distances:
        Shape (n,), of each row to the centre of its topic.
    """

    of_row: NDArray[np.int64]
    centres: NDArray[Any]
    squared_distances: NDArray[Any]

    def __len__(self) -> int:
        """Return the number of topics."""
        return len(self.centres)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Rows of each topic, shape (k,)."""
        return np.bincount(self.of_row, minlength=len(self))

    def nearest(self, topic: int, rows: NDArray[Any], n_rows: int) -> NDArray[np.int64]:
        """Return those of ``rows`` that lie nearest to the centre of a topic they belong to, nearest first."""
        mine = rows[self.of_row[rows] == topic]
        return np.asarray(mine[np.argsort(self.squared_distances[mine], kind="stable")[:n_rows]], dtype=np.int64)


def topics_of(points: NDArray[Any], n_topics: int, rng: np.random.Generator) -> Topics:
    """Return at most ``n_topics`` clusters of points, by k-means.

    Centres come from one run of k-means++ and Lloyd's steps (Arthur and Vassilvitskii 2007) on at most 10,000 rows,
    drawn at random; every row is then given to the nearest one. There are fewer topics where there are fewer distinct
    points. The same points and ``rng`` state give the same topics. Rows of two windows may be mixed: the fit does not
    know which window a row is of, so where nothing drifted, the windows of a topic's rows are still a matter of chance.

    Cost: O(n k d) to assign, and the same for each of at most 50 steps on the rows that are fitted.

    Parameters
    ----------
    points:
        Shape (n, d), finite.
    n_topics:
        At least 1.

    Raises
    ------
    EmbeddingsError
        When there are no points, or fewer than one topic is asked for.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> two_heaps = np.repeat([[0.0, 0.0], [9.0, 9.0]], 5, axis=0) + rng.normal(size=(10, 2))
    >>> topics = topics_of(two_heaps, 2, rng)
    >>> topics.sizes.tolist(), len(set(topics.of_row[:5].tolist()))
    ([5, 5], 1)
    """
    if n_topics < 1:
        raise EmbeddingsError(f"topics need to be at least 1; got n_topics={n_topics}")
    if points.ndim != 2 or not len(points):  # noqa: PLR2004 - a matrix
        raise EmbeddingsError(f"topics need points of shape (n, d) with at least one row; got {points.shape}")
    fitted = points
    if len(points) > _MOST_FITTED:
        fitted = points[np.sort(rng.choice(len(points), size=_MOST_FITTED, replace=False))]
    centres = _centres(fitted, min(n_topics, len(fitted)), int(rng.integers(2**32 - 1)))
    of_row, squared_distances = _nearest_centres(points, centres)
    held, of_row = np.unique(of_row, return_inverse=True)
    return Topics(of_row.reshape(-1).astype(np.int64), centres[held], squared_distances)


def _centres(points: NDArray[Any], k: int, seed: int) -> NDArray[Any]:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    # Threads add up in any order; at double precision that order moves no row to another topic.
    model = KMeans(k, init="k-means++", n_init=1, max_iter=_MOST_ITERATIONS, random_state=seed, copy_x=False)
    with warnings.catch_warnings():
        # Fewer distinct points than topics: the empty ones are left out by the caller.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(points.astype(np.float64))
    return np.asarray(model.cluster_centers_, dtype=np.float32)


def _nearest_centres(points: NDArray[Any], centres: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the nearest centre of each row and the squared distance to it; ties go to the first."""
    of_row = np.empty(len(points), dtype=np.int64)
    squared_distances = np.empty(len(points), dtype=np.float64)
    middle = centres.mean(axis=0)
    arms = centres - middle  # measured from the middle: a cloud far from the origin keeps its digits
    for rows in _batches(len(points)):
        batch = points[rows] - middle
        squares = (batch**2).sum(axis=1)[:, None] - 2.0 * batch @ arms.T + (arms**2).sum(axis=1)
        of_row[rows] = squares.argmin(axis=1)
        squared_distances[rows] = np.maximum(squares.min(axis=1), 0.0)
    return of_row, squared_distances


def _batches(n_rows: int) -> Iterator[slice]:
    for start in range(0, n_rows, _BATCH_ROWS):
        yield slice(start, start + _BATCH_ROWS)
