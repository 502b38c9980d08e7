"""Dates given as flags."""

from __future__ import annotations

import datetime as dt

from textdrift.errors import SettingsError

__all__ = ["date_of"]


def date_of(given: str | None, flag: str) -> dt.date | None:
    """Return a date given as 2026-11-25; ``None`` for none.

    Raises
    ------
    SettingsError
        For anything else.

    Examples
    --------
    >>> date_of("2026-11-25", "--date")
    datetime.date(2026, 11, 25)
    """
    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given)
    except ValueError as error:
        raise SettingsError(f"{flag} needs a date such as 2026-11-25; got {given!r}") from error
