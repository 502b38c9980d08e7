"""Year: what a dashboard shows of a job, read from its history once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from textdrift.dashboard.job_state import JobState, state_of
from textdrift.dashboard.lanes import Lane, lanes_of
from textdrift.dashboard.strips import SegmentStrip, segment_strips
from textdrift.dashboard.time_axis import TimeAxis, time_axis
from textdrift.history import History, StoredRun

__all__ = ["MOST_RUNS", "Year", "read_year"]

MOST_RUNS = 800
"""Runs that are drawn at most, the newest: a year of nights in both stages. More would be closer than a pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The newest windows of a job.

    Attributes
    ----------
    job:
        Its name.
    runs:
        Its runs, oldest first.
    left_out:
        Whether the history has older ones.
    axis:
        Where the windows stand.
    lanes, segments:
        Each test and each segment over time.
    state:
        How the job is doing.
    """

    job: str
    runs: Sequence[StoredRun]
    left_out: bool
    axis: TimeAxis
    lanes: Sequence[Lane]
    segments: Sequence[SegmentStrip]
    state: JobState


def read_year(history: History, job: str, *, since: dt.date | None = None, most: int = MOST_RUNS) -> Year:
    """Read the newest windows of a job.

    Parameters
    ----------
    history:
        Where they are kept; it is only read.
    job:
        Its name; a job without a run gives an empty year.
    since:
        The first day; ``None`` for the first there is.
    most:
        How many runs at most, the newest.
    """
    runs = history.runs(job, since=since, limit=most + 1)
    left_out, runs = len(runs) > most, runs[-most:]
    axis = time_axis(runs)
    kept = {run.id for run in runs}
    # The rows of a day are read as a whole, so what was left out of it is dropped here.
    first = min((run.date or run.judged_at.date() for run in runs), default=None) if left_out else since
    series = [row for row in history.series(job, since=first) if row["run"] in kept]
    segments = [row for row in history.segments(job, since=first) if row["run"] in kept]
    return Year(
        job=job,
        runs=runs,
        left_out=left_out,
        axis=axis,
        lanes=lanes_of(series, axis),
        segments=segment_strips(segments, axis),
        state=state_of(history, job, runs),
    )
