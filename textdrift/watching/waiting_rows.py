"""WaitingRows: the rows that a monitor was given, as a source of a watch."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from textdrift.watching.checkpoints import Position
from textdrift.watching.stream_rows import Place, StreamRow

__all__ = ["WaitingRows"]

_PAUSE = 0.1


class WaitingRows:
    """The rows that wait, as a source, which ends when it is closed and empty."""

    name = "monitor"
    keeps_rows = False

    def __init__(self, waiting: deque[StreamRow], closing: threading.Event) -> None:
        self._waiting, self._closing = waiting, closing

    def begin(self, position: Position, judged: Sequence[Place]) -> None:
        """See ``RowSource``; it begins with what waits."""

    def rows(self, stop: Callable[[], bool]) -> Iterator[StreamRow | None]:
        """See ``RowSource``."""
        while not stop():
            closing = self._closing.is_set()  # asked first: a row may come between the two
            try:
                row = self._waiting.popleft()
            except IndexError:
                if closing:
                    return
                yield None
                self._closing.wait(_PAUSE)
            else:
                yield row

    def judged(self, places: Sequence[Place]) -> None:
        """See ``RowSource``; what it gave is gone."""

    def here(self) -> tuple[Place | None, str]:
        """See ``RowSource``."""
        return None, ""

    def seal_at(self, place: Place) -> str:  # noqa: ARG002 - of the protocol
        """See ``RowSource``."""
        return ""

    def troubles(self) -> list[str]:
        """See ``RowSource``."""
        return []
