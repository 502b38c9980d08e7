"""Times as rows hold them, read as UTC; and the times by which windows are called."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

__all__ = ["iso", "moment_of"]

_NUMBER = re.compile(r"\s*-?\d{9,}(\.\d*)?\s*")
_MILLISECONDS_FROM = 1e11  # as seconds this is the year 5138


def moment_of(value: Any) -> dt.datetime | None:
    """Return a time in UTC; ``None`` for what is none.

    ISO strings, datetimes and dates are read, and numbers as seconds since 1970, or milliseconds where they are so
    large. A time without a zone counts as UTC.

    >>> [str(moment_of(value)) for value in ("2026-11-26T11:00:00+01:00", 1795687200, "1795687200000")]
    ['2026-11-26 10:00:00+00:00', '2026-11-26 10:00:00+00:00', '2026-11-26 10:00:00+00:00']
    >>> moment_of("soon"), moment_of(True), moment_of(float("nan"))
    (None, None, None)
    """
    try:
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, (int, float)) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
            seconds = float(value)
            return dt.datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= _MILLISECONDS_FROM else seconds, dt.UTC)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)
        time = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value).strip())
        return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def iso(moment: dt.datetime) -> str:
    """Return a moment as windows are called by it: to the second, so that names are in the order of time.

    >>> iso(dt.datetime(2026, 11, 26, 10, 0, 0, 900, tzinfo=dt.UTC))
    '2026-11-26T10:00:00Z'
    """
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
