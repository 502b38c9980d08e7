"""What a cause explains of the drift of the texts, in one sentence, and which kinds cannot be believed beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from textdrift.findings.fault_rows import FaultRows
from textdrift.findings.phrases import percent
from textdrift.windows.repairing import Cut

__all__ = ["MOST_OF_IT", "ROWS_OF_CAUSE", "explained_kinds", "sentence_of_cause", "unjudged_kinds"]

MOST_OF_IT = 0.5
"""A fault that explains at least this share of the drift is repaired before anything else is done."""

_TEXTS = ("lexical", "semantic")
# What a column with names in another spelling, or of another type, makes wrong.
_UNJUDGED = {
    "label": frozenset({"label", "concept", "performance"}),
    "prediction": frozenset({"prediction", "performance"}),
}
_NAMED_OTHERWISE = re.compile(r"\(the (label|prediction)\) (?:spells |names |holds .* and held )")

_HARDLY, _ALL = 0.05, 0.995

ROWS_OF_CAUSE: Mapping[str, str] = {
    "escaped": "that hold HTML tags or entities",
    "mojibake": "that were decoded with the wrong character set",
    "repeated": "that repeat an earlier one",
    "placeholder": "that hold a filler such as 'N/A' instead of a text",
    "language": "that are in other languages",
    "template": "that follow a template",
    "leak": "whose texts lie in the reference too",
    "late": "that came late or twice",
    "missing": "that have no text",
    "truncated": "that end where texts are cut",
}
"""What rows with a fault look like, as the end of "the rows"."""


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


def explained_kinds(causes: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return which kinds of drift of the texts one cause by itself explains to at least half, and the first such cause.

    Where what it explains was measured for one kind alone, that stands for the other too.

    >>> row = {"cause": "escaped", "share_explained": 0.9, "explained": [{"kind": "semantic", "share": 0.2}]}
    >>> list(explained_kinds([row], ["lexical", "semantic", "label"]))
    ['lexical']
    """
    found: dict[str, Mapping[str, Any]] = {}
    for row in causes:
        shares = {part["kind"]: part["share"] for part in row.get("explained") or ()}
        for kind in kinds:
            if kind in _TEXTS and shares.get(kind, row.get("share_explained") or 0.0) >= MOST_OF_IT:
                found.setdefault(kind, row)
    return found


def unjudged_kinds(causes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the kinds that say nothing until labels and predictions are written alike in both windows.

    >>> row = {"cause": "schema", "sentence": "Column 'answer' (the prediction) spells 'bad' as 'BAD' in 40.0 %."}
    >>> sorted(unjudged_kinds([row]))
    ['performance', 'prediction']
    """
    named = (_NAMED_OTHERWISE.search(row.get("sentence", "")) for row in causes if row["cause"] == "schema")
    return frozenset().union(*(_UNJUDGED[found[1]] for found in named if found))


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
    if touched and cause == "language":  # its test speaks of fewer: the documents whose language is clear
        rows = f"the {percent(touched)} of all rows{' of the reference' if gone else ''}, clear or not,"
    mended = f"is gone when {rows} {ROWS_OF_CAUSE[cause]} are repaired"
    return mended if fault.remedy == "repaired" else f"lies in {rows} {ROWS_OF_CAUSE[cause]}"
