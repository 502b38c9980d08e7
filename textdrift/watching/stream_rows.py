"""StreamRow: one row of a stream, and the mark by which its source knows that it was judged."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["StreamRow", "row_of_line"]


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One row of a stream.

    Attributes
    ----------
    values:
        Column to value.
    arrived:
        When it came, in UTC.
    mark:
        What the source calls it; empty where a source cannot be told.
    """

    values: Mapping[str, Any]
    arrived: dt.datetime
    mark: str = ""


def row_of_line(line: str | bytes) -> dict[str, Any] | None:
    """Return the values of a line of JSON; ``None`` where it holds no object.

    >>> row_of_line('{"text": "late again"}'), row_of_line("late again"), row_of_line("[1]")
    ({'text': 'late again'}, None, None)
    """
    try:
        values = json.loads(line)
    except ValueError:
        return None
    return {str(key): value for key, value in values.items()} if isinstance(values, dict) else None
