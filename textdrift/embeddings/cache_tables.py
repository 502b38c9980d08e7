"""The tables of the vector cache: what is read and written in one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.embeddings.truncation import Truncation

__all__ = ["STORED", "CachedVectors", "evict", "insert", "select_truncation", "select_vectors", "transaction"]

STORED = np.dtype("<f2")

_ROWS_PER_EVICTION = 1000
# Room is made below the limit, so that not every write of a full cache has to.
_FILLED_AFTER_EVICTION = 0.9
# Spaces whose encoder says which texts it cuts, and those texts; a file from before has neither table.
_SCHEMA_OF_TRUNCATION = """
CREATE TABLE IF NOT EXISTS limits (space INTEGER PRIMARY KEY, max_tokens INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cut (space INTEGER NOT NULL, text BLOB NOT NULL, PRIMARY KEY (space, text)) WITHOUT ROWID;
"""
# Below the 999 values that an old SQLite takes in one query; a query a text costs four times as much.
_KEYS_PER_QUERY = 900
# All bits of the exponent of a float16 are set in infinity and NaN, and in no other number.
_EXPONENT = np.uint16(0x7C00)


@dataclass(frozen=True, slots=True)
class CachedVectors:
    """What the cache holds of the keys it was asked for.

    Attributes
    ----------
    vectors:
        Shape (n_found, d), ``float16``, in the order of the keys that were found; d is 0 where nothing was.
    found:
        Shape (n_keys,), boolean.
    """

    vectors: NDArray[Any]
    found: NDArray[Any]


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """All or nothing; takes the write lock at once, so that two writers wait for one another and never deadlock."""
    connection.execute(begin)
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def select_vectors(connection: sqlite3.Connection, space: str, keys: Sequence[bytes]) -> CachedVectors:
    """Return the vectors of the keys that a space holds; a damaged one counts as absent."""
    found = np.zeros(len(keys), dtype=bool)
    known = connection.execute("SELECT id, dimension FROM spaces WHERE name = ?", (space,)).fetchone()
    if known is None:
        return CachedVectors(np.empty((0, 0), dtype=np.float16), found)
    space_id, dimension = known
    with transaction(connection, "BEGIN"):
        rows = _rows_of_keys(connection, "SELECT text, vector FROM vectors", space_id, keys)
    length = dimension * STORED.itemsize
    blob_of_key = {key: blob for key, blob in rows if isinstance(blob, bytes) and len(blob) == length}
    blobs = [blob_of_key.get(key) for key in keys]
    found = np.array([blob is not None for blob in blobs], dtype=bool)
    vectors = np.frombuffer(b"".join(filter(None, blobs)), dtype=STORED).reshape(int(found.sum()), dimension)
    finite = ((vectors.view(np.uint16) & _EXPONENT) != _EXPONENT).all(axis=1)
    if not finite.all():
        found[np.flatnonzero(found)[~finite]] = False
        vectors = vectors[finite]
    return CachedVectors(vectors.astype(np.float16, copy=False), found)


def _rows_of_keys(connection: sqlite3.Connection, select: str, space_id: int, keys: Sequence[bytes]) -> list[Any]:
    """Return the rows of many keys, those that are there, by few queries that each walk the tree once."""
    ordered, rows = sorted(keys), []
    for start in range(0, len(ordered), _KEYS_PER_QUERY):
        asked = ordered[start : start + _KEYS_PER_QUERY]
        query = f"{select} WHERE space = ? AND text IN ({','.join('?' * len(asked))})"
        rows += connection.execute(query, (space_id, *asked)).fetchall()
    return rows


def select_truncation(connection: sqlite3.Connection, space: str, keys: Sequence[bytes]) -> Truncation | None:
    """Return which texts of a space were cut; ``None`` where it is not known of all of them."""
    if not _has_truncation(connection):
        return None
    query = "SELECT id, max_tokens FROM spaces JOIN limits ON spaces.id = limits.space WHERE name = ?"
    known = connection.execute(query, (space,)).fetchone()
    if known is None:
        return None
    space_id, max_tokens = known
    with transaction(connection, "BEGIN"):
        held = len(_rows_of_keys(connection, "SELECT 1 FROM vectors", space_id, list(set(keys))))
        cut = {key for (key,) in _rows_of_keys(connection, "SELECT text FROM cut", space_id, keys)}
    if held < len(set(keys)):
        return None
    return Truncation(np.array([key in cut for key in keys], dtype=bool), int(max_tokens))


def _has_truncation(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('limits', 'cut')").fetchone()
    return bool(found[0] == len(("limits", "cut")))


def insert(
    connection: sqlite3.Connection,
    space: str,
    keys: Sequence[bytes],
    vectors: NDArray[Any],
    truncation: Truncation | None,
) -> bool:
    """Write vectors, all of them or none; say no where the space has vectors of another length."""
    with transaction(connection):
        dimension = int(vectors.shape[1])
        begun = connection.execute("INSERT OR IGNORE INTO spaces (name, dimension) VALUES (?, ?)", (space, dimension))
        query = "SELECT id, dimension FROM spaces WHERE name = ?"
        space_id, kept_dimension = connection.execute(query, (space,)).fetchone()
        if kept_dimension != dimension:
            return False
        written = connection.execute("SELECT coalesce(max(written), 0) + 1 FROM vectors").fetchone()[0]
        connection.executemany(
            "INSERT OR REPLACE INTO vectors (space, text, written, vector) VALUES (?, ?, ?, ?)",
            ((space_id, key, written, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True)),
        )
        _insert_truncation(connection, space_id, keys, truncation, is_new=begun.rowcount == 1)
    return True


def _insert_truncation(
    connection: sqlite3.Connection, space_id: int, keys: Sequence[bytes], truncation: Truncation | None, *, is_new: bool
) -> None:
    """Keep which texts were cut, from the first vector of a space on or not at all: half of it is a wrong count."""
    if not _has_truncation(connection):
        if truncation is None:
            return
        for statement in _SCHEMA_OF_TRUNCATION.split(";"):
            connection.execute(statement)
    if truncation is None:
        connection.execute("DELETE FROM limits WHERE space = ?", (space_id,))
        return
    if is_new:
        connection.execute("INSERT OR REPLACE INTO limits VALUES (?, ?)", (space_id, truncation.max_tokens))
    cut = ((space_id, key) for key, is_cut in zip(keys, truncation.cut, strict=True) if is_cut)
    connection.executemany("INSERT OR IGNORE INTO cut VALUES (?, ?)", cut)


def evict(connection: sqlite3.Connection, limit_bytes: int) -> None:
    """Delete what was written first until the file is small enough, and give the pages back to the disk."""
    if _used_bytes(connection) <= limit_bytes:
        return
    while _used_bytes(connection) > _FILLED_AFTER_EVICTION * limit_bytes:
        with transaction(connection):
            deleted = connection.execute(
                "DELETE FROM vectors WHERE (space, text) IN (SELECT space, text FROM vectors ORDER BY written LIMIT ?)",
                (_ROWS_PER_EVICTION,),
            ).rowcount
        if not deleted:
            break
    connection.executescript("PRAGMA incremental_vacuum")  # execute() would free a single page


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
