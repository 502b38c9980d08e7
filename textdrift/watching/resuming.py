"""Resuming: a watch goes on where the one before it stood, however that one ended."""

from __future__ import annotations

from dataclasses import replace

from textdrift.history import History
from textdrift.job_config import JobConfig
from textdrift.watching.checkpoints import Checkpoint, Position
from textdrift.watching.cutting import ClosedWindow, WindowCutter
from textdrift.watching.sources import RowSource
from textdrift.watching.stream_rows import Place, StreamRow

__all__ = ["Resuming", "name_of_watch"]


def name_of_watch(job: str) -> str:
    """Return the name under which the watch of a job is held, and remembers where it stands; no job is called so.

    >>> name_of_watch("inputs")
    'inputs (stream)'
    """
    return f"{job} (stream)"


class Resuming:
    """The checkpoint of a job in its history, and what it says to source and cutter when a watch begins."""

    def __init__(self, config: JobConfig, history: History, source: RowSource, cutter: WindowCutter) -> None:
        self._job, self._history, self._source, self._cutter = config.name, history, source, cutter
        self._position = Position()
        self._next = Position()
        self._open: Checkpoint | None = None
        self._unfinished: frozenset[Place] = frozenset()
        if source.keeps_rows:
            self._begin()

    def as_it_was(self, row: StreamRow) -> StreamRow:
        """Return a row of the window that was being judged as it came then: its window keeps its name."""
        known = self._open
        if known is None or self._cutter.time is not None or row.place not in self._unfinished:
            return row
        return replace(row, arrived=known.start)

    def before(self, closed: ClosedWindow, name: str, in_hand: StreamRow | None) -> None:
        """Write down that a window is about to be judged."""
        if not self._source.keeps_rows:
            return
        still_open = self._cutter.open_places()
        if in_hand is not None and in_hand.place is not None:
            still_open.append(in_hand.place)
        end, seal = self._source.here()
        then = self._position.past(closed.places, still_open=still_open, end=end)
        if still_open and then.resume is not None:
            seal = self._source.seal_at(then.resume)
        self._next = replace(then, after=self._cutter.after, seal=seal)
        point = Checkpoint(
            source=self._source.name,
            window=name,
            start=closed.start,
            places=closed.places,
            without=self._position,
            with_it=self._next,
        )
        self._history.set_alert_state(name_of_watch(self._job), point.to_dict())

    def after(self, closed: ClosedWindow) -> None:
        """Take note that the window is done."""
        self._position = self._next
        self._unfinished = self._unfinished.difference(closed.places)

    def _begin(self) -> None:

        point = Checkpoint.from_dict(self._history.alert_state(name_of_watch(self._job)) or {})
        if point is None or point.source != self._source.name:
            self._source.begin(Position(), ())
            return
        is_stored = self._history.stored(self._job, point.window) is not None
        self._position = point.with_it if is_stored else point.without
        self._cutter.after = self._position.after
        self._source.begin(self._position, point.places if is_stored else ())
        if not is_stored:
            self._open, self._unfinished = point, frozenset(point.places)
