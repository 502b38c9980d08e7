"""Watching: a job on a live stream, one judgement for each window that closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from textdrift.errors import ColumnTypeError, SettingsError, TextdriftError
from textdrift.history import History, open_history
from textdrift.job import JobResult
from textdrift.job.outbox import deliver_pending
from textdrift.job.remembering import remember_failure, stored_judgement
from textdrift.job.windows import Clock, JobWindow, utc_now
from textdrift.job_config import JobConfig, ReferencePolicy, StreamConfig
from textdrift.reports.report_files import made_folder
from textdrift.watching.cutting import ClosedWindow, WindowCutter
from textdrift.watching.labels import LateLabels, is_label
from textdrift.watching.sources import RowSource, row_source
from textdrift.watching.stream_rows import StreamRow

__all__ = ["Watched", "check_watchable", "watch_job"]

Stop = Callable[[], bool]
_FAILED_ROWS = "failed-rows.parquet"


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
    config: JobConfig, *, stop: Stop, follow: bool = True, source: RowSource | None = None, clock: Clock = utc_now
) -> Iterator[Watched]:
    """Judge a stream window by window; yield each as it is done.

    Rows are read when they are wanted: while a window is judged none is read, and a pipe, or Redis, holds them. Rows
    are acknowledged to their source once their window is stored, so a watch that is killed begins where it stood, and
    a window that was stored before is passed over. When told to stop it ends after the window in hand; rows of an open
    window are not acknowledged and come again. At the end of a stream that has one the last, shorter window is judged.
    A window that cannot be judged is kept in the history as a failure and told to the sinks that asked for errors; its
    rows lie in FOLDER/<window>/failed-rows.parquet, and the watch goes on.

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

    Raises
    ------
    SettingsError
        When the job has no stream or no history, or its reference follows dates.
    UnreadableSourceError
        When the stream cannot be read any more.
    """
    stream, url = check_watchable(config)
    rows = source or row_source(stream, follow=follow)
    with open_history(url) as history, history.exclusive(config.name, timeout=0):
        watch = _Watch(config, stream, history, rows, clock)
        yield from watch.run(stop)


def check_watchable(config: JobConfig) -> tuple[StreamConfig, str]:
    """Return the stream and the history of a job.

    Raises
    ------
    SettingsError
        When it has not both, or its reference follows dates.
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
    return config.stream, config.history


class _Watch:
    """What is in hand while a stream is watched."""

    def __init__(
        self, config: JobConfig, stream: StreamConfig, history: History, source: RowSource, clock: Clock
    ) -> None:
        self._config, self._history, self._source, self._clock = config, history, source, clock
        self._cutter = WindowCutter(stream.rows, stream.seconds, stream.lateness, config.columns.time)
        self._late = LateLabels(config, stream.label_share)
        self._n_untimed, self._first_untimed = 0, ""

    def run(self, stop: Stop) -> Iterator[Watched]:
        """Yield a judgement for each window that closes."""
        for row in self._source.rows(stop):
            if row is None:
                if self._config.columns.time is None:  # by their own times, silence closes nothing
                    yield from map(self._judged, self._cutter.pass_time(self._clock()))
                continue
            if is_label(row.values, self._config):
                yield from self._labelled(row.values)
                if row.mark:
                    self._source.judged([row.mark])
                continue
            try:
                closed = list(self._cutter.add(row))
            except ColumnTypeError as error:
                self._left_out(row, error)
                continue
            yield from map(self._judged, closed)
        if not stop():
            yield from map(self._judged, self._cutter.end())

    def _judged(self, closed: ClosedWindow) -> Watched:
        window = JobWindow(closed.name, closed.date, self._config)
        notes = self._notes(closed)
        result = None
        try:
            result = stored_judgement(
                self._history, window, "inputs", force=False, alert=True, clock=self._clock, current=closed.table
            )
        except TextdriftError as error:
            notes.insert(0, self._failed(window, closed, error))
        if closed.marks and closed.marks[0]:
            self._source.judged(closed.marks)
        notes += deliver_pending(self._history, self._config, clock=self._clock)
        if self._config.labels is not None and result is not None:
            self._late.keep(window, closed.table)
        return Watched(window.name, closed.table.num_rows, result, tuple(notes))

    def _notes(self, closed: ClosedWindow) -> list[str]:
        notes = [self._source.trouble] if self._source.trouble else []
        if self._n_untimed:
            notes.append(f"{self._n_untimed} rows were left out, their time cannot be read: {self._first_untimed}")
        if closed.n_late:
            notes.append(f"{closed.n_late} rows came after their own window had closed, and count in this one")
        return notes

    def _left_out(self, row: StreamRow, error: ColumnTypeError) -> None:
        self._n_untimed += 1
        self._first_untimed = self._first_untimed or str(error)
        if row.mark:  # it would come again for ever
            self._source.judged([row.mark])

    def _failed(self, window: JobWindow, closed: ClosedWindow, error: TextdriftError) -> str:
        """Keep a window that cannot be judged, and tell of it; return the sentence."""
        reason = self._config.hidden(str(error))
        folder = made_folder(window.folder("inputs"))
        pq.write_table(closed.table, folder / _FAILED_ROWS)
        (folder / _FAILED_ROWS).chmod(0o600)
        remember_failure(self._history, self._config, window.name, reason, alert=True, clock=self._clock)
        return f"window {window.name} could not be judged: {reason}; its rows lie in {folder / _FAILED_ROWS}"

    def _labelled(self, values: Mapping[str, Any]) -> Iterator[Watched]:
        due = self._late.add(values)
        if due is None:
            return
        window, table = due
        result = stored_judgement(
            self._history, window, "labelled", force=False, alert=True, clock=self._clock, current=table
        )
        self._late.forget(window)
        yield Watched(window.name, table.num_rows, result)
