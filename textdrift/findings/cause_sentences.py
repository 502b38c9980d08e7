"""What a cause explains of the drift of the texts, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textdrift.findings.fault_rows import FaultRows
from textdrift.findings.phrases import percent
from textdrift.windows.repairing import Cut

__all__ = ["sentence_of_cause"]

_HARDLY, _ALL = 0.05, 0.995

_ROWS = {
    "escaped": "that hold HTML tags or entities",
    "mojibake": "that were decoded with the wrong character set",
    "repeated": "that repeat an earlier one",
    "placeholder": "that hold a placeholder instead of a text",
    "language": "that are in other languages",
    "template": "that follow a template",
    "leak": "whose texts lie in the reference too",
    "late": "that came late or twice",
}


def sentence_of_cause(row: Mapping[str, Any], fault: FaultRows, cut: Cut | None, *, measured: bool) -> str:
    """Return the sentence of the test, and another one that says what the cause explains.

    Parameters
    ----------
    row:
        The row of the cause: ``cause``, ``direction``, ``sentence``, and what it explains, ``explained``.
    fault:
        The rows that carry it.
    cut:
        Where texts were cut.
    measured:
        Whether the windows were compared without it.

    Examples
    --------
    >>> row = {"cause": "escaped", "direction": "up", "sentence": "Texts with HTML tags rose.",
    ...        "explained": [{"kind": "lexical", "share": 0.93}]}
    >>> sentence_of_cause(row, FaultRows("escaped", (0.0, 0.06), None, "repaired"), None, measured=True)
    'Texts with HTML tags rose. 93 % of the drift of the words is gone when the 6.0 % of rows that hold HTML tags or \
entities are repaired.'
    """
    if not measured:
        return str(row["sentence"])
    if not row["explained"]:
        return f"{row['sentence']} The texts of the two windows are too alike to say what share of a drift it explains."
    return f"{row['sentence']} {_share_of_drift(row['explained'])} {_where(row, fault, cut)}."


def _share_of_drift(explained: list[Mapping[str, Any]]) -> str:
    of = {"lexical": "of the drift of the words", "semantic": "of the drift of the meaning"}
    first, *others = (f"{_amount(part['share'])} {of[part['kind']]}" for part in explained)
    return first[0].upper() + first[1:] + "".join(f" and {other}" for other in others)


def _amount(share: float) -> str:
    if share < _HARDLY:
        return "hardly any"
    return "all" if share >= _ALL else percent(share)


def _where(row: Mapping[str, Any], fault: FaultRows, cut: Cut | None) -> str:
    cause = row["cause"]
    if cause == "truncated" and cut is not None:
        return f"is gone when the texts of both windows are cut alike at {cut.length} {cut.unit}"
    if cause == "recased":
        return "is gone when capitals and punctuation are taken out of both windows"
    gone = row["direction"] == "down"
    touched = fault.touched[0 if gone else 1]
    rows = f"the {percent(touched)} of {'the rows of the reference' if gone else 'rows'}" if touched else "the rows"
    mended = f"is gone when {rows} {_ROWS[cause]} are repaired"
    return mended if fault.remedy == "repaired" else f"lies in {rows} {_ROWS[cause]}"
