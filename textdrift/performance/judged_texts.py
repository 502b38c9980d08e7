"""JudgedTexts: the texts of one window that have a label and a prediction, and whether the prediction was right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.errors import WindowError
from textdrift.performance.scored_rows import ScoredRows

__all__ = ["JudgedTexts"]

_MATRIX = 2


@dataclass(frozen=True, slots=True)
class JudgedTexts:
    """The texts of one window that have a label and a prediction, copies of a text once.

    Parameters
    ----------
    points:
        Shape (n, d), finite: their vectors, of one encoder for both windows.
    right:
        Shape (n,), in [0, 1]: the share of the text's copies that were predicted right.
    scores:
        Shape (n, s), finite: what else is known of each *text* that foretells a right prediction, such as the largest
        probability of a model that is the same in both windows. Leave it out (s = 0) where the model has changed:
        then it is no longer a property of the text alone.

    Raises
    ------
    WindowError
        When rows do not belong together, or hold a value that cannot be.

    Examples
    --------
    >>> import numpy as np
    >>> JudgedTexts(np.eye(2), np.array([1.0, 0.5])).accuracy
    0.75
    """

    points: NDArray[Any]
    right: NDArray[Any]
    scores: NDArray[Any] = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        """Check once; what is behind this door trusts the rows."""
        points, right = np.asarray(self.points), np.asarray(self.right, dtype=np.float64)
        scores = np.asarray(self.scores, dtype=np.float64)
        n = len(right)
        if scores.size == 0:
            scores = np.empty((n, 0))
        shapes = (points.shape, right.shape, scores.shape)
        if (points.ndim, right.ndim, scores.ndim) != (_MATRIX, 1, _MATRIX) or not len(points) == n == len(scores):
            raise WindowError(f"points, right and scores need shapes (n, d), (n,) and (n, s); got {shapes}")
        if not np.isfinite(points).all() or not np.isfinite(scores).all():
            raise WindowError("points and scores must be finite; leave out texts that have none")
        if not ((right >= 0) & (right <= 1)).all():
            raise WindowError("shares of right predictions must lie in [0, 1]; leave out texts that have none")
        for name, value in (("points", points), ("right", right), ("scores", scores)):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.right)

    @property
    def accuracy(self) -> float:
        """Share of right predictions, 0 where there is no text."""
        return float(self.right.mean()) if len(self) else 0.0

    @classmethod
    def from_rows(cls, points: NDArray[Any], rows: ScoredRows, *, with_confidence: bool = False) -> JudgedTexts:
        """Collect the rows of each document; rows without a label or a prediction are left out.

        Parameters
        ----------
        points:
            Shape (documents, d): the vector of each document, where `rows.documents` says.
        rows:
            The rows of the window.
        with_confidence:
            Take the largest probability as a score, where there are probabilities; for a model that is the same in
            both windows.

        Raises
        ------
        WindowError
            When a document has no vector.

        Examples
        --------
        >>> rows = ScoredRows(label_names=("bad", "good"), labels=np.array([0, 1, 1, -1]),
        ...                   predictions=np.array([0, 0, 1, 1]), probabilities=None,
        ...                   documents=np.array([0, 1, 1, 2]), rows=np.arange(4))
        >>> JudgedTexts.from_rows(np.eye(3), rows).right.tolist()
        [1.0, 0.5]
        """
        used = rows.where((rows.labels >= 0) & (rows.predictions >= 0))
        documents, document = np.unique(used.documents, return_inverse=True)
        if documents.size and not 0 <= documents[0] <= documents[-1] < len(points):
            raise WindowError(
                f"documents {documents[0]} to {documents[-1]} need a vector each; got {len(points)} vectors: "
                "number documents by their place among the vectors"
            )
        weights = used.weights
        hits = (used.labels == used.predictions).astype(np.float64)
        right = np.bincount(document, weights=weights * hits, minlength=len(documents))
        scores: NDArray[Any] = np.empty((len(documents), 0))
        if with_confidence and used.probabilities is not None:
            confidence = np.asarray(used.probabilities, dtype=np.float64).max(axis=1, initial=0.0)
            scores = np.asarray(np.bincount(document, weights=weights * confidence, minlength=len(documents)))[:, None]
        # Sums of thirds may pass one by a rounding.
        return cls(np.asarray(points)[documents], np.clip(right, 0.0, 1.0), scores)
