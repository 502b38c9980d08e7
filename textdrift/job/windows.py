"""Which window a run judges: its name, its date, and the folder of its report."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textdrift.job_config import JobConfig
from textdrift.windows.fingerprinting import fingerprint
from textdrift.windows.reading_both import read_present
from textdrift.windows.window import Roles

__all__ = ["Clock", "JobWindow", "Stage", "job_window", "roles_of", "utc_now"]

Stage = Literal["inputs", "labelled"]
"""A window is judged when it comes, and once more when its labels have come."""

Clock = Callable[[], dt.datetime]
"""Tells the time, in UTC."""


_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class JobWindow:
    """One window of a job.

    Attributes
    ----------
    name:
        Its date, as in 2026-11-25, or the fingerprint of its content.
    date:
        ``None`` where the job knows no dates.
    config:
        The job with its templates filled in for this window.
    """

    name: str
    date: dt.date | None
    config: JobConfig

    def folder(self, stage: Stage) -> Path:
        """Return where the report of a stage lies; a later stage never overwrites an earlier one."""
        of_window = self.config.report.folder / _UNSAFE.sub("-", self.name)
        return of_window if stage == "inputs" else of_window / stage


def job_window(config: JobConfig, date: dt.date | None, *, clock: Clock) -> JobWindow:
    """Return the window that a run of a job at a date judges.

    A job whose values hold ``{{ date }}`` is dated; without a date given it is yesterday's, in UTC. Otherwise what the
    current window holds is its name: the same rows are the same window, whenever they come.
    """
    if date is None and config.is_dated:
        date = (clock() - dt.timedelta(days=1)).date()
    if date is not None:
        return JobWindow(date.isoformat(), date, config.at(date))
    window = read_present(config.current, roles_of(config))
    return JobWindow(fingerprint(window), None, config)


def roles_of(config: JobConfig) -> Roles:
    """Return the columns of a job by the part they play."""
    columns = config.columns
    return Roles(
        text=columns.text,
        label=columns.label,
        prediction=columns.prediction,
        probabilities=dict(columns.probabilities),
        time=columns.time,
        id=columns.id,
        group=columns.group,
        segments=tuple(columns.segments),
        features=tuple(columns.features),
        embeddings=columns.embeddings,
    )


def utc_now() -> dt.datetime:
    """Return the time, in UTC."""
    return dt.datetime.now(dt.UTC)
