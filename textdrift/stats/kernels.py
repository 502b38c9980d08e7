"""The Gaussian kernel in tiles: distances and their median without ever holding all of them.

Every function takes NumPy arrays or PyTorch tensors, on any device, from one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace, device, to_device
from numpy.typing import NDArray

__all__ = [
    "Each", "Product", "Tile", "TileSize", "half_of_square", "halved_distances", "lifted", "median_bandwidth",
    "plain_product",
]  # fmt: skip

Product = Callable[[Any, Any], Any]
"""Left and right to left right', shapes (n, k) and (m, k) to (n, m)."""

Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""Applies a function to each of many values, the results in the order of the values: ``map``, or that of a pool."""

_PILOT_ROWS = 1000
_BRACKETS = (0.03, 0.15, 0.5)
_NOTHING = 1e-6  # float32 cannot tell squared distances below this share of the squared norms from 0


class TileSize(NamedTuple):
    """Rows and columns of a tile.

    The default is 4 MB of float32. Measured with NumPy, tiles from 256 x 512 up to 1024 x 4096 ran within 6 % of each
    other.
    """

    rows: int = 512
    columns: int = 2048


DEFAULT_SIZE = TileSize()


class Tile(NamedTuple):
    """A block of a symmetric matrix, on its diagonal or to the right of it."""

    rows: slice
    columns: slice

    @property
    def on_diagonal(self) -> bool:
        """Whether the block is square and holds the diagonal."""
        return self.rows == self.columns


def half_of_square(n: int, size: TileSize) -> Iterator[list[Tile]]:
    """Yield the rows of tiles of the upper half of an n x n matrix, each from its diagonal on: the longest row first.

    >>> for row in half_of_square(5, TileSize(rows=3, columns=9)):
    ...     print([(tile.rows.stop, tile.columns.stop) for tile in row])
    [(3, 3), (3, 5)]
    [(5, 5)]
    """
    for first in range(0, n, size.rows):
        rows = slice(first, min(first + size.rows, n))
        columns = range(rows.stop, n, size.columns)
        yield [Tile(rows, rows), *(Tile(rows, slice(column, min(column + size.columns, n))) for column in columns)]


def lifted(points: Any) -> Any:
    """Return the rows (x, 1, -|x|²/2), in which halved squared distances are plain products.

    Points should lie around 0: digits spent on a common offset are lost to the distances.

    Parameters
    ----------
    points:
        Shape (n, d), ``float32``.

    Returns
    -------
    Shape (n, d + 2); see ``halved_distances``.
    """
    xp = array_namespace(points)
    half_norms = xp.sum(points * points, axis=1, keepdims=True) / 2
    return xp.concat([points, xp.ones_like(half_norms), -half_norms], axis=1)


def plain_product(left: Any, right: Any) -> Any:
    """Return left right' as the namespace of the arrays multiplies."""
    return left @ right.T


def halved_distances(
    points: Any, row: list[Tile], *, scale: float = 1.0, product: Product = plain_product
) -> Iterator[tuple[Tile, Any]]:
    """Yield the tiles of a row with -scale |x_i - x_j|² / 2: one product, (x_i, -|x_i|²/2, 1) · (x_j, 1, -|x_j|²/2).

    Parameters
    ----------
    points:
        As ``lifted`` returns them.

    Yields
    ------
    The tile and a fresh array, which the caller may write to.
    """
    xp = array_namespace(points)
    rows = points[row[0].rows] * scale
    rows = xp.concat([rows[:, :-2], rows[:, -1:], rows[:, -2:-1]], axis=1)
    for tile in row:
        yield tile, product(rows, points[tile.columns])


def median_bandwidth(
    reference: Any,
    current: Any,
    *,
    size: TileSize = DEFAULT_SIZE,
    product: Product = plain_product,
    each: Each = map,
) -> float:
    """Return the bandwidth of the Gaussian kernel exp(-|x - y|² / (2 s²)): s² is half the median squared distance.

    The median heuristic (Gretton et al. 2012, section 8) as Alibi Detect applies it: the lower median of the squared
    distances of all pairs of the reference. Where that is 0, as among many copies, s² is the total variance of both
    windows. Found exactly, yet never more than a few per cent of the distances are held: one pass counts what lies
    below a bracket around the median of a subset, and keeps what lies inside it (Floyd and Rivest 1975).

    Cost: n² d / 2 multiplications for n reference points of d dimensions.

    Parameters
    ----------
    reference, current:
        Points around 0, shapes (n, d) and (m, d), ``float32``.
    each:
        Computes the rows of tiles; the result is the same for any number of workers.

    Returns
    -------
    The bandwidth s; 0 where all points coincide.

    Examples
    --------
    >>> line = np.array([[0.0], [1.0], [3.0]], dtype=np.float32)
    >>> round(median_bandwidth(line, line) ** 2, 3)
    2.0
    """
    xp = array_namespace(reference, current)
    rows = lifted(reference)
    within = partial(_pairs_within, size=size, product=product, each=each)
    median = _median_squared_distance(rows, within) if len(rows) > 1 else 0.0
    norm = -2 * float(xp.mean(rows[:, -1]))
    if median > _NOTHING * norm:
        return float(np.sqrt(median / 2))
    both = xp.astype(xp.concat([reference, current], axis=0), xp.float64)
    return float(np.sqrt(float(xp.sum(xp.var(both, axis=0)))))


def _median_squared_distance(points: Any, within: Callable[[Any, float, float], tuple[int, NDArray[Any]]]) -> float:
    n = points.shape[0]
    pairs = n * (n - 1) // 2
    # The largest halved distance is the smallest distance, so the lower median of one is the upper of the other.
    rank = pairs - 1 - (pairs - 1) // 2
    if n <= _PILOT_ROWS:
        return -2 * float(np.partition(within(points, -np.inf, np.inf)[1], rank)[rank])
    subset = points[np.arange(0, n, n // _PILOT_ROWS)]  # a copy: oneDNN takes 50 times as long for rows with gaps
    pilot = np.sort(within(subset, -np.inf, np.inf)[1])
    for width in _BRACKETS:
        low, high = pilot[int((0.5 - width) * (len(pilot) - 1))], pilot[int((0.5 + width) * (len(pilot) - 1))]
        if width == _BRACKETS[-1]:
            low, high = -np.inf, np.inf
        below, inside = within(points, float(low), float(high))
        if below <= rank < below + len(inside):
            break
    return -2 * float(np.partition(inside, rank - below)[rank - below])


def _pairs_within(
    points: Any, low: float, high: float, *, size: TileSize, product: Product, each: Each
) -> tuple[int, NDArray[Any]]:
    """Return how many halved distances of pairs lie below ``low``, and those between ``low`` and ``high``."""
    of_row = partial(_row_within, points, low, high, product=product)
    below, inside = zip(*each(of_row, half_of_square(points.shape[0], size)), strict=True)
    return sum(below), np.concatenate(inside)


def _row_within(points: Any, low: float, high: float, row: list[Tile], *, product: Product) -> tuple[int, NDArray[Any]]:
    below, inside = 0, []
    for tile, distances in halved_distances(points, row, product=product):
        # On a CPU NumPy sees the same memory, and its masks are several times as fast as PyTorch's.
        values = np.asarray(distances) if str(device(distances)) == "cpu" else distances
        xp = array_namespace(values)
        if tile.on_diagonal:
            values = values[xp.triu(xp.ones_like(values, dtype=xp.bool), k=1)]
        under = values < low
        below += int(xp.count_nonzero(under))
        inside.append(np.asarray(to_device(values[(values <= high) & ~under], "cpu")))
    return below, np.concatenate(inside)
