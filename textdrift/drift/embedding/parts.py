"""Parts: a statistic split exactly over the documents of both windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import Evidence

__all__ = ["Parts", "parts_of_quadratic"]

_SHOWN_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class Parts:
    """What each document adds to a statistic; over both windows the parts sum to the whole.

    Attributes
    ----------
    reference, current:
        Shapes (n,) and (m,), ``float64``. A large part: a document unlike those of the other window, on the side to
        which its own window moved. A negative part: one that holds the windows together.
    """

    reference: NDArray[Any]
    current: NDArray[Any]

    @property
    def total(self) -> float:
        """The whole statistic."""
        return float(self.reference.sum() + self.current.sum())

    def of_rows(self, reference: NDArray[Any], current: NDArray[Any], n: int, m: int) -> Parts:
        """Return the parts of windows of n and m rows, of which these rows were looked at; the others have none."""
        first, second = np.zeros(n), np.zeros(m)
        first[reference], second[current] = self.reference, self.current
        return Parts(first, second)

    def evidence(self) -> Evidence:
        """Return the table ``documents``: those with the largest parts, at most 20 of each window.

        ``document`` is the row of its window; ``score`` is its share of the whole, 0 where the whole is not positive.
        """
        total = self.total
        rows = []
        for window, parts in (("current", self.current), ("reference", self.reference)):
            order = np.argsort(-parts, kind="stable")[:_SHOWN_DOCUMENTS]
            share = parts / total if total > 0 else np.zeros_like(parts)
            rows += [{"window": window, "document": int(i), "score": float(share[i])} for i in order if parts[i] > 0]
        return Evidence(name="documents", rows=tuple(sorted(rows, key=lambda row: -row["score"])))


def parts_of_quadratic(reference: NDArray[Any], current: NDArray[Any], weights: NDArray[Any] | None = None) -> Parts:
    """Split D' A D, with D the difference of the mean features and A a diagonal of weights.

    With the centre c halfway between the means, a current document adds (x - c)' A D / m and a reference document
    -(x - c)' A D / n; the sum over all is D' A D.

    Parameters
    ----------
    reference, current:
        Features, shapes (n, k) and (m, k).
    weights:
        Shape (k,), at least 0; all 1 where left out, which splits the squared distance of the means.

    Examples
    --------
    >>> parts = parts_of_quadratic(np.array([[0.0], [2.0]]), np.array([[4.0], [4.0]]))
    >>> parts.reference.tolist(), parts.current.tolist(), parts.total
    ([3.75, 0.75], [2.25, 2.25], 9.0)
    """
    old, new = reference.mean(axis=0, dtype=np.float64), current.mean(axis=0, dtype=np.float64)
    direction = (new - old) if weights is None else (new - old) * weights
    middle = float((old + new) @ direction) / 2
    return Parts(
        reference=(middle - np.asarray(reference @ direction, dtype=np.float64)) / len(reference),
        current=(np.asarray(current @ direction, dtype=np.float64) - middle) / len(current),
    )
