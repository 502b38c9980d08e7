"""Parts of a report that may have been cut or edited by hand: what is not as it should be is taken as not there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Row", "names_of", "number_of", "rows_of", "table_of", "text_of"]

Row = Mapping[str, Any]


def table_of(report: Row, *path: str) -> Row:
    """Return the table at a place of a report; empty where there is none.

    >>> table_of({"diagnosis": {"search": {"n_slices": 4}}}, "diagnosis", "search"), table_of({"diagnosis": 3}, "x")
    ({'n_slices': 4}, {})
    """
    place: Any = report
    for step in path:
        place = place.get(step) if isinstance(place, Mapping) else None
    return place if isinstance(place, Mapping) else {}


def rows_of(report: Row, *path: str) -> Sequence[Row]:
    """Return the rows at a place of a report that are tables.

    >>> rows_of({"findings": [{"kind": "label"}, "late", None]}, "findings"), rows_of({"findings": 3}, "findings")
    ([{'kind': 'label'}], [])
    """
    *steps, last = path
    rows = table_of(report, *steps).get(last)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def names_of(row: Row, key: str) -> Sequence[str]:
    """Return the texts of a list in a row.

    >>> names_of({"words": ["late", 3]}, "words"), names_of({"words": "late"}, "words")
    (['late'], [])
    """
    names = row.get(key)
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def text_of(row: Row, key: str, otherwise: str = "") -> str:
    """Return a text of a row.

    >>> text_of({"kind": "label"}, "kind"), text_of({"kind": 3}, "kind", "unknown")
    ('label', 'unknown')
    """
    value = row.get(key)
    return value if isinstance(value, str) else otherwise


def number_of(row: Row, key: str) -> float | None:
    """Return a number of a row that is finite, ``None`` for anything else.

    >>> number_of({"p_value": 0.5}, "p_value"), number_of({"p_value": "small"}, "p_value")
    (0.5, None)
    """
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # a whole number beyond every float
        return None
