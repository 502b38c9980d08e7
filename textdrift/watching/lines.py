"""JSON lines of standard input, and of a file that grows."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import xxhash

from textdrift.errors import MissingSourceError, UnreadableSourceError
from textdrift.watching.checkpoints import Position
from textdrift.watching.stream_rows import Place, StreamRow, row_of_line

__all__ = ["GrowingFile", "StandardInput"]

_PAUSE = 0.2
_BLOCK = 1 << 16
_LONGEST_LINE = 1 << 24  # 16 MiB: a line without an end takes no memory without end
_SEALED = 256

Stop = Callable[[], bool]


@dataclass(slots=True)
class _Lines:
    """Blocks of bytes cut into lines; what is longer than a line may be is passed over."""

    n_lines: int = 0
    n_broken: int = 0
    first_broken: int = 0
    _rest: bytearray = field(default_factory=bytearray)
    _n_skipped: int = 0

    @property
    def n_held(self) -> int:
        """Bytes that belong to a line whose end has not come."""
        return len(self._rest) + self._n_skipped

    def cut(self, block: bytes) -> Iterator[tuple[bytes | None, int]]:
        """Yield each line that ended, ``None`` for one that is too long, and its length with its end."""
        start = 0
        while (end := block.find(b"\n", start)) >= 0:
            yield self._ended(block[start:end], with_end=True)
            start = end + 1
        self._rest += block[start:]
        if len(self._rest) > _LONGEST_LINE:
            self._n_skipped += len(self._rest)
            self._rest.clear()

    def end(self) -> Iterator[tuple[bytes | None, int]]:
        """Yield the last line, which has no end."""
        if self.n_held:
            yield self._ended(b"", with_end=False)

    def drop(self) -> None:
        """Forget the line whose end has not come."""
        self._rest.clear()
        self._n_skipped = 0

    def row(self, line: bytes | None, place: Place | None) -> StreamRow | None:
        """Return the row of a line; ``None`` for a blank one, and one that holds none, which is counted."""
        self.n_lines += 1
        if line is not None and not line.strip():
            return None
        values = None if line is None else row_of_line(line)
        if values is None:
            self.n_broken += 1
            self.first_broken = self.first_broken or self.n_lines
            return None
        return StreamRow(values, dt.datetime.now(dt.UTC), place)

    def troubles(self) -> list[str]:
        """Tell of the lines that held no row, once."""
        if not self.n_broken:
            return []
        told = (
            f"{self.n_broken} lines hold no JSON object and were left out, the first of them line {self.first_broken} "
            "of those read"
        )
        self.n_broken, self.first_broken = 0, 0
        return [told]

    def _ended(self, last: bytes, *, with_end: bool) -> tuple[bytes | None, int]:
        length = self.n_held + len(last) + with_end
        line = None if self._n_skipped else bytes(self._rest) + last
        self.drop()
        return line, length


class StandardInput:
    """JSON lines of a pipe, or of whatever else standard input is; what it gave is gone when the program ends."""

    name = "-"
    keeps_rows = False

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._lines = _Lines()

    def begin(self, position: Position, judged: Sequence[Place]) -> None:
        """See ``RowSource``; a pipe begins where it stands."""

    def rows(self, stop: Stop) -> Iterator[StreamRow | None]:
        """See ``RowSource``."""
        while not stop():
            ready, _, _ = select.select([self._descriptor], [], [], _PAUSE)
            if not ready:
                yield None
                continue
            block = os.read(self._descriptor, _BLOCK)
            for line, _ in self._lines.cut(block) if block else self._lines.end():
                row = self._lines.row(line, None)
                if row is not None:
                    yield row
            if not block:
                return

    def judged(self, places: Sequence[Place]) -> None:
        """See ``RowSource``; a pipe cannot be told."""

    def here(self) -> tuple[Place | None, str]:
        """See ``RowSource``."""
        return None, ""

    def seal_at(self, place: Place) -> str:  # noqa: ARG002 - of the protocol
        """See ``RowSource``."""
        return ""

    def troubles(self) -> list[str]:
        """See ``RowSource``."""
        return self._lines.troubles()


class GrowingFile:
    """JSON lines of a file that others write to.

    It is read from its beginning, or from where the last watch stood. A line counts once its end is written. A file
    that became shorter, holds other bytes where it was read, or has another file under its name now, was replaced: the
    old one is read to its end where it still can be, and the new one from its beginning.

    Parameters
    ----------
    path:
        The file; it must be there when watching begins.
    follow:
        Whether to wait for more at its end.
    """

    keeps_rows = True

    def __init__(self, path: str, *, follow: bool = True) -> None:
        self.name = path
        self._path, self._follow = Path(path), follow
        self._lines = _Lines()
        self._file_number, self._offset = 0, 0
        self._skip: frozenset[Place] = frozenset()
        self._expected: str | None = None
        self._replaced: list[str] = []

    def begin(self, position: Position, judged: Sequence[Place]) -> None:
        """See ``RowSource``."""
        if position.resume is not None:
            self._file_number, self._offset = position.resume
            self._expected = position.seal
        self._skip = frozenset((*position.judged, *judged))

    def rows(self, stop: Stop) -> Iterator[StreamRow | None]:
        """See ``RowSource``."""
        file = self._opened()
        if file is None:
            raise MissingSourceError(f"no file {self.name!r} to follow; it must be there when watching begins")
        words = "while nothing watched it: rows of the old one that were not judged are lost"
        try:
            while not stop():
                if self._expected is not None and not self._is_known(file, self._expected):
                    self._begin_anew(words)
                words = "and is read from its beginning"
                yield from self._new_rows(file, stop)
                if stop():
                    return
                self._expected = _seal(file, self._offset)
                other = self._replacement(file)
                if other is not None:
                    yield from self._last_rows(file)
                    file.close()
                    file = other
                    self._begin_anew(words)
                    continue
                if not self._follow:
                    yield from self._last_rows(file)
                    return
                yield None
                time.sleep(_PAUSE)
        finally:
            file.close()

    def judged(self, places: Sequence[Place]) -> None:
        """See ``RowSource``; a file cannot be told."""

    def here(self) -> tuple[Place | None, str]:
        """See ``RowSource``."""
        place = (self._file_number, self._offset)
        return place, self.seal_at(place)

    def seal_at(self, place: Place) -> str:
        """See ``RowSource``: a hash of the bytes before a place."""
        if place[0] != self._file_number:  # of a file that is gone
            return "gone"
        with contextlib.suppress(OSError), self._path.open("rb") as file:
            return _seal(file, place[1])
        return ""

    def troubles(self) -> list[str]:
        """See ``RowSource``."""
        told, self._replaced = self._replaced, []
        return [*told, *self._lines.troubles()]

    def _opened(self) -> BinaryIO | None:
        try:
            return self._path.open("rb")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UnreadableSourceError(f"file {self.name!r} cannot be read: {error.strerror or error}") from error

    def _new_rows(self, file: BinaryIO, stop: Stop) -> Iterator[StreamRow]:
        while not stop():
            file.seek(self._offset + self._lines.n_held)
            try:
                block = file.read(_BLOCK)
            except OSError as error:  # a folder, or a disk that is gone
                raise UnreadableSourceError(f"file {self.name!r} cannot be read: {error.strerror or error}") from error
            if not block:
                return
            yield from self._rows_of(self._lines.cut(block))

    def _last_rows(self, file: BinaryIO) -> Iterator[StreamRow]:
        """Yield what is left of a file that gets no more, its last line too where it has no end."""
        yield from self._new_rows(file, lambda: False)
        yield from self._rows_of(self._lines.end())

    def _rows_of(self, lines: Iterator[tuple[bytes | None, int]]) -> Iterator[StreamRow]:
        for line, length in lines:
            place = (self._file_number, self._offset)
            self._offset += length
            row = self._lines.row(line, place)
            if row is not None and place not in self._skip:
                yield row

    def _replacement(self, file: BinaryIO) -> BinaryIO | None:
        """Return the file that the name leads to by now, where it is another one."""
        other = self._opened()
        if other is None:  # being replaced: the old one goes on until there is a new one
            return None
        if os.path.sameopenfile(file.fileno(), other.fileno()):
            other.close()
            return None
        return other

    def _is_known(self, file: BinaryIO, seal: str) -> bool:
        is_long_enough = os.fstat(file.fileno()).st_size >= self._offset + self._lines.n_held
        return is_long_enough and _seal(file, self._offset) == seal

    def _begin_anew(self, words: str) -> None:
        self._replaced.append(f"file {self.name!r} was replaced or cut short {words}")
        self._file_number, self._offset = self._file_number + 1, 0
        self._expected = None
        self._lines.drop()


def _seal(file: BinaryIO, offset: int) -> str:
    start = max(0, offset - _SEALED)
    file.seek(start)
    return xxhash.xxh3_64_hexdigest(file.read(offset - start))
