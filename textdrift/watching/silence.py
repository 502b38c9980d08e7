"""Silence: a stream that gives no rows says nothing of drift, and nothing is what a broken one says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from textdrift.watching.moments import iso

__all__ = ["BEGINNING", "Silence"]

BEGINNING = "silent since "
"""What the name of a silence begins with; a failure under such a name is one."""


@dataclass(slots=True)
class Silence:
    """How long no row came.

    Parameters
    ----------
    longest:
        Seconds without a row that are a silence; ``None`` for never.
    since:
        When the last row came, or the watch began.

    Examples
    --------
    >>> noon = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
    >>> silence = Silence(60, noon)
    >>> [silence.begins(noon + dt.timedelta(seconds=s)) for s in (30, 61, 62)]
    [None, 'silent since 2026-11-26T12:00:00Z', None]
    >>> silence.ends(noon + dt.timedelta(seconds=70)), silence.ends(noon + dt.timedelta(seconds=71))
    (True, False)
    """

    longest: float | None
    since: dt.datetime
    is_told: bool = False

    def seconds(self, now: dt.datetime) -> float:
        """Return how long it has been silent by now."""
        return (now - self.since).total_seconds()

    def begins(self, now: dt.datetime) -> str | None:
        """Return the name of a silence that has lasted long enough by now, once."""
        if self.longest is None or self.is_told or self.seconds(now) <= self.longest:
            return None
        self.is_told = True
        return BEGINNING + iso(self.since)

    def ends(self, now: dt.datetime) -> bool:
        """Take note that a row came; return whether that ended a silence that was told."""
        was_told, self.is_told, self.since = self.is_told, False, now
        return was_told
