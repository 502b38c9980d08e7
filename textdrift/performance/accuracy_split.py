"""AccuracySplit: a change of accuracy, and the parts that it is the sum of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["PARTS", "AccuracySplit", "PartOfChange"]

PARTS = {
    "harder_texts": "the current texts are of kinds that the reference knows, but of harder or easier ones",
    "changed_meaning": "on texts that both windows hold, the model is right less or more often than it was",
    "unfamiliar_texts": "the current texts are of kinds that the reference hardly holds",
}
"""The parts of a change of accuracy, in the order in which they are told, and what each stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfChange:
    """One part of a change of accuracy.

    Attributes
    ----------
    name:
        ``harder_texts``, ``changed_meaning`` or ``unfamiliar_texts``.
    points:
        Percentage points of accuracy: -3 where the model is right for 3 of 100 texts less.
    error:
        Standard error, in points.
    low, high:
        A 95 % interval, in points.
    """

    name: str
    points: float
    error: float
    low: float
    high: float

    def described(self) -> dict[str, Any]:
        """Return the part as plain JSON values, with a sentence of what it stands for."""
        return {
            "name": self.name,
            "points": self.points,
            "error": self.error,
            "low": self.low,
            "high": self.high,
            "meaning": PARTS[self.name],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracySplit:
    """A change of accuracy, and the three parts that it is the sum of.

    Attributes
    ----------
    reference_accuracy, current_accuracy:
        Share of right predictions among the documents that were used, 0 where there are none.
    parts:
        Harder texts, changed meaning, unfamiliar texts, in this order: their points sum to the change. Empty where
        the change could not be split.
    shared_accuracy:
        Accuracy on the texts that both windows hold, with the reference's meaning and with the current one: the two
        steps between `reference_accuracy` and `current_accuracy`. ``None`` where the change could not be split.
    overlap:
        1 where the windows hold alike texts, 0 where a text tells its window; 0 where there were too few to know.
    n_documents:
        Documents of the reference and of the current window that have a label and a prediction.
    reason:
        Why the change could not be split; empty where it was.
    """

    reference_accuracy: float
    current_accuracy: float
    parts: tuple[PartOfChange, ...]
    shared_accuracy: tuple[float, float] | None
    overlap: float
    n_documents: tuple[int, int]
    reason: str

    @property
    def change(self) -> float:
        """The change of accuracy in points, current minus reference."""
        return 100.0 * (self.current_accuracy - self.reference_accuracy)

    def described(self) -> dict[str, Any]:
        """Return the split as plain JSON values; ``reason`` is ``None`` where the change was split."""
        known = min(self.n_documents) > 0
        return {
            "reference_accuracy": self.reference_accuracy if self.n_documents[0] else None,
            "current_accuracy": self.current_accuracy if self.n_documents[1] else None,
            "change": self.change if known else None,
            "parts": [part.described() for part in self.parts],
            "shared_accuracy": None if self.shared_accuracy is None else list(self.shared_accuracy),
            "overlap": self.overlap,
            "n_reference": self.n_documents[0],
            "n_current": self.n_documents[1],
            "reason": self.reason or None,
        }
