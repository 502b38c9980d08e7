"""Connections to the database of a history, transactions on it, and what its errors mean."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import sqlalchemy
import xxhash
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from textdrift.errors import HistoryError, MissingExtraError, TextdriftError
from textdrift.history.addressing import Address

__all__ = ["LOCK_SECONDS", "engine_of", "lock_number", "reading", "telling", "use_wal", "writing"]

LOCK_SECONDS = 30
"""How long a transaction waits for that of another process; each takes milliseconds."""

_CONNECT_SECONDS = 10
_PAUSE_SECONDS = 0.05

# A server that is gone is noticed, also behind a firewall that drops what it does not know.
_POSTGRESQL = {
    "connect_timeout": _CONNECT_SECONDS,
    "application_name": "textdrift",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

_REMEDIES = (
    (r"readonly database|read-only transaction", "it cannot be written; make the file and its folder writable"),
    (r"disk is full|disk I/O error|no space left", "free space on its disk; nothing of this step was kept"),
    (r"database is locked|lock timeout", f"another process held it for more than {LOCK_SECONDS} seconds; try again"),
    (r"not a database|malformed", "the file is no SQLite database or is damaged; name another, or bring back a copy"),
    (r"unable to open database file", "make its file and folder readable and writable for this user"),
    (r"password authentication failed|no password supplied", "check the user and the password of the URL"),
    (r"database \".*\" does not exist", "make the database, as in createdb NAME"),
    (r"connection to server|timeout expired|could not translate|failed to resolve|closed the connection", ""),
    (r"terminating connection|connection is (bad|lost)|server is shutting down|starting up", ""),
    (r"permission denied", "let its user make tables in the schema, and write to them"),
)
_SERVER = "check that the server runs and can be reached"


@contextlib.contextmanager
def telling(address: Address, doing: str) -> Iterator[None]:
    """Turn what a database says into a ``HistoryError`` that says what to do and repeats no secret."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        if isinstance(cause := getattr(error, "orig", None), TextdriftError):
            raise cause from None
        said = address.hidden(" ".join(str(cause or error).split()))
        remedies = [remedy or _SERVER for pattern, remedy in _REMEDIES if re.search(pattern, said, re.IGNORECASE)]
        advice = f"; {remedies[0]}" if remedies else ""
        # The library's own message may repeat the address, so it is not chained.
        raise HistoryError(f"{doing} the history {address.shown} failed: {said}{advice}") from None


def engine_of(address: Address, *, read_only: bool) -> Engine:
    """Return an engine whose transactions begin as the history needs them; nothing is connected yet."""
    if address.path is not None:
        return _sqlite_engine(address, read_only=read_only)
    given = {key: value for key, value in _POSTGRESQL.items() if key not in address.url.query}
    try:
        return sqlalchemy.create_engine(
            address.url,
            connect_args=given,
            # After waiting for another writer a transaction must see what that one wrote.
            isolation_level="READ COMMITTED",
            execution_options={"postgresql_readonly": True} if read_only else {},
            hide_parameters=True,
            pool_pre_ping=True,
        )
    except ImportError as error:
        msg = f"a history in PostgreSQL needs psycopg ({error}); pip install 'textdrift[postgres]'"
        raise MissingExtraError(msg) from error


def _sqlite_engine(address: Address, *, read_only: bool) -> Engine:
    url = address.url
    if read_only:
        url = url.set(database=f"file:{quote(str(address.path))}", query={"mode": "ro", "uri": "true"})
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": LOCK_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # The driver would begin transactions by itself, later than it should, and never around a change of tables.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that writes takes the lock at once, so that two wait for one another and never deadlock.
        writes = connection.get_execution_options().get("textdrift_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def use_wal(engine: Engine) -> None:
    """Let readers of an SQLite file go on while one process writes; a new file also gives its space back."""
    deadline = time.monotonic() + LOCK_SECONDS
    with contextlib.closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        # Before the first table, or never.
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                # This change does not wait for other processes, as all else does.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                break


@contextlib.contextmanager
def reading(engine: Engine, address: Address) -> Iterator[Connection]:
    """Begin a transaction that only reads."""
    with telling(address, "reading"), engine.connect() as connection:
        yield connection


@contextlib.contextmanager
def writing(engine: Engine, address: Address, topic: str) -> Iterator[Connection]:
    """Write all or nothing, one writer of a topic at a time."""
    engine = engine.execution_options(textdrift_writes=True)
    with telling(address, "writing to"), engine.begin() as connection:
        if address.path is None:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
            connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(lock_number(topic))))
        yield connection


def lock_number(topic: str) -> int:
    """Return the number by which PostgreSQL knows a lock: 64 bits, signed."""
    number = xxhash.xxh3_64_intdigest(f"textdrift {topic}".encode("utf-8", "surrogatepass"))
    return number - (1 << 64) if number >= 1 << 63 else number
