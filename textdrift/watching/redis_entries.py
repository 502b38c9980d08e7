"""The entries of a Redis Stream: their places, times and values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from textdrift.watching.stream_rows import Place, row_of_line

__all__ = ["mark_of", "pairs_of", "place_before", "place_of", "text_of_field", "time_of", "values_of"]

_PAYLOAD = "json"
_LAST_OF_A_MILLISECOND = 2**64 - 1


def pairs_of(entries: Any) -> list[Any]:
    """Return entries as pairs; newer clients nest them once more."""
    if entries and isinstance(entries[0], list):
        return [pair for part in entries for pair in part]
    return list(entries)


def text_of_field(value: Any) -> str:
    """Return a field or a name as text, whatever bytes it holds."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def place_of(mark: Any) -> Place:
    """Return the place of an entry by its number.

    >>> place_of(b"1795687200000-3")
    (1795687200000, 3)
    """
    first, _, second = text_of_field(mark).partition("-")
    return int(first), int(second)


def place_before(place: Place) -> Place:
    """Return the place before a place."""
    return (place[0], place[1] - 1) if place[1] else (max(0, place[0] - 1), _LAST_OF_A_MILLISECOND)


def mark_of(place: Place) -> str:
    """Return a place as Redis spells it."""
    return f"{place[0]}-{place[1]}"


def time_of(place: Place) -> dt.datetime:
    """Return when an entry was added, by its number."""
    try:
        return dt.datetime.fromtimestamp(place[0] / 1000, dt.UTC)
    except (ValueError, OverflowError, OSError):  # a number that was given by hand
        return dt.datetime.now(dt.UTC)


def values_of(fields: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Return the values of an entry: the JSON of one field, or its fields; ``None`` where it holds none."""
    values = {text_of_field(key): value for key, value in fields.items()}
    if _PAYLOAD in values:
        return row_of_line(values[_PAYLOAD])
    return {key: text_of_field(value) for key, value in values.items()} or None
