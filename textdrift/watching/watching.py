"""Watching: a job on a live stream, one judgement for each window that closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from textdrift.errors import ColumnTypeError, HistoryError, SettingsError, TextdriftError
from textdrift.history import History, open_history
from textdrift.job import JobResult
from textdrift.job.metrics import write_metrics
from textdrift.job.outbox import deliver_pending
from textdrift.job.remembering import remember_failure, stored_judgement
from textdrift.job.windows import Clock, JobWindow, Stage, utc_now
from textdrift.job_config import JobConfig, ReferencePolicy, StreamConfig
from textdrift.watching.cutting import ClosedWindow, WindowCutter
from textdrift.watching.failed_rows import keep_failed_rows
from textdrift.watching.labels import LateLabels, columns_of_labels, is_label
from textdrift.watching.naming import WindowNames
from textdrift.watching.resuming import Resuming, name_of_watch
from textdrift.watching.sources import RowSource, row_source
from textdrift.watching.stream_rows import StreamRow
from textdrift.watching.tabulating import table_of_rows
from textdrift.watching.troubles import HistoryOutage, Silences, Tell

__all__ = ["Watched", "check_watchable", "watch_job", "watch_with"]

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Watched:
    """One window of a stream, and what else there is to say of it.

    Attributes
    ----------
    window:
        Its name.
    n_rows:
        The rows that it held.
    result:
        The judgement; ``None`` where it failed, and the first of the notes says why.
    notes:
        Rows left out or late, messages not delivered.
    """

    window: str
    n_rows: int
    result: JobResult | None
    notes: tuple[str, ...] = ()


def watch_job(
    config: JobConfig,
    *,
    stop: Stop,
    follow: bool = True,
    source: RowSource | None = None,
    clock: Clock = utc_now,
    tell: Tell | None = None,
) -> Iterator[Watched]:
    """Judge a stream window by window; yield each as it is done.

    Rows are read when they are wanted: while a window is judged none is read, and a pipe, or Redis, holds them. Rows
    are acknowledged to their source once their window is stored, so a watch that is killed begins where it stood. When
    told to stop it ends after the window in hand; rows of an open window come again, but from standard input. At the
    end of a stream that has one the last, shorter window is judged.

    A window that cannot be judged is kept in the history as a failure and told to the sinks that asked for errors; its
    rows lie in FOLDER/<window>/failed-rows.parquet, and the watch goes on. While the history cannot be written it
    waits, reads nothing, and tries again. No row for ``stream.silent_after`` seconds is told as an error, once, and its
    end as a recovery.

    Parameters
    ----------
    config:
        The job, with ``stream`` and ``history``; its reference is a fixed one.
    stop:
        Asked often; ends the watch.
    follow:
        Whether to wait for more at the end of a file.
    source:
        Rows that stand for the job's own stream.
    clock:
        Tells the time, in UTC.
    tell:
        Called with what cannot wait for a window: a silence, a server that does not answer, rows that are left out.

    Raises
    ------
    SettingsError
        When the job has no stream or no history, or its reference follows dates.
    HistoryError
        When another process watches the job, or the history cannot be opened.
    UnreadableSourceError
        When the stream cannot be read any more.
    """
    stream, url = check_watchable(config)
    rows = source or row_source(stream, job=config.name, follow=follow)
    # Not the lock of the job itself: an alarm must be acknowledged while a watch goes on, for weeks.
    with open_history(url) as history, history.exclusive(name_of_watch(config.name), timeout=0):
        yield from watch_with(history, config, rows, stop=stop, clock=clock, tell=tell or (lambda _: None))


def watch_with(
    history: History, config: JobConfig, source: RowSource, *, stop: Stop, clock: Clock, tell: Tell
) -> Iterator[Watched]:
    """Watch with a history that is open, and is this process's own to watch the job with; see ``watch_job``."""
    yield from _Watch(config, history, source, clock, stop, tell).run()


def check_watchable(config: JobConfig) -> tuple[StreamConfig, str]:
    """Return the stream and the history of a job.

    Raises
    ------
    SettingsError
        When it has not both, its reference follows dates, or late labels have no column.
    """
    if config.stream is None:
        raise SettingsError(f"job {config.name!r} has no stream to watch; add `stream: {{source: -, rows: 500}}`")
    if config.history is None:
        raise SettingsError("a stream needs a history, where its windows are kept; add `history: sqlite:///drift.db`")
    if isinstance(config.reference, ReferencePolicy):
        raise SettingsError(
            f"the reference policy {config.reference.policy!r} follows dated files, and a stream has none; name a "
            "window"
        )
    columns_of_labels(config)
    return config.stream, config.history


class _Watch:
    """What is in hand while a stream is watched."""

    def __init__(
        self, config: JobConfig, history: History, source: RowSource, clock: Clock, stop: Stop, tell: Tell
    ) -> None:
        stream, _ = check_watchable(config)
        self._config, self._history, self._source = config, history, source
        self._clock, self._stop, self._tell = clock, stop, tell
        self._cutter = WindowCutter(
            rows=stream.rows,
            seconds=stream.seconds,
            lateness=stream.lateness,
            time=config.columns.time,
            most=max(stream.max_waiting, stream.rows or 0),
        )
        self._names = WindowNames(config, history)
        self._resuming = Resuming(config, history, source, self._cutter)
        self._late = LateLabels(config, stream.label_share, stream.max_waiting, self._waits_for_labels)
        self._silences = Silences(config, history, clock, tell, stream.silent_after)
        self._outage = HistoryOutage(config, clock, tell)
        self._left_out: dict[str, int] = {}
        self._pruned: dt.date | None = None

    def run(self) -> Iterator[Watched]:
        """Yield a judgement for each window that closes."""
        for window, table in list(self._late.due()):
            yield from self._labelled(window, table)
        for row in self._source.rows(self._stop):
            self._tell_troubles()
            if row is None:
                yield from self._idle()
            elif is_label(row.values, self._config):
                yield from self._label(row)
            else:
                yield from self._row(self._resuming.as_it_was(row))
            if self._stop():
                break
        if not self._stop():
            yield from self._judged_all(self._cutter.end())
        elif len(self._cutter) and not self._source.keeps_rows:
            self._tell(f"told to stop: {len(self._cutter)} rows of the open window were not judged{self._fate}")
        self._tell_troubles()

    @property
    def _fate(self) -> str:
        """What becomes of rows that were not judged."""
        return "; they come again" if self._source.keeps_rows else ", and are lost"

    def _tell_troubles(self) -> None:
        for trouble in (*self._source.troubles(), *self._late.troubles()):
            self._tell(trouble)

    def _row(self, row: StreamRow) -> Iterator[Watched]:
        try:
            closed = self._cutter.add(row)
            yield from self._judged_all(closed, in_hand=row)
        except ColumnTypeError as error:
            self._leave_out(row, error)
            return
        self._silences.row_came()

    def _idle(self) -> Iterator[Watched]:
        if self._config.columns.time is None:
            yield from self._judged_all(self._cutter.pass_time(self._clock()))
        else:  # their own times stand still when no row comes
            yield from self._judged_all(self._cutter.pass_silence(self._silences.seconds()))
        self._silences.pass_time()

    def _judged_all(self, closed: Iterator[ClosedWindow], in_hand: StreamRow | None = None) -> Iterator[Watched]:
        for window in closed:
            if self._stop() and self._source.keeps_rows:  # it comes again
                return
            yield from self._judged(window, in_hand)

    def _judged(self, closed: ClosedWindow, in_hand: StreamRow | None) -> Iterator[Watched]:
        table, notes = self._table(closed)
        while True:
            try:
                window, result = self._once(closed, table, in_hand, notes)
                break
            except (HistoryError, SettingsError, OSError) as error:  # of the folder, or the disk
                if not self._outage.wait(error, self._stop):
                    self._tell(f"told to stop: {table.num_rows} rows of a closed window were not judged{self._fate}")
                    return
        self._source.judged(closed.places)
        due = None if result is None else self._late.keep(window, table)
        notes += self._afterwards(succeeded=result is not None)
        yield Watched(window.name, table.num_rows, result, tuple(notes))
        if due is not None:
            yield from self._labelled(*due)

    def _once(
        self, closed: ClosedWindow, table: pa.Table, in_hand: StreamRow | None, notes: list[str]
    ) -> tuple[JobWindow, JobResult | None]:
        """Judge a window and store it, or what was wrong with it."""
        with self._history.exclusive(self._config.name):
            name = self._names.name_of(closed.start, table)
            window = JobWindow(name, closed.start.date(), self._config)
            self._resuming.before(closed, name, in_hand)
            self._late.write(window, table)
            result, trouble = self._tried(window, "inputs", table)
            if result is None:
                self._late.forget(window)
                path = keep_failed_rows(window, table)
                notes.insert(0, f"window {name} could not be judged: {trouble}; its rows lie in {path}")
                self._fail(name, trouble)
            self._names.keep(name)
            self._resuming.after(closed)
        return window, result

    def _tried(self, window: JobWindow, stage: Stage, table: pa.Table) -> tuple[JobResult | None, str]:
        """Return the judgement of a window, or why there is none; what the history cannot take is no fault of it."""
        try:
            return (
                stored_judgement(
                    self._history, window, stage, force=False, alert=True, clock=self._clock, current=table
                ),
                "",
            )
        except HistoryError:
            raise
        except TextdriftError as error:
            return None, self._config.hidden(str(error))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - one odd window must not end a watch of months
            return None, self._config.hidden(f"{type(error).__name__}: {error}")

    def _table(self, closed: ClosedWindow) -> tuple[pa.Table, list[str]]:
        columns = self._config.columns
        first = [name for name in (columns.text, columns.label, columns.prediction, columns.id, columns.time) if name]
        times = None if columns.time is None else {columns.time: closed.times}
        table, n_left_out = table_of_rows([row.values for row in closed.rows], first=first, times=times)
        notes = []
        if closed.n_late:
            notes.append(f"{closed.n_late} rows came after their own window had closed, and count in this one")
        if closed.is_full:
            notes.append(f"it was closed before its time, since no more than {len(closed.rows)} rows may be held")
        if n_left_out:
            notes.append(f"{n_left_out} columns were left out: a window has room for {table.num_columns}")
        return table, notes

    def _afterwards(self, *, succeeded: bool) -> list[str]:
        """Deliver what waits, write the figures, forget what is old; return what went wrong with that."""
        self._outage.is_over()
        try:
            troubles = deliver_pending(self._history, self._config, clock=self._clock)
            troubles += write_metrics(self._history, self._config, clock=self._clock, succeeded=succeeded)
            retention, today = self._config.retention, self._clock().date()
            if retention is not None and today != self._pruned:
                self._history.prune(self._config.name, before=today - dt.timedelta(days=retention.days))
                self._pruned = today
        except HistoryError as error:  # the next window waits for it
            return [self._config.hidden(str(error))]
        return troubles

    def _fail(self, name: str, reason: str) -> None:
        remember_failure(self._history, self._config, name, reason, alert=True, clock=self._clock)

    def _leave_out(self, row: StreamRow, error: ColumnTypeError) -> None:
        """Count a row whose time cannot be used, and tell of the first, the tenth, the hundredth."""
        kind = str(error).partition(" holds ")[0]
        n = self._left_out[kind] = self._left_out.get(kind, 0) + 1
        if str(n).strip("0") == "1":
            self._tell(f"{n} rows were left out: {error}" if n > 1 else f"a row was left out: {error}")
        if row.place is not None:  # it would come again for ever
            self._source.judged([row.place])

    def _label(self, row: StreamRow) -> Iterator[Watched]:
        try:
            due = self._late.add(row.values)
        except (OSError, SettingsError) as error:
            self._tell(f"a label was not kept: {self._config.hidden(str(error))}")
            return
        if row.place is not None:
            self._source.judged([row.place])
        if due is not None:
            yield from self._labelled(*due)

    def _labelled(self, window: JobWindow, table: pa.Table) -> Iterator[Watched]:
        notes: tuple[str, ...] = ()
        try:
            with self._history.exclusive(self._config.name):
                result, trouble = self._tried(window, "labelled", table)
                if result is None:
                    notes = (f"window {window.name} could not be judged with its labels: {trouble}",)
                    self._history.record_failure(self._config.name, window.name, self._clock(), trouble)
        except (HistoryError, SettingsError, OSError) as error:
            self._tell(f"window {window.name} waits for its labels to be stored: {self._config.hidden(str(error))}")
            return
        self._late.forget(window)
        yield Watched(window.name, table.num_rows, result, notes)

    def _waits_for_labels(self, name: str) -> bool:
        job = self._config.name
        return self._history.stored(job, name) is not None and self._history.stored(job, name, "labelled") is None
