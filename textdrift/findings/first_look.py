"""What to open first: the rows, words, topics or values that a finding names, with how many there are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from textdrift.findings.cause_sentences import ROWS_OF_CAUSE
from textdrift.findings.diagnosing import Diagnosis
from textdrift.findings.finding import Finding
from textdrift.findings.phrases import listed, percent, quoted
from textdrift.windows.numbers_in_words import counted

__all__ = ["names_a_person", "open_first"]

_NAMES_A_PERSON = re.compile(r"[@&%]|\d{5}")
_MOST_NAMED = 3


def names_a_person(value: object) -> bool:
    """Whether a value may name a person: it holds what addresses hold, or a long number.

    >>> names_a_person("ann@example.org"), names_a_person("gate")
    (True, False)
    """
    return bool(_NAMES_A_PERSON.search(unicodedata.normalize("NFKC", str(value))))


def open_first(kind: str, cause: Mapping[str, Any] | None, diagnosis: Diagnosis, findings: Sequence[Finding]) -> str:
    """Return a sentence that names what to open for a kind of drift, or for a cause; empty where nothing is known.

    What may name a person is not named.

    Parameters
    ----------
    kind:
        The kind of drift.
    cause:
        The row of the cause, where the drift is a fault of the data.
    diagnosis, findings:
        Of the run.

    Examples
    --------
    >>> row = {"cause": "escaped", "rows_touched": 0.17, "rows_touched_before": 0.01, "n_rows_touched": 34}
    >>> nothing = Diagnosis(kinds=(), ambiguous=(), causes=(), terms=(), segments=(), documents=())
    >>> open_first("quality", row, nothing, ())
    'Open the 34 current rows that hold HTML tags or entities (17 %, before 1.0 %).'
    """
    if cause is not None:
        return _rows_of_cause(cause)
    look = {
        "lexical": _texts_with_a_word,
        "semantic": _topic_that_grew,
        "concept": _relabelled_word,
        "label": _value_that_moved,
        "prediction": _value_that_moved,
        "features": _columns_that_moved,
    }.get(kind)
    return "" if look is None else look(kind, diagnosis, [f for f in findings if f.kind == kind])


def _rows_of_cause(cause: Mapping[str, Any]) -> str:
    words = ROWS_OF_CAUSE.get(str(cause["cause"]))
    now, before, n_rows = (cause.get(key) for key in ("rows_touched", "rows_touched_before", "n_rows_touched"))
    if words is None or not n_rows or now is None or cause.get("direction") == "down":
        return ""
    was = "" if before is None else f", before {percent(before)}"
    return f"Open the {counted(n_rows, 'current row')} {words if n_rows > 1 else _of_one(words)} ({percent(now)}{was})."


def _of_one(words: str) -> str:
    verb, _, rest = words.removeprefix("that ").partition(" ")
    if not words.startswith("that ") or verb.endswith("ed"):
        return words
    singular = {"are": "is", "were": "was", "have": "has"}.get(verb, f"{verb}s")
    return f"that {singular} {rest}"


def _texts_with_a_word(_kind: str, diagnosis: Diagnosis, findings: Sequence[Finding]) -> str:
    rows = [r for r in diagnosis.terms if r.get("kind") == "lexical" and r.get("unit", "words") == "words"]
    rows = [row for row in rows if not names_a_person(row["term"])]
    risen = [row for row in rows if row["direction"] == "up"]
    for rising, side, window in ((risen, 1, "current"), (rows, 0, "reference")):
        if not rising:
            continue
        row = rising[0]
        sizes = [f.result.n_documents[side] for f in findings if f.result.table("terms")]
        share = row[f"{window}_share"]
        n = round(share * max(sizes, default=0))
        many = counted(n, f"{window} text") if n else f"{window} texts"
        change = f"{percent(row['reference_share'])} before, {percent(row['current_share'])} now"
        return f"Open the {many} with {quoted(row['term'])} ({change})."
    return ""


def _topic_that_grew(_kind: str, _diagnosis: Diagnosis, findings: Sequence[Finding]) -> str:
    grown = [
        row
        for f in findings
        for row in f.result.table("clusters")
        if row.get("moved") and row.get("change", 0.0) > 0 and row.get("words")
    ]
    for row in grown[:1]:
        words = [word for word in row["words"] if not names_a_person(word)][:_MOST_NAMED]
        if words:
            change = f"{percent(row['reference_share'])} before, {percent(row['current_share'])} now"
            return f"Open the texts of the topic {quoted(', '.join(words))} ({change})."
    return ""


def _relabelled_word(_kind: str, diagnosis: Diagnosis, _findings: Sequence[Finding]) -> str:
    rows = [r for r in diagnosis.terms if r.get("kind") == "concept" and r.get("label") is not None]
    rows = [row for row in rows if not (names_a_person(row["term"]) or names_a_person(row["label"]))]
    for row in rows[:1]:
        change = f"{percent(row['reference_share'])} of them before, {percent(row['current_share'])} now"
        return f"Open the current texts with {quoted(row['term'])}: {change} are labelled {quoted(row['label'])}."
    return ""


def _value_that_moved(kind: str, _diagnosis: Diagnosis, findings: Sequence[Finding]) -> str:
    rows = [(row, f.result.n_documents[1]) for f in findings if f.drifted for row in f.result.table("categories")]
    rows = [(row, n) for row, n in rows if not names_a_person(row["value"])]
    if not rows:
        return ""
    row, n_documents = max(rows, key=lambda pair: pair[0]["current_share"] - pair[0]["reference_share"])
    if row["current_share"] <= row["reference_share"]:
        return ""
    n = round(row["current_share"] * n_documents)
    change = f"{percent(row['reference_share'])} before, {percent(row['current_share'])} now"
    return f"Begin with the {counted(n, f'current {kind}')} {quoted(row['value'])} ({change})."


def _columns_that_moved(_kind: str, _diagnosis: Diagnosis, findings: Sequence[Finding]) -> str:
    moved = sorted((f for f in findings if f.drifted), key=lambda f: -f.strength)
    columns = dict.fromkeys(str(row["column"]) for f in moved for row in f.result.table("column"))
    names = [quoted(column) for column in columns][:_MOST_NAMED]
    return f"Begin with {'column' if len(names) == 1 else 'columns'} {listed(names)}." if names else ""
