"""The column of a role, brought to the type that ``Window`` promises for it."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import ColumnTypeError
from textdrift.windows.column_values import (
    all_null,
    is_text,
    nan_as_null,
    plain_column,
    rows_where,
    told_rows,
    valid_strings,
)

__all__ = ["category_column", "group_column", "probability_column", "spelled_label", "text_column"]

# A whole number that was written as a float: what a csv file holds of a column of ints that once had a gap.
_WHOLE_FLOAT = r"^(-?(?:0|[1-9][0-9]*))\.0+$"
# From here on neighbouring whole numbers share one float, and so would two labels.
_LARGEST_WHOLE_FLOAT = 2.0**53
# Probabilities that were rounded to float32 still count as within [0, 1].
_RANGE_TOLERANCE = 1e-6


def text_column(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a text column as ``large_string``, every value UTF-8."""
    column = plain_column(column)
    if not is_text(column.type) and not all_null(column):
        msg = (
            f"column {name!r} is the text and holds {column.type}; name another column, or cast it to str deliberately"
        )
        raise ColumnTypeError(msg)
    return (
        pa.chunked_array([pa.nulls(len(column), pa.large_string())])
        if all_null(column)
        else valid_strings(column, name)
    )


def spelled_label(label: Any) -> str:
    """Return a label as ``category_column`` spells it."""
    return re.sub(_WHOLE_FLOAT, r"\1", str(label))


def category_column(column: pa.ChunkedArray, name: str, role: str) -> pa.ChunkedArray:
    """Return a label, prediction or segment as ``large_string``, one value in one spelling whatever it came from.

    A whole float loses its point, also where a file spells it out: "1", not "1.0" ("01" stays "01"). A bool is
    "True" or "False", as Python and the csv files of pandas write it. Each cell is spelled by itself, so that two
    windows never spell one value in two ways because of their other rows.
    """
    column = plain_column(column)
    kind = column.type
    if all_null(column):
        return pa.chunked_array([pa.nulls(len(column), pa.large_string())])
    if is_text(kind):
        texts = valid_strings(column, name)
        # a segment may be a version, a group a name, and "2.0" is no "2" then
        return texts if role in ("segment", "group") else pc.replace_substring_regex(texts, _WHOLE_FLOAT, r"\1")
    if pa.types.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return column.cast(pa.large_string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = nan_as_null(column.cast(pa.float64()))
        broken = pc.or_(pc.not_equal(pc.floor(values), values), pc.greater(pc.abs(values), _LARGEST_WHOLE_FLOAT))
        rows = rows_where(broken)
        if len(rows):
            msg = (
                f"column {name!r} is a {role} and looks continuous in {told_rows(rows, len(column))} "
                f"with {values[int(rows[0])]}; name another column, or bin it or cast it to str deliberately"
            )
            raise ColumnTypeError(msg)
        return values.cast(pa.int64()).cast(pa.large_string())
    msg = f"column {name!r} is a {role} and holds {kind}; it needs str, int or bool values: cast it deliberately"
    raise ColumnTypeError(msg)


def group_column(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a group as ``large_string``; a blank one is null: authors without a name are not one author."""
    groups = category_column(column, name, "group")
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(groups)), 0)
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), groups)


def probability_column(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a probability column as ``float64``, every value null or within [0, 1]."""
    column = plain_column(column)
    kind = column.type
    if is_text(kind):
        column = _numbers_from_text(column, name)
    elif not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or all_null(column)):
        msg = f"column {name!r} is a probability and holds {kind}; it needs numbers from 0 to 1"
        raise ColumnTypeError(msg)
    values = nan_as_null(column.cast(pa.float64()))
    outside = rows_where(pc.or_(pc.less(values, -_RANGE_TOLERANCE), pc.greater(values, 1 + _RANGE_TOLERANCE)))
    if len(outside):
        msg = (
            f"column {name!r} is a probability and is outside [0, 1] in {told_rows(outside, len(values))} "
            f"with {values[int(outside[0])]}; logits need a softmax, percentages a division by 100"
        )
        raise ColumnTypeError(msg)
    return values


def _numbers_from_text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return the numbers that a column of a csv file spells out."""
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid as error:
        for row, value in enumerate(column.to_pylist()):
            try:
                float(value or 0)
            except ValueError:
                msg = (
                    f"column {name!r} is a probability, and row {row} (counted from 0) holds {value!r}; "
                    "it needs numbers from 0 to 1"
                )
                raise ColumnTypeError(msg) from error
        msg = f"column {name!r} is a probability and holds {column.type}; cast it to numbers"
        raise ColumnTypeError(msg) from error
