"""Reading a window from whatever holds its rows: the one door through which text comes in."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import (
    ColumnTypeError,
    EmbeddingsError,
    EmptyWindowError,
    MissingColumnError,
    SettingsError,
    TextdriftError,
    nearest_name,
)
from textdrift.windows.checking import checked_window
from textdrift.windows.files import DataPaths
from textdrift.windows.role_names import check_roles
from textdrift.windows.sources import WRAP_IT, table_from
from textdrift.windows.time_column import times_of
from textdrift.windows.vectors import array_column
from textdrift.windows.window import Roles, Window

__all__ = ["is_bounded", "names_in_source", "read_columns", "read_table", "read_window", "time_span"]

_DEFAULT_TEXT = "text"
_KEYS = ("path", "sql", "query", "start", "end")
_NO_NAME = "\0"  # of a column that no source has: every reader answers with the names that there are


@dataclass(frozen=True, slots=True)
class _Request:
    """A source without its mapping: what to read, and the half-open interval of times to keep of it."""

    source: Any
    query: str | None
    start: dt.datetime | None = None
    end: dt.datetime | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether only a part of the times is asked for."""
        return self.start is not None or self.end is not None


def read_window(source: Any, roles: Roles, *, name: str, query: str | None = None, vectors: Any = None) -> Window:
    """Read a window: the columns that have a role, checked and brought to the types that ``Window`` promises.

    Cost: one pass over the source and one copy of its texts at most. Rows are never dropped, except that ``start`` and
    ``end`` keep the rows whose time is in [start, end); a row without a time is an error there.

    Parameters
    ----------
    source:
        A pandas or polars DataFrame, a polars LazyFrame, a pyarrow Table or RecordBatch or anything that exports an
        Arrow stream, a ``datasets.Dataset``; a list, tuple or series of str; a path, glob pattern, folder or URL of
        parquet, csv, tsv or jsonl files; a database URL together with ``query``; or a mapping ``{"path": ...}``,
        where a list of paths is read as one window, or ``{"sql": URL, "query": ...}``, each with optional ``start`` and
        ``end``. Relative paths count from the working directory. In a csv file an empty cell without quotes is null and
        every other cell is what it says.
    roles:
        Which column plays which part.
    name:
        What people call this window; errors begin with it.
    query:
        The SELECT to send where the source is a database URL.
    vectors:
        An array or tensor of shape (n_rows, d), or a column of lists, with a vector for each row that the source has
        before ``start`` and ``end`` are applied; it then plays the role of ``roles.embeddings``. A row without a text
        needs no vector. Where the source is ``None`` the vectors are the whole window.

    Raises
    ------
    SettingsError
        Where source, roles, query, start or end cannot be used.
    WindowError
        Where the source is missing or broken, or a column cannot play its role; see ``textdrift.errors``.
    MissingExtraError
        Where a package that the URL needs is not installed.

    Examples
    --------
    >>> window = read_window(["good", None, "bad"], Roles(text="text"), name="today")
    >>> window.n_rows, window.usable.tolist()
    (3, [True, False, True])
    """
    with _errors_of_window(name, roles):
        return checked_window(_columns_with_roles(source, query, roles, vectors), roles, name)


def read_columns(source: Any, roles: Roles, *, name: str) -> pa.Table:
    """Read the columns that have a role, in the types that they have there; no other column is looked at.

    Parameters
    ----------
    source, roles, name:
        As in ``read_window``, which takes what this returns for the same window.

    Raises
    ------
    TextdriftError
        As ``read_window``, as far as a column that is not checked can be at fault.

    Examples
    --------
    >>> read_columns(["good", "bad"], Roles(text="review"), name="today").column_names
    ['review']
    """
    with _errors_of_window(name, roles):
        return _columns_with_roles(source, None, roles, None)


@contextlib.contextmanager
def _errors_of_window(name: str, roles: Roles) -> Iterator[None]:
    try:
        yield
    except TextdriftError as error:
        # Two windows are read in one run: every error says which one it means, and stays the error that it is.
        error.args = (f"window {name!r}: {error}{_without_texts(error, roles)}",)
        raise


def _without_texts(error: TextdriftError, roles: Roles) -> str:
    """Return what to do where the column of the texts is missing that is looked for unless another is named."""
    if not isinstance(error, MissingColumnError) or _DEFAULT_TEXT not in error.missing or roles.text != _DEFAULT_TEXT:
        return ""
    if nearest_name(_DEFAULT_TEXT, error.available, taken=roles.columns()).endswith("?"):
        return ""
    return "; name the column of the texts, or say that there is none: text=None, in a job file text: null"


def _columns_with_roles(source: Any, query: str | None, roles: Roles, vectors: Any) -> pa.Table:
    """Return the columns that have a role, of the rows between start and end."""
    check_roles(roles)
    request = _request(source, query)
    if request.is_bounded and roles.time is None:
        msg = "start and end need a time column; name it with time='...'"
        raise SettingsError(msg)
    table = _table(request, roles, vectors)
    return _between(table, roles.time, request) if request.is_bounded and roles.time is not None else table


def _table(request: _Request, roles: Roles, vectors: Any) -> pa.Table:
    """Return the columns that have a role, vectors that came beside the source among them."""
    if vectors is None:
        return table_from(request.source, request.query, roles.columns(), roles.text)
    column = array_column(vectors)
    others = [name for name in roles.columns() if name != roles.embeddings]
    if request.source is None:
        if others:
            msg = f"there are vectors alone, and no column {others[0]!r}; give a table too, or leave the column out"
            raise SettingsError(msg)
        return pa.table({str(roles.embeddings): column})
    table = table_from(request.source, request.query, others or None, roles.text)
    if table.num_rows != len(column):
        msg = (
            f"it has {table.num_rows} rows and {len(column)} embeddings were given; one vector a row is needed, for "
            "every row of the source (start and end are applied to both afterwards)"
        )
        raise EmbeddingsError(msg)
    return table.append_column(str(roles.embeddings), column)


def read_table(source: Any, *, query: str | None = None, time: str | None = None) -> pa.Table:
    """Read every column of a source, in the types that it has there; a list of texts becomes the column ``text``.

    The columns of a csv file are ``large_string``: what they mean is said by roles, see ``read_window``.

    Parameters
    ----------
    source:
        As in ``read_window``.
    query:
        The SELECT to send where the source is a database URL.
    time:
        The column that ``start`` and ``end`` are applied to.

    Examples
    --------
    >>> read_table(["good", "bad"]).column("text").to_pylist()
    ['good', 'bad']
    """
    request = _request(source, query)
    if request.is_bounded and time is None:
        msg = "start and end need a time column, and a table without roles has none; name it with time='...'"
        raise SettingsError(msg)
    table = table_from(request.source, request.query, None, "text")
    return table if time is None or not request.is_bounded else _between(table, time, request)


def names_in_source(source: Any, text: str | None) -> tuple[str, ...]:
    """Return the names of the columns of a source, as far as it tells them; its rows are not kept.

    >>> names_in_source(pa.table({"text": ["good"], "city": ["Rome"]}), "text")
    ('text', 'city')
    """
    request = _request(source, None)
    try:
        table_from(request.source, request.query, (_NO_NAME,), text)
    except MissingColumnError as error:
        return error.available
    except TextdriftError:  # what it cannot tell is no reason to stop
        return ()
    return (_NO_NAME,)


def is_bounded(source: Any) -> bool:
    """Return whether a source is a mapping that asks for a part of its times only.

    >>> is_bounded({"path": "a.csv", "start": "2024-01-01"}), is_bounded("a.csv")
    (True, False)
    """
    return _request(source, None).is_bounded


def time_span(window: Window) -> tuple[str | None, str | None]:
    """Return the first and the last time of a window as ISO strings in UTC; None where it has no times.

    >>> table = {"text": ["good", "bad"], "at": ["2024-01-02", "2024-01-01T10:30"]}
    >>> window = read_window(pa.table(table), Roles(time="at"), name="today")
    >>> time_span(window)
    ('2024-01-01T10:30:00Z', '2024-01-02T00:00:00Z')
    """
    if window.roles.time is None:
        return None, None
    span = pc.min_max(window.column(window.roles.time)).as_py()
    return _iso(span["min"]), _iso(span["max"])


def _iso(time: dt.datetime | None) -> str | None:
    return None if time is None else time.isoformat().replace("+00:00", "Z")


def _request(source: Any, query: str | None) -> _Request:
    # A datasets.DatasetDict is a dict too, of splits.
    if not isinstance(source, Mapping) or type(source).__module__.partition(".")[0] == "datasets":
        return _Request(source, query)
    for key, value in source.items():
        if key not in _KEYS:
            hint = nearest_name(str(key), _KEYS)
            if not (hint.endswith("?") or isinstance(value, str | Path | dt.date | None)):
                hint = f"a {type(source).__name__} of columns is no window: {WRAP_IT}"
            msg = f"a window as a mapping has no key {key!r}; {hint}"
            raise SettingsError(msg)
    given = {key: value for key, value in source.items() if value is not None}
    if ("path" in given) == ("sql" in given):
        msg = (
            f"a window as a mapping needs either 'path' or 'sql', and it has {', '.join(map(repr, given)) or 'no key'}"
        )
        raise SettingsError(msg)
    if query is not None and "query" in given:
        msg = "the query is given twice, in the mapping and beside it; drop one"
        raise SettingsError(msg)
    query = given.get("query", query)
    if "sql" in given and query is None:
        msg = "'sql' needs a 'query'; add query: SELECT ..."
        raise SettingsError(msg)
    if "path" in given and query is not None:
        msg = "a 'query' goes with 'sql', not with 'path'; drop it, or name a database under 'sql'"
        raise SettingsError(msg)
    start, end = _bound(given, "start"), _bound(given, "end")
    if start is not None and end is not None and start >= end:
        msg = f"start {_iso(start)} is not before end {_iso(end)}; rows are kept where start <= time < end"
        raise SettingsError(msg)
    return _Request(_paths(given["path"]) if "path" in given else str(given["sql"]), query, start, end)


def _paths(value: object) -> str | Path | DataPaths:
    """Return what a mapping names under ``path``."""
    if isinstance(value, str | Path):
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(path, str | Path) for path in value):
        return DataPaths(tuple(value))
    what = f"an empty {type(value).__name__}" if isinstance(value, list | tuple) and not value else type(value).__name__
    msg = f"'path' is a path or a list of paths, and it holds {what}; pass other sources as they are, without a mapping"
    raise SettingsError(msg)


def _bound(given: Mapping[str, Any], key: str) -> dt.datetime | None:
    """Return start or end in UTC."""
    value = given.get(key)
    if value is None:
        return None
    try:
        time = dt.datetime.fromisoformat(value if isinstance(value, str) else value.isoformat())
    except (ValueError, AttributeError) as error:
        msg = f"{key} is {value!r}; it needs an ISO date or time such as 2024-01-31 or 2024-01-31T12:00:00Z"
        raise SettingsError(msg) from error
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)


def _between(table: pa.Table, column: str, request: _Request) -> pa.Table:
    """Return the rows whose time is in [start, end), their time column converted."""
    times = times_of(table.column(column), column)
    if times.null_count:
        msg = (
            f"column {column!r} is the time and is null in {times.null_count} of {len(times)} rows, which start and "
            "end can neither keep nor leave out; drop these rows or fill in their times deliberately"
        )
        raise ColumnTypeError(msg)
    inside = np.ones(len(times), dtype=bool)
    if request.start is not None:
        inside &= pc.greater_equal(times, pa.scalar(request.start, times.type)).to_numpy()
    if request.end is not None:
        inside &= pc.less(times, pa.scalar(request.end, times.type)).to_numpy()
    kept = table.set_column(table.column_names.index(column), column, times).filter(pa.array(inside))
    if table.num_rows and not kept.num_rows:
        span = pc.min_max(times).as_py()
        msg = (
            f"none of its {table.num_rows} rows lies in [{_iso(request.start) or '…'}, {_iso(request.end) or '…'}); "
            f"they span {_iso(span['min'])} to {_iso(span['max'])}"
        )
        raise EmptyWindowError(msg)
    return kept
