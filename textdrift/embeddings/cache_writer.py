"""CacheWriter: vectors go to the disk while the next ones are computed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from textdrift.embeddings.truncation import Truncation
from textdrift.embeddings.vector_cache import VectorCache

__all__ = ["CacheWriter"]

_WAITING = 2
_Group = tuple[Sequence[bytes], NDArray[Any], Truncation | None]


class CacheWriter:
    """Writes groups of vectors in a thread of its own, in the order given, each group whole or not at all.

    A group that waits is written even where the run is interrupted: it has been paid for. An error of the cache is
    raised where the next group is given, or at the end. A cache that cannot be written has said so in the log once
    and is not asked again.

    Parameters
    ----------
    cache:
        ``None`` to write nothing.
    space:
        See ``VectorCache.put``.
    """

    def __init__(self, cache: VectorCache | None, space: str) -> None:
        self._cache, self._space = cache, space
        self._groups: queue.Queue[_Group | None] = queue.Queue(maxsize=_WAITING)
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Begin; the thread starts with the first group."""
        return self

    def write(self, keys: Sequence[bytes], vectors: NDArray[Any], truncation: Truncation | None) -> None:
        """Hand over one group; waits while two are waiting."""
        if self._cache is None:
            return
        self._raise()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="textdrift-cache", daemon=True)
            self._thread.start()
        self._groups.put((keys, vectors, truncation))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the last group; raise what went wrong in the thread, unless something else did."""
        if self._thread is not None:
            self._groups.put(None)
            self._thread.join()
        if error is None:
            self._raise()

    def _work(self) -> None:
        usable = True
        # Groups are taken to the end whatever happens, since the other side may be waiting for room.
        while (group := self._groups.get()) is not None:
            if not usable or self._cache is None:
                continue
            keys, vectors, truncation = group
            try:
                usable = self._cache.put(self._space, keys, vectors, truncation=truncation)
            except BaseException as raised:  # noqa: BLE001 - carried over to the thread that waits for it
                self._error, usable = raised, False

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
