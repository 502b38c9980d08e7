"""Which segment carries a drift, if one does, and which rows lie in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding, magnitude
from textdrift.findings.first_look import names_a_person
from textdrift.findings.phrases import quoted

__all__ = ["leading_segment", "where_words"]

_STANDS_OUT = 1.5


def leading_segment(kind: str, diagnosis: Diagnosis, findings: Sequence[Finding]) -> Mapping[str, Any] | None:
    """Return the segment that moved most for a kind; ``None`` where others moved nearly as far.

    Others are the values of the same column, or pair of columns, and for the accuracy, whose changes have one unit,
    the whole window: nearly as far is more than two thirds of it.

    Parameters
    ----------
    kind:
        The kind of drift.
    diagnosis, findings:
        Of the run.
    """
    of_kind = [row for row in diagnosis.segments if row.get("kind") == kind]
    if not of_kind:
        return None
    segment, *others = of_kind
    rivals = [row["effect"] for row in others if _columns_of(row) == _columns_of(segment)]
    if kind == "performance":
        rivals += [magnitude(f.effect) for f in findings if f.kind == kind and f.effect.name == "accuracy_change"]
    return segment if all(segment["effect"] >= _STANDS_OUT * rival for rival in rivals) else None


def where_words(segment: Mapping[str, Any]) -> str:
    """Say which rows lie in a segment, or in a pair of them; a value that may name a person is not told.

    >>> where_words({"column": "plan", "value": "free", "within": {"column": "country", "value": "DE"}})
    "where plan is 'free' and country is 'DE'"
    """
    parts = [segment, segment["within"]] if segment.get("within") else [segment]
    told = [
        "the first segment of the report lies"
        if names_a_person(part["value"])
        else f"{part['column']} is {quoted(part['value'])}"
        for part in parts
    ]
    return f"where {' and '.join(dict.fromkeys(told))}"


def _columns_of(segment: Mapping[str, Any]) -> tuple[str, str | None]:
    within = segment.get("within")
    return segment["column"], None if within is None else within["column"]
