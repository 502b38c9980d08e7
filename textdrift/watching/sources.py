"""RowSource: where the rows of a stream come from, and what it has to promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from textdrift.errors import MissingSourceError
from textdrift.job_config import StreamConfig
from textdrift.watching.checkpoints import Position
from textdrift.watching.lines import GrowingFile, StandardInput
from textdrift.watching.redis_stream import RedisStream
from textdrift.watching.stream_rows import Place, StreamRow

__all__ = ["RowSource", "Stop", "reached", "row_source"]

Stop = Callable[[], bool]
"""Asked often, by whatever may last; ends the watch."""


class RowSource(Protocol):
    """What gives rows, and is told which of them were judged."""

    @property
    def name(self) -> str:
        """Which stream it is, without secrets; places are its own."""

    @property
    def keeps_rows(self) -> bool:
        """Whether rows that were not judged come again after a restart."""

    def begin(self, position: Position, judged: Sequence[Place]) -> None:
        """Begin at a position; the rows at these places are stored and may not have been acknowledged."""

    def rows(self, stop: Callable[[], bool]) -> Iterator[StreamRow | None]:
        """Yield rows as they come, and ``None`` while none comes, so that time can pass; end when told to stop."""

    def judged(self, places: Sequence[Place]) -> None:
        """Take note that the rows at these places are stored, and need not come again."""

    def here(self) -> tuple[Place | None, str]:
        """Return the place behind the last row that was given, and what the source is known by there."""

    def seal_at(self, place: Place) -> str:
        """Return what the source is known by at a place that it gave."""

    def troubles(self) -> list[str]:
        """Return what could not be read since this was last asked, a sentence each."""


def row_source(config: StreamConfig, *, job: str, follow: bool = True) -> RowSource:
    """Return what a job's stream is read from."""
    if config.is_redis:
        return RedisStream(config, consumer=config.consumer or job)
    return StandardInput() if config.source == "-" else GrowingFile(config.source, follow=follow)


def reached(config: StreamConfig, *, job: str) -> str:
    """Look whether a job's stream is there, and say what it is; nothing is read from it.

    Raises
    ------
    MissingSourceError, UnreadableSourceError, MissingExtraError
        When it is not there, or cannot be looked at.
    """
    if config.is_redis:
        return f"Redis, {RedisStream(config, consumer=config.consumer or job).length()} entries in {config.name!r}"
    if config.source == "-":
        return "JSON lines of standard input"
    if not Path(config.source).is_file():
        raise MissingSourceError(f"no file {config.source!r} to follow; it must be there when watching begins")
    return f"JSON lines of {config.source}, {Path(config.source).stat().st_size:,} bytes so far"
