"""Watching: a job on a live stream, one judgement for each window that closes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pyarrow as pa

from textdrift.errors import ColumnTypeError, HistoryError, SettingsError
from textdrift.history import History, open_history
from textdrift.job import JobResult
from textdrift.job.outages import tell_outage
from textdrift.job.windows import Clock, JobWindow, utc_now
from textdrift.job_config import JobConfig
from textdrift.watching.cutting import ClosedWindow, WindowCutter
from textdrift.watching.failed_rows import keep_failed_rows
from textdrift.watching.label_feed import LabelFeed
from textdrift.watching.labels import LateLabels, is_label
from textdrift.watching.late_judging import LateJudging
from textdrift.watching.moments import iso
from textdrift.watching.naming import WindowNames
from textdrift.watching.resuming import Resuming, name_of_watch
from textdrift.watching.sources import RowSource, Stop, row_source
from textdrift.watching.stream_rows import StreamRow
from textdrift.watching.troubles import HistoryOutage, Silences, Tell
from textdrift.watching.watchable import check_watchable
from textdrift.watching.watched import Watched
from textdrift.watching.window_judge import NotGiven, WindowJudge

__all__ = ["watch_job", "watch_with"]


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
    told to stop it ends after the window in hand, and tells what was open; that comes again, but from standard input.
    At the end of a stream that has one the last, shorter window is judged.

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
    told = _Told(stop, tell or (lambda _: None), clock)
    with ExitStack() as held:
        try:
            history = held.enter_context(open_history(url))
        except HistoryError as error:
            tell_outage(config, "watch", str(error), clock=clock)
            raise
        # Not the lock of the job itself: an alarm must be acknowledged while a watch goes on, for weeks.
        held.enter_context(history.exclusive(name_of_watch(config.name), timeout=0))
        yield from _Watch(config, history, rows, told, _feed(config, history, stop, follow=follow), None).run()


def watch_with(
    history: History,
    config: JobConfig,
    source: RowSource,
    *,
    stop: Stop,
    clock: Clock,
    tell: Tell,
    not_given: NotGiven | None = None,
) -> Iterator[Watched]:
    """Watch with a history that is open, and is this process's own to watch the job with; see ``watch_job``.

    ``not_given`` returns the columns of roles that no row had so far: they are left out instead of told as gone.
    """
    feed = _feed(config, history, stop, follow=True)
    yield from _Watch(config, history, source, _Told(stop, tell, clock), feed, not_given).run()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a watch asks and tells."""

    stop: Stop
    tell: Tell
    clock: Clock


def _feed(config: JobConfig, history: History, stop: Stop, *, follow: bool) -> LabelFeed | None:
    """Return where labels come by themselves."""
    if config.stream is None or config.stream.labels is None:
        return None
    return LabelFeed(config, history, follow=follow, stop=stop)


class _Watch:
    """What is in hand while a stream is watched."""

    def __init__(
        self,
        config: JobConfig,
        history: History,
        source: RowSource,
        told_by: _Told,
        feed: LabelFeed | None,
        not_given: NotGiven | None,
    ) -> None:
        stream, _ = check_watchable(config)
        self._config, self._history, self._source = config, history, source
        self._stop, self._tell = told_by.stop, told_by.tell
        clock = told_by.clock
        self._clock = clock
        self._cutter = WindowCutter(
            rows=stream.rows,
            seconds=stream.seconds,
            lateness=stream.lateness,
            time=config.columns.time,
            most=max(stream.max_waiting, stream.rows or 0),
        )
        self._names = WindowNames(config, history)
        self._resuming = Resuming(config, history, source, self._cutter)
        self._late = LateLabels(config, stream.label_share, stream.max_waiting, self._waits_for_labels, clock)
        self._judge = WindowJudge(config, history, clock, self._tell, not_given)
        self._labels = LateJudging(
            config=config, history=history, judge=self._judge, late=self._late, feed=feed, tell=self._tell
        )
        self._silences = Silences(config, history, clock, self._tell, stream.silent_after)
        self._outage = HistoryOutage(config, clock, self._tell)
        self._left_out: dict[str, int] = {}

    def run(self) -> Iterator[Watched]:
        """Yield a judgement for each window that closes."""
        self._judge.begin()
        yield from self._labels.due()
        for row in self._source.rows(self._stop):
            self._tell_troubles()
            if row is None:
                yield from self._idle()
            elif is_label(row.values, self._config):
                yield from self._labels.take(row, self._judged_label)
            else:
                yield from self._row(self._resuming.as_it_was(row))
            if self._stop():
                break
            yield from self._labels.read(is_idle=row is None)
        if not self._stop():
            yield from self._judged_all(self._cutter.end())
            yield from self._labels.read(is_idle=True)
        else:
            self._tell_what_is_open()
        self._tell_troubles()

    @property
    def _fate(self) -> str:
        """What becomes of rows that were not judged."""
        return "they come again" if self._source.keeps_rows else "they are lost"

    def _tell_what_is_open(self) -> None:
        n = len(self._cutter)
        if n:
            rows = f"{n:,} row" + (" of the open window was" if n == 1 else "s of the open window were")
            self._tell(f"told to stop: {rows} not judged; {self._fate}")

    def _tell_troubles(self) -> None:
        of_feed = () if self._labels.feed is None else self._labels.feed.troubles()
        for trouble in (*self._source.troubles(), *self._late.troubles(), *of_feed):
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
        yield from self._labels.due()

    def _judged_all(self, closed: Iterator[ClosedWindow], in_hand: StreamRow | None = None) -> Iterator[Watched]:
        for window in closed:
            if self._stop() and self._source.keeps_rows:  # it comes again
                return
            yield from self._judged(window, in_hand)

    def _judged(self, closed: ClosedWindow, in_hand: StreamRow | None) -> Iterator[Watched]:
        table, notes = self._judge.table(closed)
        while True:
            try:
                window, result = self._once(closed, table, in_hand, notes)
                break
            except (HistoryError, SettingsError, OSError) as error:  # of the folder, or the disk
                if not self._outage.wait(error, iso(closed.start), self._stop):
                    self._tell(f"told to stop: {table.num_rows} rows of a closed window were not judged; {self._fate}")
                    return
        self._source.judged(closed.places)
        due = None if result is None else self._late.keep(window, table)
        notes += self._judge.afterwards(window.name, self._outage, succeeded=result is not None)
        yield Watched(window.name, table.num_rows, result, tuple(notes))
        if due is not None:
            yield from self._labels.judged(*due)

    def _once(
        self, closed: ClosedWindow, table: pa.Table, in_hand: StreamRow | None, notes: list[str]
    ) -> tuple[JobWindow, JobResult | None]:
        """Judge a window and store it, or what was wrong with it."""
        with self._history.exclusive(self._config.name):
            name = self._names.name_of(closed.start, table)
            window = JobWindow(name, closed.start.date(), self._config)
            self._resuming.before(closed, name, in_hand)
            self._late.write(window, table)
            result, trouble = self._judge.tried(window, "inputs", table)
            if result is None:
                self._late.forget(window)
                path = keep_failed_rows(window, table)
                notes.insert(0, f"window {name} could not be judged: {trouble}; its rows lie in {path}")
                self._judge.fail(name, trouble)
            self._names.keep(name)
            self._resuming.after(closed)
        return window, result

    def _leave_out(self, row: StreamRow, error: ColumnTypeError) -> None:
        """Count a row whose time cannot be used, and tell of the first, the tenth, the hundredth."""
        kind = str(error).partition(" holds ")[0]
        n = self._left_out[kind] = self._left_out.get(kind, 0) + 1
        if str(n).strip("0") == "1":
            self._tell(f"{n} rows were left out: {error}" if n > 1 else f"a row was left out: {error}")
        if row.place is not None:  # it would come again for ever
            self._source.judged([row.place])

    def _judged_label(self, row: StreamRow) -> None:
        if row.place is not None:
            self._source.judged([row.place])

    def _waits_for_labels(self, name: str) -> bool:
        job = self._config.name
        return self._history.stored(job, name) is not None and self._history.stored(job, name, "labelled") is None
