"""What a reader wants to know about the cost of a change: how much, from what, and whether it decided the gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textdrift.performance.estimated_performance import DOUBTS
from textdrift.reports import wording
from textdrift.reports.evidence_tables import Row, is_number
from textdrift.reports.gate import gate_state

__all__ = ["CostShown", "cost_of", "money", "verdict_line"]

_DIGITS = 2

_AGREES = {"drift": "failed", "no_drift": "passed", "inconclusive": "inconclusive"}
_BY_GATE = {"passed": "Passed by the gate", "failed": "Failed by the gate", "inconclusive": "The gate could not tell"}
_FOUND = {"drift": "drift found", "no_drift": "no drift found", "inconclusive": "too little to tell drift"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShown:
    """What the report holds of the cost.

    Attributes
    ----------
    cost:
        The table of the report.
    leading:
        The measured change, or the estimated one where nothing was measured.
    other:
        The estimated change beside a measured one; empty where there is none.
    decision:
        What the limit ``fail_above`` decided, as a sentence without its number; empty where there is no limit.
    """

    cost: Row
    leading: Row
    other: Row
    decision: str

    @property
    def currency(self) -> str:
        """What is written before amounts."""
        return str(self.cost.get("currency") or "")

    @property
    def cells(self) -> Sequence[Row]:
        """The change by label and prediction, the largest first."""
        cells: Sequence[Row] = self.leading.get("cells", ())
        return cells

    @property
    def longest_cell(self) -> float:
        """The longest bar of the cells, or where one may end."""
        ends = (abs(cell[end]) for cell in self.cells for end in ("change", "low", "high") if is_number(cell.get(end)))
        return max(ends, default=0.0) or 1.0


def cost_of(report: Row) -> CostShown | None:
    """Return what the report says of the cost; ``None`` where no price was given or nothing is known."""
    cost = report.get("cost")
    if not cost:
        return None
    measured, estimated = cost.get("measured") or {}, cost.get("estimated") or {}
    leading = measured or estimated
    if not leading:
        return None
    return CostShown(
        cost=cost,
        leading=leading,
        other=estimated if measured else {},
        decision=_decision(report, cost),
    )


def verdict_line(report: Row) -> str:
    """Return the verdict; where the gate or the cost decided otherwise, how that ended stands first.

    >>> verdict_line({"verdict": "drift"}), verdict_line({"verdict": "drift", "passed": True})
    ('Drift', 'Drift, passed by cost')
    >>> verdict_line({"verdict": "drift", "passed": True, "gate": {"passed": True}})
    'Passed by the gate, drift found'
    """
    words, passed = wording.verdict_words(report["verdict"]), report.get("passed")
    state = gate_state(report)
    if state is not None:
        return words if state == _AGREES.get(report["verdict"]) else f"{_BY_GATE[state]}, {_FOUND[report['verdict']]}"
    if passed is None or passed == (report["verdict"] != "drift"):
        return words
    return f"{words}, {'passed' if passed else 'failed'} by cost"


def money(value: float | None, currency: str = "") -> str:
    """Return an amount of money, two digits that count.

    >>> money(7005.67, "EUR"), money(-3170.05, "EUR"), money(0.0678), money(None)
    ('EUR 7,000', '−EUR 3,200', '0.068', '–')
    """
    if value is None:
        return "–"
    amount = f"{currency} {float(f'{abs(value):.{_DIGITS}g}'):,.12g}".strip()
    return f"−{amount}" if value < 0 else amount


def _decision(report: Row, cost: Row) -> str:
    """Say what the limit decided, by the rule of ``findings.costing.judge_by_cost``."""
    limit, change = cost.get("fail_above"), cost.get("change") or {}
    if not (is_number(limit) and is_number(change.get("low")) and is_number(change.get("high"))):
        return ""
    flags = ((report.get("performance") or {}).get("estimated") or {}).get("flags", ())
    ends = "passes" if report.get("passed") else "fails"
    if cost.get("basis") == "estimate" and any(flag in DOUBTS for flag in flags):
        return f"The estimate is in doubt, so the cost decides nothing: the run {ends} by its verdict."
    if change["high"] <= limit:
        return "The whole interval is at or under the limit, so the run passes, whatever drifted."
    if change["low"] > limit:
        return "The whole interval is above the limit, so the run fails."
    return f"The limit lies inside the interval, so the cost decides nothing: the run {ends} by its verdict."
