"""What a column holds, as far as a guess of its part needs it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import TextdriftError
from textdrift.windows.spelled_numbers import spelled_cells
from textdrift.windows.time_column import times_of

__all__ = [
    "decimal_comma_in", "distinct_values", "is_feature", "is_segment", "is_string", "is_time", "is_unique",
    "numbers_in", "size_of_texts", "values_in",
]  # fmt: skip

_SLICES = (2, 50)
_SMALLEST_SLICE, _TWO_ROWS = 0.02, 2
_SHORTEST_TEXT = 12
_SHARE_OF_PHRASES = 0.5
_FEWEST_DISTINCT = 0.2
_MOST_NAMES = 200
_MOST_DISTINCT = 0.5
# 1,234 may be a thousand and more; 0,234 and 1,2 are not.
_DECIMAL_COMMA = r"^\s*[-+]?(0,\d+|(\d+|\d{1,3}([. ]\d{3})+),(\d{1,2}|\d{4,}))\s*$"


def is_string(column: pa.Array) -> bool:
    """Whether a column holds strings, or a dictionary of them."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def distinct_values(column: pa.Array) -> int:
    """Return how many different values a column has, null not counted; of nested values none."""
    if pa.types.is_nested(column.type):
        return 0
    return int(pc.count_distinct(column, mode="only_valid").as_py())


def values_in(column: pa.Array) -> tuple[str, ...]:
    """Return the different values of a column as strings."""
    return tuple(map(str, pc.unique(column.drop_null()).to_pylist()))


def is_unique(column: pa.Array) -> bool:
    """Whether each row has a value of its own.

    >>> is_unique(pa.array([1, 2, 3])), is_unique(pa.array([1, 1, 3])), is_unique(pa.array([1, None]))
    (True, False, False)
    """
    return len(column) > 1 and not column.null_count and distinct_values(column) == len(column)


def is_time(column: pa.Array) -> bool:
    """Whether a column holds timestamps, dates or ISO strings, and nothing else.

    >>> is_time(pa.array(["2026-01-02T10:00:00Z", None])), is_time(pa.array(["2026-01-02", "soon"]))
    (True, False)
    """
    if column.null_count == len(column):
        return False
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return True
    if not is_string(column):
        return False
    try:
        # A few rows first: reading a column of texts as times is slow.
        few = column.drop_null().slice(0, 5)
        return all(times_of(pa.chunked_array([part]), "time").null_count == part.null_count for part in (few, column))
    except TextdriftError:
        return False


def size_of_texts(column: pa.Array) -> float | None:
    """Return the mean length of the strings of a column, ``None`` where they are no texts."""
    strings = column.cast(pa.large_string()).drop_null()
    if not len(strings):
        return None
    length = float(pc.mean(pc.utf8_length(strings)).as_py())
    phrases = float(pc.mean(pc.match_substring(strings, " ").cast(pa.int8())).as_py())
    distinct = pc.count_distinct(strings).as_py() / len(strings)
    is_text = length >= _SHORTEST_TEXT and phrases >= _SHARE_OF_PHRASES and distinct >= _FEWEST_DISTINCT
    return length if is_text else None


def numbers_in(column: pa.Array) -> NDArray[np.float64] | None:
    """Return the numbers of a column, NaN where it has none, which in a csv file are strings; else ``None``."""
    kind = column.type
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or is_string(column)):
        return None
    if column.null_count == len(column):
        return None
    try:
        strings = column.cast(pa.large_string()) if pa.types.is_dictionary(kind) else column
        return np.asarray(strings.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        return None


def decimal_comma_in(column: pa.Array) -> str | None:
    """Return the first number of a column whose numbers are written with a decimal comma; else ``None``.

    >>> decimal_comma_in(pa.array(["1", "1.234,5", None])), decimal_comma_in(pa.array(["1,234", "5,678"]))
    ('1.234,5', None)
    """
    if not is_string(column) or column.null_count == len(column):
        return None
    strings = column.cast(pa.large_string()).drop_null()
    decimal = strings.filter(pc.match_substring_regex(strings, _DECIMAL_COMMA))
    are_numbers = spelled_cells(strings).count("other") == 0
    return str(decimal[0]).strip() if len(decimal) and are_numbers else None


def is_segment(column: pa.Array) -> bool:
    """Whether a column of names holds few values, the first two of them in many rows."""
    if not (is_string(column) or pa.types.is_boolean(column.type)) or not len(column):
        return False
    counts = pc.value_counts(column.drop_null()).field("counts").to_numpy(zero_copy_only=False)
    fewest, most = _SLICES
    smallest = max(_TWO_ROWS, _SMALLEST_SLICE * len(column))
    return bool(fewest <= len(counts) <= most and (np.sort(counts)[-2:] >= smallest).all())


def is_feature(column: pa.Array) -> bool:
    """Whether a column holds numbers that differ, or names of which there are not too many.

    >>> [is_feature(pa.array(values)) for values in ([0.5, 2.5, 3.5], ["a", "b", "a", "a"], ["a", "a"], ["x", "y"])]
    [True, True, False, False]
    """
    n_values = distinct_values(column)
    if n_values <= 1 or is_time(column):
        return False
    if numbers_in(column) is not None or pa.types.is_boolean(column.type):
        return True
    return is_string(column) and n_values <= min(_MOST_NAMES, _MOST_DISTINCT * len(column))
