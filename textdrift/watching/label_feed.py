"""LabelFeed: late labels that come by themselves, in a second Redis stream or a growing file."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from textdrift.history import History
from textdrift.job_config import JobConfig, StreamConfig
from textdrift.watching.checkpoints import Position
from textdrift.watching.lines import GrowingFile
from textdrift.watching.redis_stream import RedisStream
from textdrift.watching.sources import RowSource, Stop
from textdrift.watching.stream_rows import StreamRow

__all__ = ["LabelFeed", "name_of_feed"]

_SECONDS_BETWEEN = 5.0
_AT_ONCE = 10_000


def name_of_feed(job: str) -> str:
    """Return the name under which the history knows how far the labels of a job were read; no job is called so.

    >>> name_of_feed("inputs")
    'inputs (labels)'
    """
    return f"{job} (labels)"


class LabelFeed:
    """A second source of a watch, of rows ``{id, label}``, read beside the first.

    Each label comes at least once: a watch that is killed between keeping some and noting it reads them again, which
    does no harm. Of a file the history knows how far it was read; a Redis stream is read as a consumer of the group.

    Parameters
    ----------
    config:
        The job, with ``stream.labels``.
    history:
        Knows how far a file was read.
    follow:
        Whether to wait for more at the end of a file.
    stop:
        Asked often; ends the reading.
    """

    def __init__(self, config: JobConfig, history: History, *, follow: bool, stop: Stop) -> None:
        self._job, self._history, self._stop = config.name, history, stop
        self._stream: StreamConfig = config.stream or StreamConfig(rows=1)
        self._path = None if self._stream.is_redis else Path(str(self._stream.labels))
        self._source = self._opened(follow=follow)
        self._rows: Iterator[StreamRow | None] | None = None
        self._next_look, self._is_ahead, self._told_missing = 0.0, False, False
        self._told: list[str] = []

    def is_due(self, *, is_idle: bool) -> bool:
        """Return whether to look for labels: when nothing else is to be done, and now and then while much is."""
        return is_idle or time.monotonic() >= self._next_look

    def rows(self) -> Iterator[StreamRow]:
        """Yield the labels that have come since this was last asked, and take note how far that was."""
        if self._rows is None and not self._begun():
            return
        for row in islice(self._rows or (), _AT_ONCE):
            if row is None:
                break
            self._is_ahead = True
            yield row
        self._keep_place()
        self._next_look = time.monotonic() + _SECONDS_BETWEEN

    def kept(self, row: StreamRow) -> None:
        """Take note that a label is kept, and need not come again."""
        if row.place is not None:
            self._source.judged([row.place])

    def troubles(self) -> Sequence[str]:
        """Return what went wrong since this was last asked, a sentence each."""
        told, self._told = self._told, []
        return [*told, *(f"labels: {trouble}" for trouble in self._source.troubles())]

    def _opened(self, *, follow: bool) -> RowSource:
        if self._path is not None:
            return GrowingFile(str(self._path), follow=follow)
        config = self._stream.model_copy(update={"name": self._stream.labels})
        return RedisStream(config, consumer=config.consumer or self._job)

    def _begun(self) -> bool:
        """Begin where the last watch stood; a file need not be there yet."""
        if self._path is not None and not self._path.is_file():
            if not self._told_missing:
                self._told.append(f"no file {str(self._path)!r} yet; labels are read once it is there")
            self._told_missing = True
            return False
        stored = self._history.alert_state(name_of_feed(self._job)) or {}
        position = Position.from_dict(stored["position"]) if stored.get("source") == self._source.name else Position()
        self._source.begin(position, ())
        self._rows = self._source.rows(self._stop)
        return True

    def _keep_place(self) -> None:
        if not self._is_ahead or self._path is None:
            return
        place, seal = self._source.here()
        position = Position(resume=place, seal=seal)
        self._history.set_alert_state(
            name_of_feed(self._job), {"source": self._source.name, "position": position.to_dict()}
        )
        self._is_ahead = False
