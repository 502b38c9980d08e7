"""What is forgotten, and what is kept whatever its age."""

from __future__ import annotations

import contextlib
import datetime as dt

from sqlalchemy import Connection, Engine, delete, select

from textdrift.history.reading_runs import OLDEST_FIRST
from textdrift.history.tables import FAILURES, MESSAGES, RUNS, SLOW_DRIFT

__all__ = ["delete_before", "give_space_back"]


def delete_before(connection: Connection, job: str, before: dt.date) -> int:
    """Delete what is older than a day, and return the number of runs.

    Kept are all runs of the newest window, the one that was judged last, the newest state of the slow-drift detector
    with its run, and every message that has not arrived.
    """
    of_job = RUNS.c.job == job
    newest = [part.desc() for part in OLDEST_FIRST]
    window = select(RUNS.c.window).where(of_job).order_by(*newest).limit(1)
    judged_last = select(RUNS.c.id).where(of_job).order_by(RUNS.c.judged_at.desc(), RUNS.c.id.desc()).limit(1)
    with_state = select(RUNS.c.id).join(SLOW_DRIFT, SLOW_DRIFT.c.run_id == RUNS.c.id).where(of_job)
    kept = {
        connection.scalar(judged_last),
        connection.scalar(with_state.order_by(*newest).limit(1)),
    } - {None}
    old = of_job & (RUNS.c.day < before) & (RUNS.c.window != connection.scalar(window)) & RUNS.c.id.not_in(kept)
    n_runs = connection.execute(delete(RUNS).where(old)).rowcount
    midnight = dt.datetime.combine(before, dt.time(), dt.UTC)
    connection.execute(delete(MESSAGES).where(MESSAGES.c.job == job, MESSAGES.c.delivered_at < midnight))
    given_up = MESSAGES.c.delivered_at.is_(None) & MESSAGES.c.next_attempt_at.is_(None)
    connection.execute(delete(MESSAGES).where(MESSAGES.c.job == job, given_up))
    connection.execute(delete(FAILURES).where(FAILURES.c.job == job, FAILURES.c.at < midnight))
    return int(n_runs)


def give_space_back(engine: Engine) -> None:
    """Shorten an SQLite file by what was deleted; a server does so by itself."""
    with contextlib.closing(engine.raw_connection()) as connection:
        # Of a script the driver takes every step; of a single statement only the first, which frees one page.
        connection.cursor().executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(PASSIVE);")
