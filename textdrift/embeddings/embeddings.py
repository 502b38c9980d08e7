"""Embeddings: one point per document, and the encoder that made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import EmbeddingsError

__all__ = ["Embeddings"]

_MATRIX = 2


@dataclass(frozen=True, slots=True)
class Embeddings:
    """Points in the space of one encoder.

    Parameters
    ----------
    points:
        Shape (n, d), finite; kept as ``float32``.
    encoder:
        The fingerprint or name of the encoder; only points of one encoder can be compared.

    Raises
    ------
    EmbeddingsError
        When the points are not a matrix, are empty, or hold a value that is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> Embeddings(np.eye(3), encoder="one-hot").points.shape
    (3, 3)
    """

    points: NDArray[Any]
    encoder: str

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
        object.__setattr__(self, "points", points)

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.points)
