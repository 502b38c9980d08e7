"""VectorCache: vectors on disk by the hash of their text and the space they lie in."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.embeddings.cache_tables import (
    STORED,
    CachedVectors,
    evict,
    insert,
    select_truncation,
    select_vectors,
    transaction,
)
from textdrift.embeddings.truncation import Truncation
from textdrift.errors import SettingsError

__all__ = ["CachedVectors", "VectorCache", "text_keys"]

_VERSION = 1
_FILE = f"vectors-{_VERSION}.sqlite"
_MATRIX = 2
_SECONDS_TO_WAIT = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spaces (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (
    space INTEGER NOT NULL, text BLOB NOT NULL, written INTEGER NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (space, text)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS oldest ON vectors (written);
"""

_log = logging.getLogger("textdrift")
T = TypeVar("T")


def text_keys(texts: Sequence[str]) -> list[bytes]:
    """Return the 128-bit hash of each text's UTF-8.

    >>> [len(key) for key in text_keys(["good", "bad"])]
    [16, 16]
    """
    return [xxhash.xxh3_128_digest(text.encode()) for text in texts]


def _default_folder() -> Path:
    """Return ``$TEXTDRIFT_CACHE``, else ``$XDG_CACHE_HOME/textdrift``, else ``~/.cache/textdrift``."""
    if own := os.environ.get("TEXTDRIFT_CACHE"):
        return Path(own).expanduser()
    # The XDG specification: a path that is not absolute is to be ignored.
    if (shared := os.environ.get("XDG_CACHE_HOME")) and Path(shared).is_absolute():
        return Path(shared) / "textdrift"
    try:
        return Path.home() / ".cache" / "textdrift"
    except RuntimeError as error:
        raise SettingsError(
            "no folder for the vector cache: this user has no home folder; set TEXTDRIFT_CACHE to a folder"
        ) from error


@dataclass(frozen=True, slots=True)
class VectorCache:
    """Vectors on disk, shared by all runs and processes of a user.

    The cache is never a reason to fail and never a source of wrong vectors: a broken file is put aside and a new
    one begun, a vector of the wrong length or that is not finite counts as absent, and where the folder cannot be
    written or stays locked the run goes on without it and says so in the log. A text is kept as a hash only.

    Parameters
    ----------
    folder:
        ``None`` for ``$TEXTDRIFT_CACHE``, else ``$XDG_CACHE_HOME/textdrift``, else ``~/.cache/textdrift``.
    limit_bytes:
        Size of the file from which on the vectors written first are deleted.

    Raises
    ------
    SettingsError
        When ``limit_bytes`` is not positive, or there is no home folder to keep the cache in.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     cache = VectorCache(Path(folder))
    ...     keys = text_keys(["good", "bad"])
    ...     stored = cache.put("a space", keys[:1], np.array([[0.5, 0.25]]))
    ...     known = cache.get("a space", keys)
    >>> stored, known.found.tolist(), known.vectors.tolist()
    (True, [True, False], [[0.5, 0.25]])
    """

    folder: Path | None = None
    limit_bytes: int = 10 * 10**9

    def __post_init__(self) -> None:
        """Check the limit, and that there is a place for the file."""
        if isinstance(self.limit_bytes, bool) or self.limit_bytes < 1:
            raise SettingsError(f"limit_bytes must be at least 1; got {self.limit_bytes!r}")
        _ = self.path

    @property
    def path(self) -> Path:
        """The SQLite file; another version of the schema lives in a file of another name."""
        return (_default_folder() if self.folder is None else Path(self.folder)) / _FILE

    def get(self, space: str, keys: Sequence[bytes]) -> CachedVectors:
        """Return the vectors of the keys that the cache holds in this space.

        Cost: about 2 µs a key for vectors of 384 numbers.
        """
        nothing = CachedVectors(np.empty((0, 0), dtype=np.float16), np.zeros(len(keys), dtype=bool))
        if not keys:
            return nothing
        answer = self._attempt(lambda connection: select_vectors(connection, space, keys))
        return nothing if answer is None else answer

    def truncation(self, space: str, keys: Sequence[bytes]) -> Truncation | None:
        """Return which texts were cut by the encoder of this space; ``None`` where it did not say, or one is absent."""
        return self._attempt(lambda connection: select_truncation(connection, space, keys)) if keys else None

    def put(
        self, space: str, keys: Sequence[bytes], vectors: NDArray[Any], *, truncation: Truncation | None = None
    ) -> bool:
        """Write vectors as ``float16``, all of them or none, and say whether they were written.

        A space keeps the dimension of its first vectors; others are not written. Which texts were cut is kept where
        it was told for every vector of the space.
        """
        rounded = np.ascontiguousarray(vectors, dtype=STORED)
        if rounded.ndim != _MATRIX or len(rounded) != len(keys) or not np.isfinite(rounded).all():
            raise ValueError(f"{len(keys)} keys need as many finite vectors; got shape {rounded.shape}")
        if not len(keys):
            return True

        def write(connection: sqlite3.Connection) -> bool:
            if not insert(connection, space, keys, rounded, truncation):
                return False
            evict(connection, self.limit_bytes)
            return True

        written = self._attempt(write)
        if written is False:
            _log.warning("the vector cache %s holds vectors of another length for this encoder", self.path)
        return bool(written)

    @contextlib.contextmanager
    def kept_open(self) -> Iterator[None]:
        """Hold a written file open while it is written often: with its last connection SQLite puts its log away."""
        with contextlib.ExitStack() as held:
            with contextlib.suppress(sqlite3.Error, OSError):  # the writes themselves say what is wrong
                connection = held.enter_context(self._connection())
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            yield

    def _attempt(self, task: Callable[[sqlite3.Connection], T]) -> T | None:
        """Run a task on the file; on a broken file once more on a new one; ``None`` where the file cannot be used."""
        for last in (False, True):
            opened = None
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with self._connection() as connection:
                    opened = self.path.stat().st_ino
                    _prepare(connection)
                    return task(connection)
            except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
                raise  # a fault of the caller, which no new file mends
            except (sqlite3.OperationalError, OSError) as error:
                _log.warning("the vector cache %s cannot be used (%s); going on without it", self.path, error)
                return None
            except (sqlite3.DatabaseError, _OtherSchemaError) as error:
                _log.warning("the vector cache %s is broken (%s); put aside, a new one is begun", self.path, error)
                if last or not self._put_aside(opened):
                    return None
        return None

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one task: nothing stays open between tasks, so a cache may be pickled and forked."""
        connection = sqlite3.connect(self.path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
        # With a write-ahead log a power cut may lose the last commits, and never breaks the file.
        connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield connection
        finally:
            connection.close()

    def _put_aside(self, opened: int | None) -> bool:
        """Move a broken file out of the way, keeping one; not where another process has already begun a new one."""
        try:
            if opened is None or self.path.stat().st_ino == opened:
                self.path.replace(self.path.with_suffix(".broken"))
                for ending in ("-wal", "-shm"):
                    self.path.with_name(_FILE + ending).unlink(missing_ok=True)
        except FileNotFoundError:
            return True
        except OSError as error:
            _log.warning("the broken vector cache %s cannot be put aside (%s); delete it", self.path, error)
            return False
        return True


class _OtherSchemaError(Exception):
    """The file is a database, but not one of ours."""


def _prepare(connection: sqlite3.Connection) -> None:
    """Create the tables of a new file; look at the version of an old one."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == _VERSION:
        return
    if version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        if connection.execute("PRAGMA user_version").fetchone()[0] == _VERSION:
            return  # another process created it between the two looks
        raise _OtherSchemaError(f"its schema has version {version}, not {_VERSION}")
    # These three only work on an empty file. Large pages keep a vector of 1,000 numbers inside its tree page.
    connection.execute("PRAGMA page_size = 16384")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone())
    with transaction(connection):
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")


def _patiently(step: Callable[[], object]) -> None:
    """Repeat a step that SQLite refuses at once, without waiting, while another process does the same."""
    deadline = time.monotonic() + _SECONDS_TO_WAIT
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
