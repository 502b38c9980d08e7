"""Embeddings: one point per document, and the encoder that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import EmbeddingsError

__all__ = ["Embeddings"]

_MATRIX = 2
_LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Points in the space of one encoder.

    Parameters
    ----------
    points:
        Shape (n, d), finite; kept as ``float32``.
    encoder:
        The fingerprint or name of the encoder; only points of one encoder can be compared.
    groups:
        Shape (n,), integers or strings: rows of one author, session or thread, which are not independent and which
        tests must move together. A value means the same group in both windows. ``None`` where every row is for itself.

    Raises
    ------
    EmbeddingsError
        When the points are not a matrix, are empty, or hold a value that is not finite; when there is not one group
        for each row, or a group is missing.

    Examples
    --------
    >>> import numpy as np
    >>> Embeddings(np.eye(3), encoder="one-hot").points.shape
    (3, 3)
    """

    points: NDArray[Any]
    encoder: str
    groups: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        """Check once; every test behind this door trusts the points."""
        points = np.asarray(self.points)
        if points.ndim != _MATRIX or 0 in points.shape:
            raise EmbeddingsError(f"embeddings need shape (n, d) with at least one row and column; got {points.shape}")
        if not np.issubdtype(points.dtype, np.number) or np.issubdtype(points.dtype, np.complexfloating):
            raise EmbeddingsError(f"embeddings need real numbers; got dtype {points.dtype}")
        with np.errstate(over="ignore"):
            points = np.ascontiguousarray(points, dtype=np.float32)
        bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
        if bad.size:
            raise EmbeddingsError(
                f"embeddings must be finite; {bad.size} of {len(points)} rows hold NaN or infinity, "
                f"the first is row {bad[0]}"
            )
        largest = float(np.abs(points).max())
        if largest > _LARGEST or 0 < largest < 1 / _LARGEST:
            raise EmbeddingsError(
                f"embeddings with values up to {largest:.3g} cannot be compared in single precision, where squared "
                "distances would overflow or vanish; scale all vectors by one factor"
            )
        object.__setattr__(self, "points", points)
        if self.groups is not None:
            object.__setattr__(self, "groups", _checked_groups(self.groups, len(points)))

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.points)


def _checked_groups(given: Any, n_rows: int) -> NDArray[Any]:
    groups = np.asarray(given)
    if groups.shape != (n_rows,):
        raise EmbeddingsError(f"groups need one value for each of the {n_rows} rows; got shape {groups.shape}")
    if np.issubdtype(groups.dtype, np.integer) or np.issubdtype(groups.dtype, np.str_):
        return groups
    wrong = [i for i, value in enumerate(groups.tolist()) if not isinstance(value, (str, int))]
    if wrong:
        raise EmbeddingsError(
            f"groups must be whole numbers or strings; {len(wrong)} of {n_rows} are not, the first is "
            f"{groups[wrong[0]]!r} in row {wrong[0]}; give a row that belongs to nobody a group of its own"
        )
    return groups.astype(np.str_)
