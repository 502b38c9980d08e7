"""StreamRow: one row of a stream, and the place by which its source finds it again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Place", "StreamRow", "row_of_line"]

Place = tuple[int, int]
"""Where a source keeps a row: places are in the order of the source, whatever order the rows' times have."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One row of a stream.

    Attributes
    ----------
    values:
        Column to value.
    arrived:
        When it came, in UTC.
    place:
        Where its source keeps it; ``None`` where a source keeps nothing.
    """

    values: Mapping[str, Any]
    arrived: dt.datetime
    place: Place | None = None


def row_of_line(line: str | bytes) -> dict[str, Any] | None:
    """Return the values of a line of JSON; ``None`` where it holds no object, or an empty one.

    >>> row_of_line('{"text": "late again"}'), row_of_line("late again"), row_of_line("[1]"), row_of_line("{}")
    ({'text': 'late again'}, None, None, None)
    """
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):  # "[[[[[…" is nested too deeply
        return None
    return {str(key): value for key, value in values.items()} or None if isinstance(values, dict) else None
