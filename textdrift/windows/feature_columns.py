"""The columns that play the role of a feature: numbers or names, brought to one type and read as what they hold."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import ColumnTypeError
from textdrift.windows.column_types import category_column
from textdrift.windows.column_values import all_null, is_extension, is_text, nan_as_null, plain_column, valid_strings
from textdrift.windows.window import Window

__all__ = ["FeatureType", "feature_column", "held_in", "names_of", "numbers_of"]

FeatureType = Literal["numeric", "categorical", "mixed"]
"""``mixed``: one type in one window and another in the other, which cannot be compared."""

_TEXT = pa.large_string()


def feature_column(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a feature as ``large_string``, ``int64``, ``uint64`` or ``float64`` without NaN; a missing value is null.

    A bool is the name "True" or "False". Infinities stay, so that they can be counted. Whole numbers stay whole, so
    that long ones keep their last digits; ``uint64`` is only for those beyond 2^63.

    Raises
    ------
    ColumnTypeError
        Where the column holds neither numbers nor names: a time, a list, bytes.
    """
    column = plain_column(column)
    kind = column.type
    if all_null(column):
        return pa.chunked_array([pa.nulls(len(column), _TEXT)])
    if is_text(kind):
        return valid_strings(column, name)
    if pa.types.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", _TEXT), pa.scalar("False", _TEXT))
    if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale <= 0):
        return _whole(column)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return nan_as_null(column.cast(pa.float64()))
    msg = f"column {name!r} is a feature and holds {kind}; features are numbers or names: {_advice(kind)}"
    raise ColumnTypeError(msg)


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    for kind in (pa.int64(), pa.uint64()):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:  # of 64 bits without a sign, or of 128
            continue
    return column.cast(pa.float64())


def _advice(kind: pa.DataType) -> str:
    if pa.types.is_temporal(kind):
        return "give it the role time, or turn it into a number (an hour, days since) deliberately"
    if is_extension(kind):
        return "cast it to text deliberately (in pandas: frame[name].astype(str))"
    if pa.types.is_nested(kind):
        return "give vectors the role embeddings, and other values a column each"
    return "leave it out, or cast it deliberately"


def held_in(window: Window, name: str) -> Literal["numbers", "text", ""]:
    """Return what a feature holds in one window by itself; empty where it holds no value.

    In a csv file, whose cells have no type, a column whose every cell spells a number holds numbers. What both windows
    of a comparison hold together is for ``textdrift.drift.paired_features`` to say.
    """
    column = window.column(name)
    if column.null_count == len(column):
        return ""
    if name in window.roles.segments:
        return "text"
    if not pa.types.is_large_string(column.type):
        return "numbers"
    return "numbers" if name not in window.source_types and _spells_numbers(column) else "text"


def _spells_numbers(column: pa.Array) -> bool:
    try:
        column.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def numbers_of(window: Window, name: str) -> NDArray[np.float64]:
    """Return a feature of numbers, shape (n_rows,): missing values are NaN, and infinite ones stay.

    Whole numbers beyond 2^53 lose their last digits; ``textdrift.windows.long_numbers`` keeps them.

    >>> from textdrift.windows.window import Roles
    >>> table = pa.table({"age": pa.array([31, None, 45])})
    >>> numbers_of(Window(table, Roles(text=None, features=("age",)), "today"), "age").tolist()
    [31.0, nan, 45.0]
    """
    column = window.column(name).cast(pa.float64(), safe=False)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def names_of(window: Window, name: str) -> pa.Array:
    """Return a feature of names, shape (n_rows,), ``large_string``; codes are spelled as whole numbers.

    An infinite number is no code, and is null.

    Raises
    ------
    ColumnTypeError
        Where the column holds numbers that are no codes.

    Examples
    --------
    >>> from textdrift.windows.window import Roles
    >>> table = pa.table({"code": pa.array([7.0, None])})
    >>> names_of(Window(table, Roles(text=None, features=("code",)), "today"), "code").to_pylist()
    ['7', None]
    """
    column = window.column(name)
    if pa.types.is_large_string(column.type):
        return column
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_inf(column), pa.scalar(None, column.type), column)
    try:
        return category_column(pa.chunked_array([column]), name, "category").combine_chunks()
    except ColumnTypeError as error:
        error.args = (f"window {window.name!r}: {error}; or take it out of tests: columns.categories",)
        raise
