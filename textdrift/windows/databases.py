"""The rows of an SQL query, as Arrow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from textdrift.errors import (
    ColumnTypeError,
    MissingExtraError,
    MissingSourceError,
    SettingsError,
    UnreadableSourceError,
)
from textdrift.windows.python_values import arrow_column, chosen_columns, table_of

__all__ = ["names_database", "read_query"]

_BATCH_ROWS = 50_000
_DIALECTS = frozenset({"sqlite", "postgresql", "postgres", "mysql", "mariadb", "oracle", "mssql", "duckdb"})
_MISSING_TABLE = re.compile(
    r"no such table|(table|relation|object).*(does not|doesn't) exist|invalid object name", re.IGNORECASE
)
_SECRET_KEY = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
# What SQLAlchemy takes for a parameter in a text; a query that is given as one string has none.
_PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w+(?!:))")


def names_database(source: str) -> bool:
    """Return whether a string is the URL of a database: ``sqlite:///x.db``, ``postgresql+psycopg://...``."""
    scheme, mark, _ = source.partition("://")
    return bool(mark) and scheme.partition("+")[0].lower() in _DIALECTS


def read_query(url: Any, query: str, columns: Sequence[str] | None) -> pa.Table:
    """Return the rows that a query selects; the connection is rolled back, so it changes nothing.

    Parameters
    ----------
    url:
        An SQLAlchemy URL; a relative SQLite path counts from the working directory. Errors never show its password.
    query:
        A statement that returns rows, sent as it is.
    columns:
        Which to keep; None for all.
    """
    import sqlalchemy

    address = _address(url)
    where = f"the query on '{address.set(query={}).render_as_string(hide_password=True)}'"
    try:
        engine = sqlalchemy.create_engine(address)
    except ImportError as error:
        msg = f"{where} needs a database driver that is not installed ({error}); pip install it"
        raise MissingExtraError(msg) from error
    statement = sqlalchemy.text(_PARAMETER.sub(r"\\:", query))
    try:
        with engine.connect().execution_options(stream_results=True) as connection:
            rows = connection.execute(statement)
            if not rows.returns_rows:
                msg = f"{where} returned no table; give a SELECT"
                raise SettingsError(msg)
            return _fetched(rows, where, columns)
    except sqlalchemy.exc.SQLAlchemyError as error:
        told = _without_secrets(str(getattr(error, "orig", None) or error), address)
        if _MISSING_TABLE.search(told):
            msg = f"{where}: {told}; check the name of the table and the database"
            raise MissingSourceError(msg) from None
        msg = f"{where} failed: {told}"
        # What SQLAlchemy says may repeat the address, so it is not chained.
        raise UnreadableSourceError(msg) from None
    finally:
        engine.dispose()


def _address(url: Any) -> Any:
    """Return the parsed URL of a database that can be there."""
    import sqlalchemy

    try:
        address = sqlalchemy.make_url(url)
        address.get_dialect()
    except sqlalchemy.exc.ArgumentError:
        shown = str(url).partition("://")[0]
        msg = f"{shown!r}… is no database URL; write dialect://user:password@host/database, as in sqlite:///reviews.db"
        raise SettingsError(msg) from None
    except ImportError as error:
        msg = f"a {address.drivername} database needs a driver that is not installed ({error}); pip install it"
        raise MissingExtraError(msg) from error
    database = address.database or ":memory:"
    is_file = address.get_backend_name() == "sqlite" and not database.startswith((":memory:", "file:"))
    # SQLite would make an empty database where there is none.
    if is_file and not Path(database).exists():
        msg = f"there is no database file {database!r} (from {Path.cwd()}); check the path"
        raise MissingSourceError(msg)
    return address


def _without_secrets(message: str, address: Any) -> str:
    secrets = [address.password, *(value for key, value in address.query.items() if _SECRET_KEY.search(key))]
    for secret in filter(None, secrets):
        message = message.replace(str(secret), "***")
    return message


def _fetched(rows: Any, where: str, columns: Sequence[str] | None) -> pa.Table:
    """Return the rows of a result, fetched in batches so that they are never all Python objects at once."""
    available = [str(key) for key in rows.keys()]  # noqa: SIM118 - a result is no mapping
    names = chosen_columns(available, columns, where)
    places = {name: available.index(name) for name in names}
    batches = [table_of({name: arrow_column([], name) for name in names})]
    n_rows = 0
    for batch in rows.partitions(_BATCH_ROWS):
        values = list(zip(*batch, strict=True))
        batches.append(table_of({name: arrow_column(values[place], name, n_rows) for name, place in places.items()}))
        n_rows += len(batch)
    try:
        return pa.concat_tables(batches, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        msg = f"{where} returns several types in one column: {error}; cast it in the query"
        raise ColumnTypeError(msg) from error
