"""What the columns of a source held before they were brought to the types of a window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pyarrow as pa

__all__ = ["NO_TYPES", "is_without_types", "types_of_columns", "without_types"]

_MARK = {b"textdrift.types": b"none"}

NO_TYPES: Mapping[str, str] = MappingProxyType({})
"""Of a source whose columns have no types."""


def without_types(table: pa.Table) -> pa.Table:
    """Return the table of a csv file, marked: all of its columns are text, whatever they mean.

    >>> types_of_columns(without_types(pa.table({"label": ["1"]})), ["label"])
    {}
    """
    return table.replace_schema_metadata(_MARK)


def is_without_types(table: pa.Table) -> bool:
    """Tell whether a table came from a csv file, by its mark.

    >>> is_without_types(without_types(pa.table({"label": ["1"]}))), is_without_types(pa.table({"label": ["1"]}))
    (True, False)
    """
    return all((table.schema.metadata or {}).get(key) == value for key, value in _MARK.items())


def types_of_columns(table: pa.Table, names: Iterable[str]) -> dict[str, str]:
    """Return what each column holds: text, numbers, booleans, dates, times (with or without a zone).

    Whole numbers and others are both numbers: one gap makes a column of ints one of floats in pandas. A column of nulls
    alone has no type, nor has one of a csv file.

    >>> types_of_columns(pa.table({"label": [1, 0], "good": [True, None], "none": [None, None]}), ["label", "good"])
    {'label': 'numbers', 'good': 'booleans'}
    """
    if is_without_types(table):
        return {}
    columns = {name: table.column(name) for name in names}
    return {name: _told(column.type) for name, column in columns.items() if column.null_count < len(column)}


def _told(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return _told(kind.value_type)
    if pa.types.is_timestamp(kind):
        return "times without a zone" if kind.tz is None else "times with a zone"
    return next((words for is_kind, words in _KINDS if is_kind(kind)), str(kind))


_KINDS = (
    (pa.types.is_string, "text"),
    (pa.types.is_large_string, "text"),
    (pa.types.is_string_view, "text"),
    (pa.types.is_boolean, "booleans"),
    (pa.types.is_integer, "numbers"),
    (pa.types.is_floating, "numbers"),
    (pa.types.is_decimal, "numbers"),
    (pa.types.is_date, "dates"),
)
