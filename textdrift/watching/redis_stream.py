"""A Redis Stream, read as a consumer of a group."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from textdrift.errors import MissingExtraError, SettingsError, UnreadableSourceError
from textdrift.job_config import StreamConfig
from textdrift.watching.checkpoints import Position
from textdrift.watching.redis_entries import (
    mark_of,
    pairs_of,
    place_before,
    place_of,
    text_of_field,
    time_of,
    values_of,
)
from textdrift.watching.stream_rows import Place, StreamRow

__all__ = ["RedisStream"]

_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_AT_ONCE = 500
_TIMEOUT = 10.0
_CONNECT_TIMEOUT = 5.0
_LOOK_AROUND = 30.0
_LIVES = 60.0
_LEFT, _NEW = "0", ">"
_PASSING = ("MISCONF", "OOM", "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED")
"""What a server says that may answer later: its disk is full, it starts, another one takes over."""

Stop = Callable[[], bool]
_Entry = tuple[Place, Mapping[Any, Any]]


class RedisStream:
    """A Redis Stream, whose entries are acknowledged once their window is stored.

    An entry holds its row as JSON in the field ``json``, or a field for each column, as text. What was delivered before
    a restart and not acknowledged comes first, in its order. A server that cannot be reached when watching begins is an
    error; one that goes away later is waited for, and what it holds is read where it was left. Entries that a consumer
    that is gone has read and not acknowledged are taken over.

    Parameters
    ----------
    config:
        Source, name, group, and how long a consumer is silent before it counts as gone.
    consumer:
        What this one is called in the group.
    """

    keeps_rows = True

    def __init__(self, config: StreamConfig, *, consumer: str) -> None:
        try:
            import redis
        except ImportError as error:
            raise MissingExtraError(
                "reading Redis Streams needs the package redis; install textdrift with the extra `redis`"
            ) from error
        self._error: type[Exception] = redis.exceptions.RedisError
        self._refusal: type[Exception] = redis.exceptions.ResponseError
        self._gone: tuple[type[Exception], ...] = (
            redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, redis.exceptions.ReadOnlyError
        )  # fmt: skip
        self._stream, self._group, self._consumer = str(config.name), config.group, consumer
        self._claim_after = config.claim_after
        place = urlsplit(config.source)
        self.name = f"{place.hostname or place.path}:{place.port or ''}{place.path} {self._stream} {self._group}"
        try:
            self._client: Any = redis.Redis.from_url(
                config.source,
                socket_connect_timeout=_CONNECT_TIMEOUT,
                socket_timeout=_TIMEOUT,
                retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0),
            )
        except ValueError as error:
            raise SettingsError(f"stream.source: {error}; write redis://host:port/database") from None
        self._held: set[Place] = set()
        self._to_acknowledge: set[Place] = set()
        self._newest: Place | None = None
        self._next_look = 0.0
        self._others: set[str] = set()
        self._last, self._pause, self._has_group = _LEFT, _PAUSE, True
        self._n_broken, self._n_trimmed, self._told = 0, 0, list[str]()

    def length(self) -> int:
        """Return the number of entries in the stream.

        Raises
        ------
        UnreadableSourceError
            When the server cannot be reached, or the name is that of something else.
        """
        try:
            return int(self._client.xlen(self._stream))
        except self._error as error:
            raise self._unreadable(error) from error

    def begin(self, position: Position, judged: Sequence[Place]) -> None:
        """See ``RowSource``; the server knows the position itself, unless it has lost the group."""
        self._newest = None if position.resume is None else place_before(position.resume)
        self._to_acknowledge.update(judged)

    def rows(self, stop: Stop) -> Iterator[StreamRow | None]:
        """See ``RowSource``."""
        try:
            self._make_group()
            self._check_alone()
        except self._error as error:
            raise self._unreadable(error) from error
        while not stop():
            try:
                entries = self._next_entries()
            except self._error as error:
                if not self._may_pass(error):
                    raise UnreadableSourceError(f"Redis stream {self._stream!r} cannot be read: {error}") from error
                yield from self._wait(error, stop)
                continue
            if self._pause > _PAUSE:
                self._pause = _PAUSE
                self._told.append("Redis is back")
            if not entries:
                yield None
            for place, fields in entries:
                if stop():
                    return
                row = self._row(place, fields)
                if row is not None:
                    yield row

    def judged(self, places: Sequence[Place]) -> None:
        """Acknowledge entries; where the server cannot be reached, when it is back."""
        self._to_acknowledge.update(places)
        try:
            self._acknowledge()
        except self._error:
            return  # the next read meets the same error, and waits

    def here(self) -> tuple[Place | None, str]:
        """See ``RowSource``."""
        return None if self._newest is None else (self._newest[0], self._newest[1] + 1), ""

    def seal_at(self, place: Place) -> str:  # noqa: ARG002 - of the protocol
        """See ``RowSource``; the server keeps the entries apart itself."""
        return ""

    def troubles(self) -> list[str]:
        """See ``RowSource``."""
        told, self._told = self._told, []
        if self._n_broken:
            told.append(f"{self._n_broken} entries hold no JSON object and were left out")
        if self._n_trimmed:
            told.append(
                f"{self._n_trimmed} entries were trimmed from the stream before they were judged; let it be longer "
                "(MAXLEN), or windows shorter"
            )
        self._n_broken = self._n_trimmed = 0
        return told

    def _unreadable(self, error: Exception) -> UnreadableSourceError:
        return UnreadableSourceError(
            f"Redis stream {self._stream!r} cannot be read: {type(error).__name__}: {error}; is the server there, and "
            "the address right?"
        )

    def _row(self, place: Place, fields: Mapping[Any, Any]) -> StreamRow | None:
        if place in self._held or place in self._to_acknowledge:
            return None
        self._newest = place if self._newest is None else max(self._newest, place)
        values = values_of(fields)
        if values is None:
            if fields:
                self._n_broken += 1
            else:
                self._n_trimmed += 1
            self.judged([place])  # it would come again for ever
            return None
        self._held.add(place)
        return StreamRow(values, time_of(place), place)

    def _acknowledge(self) -> None:
        while self._to_acknowledge:
            part = sorted(self._to_acknowledge)[:_AT_ONCE]
            self._client.xack(self._stream, self._group, *map(mark_of, part))
            self._to_acknowledge.difference_update(part)
            self._held.difference_update(part)

    def _next_entries(self) -> list[_Entry]:
        """Acknowledge what is due, look around, and read; what was left from before comes before what is new."""
        if not self._has_group:
            self._make_group()
        self._acknowledge()
        self._look_around()
        entries = self._read(self._last)
        if entries:
            self._last = self._last if self._last == _NEW else mark_of(entries[-1][0])
        elif self._last != _NEW:
            self._last = _NEW
            entries = self._read(_NEW)
        return entries

    def _may_pass(self, error: Exception) -> bool:
        """Whether waiting may help."""
        if isinstance(error, self._refusal) and "NOGROUP" in str(error):
            self._has_group = False
            return True
        return isinstance(error, self._gone) or any(word in str(error) for word in _PASSING)

    def _wait(self, error: Exception, stop: Stop) -> Iterator[None]:
        if not self._has_group and self._pause == _PAUSE:
            self._told.append(f"Redis has lost the group {self._group!r}, which is made anew where it stood")
        elif self._pause == _PAUSE:
            self._told.append(f"Redis does not answer ({type(error).__name__}); trying again until it does")
        until, self._pause = time.monotonic() + self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        self._last = _LEFT  # what was on its way when the line broke was delivered, and never came
        while time.monotonic() < until and not stop():
            yield None
            time.sleep(_PAUSE)

    def _make_group(self) -> None:
        # A new group begins at the first entry; one that was lost before the first that was not judged.
        begin = "0" if self._newest is None else mark_of(place_before(min(self._held)) if self._held else self._newest)
        try:
            self._client.xgroup_create(self._stream, self._group, id=begin, mkstream=True)
        except self._refusal as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._has_group = True

    def _consumers(self) -> list[tuple[str, float, int]]:
        """Return the other consumers of the group: name, seconds since they last asked, entries that they hold."""
        return [
            (name, info["idle"] / 1000, info["pending"])
            for info in self._client.xinfo_consumers(self._stream, self._group)
            if (name := text_of_field(info["name"])) != self._consumer
        ]

    def _check_alone(self) -> None:
        for name, idle, _ in self._consumers():
            if idle < _LIVES:
                raise SettingsError(
                    f"consumer {name!r} reads Redis stream {self._stream!r} in the group {self._group!r} too, "
                    f"{idle:.0f} seconds ago: each would see a part of the rows. Give each job a `stream.group` of its "
                    f"own; if {name!r} is gone, wait a minute"
                )

    def _look_around(self) -> None:
        """Take over what a consumer that is gone has left; tell of one that is not."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_AROUND
        for name, idle, n_pending in self._consumers():
            if n_pending and idle >= self._claim_after:
                self._told.append(f"{n_pending} entries that consumer {name!r} left are taken over")
                self._claim(name)
                self._last = _LEFT
            elif idle < _LIVES and name not in self._others:
                self._others.add(name)
                self._told.append(
                    f"consumer {name!r} reads the group {self._group!r} too: each sees a part of the rows"
                )

    def _claim(self, name: str) -> None:
        after = "-"
        while held := self._client.xpending_range(
            self._stream, self._group, after, "+", _AT_ONCE, consumername=name
        ):  # fmt: skip
            marks = [text_of_field(entry["message_id"]) for entry in held]
            idle = int(self._claim_after * 1000)
            self._client.xclaim(self._stream, self._group, self._consumer, idle, marks, justid=True)
            after = f"({marks[-1]}"

    def _read(self, last: str) -> list[_Entry]:
        found = self._client.xreadgroup(
            self._group, self._consumer, {self._stream: last}, count=_AT_ONCE, block=int(_PAUSE * 1000)
        )
        if not found:
            return []
        parts = found.items() if isinstance(found, dict) else found
        return [(place_of(mark), fields or {}) for _, entries in parts for mark, fields in pairs_of(entries)]
