"""PerformanceRow: one figure of a model in both windows, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textdrift.stats.ratio_estimates import square_and_add

__all__ = ["Figure", "PerformanceRow", "performance_row"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its interval; all three are ``None`` where it cannot be known."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def described(self) -> dict[str, float | None]:
        """Return plain values for the report."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceRow:
    """One figure of both windows.

    Attributes
    ----------
    metric:
        ``accuracy``, ``macro_f1``, ``precision``, ``recall``, ``f1``, ``support``, ``brier_score``, ``log_loss`` or
        ``calibration_error``.
    label:
        The class that the figure is of, ``None`` where it is of all.
    reference, current, change:
        The figure in each window, and current minus reference.
    n_documents:
        Documents that the figure stands on in each window: those with the label for recall and support, those with the
        prediction for precision, those with either for F1.
    reason:
        Why a number is missing; empty where none is.
    """

    metric: str
    label: str | None
    reference: Figure
    current: Figure
    change: Figure
    n_documents: tuple[int, int]
    reason: str = ""

    def described(self) -> dict[str, Any]:
        """Return plain values for the report."""
        return {
            "metric": self.metric,
            "label": self.label,
            "reference": self.reference.described(),
            "current": self.current.described(),
            "change": self.change.described(),
            "n_reference": self.n_documents[0],
            "n_current": self.n_documents[1],
            "reason": self.reason or None,
        }


def performance_row(
    metric: str,
    label: str | None,
    figures: tuple[Figure, Figure],
    n_documents: tuple[int, int],
    reasons: tuple[str, str],
    *,
    least: float = -1.0,
    most: float = 1.0,
) -> PerformanceRow:
    """Return a row with its change; `reasons` say for each window why its figure is missing, where it is."""
    reference, current = figures
    change = Figure()
    if None not in (reference.value, current.value):
        value, low, high = square_and_add(_interval(reference), _interval(current))
        change = Figure(value, max(least, low), min(most, high))
    missing = [reason for figure, reason in zip(figures, reasons, strict=True) if figure.value is None and reason]
    return PerformanceRow(
        metric=metric,
        label=label,
        reference=reference,
        current=current,
        change=change,
        n_documents=n_documents,
        reason="; ".join(dict.fromkeys(missing)),
    )


def _interval(figure: Figure) -> tuple[float, float, float]:
    if figure.value is None or figure.low is None or figure.high is None:
        raise ValueError("a figure that is not known has no interval")
    return figure.value, figure.low, figure.high
