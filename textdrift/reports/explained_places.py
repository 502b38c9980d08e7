"""Everything that a report says of one value of a column: a segment, a label, a predicted class or a topic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textdrift.reports import numerals, wording
from textdrift.reports.sentence_parts import (
    ends,
    oftener,
    p_words,
    quoted,
    reported,
    row_words,
    rows_compared,
    share_change,
)
from textdrift.reports.tolerant_parts import Row, number_of, rows_of, table_of, text_of

__all__ = ["columns_without_value", "sentences_of_place", "values_of"]

_FEATURES = "features"
_CATEGORIES = frozenset({"label", "prediction", _FEATURES})


def values_of(report: Row) -> Iterator[tuple[str, str]]:
    """Yield every (column, value) that a report names, some of them more than once."""
    for _, row in _rows(report):
        for place in (row, table_of(row, "within")):
            if place.get("column") is not None and place.get("value") is not None:
                yield str(place["column"]), str(place["value"])
    for _, column, row in _classes(report):
        yield column, str(row["value"])


def columns_without_value(report: Row) -> frozenset[str]:
    """Return the columns of which a report has a row that names no value: rows of the data that had none, or damage.

    >>> row = {"column": "city", "value": None, "reason": "3 documents have no value"}
    >>> sorted(columns_without_value({"performance": {"segments_not_judged": [row]}}))
    ['city']
    """
    return frozenset(
        str(row["column"]) for _, row in _rows(report) if row.get("column") is not None and row.get("value") is None
    )


def sentences_of_place(report: Row, column: str | None, value: str) -> list[str]:
    """Return everything that a report says of a value, in a column or wherever it stands; nothing where it names none.

    Examples
    --------
    >>> row = {"column": "airline", "value": "Delta", "kind": "lexical", "effect": 0.4, "p_value": 1e-4}
    >>> sentences_of_place({"diagnosis": {"segments": [row]}}, None, "Delta")
    ["Where 'airline' is 'Delta' the words moved by 40.0 points; p < 0.001."]
    """
    return list(dict.fromkeys(_sentences(report, column, value)))


def _sentences(report: Row, column: str | None, value: str) -> Iterator[str]:
    told: set[tuple[Any, ...]] = set()
    for table, row in _rows(report):
        places = [row, *([within] if (within := table_of(row, "within")) else [])]
        if not any(_is(place, column, value) for place in places):
            continue
        if table == "segments":
            told.add(_identity(row))
            yield _segment(row)
        elif table == "by_segment":
            yield _accuracy(row)
        elif table in {"too_small", "segments_not_judged"}:
            yield _not_judged(row)
        elif _identity(row) not in told:
            yield f"The test {quoted(table)} has: {row_words(row)}."
    for kind, name, row in _classes(report):
        if value == str(row["value"]) and column in {None, name}:
            what = f"values of {quoted(name)}" if kind == _FEATURES else wording.kind_words(kind)
            yield f"Of the {what} {share_change(row)} are {quoted(value)}."
            if kind != _FEATURES:
                yield from _of_label(report, value)


def _rows(report: Row) -> Iterator[tuple[str, Row]]:
    """Yield every row that names a segment, and where it stands; those of the diagnosis first."""
    for table in ("segments", "too_small"):
        yield from ((table, row) for row in rows_of(report, "diagnosis", table))
    for table in ("by_segment", "segments_not_judged"):
        yield from ((table, row) for row in rows_of(report, "performance", table))
    for finding in rows_of(report, "findings"):
        for evidence in rows_of(finding, "evidence"):
            for row in rows_of(evidence, "rows"):
                if row.get("column") is not None and "value" in row:
                    kind = text_of(finding, "kind")
                    yield text_of(finding, "test"), {"kind": kind, **row}


def _classes(report: Row) -> Iterator[tuple[str, str, Row]]:
    """Yield the kind and the column of labels, predictions or a feature, and a row for each of its values."""
    roles = table_of(report, "settings", "roles")
    for finding in rows_of(report, "findings"):
        kind = text_of(finding, "kind")
        if kind not in _CATEGORIES:
            continue
        column = text_of(roles, kind, kind) if kind != _FEATURES else _feature(finding)
        for evidence in rows_of(finding, "evidence"):
            if evidence.get("name") == "categories":
                for row in rows_of(evidence, "rows"):
                    if row.get("value") is not None and column:
                        yield kind, column, row


def _feature(finding: Row) -> str:
    """Return the column of features that a finding is of; empty where it is of none."""
    tables = [rows_of(table, "rows") for table in rows_of(finding, "evidence") if table.get("name") == "column"]
    return next((text_of(row, "column") for rows in tables for row in rows), "")


def _is(place: Row, column: str | None, value: str) -> bool:
    return (
        place.get("value") is not None
        and column in {None, str(place.get("column"))}
        and str(place.get("value")) == value
    )


def _identity(row: Row) -> tuple[Any, ...]:
    within = table_of(row, "within")
    return tuple(str(part) for part in (row.get("kind"), row.get("column"), row.get("value"), *within.values()))


def _where(row: Row) -> str:
    within = table_of(row, "within")
    inside = f" within {quoted(within.get('column'))} {quoted(within.get('value'))}" if within else ""
    return f"{quoted(row.get('column'))} is {quoted(row.get('value'))}{inside}"


def _segment(row: Row) -> str:
    kind, effect = text_of(row, "kind"), number_of(row, "effect")
    size = "" if effect is None else f" by {wording.segment_size(effect, kind)}"
    most = ""
    if isinstance(row.get("term"), str):
        most = f", most the word {quoted(row['term'])}"
    elif row.get("label") is not None:
        most = f", most the label {quoted(row['label'])}"
    said = f" {reported(text_of(row, 'sentence'))}" if text_of(row, "sentence") else ""
    moved = f"the {wording.kind_words(kind)} moved{size}{most}{p_words(row)}{rows_compared(row)}"
    return f"Where {_where(row)} {moved}.{said}"


def _accuracy(row: Row) -> str:
    sides = [number_of(table_of(row, side), "value") for side in ("reference", "current")]
    change = table_of(row, "change")
    if sides[0] is None or sides[1] is None:
        return f"Of how well the model does where {_where(row)} the report has: {row_words(row)}."
    size, around = number_of(change, "value"), ends(change)
    told = "" if size is None else f", a change of {numerals.points(size, signed=True)}"
    if around is not None and _bare(around[0]) != _bare(around[1]):
        told += f" ({_bare(around[0])} to {_bare(around[1])})"
    shares = f"{numerals.share(sides[0])} before and {numerals.share(sides[1])} now"
    return f"Where {_where(row)} the model is right for {shares}{told}{p_words(row)}{rows_compared(row)}."


def _not_judged(row: Row) -> str:
    reason = text_of(row, "reason")
    why = f": {reported(reason)}" if reason else "."
    return f"Where {_where(row)} nothing was judged{rows_compared(row)}{why}"


def _of_label(report: Row, label: str) -> Iterator[str]:
    """Say how well the model does for one label, and how its texts changed."""
    for row in rows_of(report, "performance", "measured", "rows"):
        sides = [number_of(table_of(row, side), "value") for side in ("reference", "current")]
        if row.get("label") == label and sides[0] is not None and sides[1] is not None:
            metric = quoted(text_of(row, "metric", "measure"))
            yield f"The measure {metric} of it is {numerals.plain(sides[0])} before and {numerals.plain(sides[1])} now."
    for finding in rows_of(report, "findings"):
        for evidence in rows_of(finding, "evidence"):
            for row in rows_of(evidence, "rows"):
                net = number_of(row, "net")
                if evidence.get("name") == "relabelled" and row.get("label") == label and net is not None:
                    judge = "the model" if text_of(finding, "test").startswith("concept.prediction") else "the label"
                    yield f"For the same texts {judge} says {quoted(label)} {oftener(net)} than before."


def _bare(value: float) -> str:
    return numerals.points(value, signed=True).removesuffix(" points")
