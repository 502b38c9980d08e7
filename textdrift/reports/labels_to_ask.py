"""What a reader wants to know about the labels to ask: which rows, in which order, why, and what to do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textdrift.reports.evidence_tables import Row

__all__ = ["AskedShown", "asked_of"]

HOW = (
    "Label from the top, in this order; answers after the first that is missing must wait. Write them into a csv file "
    "with the columns row and label, then run:"
)
COMMAND = "textdrift labels REPORT.json ANSWERS.csv"
TEMPLATE = "textdrift labels REPORT.json --template ANSWERS.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedShown:
    """What the report holds of the labels to ask.

    Attributes
    ----------
    rows:
        Rows of the current window, in the order in which to ask.
    judged_words:
        Whose judgement an answer confirms or contradicts, as the head of a column.
    purpose:
        What the answers tell.
    reason:
        Why there are no rows; empty where there are some.
    notes:
        Sentences that a reader must know.
    """

    rows: Sequence[Row]
    judged_words: str
    purpose: str
    reason: str
    notes: Sequence[str]


def asked_of(report: Row) -> AskedShown | None:
    """Return the labels to ask; ``None`` where none were asked for, or nothing is to be said of them."""
    asked = report.get("labels_to_ask")
    if not asked:
        return None
    by_model = asked.get("judge") == "model"
    rows, notes = asked.get("rows", ()), asked.get("notes", ())
    reason = str(asked.get("reason") or "")
    if not (rows or reason or notes):
        return None
    return AskedShown(
        rows=rows,
        judged_words="the model says" if by_model else "before it meant",
        purpose=(
            "The answers tell how often the model is wrong now, and whether labels changed."
            if by_model
            else "The answers tell how often a label contradicts what the same text meant in the reference."
        ),
        reason=reason,
        notes=notes,
    )
