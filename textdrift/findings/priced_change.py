"""PricedChange: the cost of one window of traffic in the reference, in the current window, and what lies between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textdrift.errors import WindowError
from textdrift.findings.cost_table import CostTable
from textdrift.findings.phrases import listed
from textdrift.stats.valued_shares import MeanInterval

__all__ = ["CellChange", "Cost", "PricedChange"]

_MOSTLY = 0.5
_DIGITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """What one confusion adds to the cost of a window of traffic."""

    label: str
    prediction: str
    change: MeanInterval

    def described(self) -> dict[str, object]:
        """Return plain values for the report."""
        return {
            "label": self.label,
            "prediction": self.prediction,
            "change": self.change.mean,
            "low": self.change.low,
            "high": self.change.high,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedChange:
    """Costs per window of traffic, each with its 95 % interval.

    Attributes
    ----------
    basis:
        ``labels``: measured. ``estimate``: the current window from the model's probabilities.
    reference, current, change:
        Cost under the reference's behaviour, under the current one's, and current minus reference.
    at_same_labels:
        The change that is left when each label keeps the share that it has in the reference, these shares taken as
        known; ``None`` where a label with costs is missing in the current window, or where the basis is an estimate.
    cells:
        The change by label and prediction, the largest first; they sum to the change.
    n_documents:
        Documents of the reference and of the current window.
    """

    basis: Literal["labels", "estimate"]
    reference: MeanInterval
    current: MeanInterval
    change: MeanInterval
    at_same_labels: MeanInterval | None
    cells: tuple[CellChange, ...]
    n_documents: tuple[int, int]

    def described(self) -> dict[str, object]:
        """Return plain values for the report."""
        same = self.at_same_labels
        return {
            "basis": self.basis,
            "reference": _ends(self.reference),
            "current": _ends(self.current),
            "change": _ends(self.change),
            "at_same_labels": _ends(same) if same else None,
            "by_moved_labels": self.change.mean - same.mean if same else None,
            "cells": [cell.described() for cell in self.cells],
            "n_documents": list(self.n_documents),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a window of traffic costs more or less than it did.

    Attributes
    ----------
    table:
        The prices, with the volume that was used.
    measured:
        From labels of both windows; ``None`` where the current window has none.
    estimated:
        From the labels of the reference and the estimate for the current window; ``None`` without one.
    doubts:
        Why the estimate may be wrong, in words that end a sentence; empty where nothing speaks against it.
    notes:
        Limits in plain English.
    """

    table: CostTable
    measured: PricedChange | None
    estimated: PricedChange | None
    doubts: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def leading(self) -> PricedChange:
        """The measured change, or the estimated one where nothing was measured."""
        leading = self.measured or self.estimated
        if leading is None:
            raise WindowError("a cost needs a measured or an estimated change; got neither: price() returns None then")
        return leading

    @property
    def sentence(self) -> str:
        """The leading change in words, with its interval."""
        leading = self.leading
        volume = f"per window of {self.table.volume or 0:,.0f} documents"
        change, currency = leading.change, self.table.currency
        opening = "" if leading.basis == "labels" else "Estimated without labels: "
        if change.low <= 0 <= change.high:
            low, high = rounded(abs(change.low)), rounded(abs(change.high))
            less, more = f"{_priced(low, currency)} less", f"{_priced(high, currency)} more"
            said = f"between {less} and {more} {volume}: the interval covers 0, {self._harm()}"
        else:
            ends = sorted((abs(change.low), abs(change.high)))
            way = "more" if change.low > 0 else "less"
            said = f"about {_priced(rounded(ends[0]), currency)} to {rounded(ends[1]):,.12g} {way} {volume}"
            said += _mostly(leading)
        said = f"{opening}{said}" if opening else f"{said[0].upper()}{said[1:]}"
        if leading.basis == "estimate" and self.doubts:
            return f"{said}. Do not rely on it: {listed(list(self.doubts))}."
        return f"{said}."

    def _harm(self) -> str:
        """Say that harm is not shown, and whether too much of it is still possible."""
        limit = self.table.fail_above
        if limit is None:
            return "harm is not shown"
        if self.leading.change.high <= limit:
            return f"and it stays under the limit of {_priced(limit, self.table.currency)}"
        return f"harm is not shown, but more than {_priced(limit, self.table.currency)} more is not ruled out"

    def described(self) -> dict[str, object]:
        """Return plain values for the report."""
        return {
            "currency": self.table.currency,
            "volume": self.table.volume,
            "fail_above": self.table.fail_above,
            "basis": self.leading.basis,
            "change": _ends(self.leading.change),
            "measured": self.measured.described() if self.measured else None,
            "estimated": self.estimated.described() if self.estimated else None,
            "sentence": self.sentence,
            "notes": list(self.notes),
        }


def rounded(value: float) -> float:
    """Round to two digits that count.

    >>> rounded(12345.0), rounded(0.0678), rounded(0.0)
    (12000.0, 0.068, 0.0)
    """
    return float(f"{value:.{_DIGITS}g}")


def _priced(value: float, currency: str) -> str:
    return f"{currency} {value:,.12g}".strip()


def _mostly(change: PricedChange) -> str:
    """Name the confusion that makes up most of a change, if one does."""
    sign = 1 if change.change.mean > 0 else -1
    same_way = [cell for cell in change.cells if sign * cell.change.mean > 0]
    total = sum(abs(cell.change.mean) for cell in same_way)
    if not same_way or abs(same_way[0].change.mean) < _MOSTLY * total:
        return ""
    only = "" if abs(same_way[0].change.mean) == total else "mostly "
    cell = same_way[0]
    how = "predicted rightly" if cell.label == cell.prediction else f"predicted as '{cell.prediction}'"
    return f", {only}'{cell.label}' {how}"


def _ends(interval: MeanInterval) -> dict[str, float]:
    return {"value": interval.mean, "low": interval.low, "high": interval.high}
