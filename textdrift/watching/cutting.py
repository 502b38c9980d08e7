"""Cutting a stream into windows, by count or by time; the same rows give the same windows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import xxhash

from textdrift.errors import ColumnTypeError
from textdrift.watching.stream_rows import StreamRow

__all__ = ["ClosedWindow", "WindowCutter"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedWindow:
    """A window of a stream that gets no more rows.

    Attributes
    ----------
    name:
        Where windows are cut by time the start of its interval in UTC, else the time of its first row and a hash of its
        rows: the same rows have the same name after a restart.
    date:
        The day it began, in UTC.
    table:
        Its rows, a column for every key that one of them has.
    marks:
        What the source calls its rows.
    n_late:
        Rows whose own window had closed before they came; they count in this one.
    """

    name: str
    date: dt.date
    table: pa.Table
    marks: tuple[str, ...]
    n_late: int = 0


@dataclass(slots=True)
class WindowCutter:
    """Takes rows one by one and closes windows.

    Parameters
    ----------
    rows, seconds:
        When a window closes; one of the two at least.
    lateness:
        Seconds that a window stays open after its end, for rows that come late.
    time:
        The column of the times; the arrival counts without.

    Examples
    --------
    >>> cutter = WindowCutter(rows=2)
    >>> noon = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
    >>> closed = [w for i in range(5) for w in cutter.add(StreamRow({"text": f"text {i}"}, noon))]
    >>> [window.table.column("text").to_pylist() for window in closed], len(cutter)
    ([['text 0', 'text 1'], ['text 2', 'text 3']], 1)
    """

    rows: int | None = None
    seconds: float | None = None
    lateness: float = 0.0
    time: str | None = None
    _open: list[StreamRow] = field(default_factory=list)
    _start: dt.datetime | None = None
    _n_late: int = 0

    def __len__(self) -> int:
        """Return the number of rows in the open window."""
        return len(self._open)

    def add(self, row: StreamRow) -> Iterator[ClosedWindow]:
        """Take a row; yield the windows that it closes.

        Raises
        ------
        ColumnTypeError
            When the time of the row cannot be read.
        """
        at = self._time_of(row)
        if self.seconds is not None:
            yield from self.pass_time(at)
        if self._start is None:
            self._start = self._start_of(at)
        elif self.seconds is not None and at < self._start:
            self._n_late += 1
        self._open.append(row)
        if self.rows is not None and len(self._open) >= self.rows:
            yield self._closed()

    def pass_time(self, now: dt.datetime) -> Iterator[ClosedWindow]:
        """Close the open window where its end, and the wait for late rows, lie before a time."""
        if self.seconds is None or self._start is None:
            return
        if now >= self._start + dt.timedelta(seconds=self.seconds + self.lateness):
            yield self._closed()

    def end(self) -> Iterator[ClosedWindow]:
        """Close the open window, since the stream has ended."""
        if self._open:
            yield self._closed()

    def _closed(self) -> ClosedWindow:
        rows, start, n_late = self._open, self._start, self._n_late
        self._open, self._start, self._n_late = [], None, 0
        first = start if start is not None else rows[0].arrived
        table = _table([row.values for row in rows])
        name = _iso(first)
        if self.rows is not None:  # more than one window may begin in one moment
            name += f"-{_hash(rows)}"
        return ClosedWindow(
            name=name, date=first.date(), table=table, marks=tuple(row.mark for row in rows), n_late=n_late
        )

    def _start_of(self, at: dt.datetime) -> dt.datetime:
        if self.seconds is None:
            return at
        step = dt.timedelta(seconds=self.seconds)
        return at - (at - _EPOCH) % step

    def _time_of(self, row: StreamRow) -> dt.datetime:
        if self.time is None:
            return row.arrived
        value = row.values.get(self.time)
        moment = _moment(value)
        if moment is None:
            shown = repr(value)[:_LONGEST_SHOWN]
            raise ColumnTypeError(
                f"column {self.time!r} is the time and holds {shown}; it needs an ISO time such as "
                "2026-11-26T10:00:00Z, or seconds since 1970"
            )
        return moment


def _moment(value: Any) -> dt.datetime | None:
    """Return a time in UTC; ``None`` for what is none."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, (int, float)):
            return dt.datetime.fromtimestamp(value, dt.UTC)
        time = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _hash(rows: list[StreamRow]) -> str:
    whole = xxhash.xxh3_64()
    for row in rows:
        whole.update(repr(sorted(row.values.items(), key=lambda item: item[0])).encode(errors="surrogatepass"))
    return whole.hexdigest()[:8]


def _table(rows: list[Mapping[str, Any]]) -> pa.Table:
    """Return rows as a table; a key that a row lacks is null there."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: _column([row.get(name) for row in rows]) for name in names})


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # numbers and texts in one column: the check of roles says more
        return pa.array([None if value is None else str(value) for value in values], pa.large_string())
