"""Writing a run with all that belongs to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from textdrift.history.column_types import as_json, of_json, packed
from textdrift.history.outbox import add_messages
from textdrift.history.reading_runs import known_run, run_of_window
from textdrift.history.records import Failure, NewRun, OutboxMessage, StoredRun
from textdrift.history.tables import (
    ALERT_STATES,
    FAILURES,
    PROFILES,
    REPORTS,
    RESULTS,
    RUNS,
    SEGMENTS,
    SLOW_DRIFT,
)

__all__ = ["RunParts", "insert_failure", "known_failures", "read_alert_state", "write_alert_state", "write_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParts:
    """What is kept beside a run, in its transaction."""

    alert_state: dict[str, Any] | None = None
    messages: tuple[OutboxMessage, ...] = ()
    profile: bytes | None = None
    slow_drift: dict[str, Any] | None = None
    is_pool: bool = False


def write_run(connection: Connection, run: NewRun, parts: RunParts, *, replace: bool) -> StoredRun:
    """Write a run and its parts; where its window has a run, leave it, or put this one in its place."""
    known = run_of_window(connection, run.job, run.window, run.stage)
    if known is not None and not replace:
        return known
    row = _row_of(run)
    if known is None:
        row["day"] = run.date or row["judged_at"].date()
        run_id = connection.execute(insert(RUNS).returning(RUNS.c.id).values(row)).scalar_one()
    else:
        # Without a date a window keeps its place among the others.
        run_id, row["day"] = known.id, run.date or RUNS.c.day
        connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(row))
        for table in (REPORTS, RESULTS, SEGMENTS, PROFILES, SLOW_DRIFT):
            connection.execute(delete(table).where(table.c.run_id == run_id))
    if parts.is_pool:  # of all windows: the one before is part of it
        # There are few profiles and may be very many runs, so that each profile asks for its run.
        of_job = select(RUNS.c.id).where(RUNS.c.id == PROFILES.c.run_id, RUNS.c.job == run.job)
        connection.execute(delete(PROFILES).where(of_job.exists()))
    _insert_children(connection, run_id, run.report, parts)
    if parts.alert_state is not None:
        write_alert_state(connection, run.job, parts.alert_state)
    add_messages(connection, run.job, run_id, parts.messages)
    return known_run(connection, run_id)


def _row_of(run: NewRun) -> dict[str, Any]:
    return {
        "job": run.job,
        "window": run.window,
        "stage": run.stage,
        "date": run.date,
        "judged_at": run.judged_at.astimezone(dt.UTC),
        "alpha": run.alpha,
        "verdict": str(run.report["verdict"]),
        "passed": bool(run.report["passed"]),
        "exit_code": int(run.exit_code),
        "severity": run.report.get("severity"),
        "kinds": as_json(list(run.report["diagnosis"]["kinds"]), "the kinds of the report"),
        "summary": str(run.report["summary"]),
        "report_folder": run.report_folder,
    }


def _insert_children(connection: Connection, run_id: int, report: dict[str, Any], parts: RunParts) -> None:
    blobs: list[tuple[Table, str, bytes | None]] = [
        (REPORTS, "report", packed(report, "the report")),
        (PROFILES, "profile", parts.profile),
        (SLOW_DRIFT, "state", None if parts.slow_drift is None else packed(parts.slow_drift, "the slow drift")),
    ]
    for table, name, blob in blobs:
        if blob is not None:
            connection.execute(insert(table).values({"run_id": run_id, name: blob}))
    rows: list[tuple[Table, list[dict[str, Any]]]] = [
        (RESULTS, [_result(finding) for finding in report["findings"]]),
        (SEGMENTS, [_segment(segment) for segment in report["diagnosis"].get("segments") or ()]),
    ]
    for table, values in rows:
        if values:
            numbered = [{"run_id": run_id, "position": i, **value} for i, value in enumerate(values)]
            connection.execute(insert(table), numbered)


def _result(finding: dict[str, Any]) -> dict[str, Any]:
    effect = finding.get("effect") or {}
    numbers = {name: finding.get(name) for name in ("p_value", "adjusted_p_value", "statistic")}
    sizes = {name: effect.get(name) for name in ("value", "low", "high", "material_from")}
    return {
        "test": finding["test"],
        "kind": finding["kind"],
        "column_name": _column_of(finding),
        **numbers,
        "effect": effect.get("name"),
        **sizes,
        "drifted": bool(finding.get("drifted")),
    }


def _column_of(finding: dict[str, Any]) -> str | None:
    """Return the column that a finding is of, where it is of one: such tests give a finding a column."""
    named = {str(entry["column"]) for entry in finding.get("evidence") or () if isinstance(entry.get("column"), str)}
    return named.pop() if len(named) == 1 else None


def _segment(segment: dict[str, Any]) -> dict[str, Any]:
    return {
        "column_name": str(segment["column"]),
        "value": as_json(segment["value"], "the value of a segment"),
        "within": as_json(segment.get("within"), "the second slice of a segment"),
        "kind": segment["kind"],
        "effect": segment.get("effect"),
        "p_value": segment.get("p_value"),
    }


def write_alert_state(connection: Connection, job: str, state: dict[str, Any]) -> None:
    """Keep the alert state of a job in place of the one before."""
    connection.execute(delete(ALERT_STATES).where(ALERT_STATES.c.job == job))
    connection.execute(insert(ALERT_STATES).values(job=job, state=as_json(state, "the alert state")))


def read_alert_state(connection: Connection, job: str) -> dict[str, Any] | None:
    """Return the alert state of a job; None where it has none."""
    text = connection.scalar(select(ALERT_STATES.c.state).where(ALERT_STATES.c.job == job))
    if text is None:
        return None
    state: dict[str, Any] = of_json(text)
    return state


def insert_failure(connection: Connection, failure: Failure) -> None:
    """Keep a failure."""
    row = {"job": failure.job, "window": failure.window, "at": failure.at, "reason": failure.reason}
    connection.execute(insert(FAILURES).values(row))


def known_failures(connection: Connection, job: str, limit: int | None) -> list[Failure]:
    """Return the failures of a job, newest first."""
    query = select(FAILURES).where(FAILURES.c.job == job).order_by(FAILURES.c.at.desc(), FAILURES.c.id.desc())
    rows = connection.execute(query.limit(limit))
    return [Failure(job=row.job, window=row.window, at=row.at, reason=row.reason) for row in rows]
