"""History: what the job remembers from one night to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Self

from sqlalchemy import Engine

from textdrift.errors import SettingsError
from textdrift.history import outbox, reading_runs, recording, retaining
from textdrift.history.addressing import Address
from textdrift.history.connecting import reading, telling, writing
from textdrift.history.locking import holding
from textdrift.history.records import (
    Failure,
    NewRun,
    OutboxMessage,
    PendingMessage,
    Stage,
    StoredRun,
    checked_moment,
)

__all__ = ["History"]


class History:
    """The runs of all jobs, their reports, and what they have to say to whom; made by ``open_history``.

    Every method is one transaction: it is done, or nothing of it is. Several processes and threads may use one history
    at once. Moments must have a time zone and come back in UTC. Cost: some milliseconds a method.

    Raises
    ------
    HistoryError
        By every method, when the database cannot be read or written; the message says what to do.

    Examples
    --------
    >>> import tempfile
    >>> from textdrift.history import NewRun, open_history
    >>> report = {"verdict": "no_drift", "passed": True, "summary": "Nothing moved.", "findings": [],
    ...           "diagnosis": {"kinds": [], "segments": []}}
    >>> night = dt.datetime(2026, 11, 26, 2, tzinfo=dt.UTC)
    >>> with tempfile.TemporaryDirectory() as folder, open_history(f"sqlite:///{folder}/drift.db") as history:
    ...     with history.exclusive("inputs"):
    ...         run = NewRun(job="inputs", window="2026-11-25", date=dt.date(2026, 11, 25), judged_at=night,
    ...                      alpha=0.005, exit_code=0, report=report)
    ...         stored = history.record(run)
    ...     history.stored("inputs", "2026-11-25") == stored, history.report(stored.id) == report
    (True, True)
    """

    def __init__(self, engine: Engine, address: Address) -> None:
        self._engine = engine
        self._address = address

    def __repr__(self) -> str:
        return f"History({self._address.shown!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def exclusive(self, job: str, timeout: float | None = None) -> AbstractContextManager[None]:
        """Hold a job, so that one process at a time runs it; the system lets go when the process dies.

        Parameters
        ----------
        job:
            Its name; other jobs are not held up. Not to be held twice by one thread: it would wait for itself.
        timeout:
            Seconds to wait for another process; ``None`` waits as long as it takes, 0 not at all.

        Raises
        ------
        HistoryError
            When another process still runs the job after that time.
        """
        return holding(self._engine, self._address, job, timeout)

    def stored(self, job: str, window: str, stage: Stage = "inputs") -> StoredRun | None:
        """Return the run of a window; ``None`` where the window was not judged."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.run_of_window(connection, job, window, stage)

    def run(self, run_id: int) -> StoredRun:
        """Return the run of a number; a number that is not there is an error."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.known_run(connection, run_id)

    def runs(
        self,
        job: str,
        since: dt.date | None = None,
        until: dt.date | None = None,
        limit: int | None = None,
        *,
        before_window: str | None = None,
    ) -> list[StoredRun]:
        """Return the runs of a job, oldest first: by date and name, and where nothing is dated as they were judged.

        Parameters
        ----------
        since, until:
            The first and the last day, both included; of a run without a date the day it was first judged.
        limit:
            At most so many, the newest.
        before_window:
            Only those of windows before this one.
        """
        with reading(self._engine, self._address) as connection:
            return reading_runs.known_runs(connection, job, since=since, until=until, before=before_window, limit=limit)

    def n_runs(self, job: str, since: dt.date | None = None, until: dt.date | None = None) -> int:
        """Return how many runs a job has, from one day to another, both included; none of them is read."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.number_of_runs(connection, job, since, until)

    def n_windows(self, job: str, since: dt.date | None = None, until: dt.date | None = None) -> int:
        """Return how many windows a job has judged; one that was judged in two stages is one.

        Cost: a year of windows of a minute, 525,600, takes some tenths of a second.
        """
        with reading(self._engine, self._address) as connection:
            return reading_runs.number_of_windows(connection, job, since, until)

    def jobs(self) -> list[str]:
        """Return the names of all jobs that have a run, in alphabetical order."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.known_jobs(connection)

    def report(self, run_id: int) -> dict[str, Any]:
        """Return the report of a run as it was given, number for number."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.report_of(connection, run_id)

    def record(
        self,
        run: NewRun,
        *,
        replace: bool = False,
        alert_state: dict[str, Any] | None = None,
        messages: Iterable[OutboxMessage] = (),
        profile: bytes | None = None,
        slow_drift: dict[str, Any] | None = None,
        is_pool: bool = False,
    ) -> StoredRun:
        """Keep a run with all that belongs to it, in one transaction.

        Where the window has a run of this stage, that one is returned and nothing is written, also when two processes
        record it at once. With ``replace`` the run keeps its number; its report, profile and state of the slow-drift
        detector become the new ones, or none. A message that is there already (same job, sink, key and state) is not
        added again, delivered or not. Where ``profile`` is a pool of all windows, those that were kept before go, also
        when there is none now. ``None`` as alert state leaves the one that is kept. Numbers of the report that
        are not finite are null in ``series``; the report itself keeps them.

        Raises
        ------
        SettingsError
            When something is no JSON.
        """
        parts = recording.RunParts(
            alert_state=alert_state,
            messages=tuple(messages),
            profile=profile,
            slow_drift=slow_drift,
            is_pool=is_pool,
        )
        with writing(self._engine, self._address, run.job) as connection:
            return recording.write_run(connection, run, parts, replace=replace)

    def alert_state(self, job: str) -> dict[str, Any] | None:
        """Return the alert state of a job; ``None`` where it has none yet."""
        with reading(self._engine, self._address) as connection:
            return recording.read_alert_state(connection, job)

    def set_alert_state(self, job: str, state: dict[str, Any]) -> None:
        """Keep another alert state of a job: somebody acknowledged, or snoozed."""
        with writing(self._engine, self._address, job) as connection:
            recording.write_alert_state(connection, job, state)

    def queue(self, job: str, alert_state: dict[str, Any] | None, messages: Iterable[OutboxMessage]) -> None:
        """Keep messages that belong to no run, and the alert state that they bring, in one transaction."""
        with writing(self._engine, self._address, job) as connection:
            if alert_state is not None:
                recording.write_alert_state(connection, job, alert_state)
            outbox.add_messages(connection, job, None, messages)

    def pending(self, job: str | None = None, *, now: dt.datetime) -> list[PendingMessage]:
        """Return the messages that are due, of one job or of all, first come first."""
        moment = checked_moment(now, "now")
        with reading(self._engine, self._address) as connection:
            return outbox.due_messages(connection, job, moment)

    def delivered(self, message_id: int, at: dt.datetime) -> None:
        """Note that a message has arrived; it is never pending again."""
        moment = checked_moment(at, "at")
        with writing(self._engine, self._address, "messages") as connection:
            outbox.mark_delivered(connection, message_id, moment)

    def failed(self, message_id: int, at: dt.datetime, reason: str, next_attempt: dt.datetime) -> None:
        """Note that a message did not arrive, why, and when it is due again; ``reason`` must hold no secret."""
        moment, again = checked_moment(at, "at"), checked_moment(next_attempt, "next_attempt")
        if again < moment:
            raise SettingsError(f"next_attempt must not be before the attempt; got {again} after {moment}")
        with writing(self._engine, self._address, "messages") as connection:
            outbox.mark_failed(connection, message_id, reason, again)

    def given_up(self, message_id: int, reason: str) -> None:
        """Note that a message has nowhere to go any more; it is never pending again, and goes with the next pruning."""
        with writing(self._engine, self._address, "messages") as connection:
            outbox.mark_given_up(connection, message_id, reason)

    def record_failure(self, job: str, window: str | None, at: dt.datetime, reason: str) -> None:
        """Keep that a run came to no verdict, and why; ``reason`` must hold no secret."""
        failure = Failure(job=job, window=window, at=checked_moment(at, "at"), reason=reason)
        with writing(self._engine, self._address, job) as connection:
            recording.insert_failure(connection, failure)

    def failures(self, job: str, limit: int | None = None) -> list[Failure]:
        """Return the failures of a job, newest first."""
        with reading(self._engine, self._address) as connection:
            return recording.known_failures(connection, job, limit)

    def last_success(self, job: str) -> dt.datetime | None:
        """Return when the job last came to a verdict, whatever it was; ``None`` where it never did."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.last_judged(connection, job)

    def profiles(self, job: str, before_window: str | None = None) -> Iterator[tuple[str, bytes]]:
        """Yield the name and the profile of each window that has one, oldest first; one profile in memory at a time.

        Parameters
        ----------
        job:
            Its name.
        before_window:
            Only windows before this one, judged or not; where a window without a date was not judged yet, all are.
        """
        with reading(self._engine, self._address) as connection:
            places = reading_runs.profile_places(connection, job, before_window)
        for window, run_id in places:
            with reading(self._engine, self._address) as connection:
                profile = reading_runs.profile_of(connection, run_id)
            if profile is not None:
                yield window, profile

    def slow_drift(self, job: str, before_window: str | None = None) -> dict[str, Any] | None:
        """Return the state of the slow-drift detector after the newest window, before ``before_window`` if given."""
        with reading(self._engine, self._address) as connection:
            return reading_runs.slow_drift_state(connection, job, before_window)

    def series(
        self, job: str, since: dt.date | None = None, *, runs: Collection[int] | None = None
    ) -> list[dict[str, Any]]:
        """Return one row of each run and finding, oldest first; of the ``runs`` of these numbers alone where given.

        Each has ``run`` (the number), ``window``, ``date``, ``stage``, ``test``, ``kind``, ``p_value``,
        ``adjusted_p_value``, ``statistic``, ``effect`` (its name), ``value``, ``low``, ``high``, ``material_from``,
        ``drifted`` and ``column`` (where the finding is of one column, else ``None``).
        """
        with reading(self._engine, self._address) as connection:
            return reading_runs.series_rows(connection, job, since, runs)

    def segments(
        self, job: str, since: dt.date | None = None, *, runs: Collection[int] | None = None
    ) -> list[dict[str, Any]]:
        """Return one row of each run and segment, oldest first; of the ``runs`` of these numbers alone where given.

        Each has ``run``, ``window``, ``date``, ``stage``, ``column``, ``value``, ``within`` (the second slice of a
        pair, ``{column, value}``, else ``None``), ``kind``, ``effect`` and ``p_value``.
        """
        with reading(self._engine, self._address) as connection:
            return reading_runs.segment_rows(connection, job, since, runs)

    def prune(self, job: str, *, before: dt.date) -> int:
        """Forget the runs of the days before one, with all that belongs to them; return how many runs.

        Kept are all runs of the newest window, the one judged last, the newest state of the slow-drift detector with
        its run, and every message that has not arrived. An SQLite file becomes shorter.
        """
        with writing(self._engine, self._address, job) as connection:
            n_runs = retaining.delete_before(connection, job, before)
        if self._address.path is not None:
            with telling(self._address, "shortening"):
                retaining.give_space_back(self._engine)
        return n_runs
