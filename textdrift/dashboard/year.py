"""Year: what a dashboard shows of a job, read from its history once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textdrift.dashboard.job_state import JobState, state_of
from textdrift.dashboard.lanes import Lane, lanes_of
from textdrift.dashboard.strips import SegmentStrip, segment_strips
from textdrift.dashboard.time_axis import TimeAxis, time_axis
from textdrift.history import Failure, History, StoredRun

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
    ends_before:
        The window that they all come before; ``None`` where the newest are among them.
    axis:
        Where the windows stand.
    lanes, segments:
        Each test and each segment over time.
    state:
        How the job is doing.
    failed:
        Why a night of the axis came to no verdict, by its window.
    """

    job: str
    runs: Sequence[StoredRun]
    left_out: bool
    ends_before: str | None
    axis: TimeAxis
    lanes: Sequence[Lane]
    segments: Sequence[SegmentStrip]
    state: JobState
    failed: Mapping[str, str]


def read_year(
    history: History,
    job: str,
    *,
    since: dt.date | None = None,
    before_window: str | None = None,
    most: int = MOST_RUNS,
) -> Year:
    """Read the newest windows of a job; however many more there are, they are left where they are.

    Parameters
    ----------
    history:
        Where they are kept; it is only read.
    job:
        Its name; a job without a run gives an empty year.
    since:
        The first day; ``None`` for the first there is.
    before_window:
        Only windows before this one.
    most:
        How many runs at most, the newest.
    """
    runs = history.runs(job, since=since, limit=most + 1, before_window=before_window)
    left_out, runs = len(runs) > most, runs[-most:]
    failures = history.failures(job, most)
    if before_window is not None:
        failures = [failure for failure in failures if runs and (failure.window or "") < runs[-1].window]
    axis = time_axis(runs, failures)
    # By their numbers and not by their days: a day may hold thousands of windows.
    shown = [run.id for run in runs]
    return Year(
        job=job,
        runs=runs,
        left_out=left_out,
        ends_before=before_window,
        axis=axis,
        lanes=lanes_of(history.series(job, runs=shown), axis),
        segments=segment_strips(history.segments(job, runs=shown), axis),
        state=state_of(history, job, runs),
        failed=_reasons(failures, set(axis.windows) - {run.window for run in runs}),
    )


def _reasons(failures: Sequence[Failure], windows: set[str]) -> dict[str, str]:
    """Return why each window failed when it was last tried; failures come newest first."""
    reasons: dict[str, str] = {}
    for failure in failures:
        if failure.window in windows:
            reasons.setdefault(failure.window, failure.reason)
    return reasons
