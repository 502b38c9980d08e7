"""The tables of evidence of a finding, taken only where their rows hold what a table of that name holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["NUMBER", "Row", "fitting_rows", "is_number", "number_or_none", "table_of"]

Row = Mapping[str, Any]

NUMBER = (int, float)


def table_of(finding: Row, name: str) -> Row:
    """Return the evidence of that name; empty where the finding has none."""
    return next((evidence for evidence in finding.get("evidence", ()) if evidence["name"] == name), {})


def fitting_rows(table: Row, columns: Mapping[str, Any]) -> Sequence[Row]:
    """Return the rows of a table, or none where one of them lacks a column or holds another type in it.

    A table of the right name from somebody else's test is not ours to draw.

    >>> fitting_rows({"rows": [{"term": "late"}]}, {"term": str}), fitting_rows({"rows": [{"term": 1}]}, {"term": str})
    ([{'term': 'late'}], ())
    """
    rows: Sequence[Row] = table.get("rows", ())
    fits = all(isinstance(row.get(column), types) for row in rows for column, types in columns.items())
    return rows if fits else ()


def is_number(value: object) -> bool:
    """Tell whether a value is a number; a truth value is none.

    >>> is_number(0.5), is_number(True), is_number(None)
    (True, False, False)
    """
    return isinstance(value, NUMBER) and not isinstance(value, bool)


def number_or_none(value: object) -> float | None:
    """Return a number of the report, or ``None`` for anything else.

    >>> number_or_none(0.5), number_or_none("much")
    (0.5, None)
    """
    return value if is_number(value) else None  # type: ignore[return-value]
