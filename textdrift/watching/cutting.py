"""Cutting a stream into windows, by count or by time; the same rows give the same windows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from textdrift.errors import ColumnTypeError
from textdrift.watching.moments import moment_of
from textdrift.watching.stream_rows import Place, StreamRow

__all__ = ["ClosedWindow", "WindowCutter"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_AHEAD = dt.timedelta(days=1)
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedWindow:
    """A window of a stream that gets no more rows.

    Attributes
    ----------
    start:
        Where windows are cut by time the start of its interval in UTC, else the time of its first row; never before
        the start of the window before.
    rows:
        Its rows, in the order in which they came.
    times:
        The time of each.
    n_late:
        Rows whose own window had closed before they came; they count in this one.
    is_full:
        Whether it was closed before its time, since no more rows may be held.
    """

    start: dt.datetime
    rows: tuple[StreamRow, ...]
    times: tuple[dt.datetime, ...]
    n_late: int = 0
    is_full: bool = False

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the source keeps the rows; none where it keeps nothing."""
        return tuple(row.place for row in self.rows if row.place is not None)


@dataclass(slots=True)
class _Open:
    rows: list[StreamRow] = field(default_factory=list)
    times: list[dt.datetime] = field(default_factory=list)
    n_late: int = 0


@dataclass(slots=True)
class WindowCutter:
    """Takes rows one by one and closes windows.

    By time, a row belongs to the interval that its time lies in. With ``lateness`` more than one interval is open: each
    closes when a row is ``lateness`` seconds past its end. Windows close in the order of their starts.

    Parameters
    ----------
    rows, seconds:
        When a window closes; one of the two at least.
    lateness:
        Seconds that a window stays open after its end, for rows that come late.
    time:
        The column of the times; the arrival counts without.
    most:
        Rows held at most; beyond them the oldest window closes before its time.
    after:
        Where the last window ended, or began where windows are cut by count: none begins before it.

    Examples
    --------
    >>> cutter = WindowCutter(rows=2)
    >>> noon = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
    >>> closed = [w for i in range(5) for w in cutter.add(StreamRow({"text": f"text {i}"}, noon))]
    >>> [[row.values["text"] for row in window.rows] for window in closed], len(cutter)
    ([['text 0', 'text 1'], ['text 2', 'text 3']], 1)
    """

    rows: int | None = None
    seconds: float | None = None
    lateness: float = 0.0
    time: str | None = None
    most: int | None = None
    after: dt.datetime | None = None
    _open: dict[dt.datetime, _Open] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows in open windows."""
        return sum(len(window.rows) for window in self._open.values())

    def time_of(self, row: StreamRow) -> dt.datetime:
        """Return the time that a row counts under.

        Raises
        ------
        ColumnTypeError
            When it cannot be read, or lies more than a day after the row came: one such row would close every window.
        """
        if self.time is None:
            return row.arrived
        value = row.values.get(self.time)
        moment = moment_of(value)
        if moment is None:
            shown = "nothing" if value is None else repr(value)[:_LONGEST_SHOWN]
            raise ColumnTypeError(
                f"column {self.time!r} is the time and holds {shown}; it needs an ISO time such as "
                "2026-11-26T10:00:00Z, or seconds since 1970"
            )
        if moment > row.arrived + _AHEAD:
            raise ColumnTypeError(
                f"column {self.time!r} is the time and holds {str(value)[:_LONGEST_SHOWN]!r}, more than a day ahead of "
                "the row's arrival; check the unit and the clock of whoever writes it"
            )
        return moment

    def add(self, row: StreamRow) -> Iterator[ClosedWindow]:
        """Take a row; yield the windows that it closes.

        Raises
        ------
        ColumnTypeError
            When the time of the row cannot be used.
        """
        at = self.time_of(row)
        if self.seconds is not None:
            yield from self.pass_time(at)
        start, is_late = self._start_for(at)
        window = self._open.setdefault(start, _Open())
        window.rows.append(row)
        window.times.append(at)
        window.n_late += is_late
        if self.rows is not None and len(window.rows) >= self.rows:
            yield from self._up_to(start)
        elif self.most is not None and len(self) >= self.most:
            yield self._closed(min(self._open), is_full=True)

    def pass_time(self, now: dt.datetime) -> Iterator[ClosedWindow]:
        """Close the windows whose end, and the wait for late rows, lie before a time."""
        if self.seconds is None:
            return
        while self._open and now >= min(self._open) + dt.timedelta(seconds=self.seconds + self.lateness):
            yield self._closed(min(self._open), is_over=True)

    def pass_silence(self, seconds: float) -> Iterator[ClosedWindow]:
        """Close all windows where no row came for so long that each would be over by now."""
        if self.seconds is not None and seconds >= self.seconds + self.lateness:
            while self._open:
                yield self._closed(min(self._open), is_over=True)

    def end(self) -> Iterator[ClosedWindow]:
        """Close every open window, since the stream has ended."""
        while self._open:
            yield self._closed(min(self._open))

    def open_places(self) -> list[Place]:
        """Return where the source keeps the rows of open windows."""
        return [row.place for window in self._open.values() for row in window.rows if row.place is not None]

    def _up_to(self, start: dt.datetime) -> Iterator[ClosedWindow]:
        for each in sorted(each for each in self._open if each <= start):
            yield self._closed(each)

    def _closed(self, start: dt.datetime, *, is_over: bool = False, is_full: bool = False) -> ClosedWindow:
        window = self._open.pop(start)
        end = start + dt.timedelta(seconds=self.seconds) if is_over and self.seconds is not None else start
        self.after = end if self.after is None else max(self.after, end)
        return ClosedWindow(
            start=start, rows=tuple(window.rows), times=tuple(window.times), n_late=window.n_late, is_full=is_full
        )

    def _start_for(self, at: dt.datetime) -> tuple[dt.datetime, bool]:
        """Return the start of the window that a row goes into, and whether its own has closed before."""
        if self.seconds is None:
            return (next(iter(self._open)) if self._open else max(at, self.after or at)), False
        start = at - (at - _EPOCH) % dt.timedelta(seconds=self.seconds)
        if self.after is None or start >= self.after:
            return start, False
        return min(self._open, default=self.after), True
