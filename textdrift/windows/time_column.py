"""The column that plays the time, as UTC microseconds."""

from __future__ import annotations

import datetime as dt
import re

import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import ColumnTypeError
from textdrift.windows.column_values import all_null, is_text, plain_column

__all__ = ["times_of"]

_TIME = pa.timestamp("us", "UTC")
# The end of a string that holds a time of day and then a zone.
_ZONE = re.compile(r":\d\d.*(Z|[+-]\d\d:?(\d\d)?)\s*$", re.IGNORECASE)


def times_of(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a time column as UTC microseconds; a time without a zone counts as UTC."""
    column = plain_column(column)
    if all_null(column):
        return pa.chunked_array([pa.nulls(len(column), _TIME)])
    if pa.types.is_timestamp(column.type):
        # Finer than microseconds is cut off on purpose.
        return column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(_TIME)
    if pa.types.is_date(column.type):
        return column.cast(pa.timestamp("us")).cast(_TIME)
    if is_text(column.type):
        return _times_from_text(column.cast(pa.large_string()), name)
    msg = (
        f"column {name!r} is the time and holds {column.type}; it needs timestamps, dates or ISO strings such as "
        "2024-01-31T12:00:00Z: convert it deliberately (a number alone does not say its unit)"
    )
    raise ColumnTypeError(msg)


def _times_from_text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
    column = pc.if_else(blank, pa.scalar(None, pa.large_string()), column)
    # Arrow reads columns where all of the times have a zone, or none; a failure costs it dearly, so the first one tells
    # which to try. Python reads the rest one by one.
    given = column.drop_null()
    zone = "UTC" if len(given) and _ZONE.search(given[0].as_py()) else None
    try:
        return column.cast(pa.timestamp("us", zone)).cast(_TIME)
    except pa.ArrowInvalid:
        pass
    times: list[dt.datetime | None] = []
    for row, value in enumerate(column.to_pylist()):
        try:
            time = None if value is None else dt.datetime.fromisoformat(value.strip())
        except ValueError as error:
            msg = (
                f"column {name!r} is the time, and row {row} (counted from 0) holds {value!r}, which is no ISO time; "
                "write it as in 2024-01-31T12:00:00Z"
            )
            raise ColumnTypeError(msg) from error
        times.append(time.replace(tzinfo=time.tzinfo or dt.UTC) if time is not None else None)
    return pa.chunked_array([pa.array(times, _TIME)])
