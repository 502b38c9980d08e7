"""Opening a history: the one door."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from textdrift.errors import HistoryError
from textdrift.history.addressing import Address, address_of
from textdrift.history.connecting import engine_of, reading, telling, use_wal, writing
from textdrift.history.history import History
from textdrift.history.migrating import check_revision, migrate

__all__ = ["open_history"]


def open_history(url: Any, *, read_only: bool = False) -> History:
    """Open a history, make it where there is none, and bring its schema up to this version.

    Parameters
    ----------
    url:
        ``sqlite:///drift.db`` (a relative path counts from the working directory), ``sqlite:////absolute/drift.db`` or
        ``postgresql://user:password@host/database``. ``postgres://`` is taken too.
    read_only:
        Change nothing, not even the schema: for those who only look.

    Returns
    -------
    History
        Close it, or use it in a ``with`` statement.

    Raises
    ------
    HistoryError
        When the URL names no database of these, there is no such folder, the file cannot be written or is no database,
        the server does not answer within ten seconds, or a newer textdrift wrote the history. No message holds a
        password.
    MissingExtraError
        When the driver of PostgreSQL is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, open_history(f"sqlite:///{folder}/drift.db") as history:
    ...     history.jobs()
    []
    """
    address = address_of(url)
    if read_only and address.path is not None and not address.path.exists():
        raise HistoryError(f"there is no history {address.shown!r}; run a job first, or check the path")
    engine = engine_of(address, read_only=read_only)
    try:
        if read_only:
            with reading(engine, address) as connection:
                check_revision(connection, address)
        else:
            _prepare(engine, address)
    except BaseException:
        engine.dispose()
        raise
    return History(engine, address)


def _prepare(engine: Any, address: Address) -> None:
    if address.path is not None:
        with telling(address, "opening"):
            use_wal(engine)
    # A lock of its own: two processes that open a new database at once make it once.
    with writing(engine, address, "schema") as connection:
        if address.path is None:
            _check_writable(connection, address)
        migrate(connection, address)


def _check_writable(connection: Connection, address: Address) -> None:
    """Refuse a standby server now, and not when a run is to be kept."""
    if connection.scalar(text("SHOW transaction_read_only")) == "on":
        raise HistoryError(f"the server of {address.shown} only reads; name the one that takes writes")
