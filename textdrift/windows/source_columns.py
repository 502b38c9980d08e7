"""The columns of a source, looked at without reading its rows, as far as the format allows that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textdrift.errors import MissingColumnError
from textdrift.windows.files import DataPaths
from textdrift.windows.reading import is_bounded
from textdrift.windows.sources import table_from

__all__ = ["columns_of_source"]

_NO_NAME = "\0"  # of a column that no source has: every reader answers with the names that there are


def columns_of_source(source: Any, text: str | None = "text") -> tuple[str, ...]:
    """Return the names of the columns of a source as ``read_window`` takes it.

    Cost: the schema of parquet, the first line of csv; JSON lines have no header, so their rows are looked through. A
    query is sent, and its rows are not fetched.

    Parameters
    ----------
    source:
        A path, or a mapping with ``path``, or with ``sql`` and ``query``.
    text:
        What the column of a source of bare texts is called.

    Raises
    ------
    SettingsError
        When the source cannot be used as it is written.
    WindowError
        When it is not there or cannot be read.

    Examples
    --------
    >>> columns_of_source(["good", "bad"])
    ('text',)
    """
    is_bounded(source)  # refuses what is wrong with the mapping itself
    query = None
    if isinstance(source, Mapping):
        query = source.get("query")
        path = source.get("path")
        source = source.get("sql") if path is None else DataPaths(tuple(path)) if isinstance(path, list) else path
    try:
        table = table_from(source, query, (_NO_NAME,), text)
    except MissingColumnError as error:
        if not error.available:  # another thing is missing
            raise
        return error.available
    return tuple(table.column_names)
