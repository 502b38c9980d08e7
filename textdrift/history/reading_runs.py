"""What the history knows of the runs of a job."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, case, func, or_, select

from textdrift.errors import HistoryError
from textdrift.history.column_types import of_json, unpacked
from textdrift.history.records import StoredRun
from textdrift.history.tables import PROFILES, REPORTS, RESULTS, RUNS, SEGMENTS, SLOW_DRIFT

__all__ = [
    "OLDEST_FIRST",
    "known_jobs",
    "known_run",
    "known_runs",
    "last_judged",
    "number_of_runs",
    "number_of_windows",
    "profile_of",
    "profile_places",
    "report_of",
    "run_of_window",
    "segment_rows",
    "series_rows",
    "slow_drift_state",
]

# Dated windows are ordered by date and name. What has no date is called by a fingerprint, which says nothing of the
# time, so those are ordered as they were first judged.
_NAME = case((RUNS.c.date.is_(None), ""), else_=RUNS.c.window)
OLDEST_FIRST = (RUNS.c.day, _NAME, RUNS.c.id)
"""The order of the runs of a job."""

_NEWEST_FIRST = tuple(part.desc() for part in OLDEST_FIRST)


def _stored(row: Row[Any]) -> StoredRun:
    values = {name: value for name, value in row._mapping.items() if name != "day"}  # noqa: SLF001 - its public name
    return StoredRun(**{**values, "kinds": tuple(of_json(row.kinds))})


def run_of_window(connection: Connection, job: str, window: str, stage: str) -> StoredRun | None:
    """Return the run of a window; None where it was not judged."""
    query = select(RUNS).where(RUNS.c.job == job, RUNS.c.window == window, RUNS.c.stage == stage)
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored(row)


def known_run(connection: Connection, run_id: int) -> StoredRun:
    """Return the run of a number."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id)).one_or_none()
    if row is None:
        raise HistoryError(f"the history has no run {run_id}; it may have been pruned")
    return _stored(row)


def known_runs(
    connection: Connection,
    job: str,
    *,
    since: dt.date | None,
    until: dt.date | None,
    before: str | None,
    limit: int | None,
) -> list[StoredRun]:
    """Return the newest runs of a job, oldest first."""
    query = select(RUNS).where(RUNS.c.job == job, *_days(since, until), *_before(connection, job, before))
    return [_stored(row) for row in connection.execute(query.order_by(*_NEWEST_FIRST).limit(limit))][::-1]


def number_of_runs(connection: Connection, job: str, since: dt.date | None, until: dt.date | None) -> int:
    """Return how many runs a job has; the index alone is read."""
    query = select(func.count()).select_from(RUNS).where(RUNS.c.job == job, *_days(since, until))
    return int(connection.scalar(query) or 0)


def number_of_windows(connection: Connection, job: str, since: dt.date | None, until: dt.date | None) -> int:
    """Return how many windows were judged, in however many stages; the index alone is read."""
    # All runs of a window are of one day, so that the windows of a day are counted without those of others.
    windows = select(RUNS.c.day, RUNS.c.window).where(RUNS.c.job == job, *_days(since, until)).distinct().subquery()
    return int(connection.scalar(select(func.count()).select_from(windows)) or 0)


def _days(since: dt.date | None, until: dt.date | None) -> list[ColumnElement[bool]]:
    first = [] if since is None else [RUNS.c.day >= since]
    return first if until is None else [*first, RUNS.c.day <= until]


def known_jobs(connection: Connection) -> list[str]:
    """Return the names of all jobs that have a run, in alphabetical order."""
    return list(connection.scalars(select(RUNS.c.job).distinct().order_by(RUNS.c.job)))


def last_judged(connection: Connection, job: str) -> dt.datetime | None:
    """Return when the job last came to a verdict."""
    moment: dt.datetime | None = connection.scalar(select(func.max(RUNS.c.judged_at)).where(RUNS.c.job == job))
    return moment


def report_of(connection: Connection, run_id: int) -> dict[str, Any]:
    """Return the report of a run."""
    blob = connection.scalar(select(REPORTS.c.report).where(REPORTS.c.run_id == run_id))
    if blob is None:
        raise HistoryError(f"the history has no run {run_id}; it may have been pruned")
    report: dict[str, Any] = unpacked(blob, f"the report of run {run_id}")
    return report


def _before(connection: Connection, job: str, window: str | None) -> list[ColumnElement[bool]]:
    """Return the condition on runs that come before a window, one that was judged or one that is still to be."""
    if window is None:
        return []
    query = select(RUNS.c.day, RUNS.c.date, RUNS.c.id).where(RUNS.c.job == job, RUNS.c.window == window)
    row = connection.execute(query.order_by(RUNS.c.id).limit(1)).one_or_none()
    if row is not None and row.date is None:
        of_day = and_(RUNS.c.date.is_(None), RUNS.c.id < row.id)
        return [RUNS.c.day <= row.day, or_(RUNS.c.day < row.day, of_day)]
    day = row.day if row is not None else _day_of(window)
    # The first condition follows from the second, and is the one that an index is searched by.
    return [] if day is None else [RUNS.c.day <= day, or_(RUNS.c.day < day, window > _NAME)]


def _day_of(window: str) -> dt.date | None:
    """Return the day that the name of a dated window begins with."""
    try:
        return dt.date.fromisoformat(window[:10])
    except ValueError:
        return None


def profile_places(connection: Connection, job: str, before: str | None) -> list[tuple[str, int]]:
    """Return each window that has a profile, oldest first, and the run that it was first kept with."""
    query = (
        select(RUNS.c.window, RUNS.c.id)
        .join(PROFILES, PROFILES.c.run_id == RUNS.c.id)
        .where(RUNS.c.job == job, *_before(connection, job, before))
        .order_by(*OLDEST_FIRST)
    )
    first: dict[str, int] = {}
    for row in connection.execute(query):
        first.setdefault(row.window, row.id)
    return list(first.items())


def profile_of(connection: Connection, run_id: int) -> bytes | None:
    """Return the profile that a run was kept with; None where it has none, or no more."""
    profile = connection.scalar(select(PROFILES.c.profile).where(PROFILES.c.run_id == run_id))
    return None if profile is None else bytes(profile)


def slow_drift_state(connection: Connection, job: str, before: str | None) -> dict[str, Any] | None:
    """Return the newest state of the slow-drift detector, of the windows before one."""
    query = (
        select(SLOW_DRIFT.c.run_id, SLOW_DRIFT.c.state)
        .join(RUNS, SLOW_DRIFT.c.run_id == RUNS.c.id)
        .where(RUNS.c.job == job, *_before(connection, job, before))
        .order_by(*_NEWEST_FIRST)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    state: dict[str, Any] = unpacked(row.state, f"the state of the slow-drift detector of run {row.run_id}")
    return state


def _of_job(query: Select[Any], job: str, since: dt.date | None, runs: Collection[int] | None) -> Select[Any]:
    query = query.where(RUNS.c.job == job, *_days(since, None))
    if runs is None:
        return query
    # Written out, since a statement takes few parameters; they are numbers.
    return query.where(RUNS.c.id.in_(bindparam("runs", sorted(runs), expanding=True, literal_execute=True)))


def series_rows(
    connection: Connection, job: str, since: dt.date | None, runs: Collection[int] | None
) -> list[dict[str, Any]]:
    """Return one row of each run and finding, oldest run first."""
    columns = [column for column in RESULTS.c if column.name not in ("run_id", "position", "column_name")]
    query = select(
        RUNS.c.id.label("run"),
        RUNS.c.window,
        RUNS.c.date,
        RUNS.c.stage,
        *columns,
        RESULTS.c.column_name.label("column"),
    ).join(RESULTS, RESULTS.c.run_id == RUNS.c.id)
    ordered = _of_job(query, job, since, runs).order_by(*OLDEST_FIRST, RESULTS.c.position)
    return [dict(row) for row in connection.execute(ordered).mappings()]


def segment_rows(
    connection: Connection, job: str, since: dt.date | None, runs: Collection[int] | None
) -> list[dict[str, Any]]:
    """Return one row of each run and segment, oldest run first, strongest segment first."""
    columns = [column for column in SEGMENTS.c if column.name not in ("run_id", "position", "column_name")]
    query = select(
        RUNS.c.id.label("run"),
        RUNS.c.window,
        RUNS.c.date,
        RUNS.c.stage,
        SEGMENTS.c.column_name.label("column"),
        *columns,
    ).join(SEGMENTS, SEGMENTS.c.run_id == RUNS.c.id)
    ordered = _of_job(query, job, since, runs).order_by(*OLDEST_FIRST, SEGMENTS.c.position)
    return [
        {**row, "value": of_json(row["value"]), "within": of_json(row["within"])}
        for row in connection.execute(ordered).mappings()
    ]
