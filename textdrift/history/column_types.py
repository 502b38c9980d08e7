"""What a column holds, the same on SQLite and PostgreSQL: moments in UTC, any text, finite numbers."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import zlib
from typing import Any

from sqlalchemy import DateTime, Double, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from textdrift.errors import HistoryError, SettingsError

__all__ = ["ExactText", "FiniteNumber", "UtcMoment", "as_json", "of_json", "packed", "unpacked"]

# PostgreSQL refuses NUL in a text, and no driver can send half of a surrogate pair. Both, and the mark that stands
# before the escaped ones, are written as the mark and four hexadecimal digits.
_MARK = "\x1a"
_ESCAPED = re.compile("[\x00\x1a\ud800-\udfff]")
_ESCAPE = re.compile("\x1a([0-9a-f]{4})")


class UtcMoment(TypeDecorator[dt.datetime]):
    """A moment: aware on the way in, in UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, _: Dialect) -> dt.datetime | None:
        """Return the moment in UTC; SQLite keeps no time zone beside it."""
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, _: Dialect) -> dt.datetime | None:
        """Return the moment with its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class ExactText(TypeDecorator[str]):
    """A text of any characters, that comes back as it was and is ordered by code points."""

    # A collation of the database's language would order names otherwise on every server.
    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Return the text with what a database refuses escaped."""
        return None if value is None else _ESCAPED.sub(lambda found: f"{_MARK}{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, _: Dialect) -> str | None:
        """Return the text as it was given."""
        if value is None or _MARK not in value:
            return value
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)


class FiniteNumber(TypeDecorator[float]):
    """A number; one that is not finite is kept as null, since SQLite has no NaN and JSON no infinity."""

    impl = Double()
    cache_ok = True

    def process_bind_param(self, value: float | None, _: Dialect) -> float | None:
        """Return the number, or None where it is not finite."""
        return None if value is None or not math.isfinite(value) else float(value)


def as_json(value: Any, name: str) -> str:
    r"""Return a value as JSON in ASCII, so that a text of any characters comes back; NaN and infinities too.

    >>> as_json({"word": "caf\\u00e9"}, "the report")
    '{"word":"caf\\\\u00e9"}'
    """
    try:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"{name} cannot be kept as JSON ({error}); give numbers, strings, lists, tables and None"
        raise SettingsError(msg) from error


def of_json(text: str) -> Any:
    """Return the value of a JSON text that ``as_json`` made."""
    return json.loads(text)


def packed(value: Any, name: str) -> bytes:
    """Return a value as compressed JSON; a report of 1 MB takes about a tenth of it."""
    return zlib.compress(as_json(value, name).encode("ascii"))


def unpacked(blob: bytes, name: str) -> Any:
    """Return the value that was packed.

    >>> unpacked(packed({"a": [1, None]}, "it"), "it")
    {'a': [1, None]}
    """
    try:
        return json.loads(zlib.decompress(blob))
    except (zlib.error, ValueError) as error:
        raise HistoryError(f"{name} is damaged in the history ({error}); judge the window anew") from error
