"""The URL of a history: which database it names, and how it is shown without its secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy
from sqlalchemy.exc import ArgumentError

from textdrift.errors import HistoryError, nearest_name

__all__ = ["Address", "address_of"]

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SECRET_KEY = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
_EXAMPLES = "sqlite:///drift.db or postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a history lies.

    Attributes
    ----------
    url:
        What SQLAlchemy connects to; the path of a file is absolute, so that a change of folder changes nothing.
    path:
        The file of an SQLite history; ``None`` for PostgreSQL.
    """

    url: sqlalchemy.URL
    path: Path | None

    def __repr__(self) -> str:
        """Return the address without its secrets."""
        return f"Address({self.shown!r})"

    @property
    def shown(self) -> str:
        """The address without its password and settings."""
        if self.path is not None:
            return str(self.path)
        return self.url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    def hidden(self, message: str) -> str:
        """Return a message with every secret of the address replaced."""
        values = [value for key, value in self.url.query.items() if _SECRET_KEY.search(key)]
        for secret in filter(None, (str(self.url.password or ""), *map(str, values))):
            for written in (secret, quote(secret, safe=""), quote_plus(secret)):
                message = message.replace(written, "***")
        return message


def address_of(url: Any) -> Address:
    """Return the address that a URL of a job file names; a relative path counts from the working directory.

    Raises
    ------
    HistoryError
        When it is no URL of SQLite or PostgreSQL, names no file, or names one in a folder that is not there.

    Examples
    --------
    >>> address_of("postgres://ann:secret@db.example/drift").shown
    'postgresql://ann:***@db.example/drift'
    """
    # The URL may hold a password, so only its scheme is told.
    scheme = str(url).partition("://")[0] if "://" in str(url) else ""
    if scheme.lower() not in _DRIVERS:
        hint = (
            f"{scheme!r} is none of them, {nearest_name(scheme, ('sqlite', 'postgresql'))}" if scheme else "no scheme"
        )
        raise HistoryError(f"a history lies in SQLite or PostgreSQL, as in {_EXAMPLES}; got {hint}")
    try:
        parsed = sqlalchemy.make_url(str(url)).set(drivername=_DRIVERS[scheme.lower()])
    except (ArgumentError, ValueError):
        raise HistoryError(f"the history's {scheme} URL cannot be read; write it as in {_EXAMPLES}") from None
    if parsed.get_backend_name() != "sqlite":
        return Address(parsed, None)
    return _file_of(parsed)


def _file_of(parsed: sqlalchemy.URL) -> Address:
    name = parsed.database or ":memory:"
    if name.startswith((":memory:", "file:")) or parsed.query or parsed.host:
        msg = f"an SQLite history needs the path of a file and nothing else, as in sqlite:///drift.db; got {parsed}"
        raise HistoryError(msg)
    path = Path(name).expanduser().resolve()
    if not path.parent.is_dir():
        raise HistoryError(
            f"there is no folder {str(path.parent)!r} for the history {path.name!r}; make it, or mend it"
        )
    if path.is_dir():
        raise HistoryError(f"the history {str(path)!r} is a folder; name a file in it")
    return Address(parsed.set(database=str(path)), path)
