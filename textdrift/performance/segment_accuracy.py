"""AccuracyBySegment: the accuracy of each value of the segment columns in both windows, and what was not judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textdrift.performance.performance_row import Figure

__all__ = ["NAMES_OF_CLASSES", "AccuracyBySegment", "SegmentAccuracy"]

NAMES_OF_CLASSES = ("prediction", "predicted", "predicted class")
"""What predicted classes are called as a column; the first one that is no segment column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentAccuracy:
    """Accuracy among the documents of one value.

    Attributes
    ----------
    column, value:
        The segment column and the value.
    reference, current, change:
        Share of right predictions in each window, and current minus reference, with intervals.
    n_documents:
        Documents of the value that have a label and a prediction, in each window.
    own_p_value:
        Of this value alone, two-sided.
    p_value:
        Adjusted by Holm's rule for every value that was looked at.
    """

    column: str
    value: str
    reference: Figure
    current: Figure
    change: Figure
    n_documents: tuple[int, int]
    own_p_value: float
    p_value: float = 1.0

    def described(self) -> dict[str, Any]:
        """Return plain values for the report."""
        return {
            "column": self.column,
            "value": self.value,
            "reference": self.reference.described(),
            "current": self.current.described(),
            "change": self.change.described(),
            "n_reference": self.n_documents[0],
            "n_current": self.n_documents[1],
            "own_p_value": self.own_p_value,
            "p_value": self.p_value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyBySegment:
    """Accuracy by segment, and what could not be looked at.

    Attributes
    ----------
    rows:
        A row for each value with enough documents, worst fall first.
    not_judged:
        ``column``, ``value`` (``None``: rows without one), ``n_reference``, ``n_current`` documents with label and
        prediction, and the ``reason``; most documents first.
    """

    rows: tuple[SegmentAccuracy, ...]
    not_judged: tuple[dict[str, Any], ...]

    def described(self) -> dict[str, Any]:
        """Return plain values for the report."""
        return {
            "rows": [row.described() for row in self.rows],
            "not_judged": [dict(row) for row in self.not_judged],
        }
