"""Where the rows of a stream come from: standard input, a growing file, Redis Streams."""

from __future__ import annotations

import datetime as dt
import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from textdrift.errors import MissingExtraError, MissingSourceError, UnreadableSourceError
from textdrift.job_config import StreamConfig
from textdrift.watching.stream_rows import StreamRow, row_of_line

__all__ = ["Lines", "RedisStream", "RowSource", "row_source"]

_PAUSE = 0.2
_AT_ONCE = 500
_PAYLOAD = "json"

Stop = Callable[[], bool]


class RowSource(Protocol):
    """What gives rows, and is told which of them were judged."""

    def rows(self, stop: Stop) -> Iterator[StreamRow | None]:
        """Yield rows as they come, and ``None`` while none comes, so that time can pass; end when told to stop."""

    def judged(self, marks: Sequence[str]) -> None:
        """Take note that the rows with these marks are stored, and need not come again."""

    @property
    def trouble(self) -> str:
        """Return what could not be read so far; empty where all was."""


class Lines:
    """JSON lines of standard input or of a file that grows.

    A file is read from its beginning, so that a restart cuts the same windows; those that are stored are passed over.
    A file that became shorter was replaced, and is read from its beginning.

    Parameters
    ----------
    path:
        ``-`` for standard input.
    follow:
        Whether to wait for more at the end of a file.
    """

    def __init__(self, path: str, *, follow: bool = True) -> None:
        self._path, self._follow = path, follow
        self._n_broken, self._first_broken, self._n_lines = 0, 0, 0

    def rows(self, stop: Stop) -> Iterator[StreamRow | None]:
        """See ``RowSource``."""
        for line in self._lines(stop):
            if line is None:
                yield None
                continue
            self._n_lines += 1
            if not line.strip():
                continue
            values = row_of_line(line)
            if values is None:
                self._n_broken += 1
                self._first_broken = self._first_broken or self._n_lines
                continue
            yield StreamRow(values, dt.datetime.now(dt.UTC))

    def judged(self, marks: Sequence[str]) -> None:
        """See ``RowSource``; a line cannot be told."""

    @property
    def trouble(self) -> str:
        """See ``RowSource``."""
        if not self._n_broken:
            return ""
        return (
            f"{self._n_broken} of {self._n_lines} lines hold no JSON object and were left out, the first in line "
            f"{self._first_broken}"
        )

    def _lines(self, stop: Stop) -> Iterator[bytes | None]:
        if self._path == "-":
            yield from _of_descriptor(0, stop)
            return
        if not Path(self._path).is_file():
            raise MissingSourceError(f"no file {self._path!r} to follow; it must be there when watching begins")
        yield from self._of_file(stop)

    def _of_file(self, stop: Stop) -> Iterator[bytes | None]:
        rest, position = b"", 0
        while not stop():
            try:
                with Path(self._path).open("rb") as file:
                    if os.fstat(file.fileno()).st_size < position:
                        rest, position = b"", 0
                    file.seek(position)
                    for line in file:
                        position += len(line)
                        rest += line
                        if rest.endswith(b"\n"):
                            yield rest
                            rest = b""
                        if stop():
                            return
            except FileNotFoundError:  # being replaced
                pass
            if not self._follow:
                if rest:
                    yield rest
                return
            yield None
            time.sleep(_PAUSE)


def _of_descriptor(descriptor: int, stop: Stop) -> Iterator[bytes | None]:
    """Yield the lines of a pipe, and ``None`` while it is silent."""
    rest = b""
    while not stop():
        ready, _, _ = select.select([descriptor], [], [], _PAUSE)
        if not ready:
            yield None
            continue
        block = os.read(descriptor, 1 << 16)
        if not block:
            if rest:
                yield rest
            return
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if stop():
                return
            yield line


class RedisStream:
    """A Redis Stream read as a consumer of a group; entries are acknowledged once their window is stored.

    An entry holds its row as JSON in the field ``json``, or a field for each column. What was delivered and not
    acknowledged before a restart comes first, in its order, so that the same windows are cut.

    Parameters
    ----------
    config:
        Source, name, group and consumer.
    """

    def __init__(self, config: StreamConfig) -> None:
        try:
            import redis
        except ImportError as error:
            raise MissingExtraError(
                "reading Redis Streams needs the package redis; install textdrift with the extra `redis`"
            ) from error
        self._failures: tuple[type[Exception], ...] = (redis.exceptions.RedisError, OSError)
        self._busy = redis.exceptions.ResponseError
        self._config = config
        self._name = str(config.name)
        self._client = redis.Redis.from_url(config.source, socket_connect_timeout=5)
        self._n_broken = 0

    def rows(self, stop: Stop) -> Iterator[StreamRow | None]:
        """See ``RowSource``."""
        self._asked(self._make_group)
        last = "0"
        while not stop():
            entries = self._asked(partial(self._read, last))
            if not entries:
                if last != ">":  # what was left from before a restart is through
                    last = ">"
                    continue
                yield None
                continue
            for mark, fields in entries:
                if stop():
                    return
                name = mark.decode()
                if last != ">":
                    last = name
                values = _row_of_fields(fields)
                if values is None:
                    self._n_broken += 1
                    self.judged([name])  # it would come again for ever
                    continue
                yield StreamRow(values, _time_of_entry(name), name)

    def judged(self, marks: Sequence[str]) -> None:
        """Acknowledge entries."""
        for start in range(0, len(marks), _AT_ONCE):
            part = marks[start : start + _AT_ONCE]
            self._asked(partial(self._client.xack, self._name, self._config.group, *part))

    @property
    def trouble(self) -> str:
        """See ``RowSource``."""
        return f"{self._n_broken} entries hold no JSON object and were left out" if self._n_broken else ""

    def _make_group(self) -> None:
        try:
            self._client.xgroup_create(self._name, self._config.group, id="0", mkstream=True)
        except self._busy as error:
            if "BUSYGROUP" not in str(error):
                raise

    def _read(self, last: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        found: Any = self._client.xreadgroup(
            self._config.group, self._config.consumer, {self._name: last}, count=_AT_ONCE, block=int(_PAUSE * 1000)
        )
        if not found:
            return []
        parts = found.items() if isinstance(found, dict) else found
        return [(mark, fields or {}) for _, entries in parts for mark, fields in _flat(entries)]

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except self._failures as error:
            raise UnreadableSourceError(
                f"Redis stream {self._name!r} cannot be read: {type(error).__name__}: {error}"
            ) from error


def _flat(entries: Any) -> list[Any]:
    """Return entries as pairs; newer clients nest them once more."""
    if entries and isinstance(entries[0], list):
        return [pair for part in entries for pair in part]
    return list(entries)


def _row_of_fields(fields: dict[bytes, bytes]) -> dict[str, Any] | None:
    values = {key.decode(errors="replace"): value for key, value in fields.items()}
    if _PAYLOAD in values:
        return row_of_line(values[_PAYLOAD])
    return {key: value.decode(errors="replace") for key, value in values.items()} or None


def _time_of_entry(mark: str) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(mark.partition("-")[0]) / 1000, dt.UTC)


def row_source(config: StreamConfig, *, follow: bool = True) -> RowSource:
    """Return what a job's stream is read from."""
    return RedisStream(config) if config.is_redis else Lines(config.source, follow=follow)
