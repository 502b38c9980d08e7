"""Rows of a stream as one table: whatever JSON holds becomes columns of one type each."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

__all__ = ["table_of_rows"]

_MOST_COLUMNS = 1000
_WHOLE = 2**63


def table_of_rows(
    rows: Sequence[Mapping[str, Any]], *, first: Sequence[str] = (), times: Mapping[str, Sequence[dt.datetime]] | None
) -> tuple[pa.Table, int]:
    """Return rows as a table, and the number of columns that found no place in it.

    A key that a row lacks is null there. Numbers stay numbers where all values of a column are; a column of mixed
    values, tables or lists is text, tables and lists as JSON. Lists of numbers stay vectors. There is room for 1,000
    columns, those of ``first`` before all others: a producer that writes keys without end takes no memory without end.

    Parameters
    ----------
    rows:
        Column to value.
    first:
        The columns that are wanted.
    times:
        Columns that were read as times, and what was read.

    Examples
    --------
    >>> table, n_left_out = table_of_rows([{"text": "a", "n": 1}, {"text": {"b": 2}, "n": 2.5}], times=None)
    >>> table.to_pydict(), n_left_out
    ({'text': ['a', '{"b": 2}'], 'n': [1.0, 2.5]}, 0)
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > _MOST_COLUMNS:
        wanted = [name for name in first if name in set(names)]
        names = list(dict.fromkeys([*wanted, *names]))
    kept = names[:_MOST_COLUMNS]
    known = times or {}
    columns = {
        _sound(name): pa.array(known[name], pa.timestamp("us", "UTC"))
        if name in known
        else _column([row.get(name) for row in rows])
        for name in kept
    }
    return pa.table(columns), len(names) - len(kept)


def _column(values: list[Any]) -> pa.Array:
    plain = [_plain(value) for value in values]
    kinds = {_kind(value) for value in plain if value is not None}
    if kinds == {"bool"} or not kinds:
        return pa.array(plain)
    if kinds == {"whole"}:
        return pa.array(plain, pa.int64())
    if kinds <= {"whole", "number"}:
        return pa.array([None if value is None else float(value) for value in plain], pa.float64())
    if kinds == {"time"}:
        return pa.array(plain, pa.timestamp("us", "UTC"))
    if kinds == {"vector"}:
        return pa.array([value if value is None else [float(v) for v in value] for value in plain])
    return pa.array([None if value is None else _text(value) for value in plain], pa.large_string())


def _plain(value: Any) -> Any:
    """Return a value as Python knows it: scalars of numpy and the like by their own ``item``, not-a-number as null."""
    item: Callable[[], Any] | None = getattr(value, "item", None)
    if item is not None and getattr(value, "shape", None) == ():
        value = item()
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) and value.tzinfo is None else value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "whole" if -_WHOLE <= value < _WHOLE else "text"
    if isinstance(value, float):
        return "number"
    if isinstance(value, dt.datetime):
        return "time"
    if isinstance(value, (list, tuple)) and value and all(_kind(part) in ("whole", "number") for part in value):
        return "vector"
    return "text"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _sound(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode(errors="replace")
    if isinstance(value, (dict, list, tuple, bool)):
        try:
            return _sound(json.dumps(value, ensure_ascii=False, default=str))
        except (ValueError, TypeError, RecursionError):
            return _sound(f"{type(value).__name__} that cannot be written")
    try:
        return _sound(str(value))
    except Exception:  # noqa: BLE001 - a value of any class at all, whose own __str__ fails
        return f"{type(value).__name__} that cannot be written"


def _sound(text: str) -> str:
    """Return a text that UTF-8 can hold: JSON may spell half of a pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
