"""Backfilling: a job run for every window of a stretch of dates, in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from textdrift.errors import MissingSourceError, SettingsError
from textdrift.job.results import JobResult
from textdrift.job.running import run_job
from textdrift.job.windows import Clock, utc_now
from textdrift.job_config import JobConfig

__all__ = ["Backfilled", "backfill_job"]


@dataclass(frozen=True, slots=True)
class Backfilled:
    """One date of a backfill: its result, or why there is none."""

    date: dt.date
    result: JobResult | None
    missing: str = ""


def backfill_job(
    config: JobConfig,
    first: dt.date,
    last: dt.date,
    *,
    force: bool = False,
    alert: bool = False,
    clock: Clock = utc_now,
) -> Iterator[Backfilled]:
    """Run a job for every date from ``first`` to ``last``, both included; yield each as it is done.

    Windows that were judged before are left as they are. A date without data is told and passed over; any other fault
    ends the backfill, and what is done is kept. Nothing is sent and the alert's state does not move, since these are
    old news, unless ``alert`` is set.

    Raises
    ------
    SettingsError
        When the job has no dates, or ``first`` lies after ``last``.
    """
    if not config.is_dated:
        raise SettingsError(
            "a backfill needs a job with dates; write {{ date }} into the path of `current`, or into its start and end"
        )
    if first > last:
        raise SettingsError(f"a backfill goes from the earlier date to the later; got {first} to {last}")
    for day in range((last - first).days + 1):
        date = first + dt.timedelta(days=day)
        try:
            yield Backfilled(date, run_job(config, date=date, force=force, alert=alert, clock=clock))
        except MissingSourceError as error:
            yield Backfilled(date, None, str(error))
