"""CacheWriter: each batch of vectors is on the disk before the one after the next is begun."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from textdrift.embeddings.truncation import Truncation
from textdrift.embeddings.vector_cache import VectorCache

__all__ = ["CacheWriter"]

_CHEAP = 0.02
"""A write that takes this share of the time its vectors took, or less, is waited for."""

_Group = tuple[Sequence[bytes], NDArray[Any], Truncation | None]


class CacheWriter:
    """Writes groups of vectors in a thread of its own, in the order given, each group whole or not at all.

    A run that is killed loses what was in flight. Where writing is cheap beside computing, as it is with a model on a
    processor, a group is waited for, so that this is one group. Where it is not, as on a fast GPU, one group is written
    while the next is computed, so that these are two. More never wait.

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
        self._groups: queue.Queue[_Group | None] = queue.Queue(maxsize=1)
        self._error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._write_seconds, self._last_return = 0.0, time.perf_counter()

    def __enter__(self) -> Self:
        """Begin; the thread starts with the first group."""
        self._last_return = time.perf_counter()
        return self

    def write(self, keys: Sequence[bytes], vectors: NDArray[Any], truncation: Truncation | None) -> None:
        """Hand over one group once the one before is written; wait for this one too where that costs little."""
        if self._cache is None:
            return
        seconds = time.perf_counter() - self._last_return  # that its vectors took
        self._groups.join()
        self._raise()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="textdrift-cache", daemon=True)
            self._thread.start()
        self._groups.put((keys, vectors, truncation))
        if self._write_seconds <= _CHEAP * seconds:
            self._groups.join()
        self._last_return = time.perf_counter()

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
        usable, is_held = True, False
        with contextlib.ExitStack() as open_files:
            # Groups are taken to the end whatever happens, since the other side may be waiting for room.
            while (group := self._groups.get()) is not None:
                began = time.perf_counter()
                usable = usable and self._written(*group)
                if usable and not is_held and self._cache is not None:
                    open_files.enter_context(self._cache.kept_open())
                    is_held = True
                self._write_seconds = time.perf_counter() - began
                self._groups.task_done()

    def _written(self, keys: Sequence[bytes], vectors: NDArray[Any], truncation: Truncation | None) -> bool:
        try:
            return self._cache is not None and self._cache.put(self._space, keys, vectors, truncation=truncation)
        except BaseException as raised:  # noqa: BLE001 - carried over to the thread that waits for it
            self._error = raised
            return False

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
