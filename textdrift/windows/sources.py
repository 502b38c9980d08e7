"""Whatever holds rows, as one Arrow table: data frames, lists, files, databases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import ColumnTypeError, SettingsError, UnreadableSourceError
from textdrift.windows.databases import names_database, read_query
from textdrift.windows.files import DataPaths, is_data_file, read_files
from textdrift.windows.python_values import arrow_column, chosen_columns, is_null, table_of
from textdrift.windows.source_types import is_without_types, without_types

__all__ = ["WRAP_IT", "table_from"]

WRAP_IT = "make a table of it: pandas.DataFrame(...), or polars.DataFrame(...)"
"""What to do with rows or columns in plain Python."""

_LONGEST_PATH = 4096
_ACCEPTED = (
    "a pandas or polars DataFrame, a polars LazyFrame, a pyarrow Table, a datasets.Dataset, a list of str, "
    "a path or URL of parquet, csv or jsonl, a database URL with a query, or a mapping with 'path' or 'sql'"
)


def table_from(source: Any, query: str | None, columns: Sequence[str] | None, text: str | None) -> pa.Table:
    """Return the columns of a source, in types as they came.

    Parameters
    ----------
    source:
        Anything that ``read_window`` takes, mappings apart.
    query:
        For a database URL only.
    columns:
        Which to keep; None for all.
    text:
        What to call the column of a source that is one column of texts.
    """
    if isinstance(source, str):
        _check_address(source, query)
        if query is not None:
            return read_query(source, query, columns)
    elif query is not None:
        msg = f"a query goes with a database URL, and the source is a {type(source).__name__}; drop the query"
        raise SettingsError(msg)
    if isinstance(source, str | Path | DataPaths):
        return read_files(source, columns)
    table = _from_memory(source, columns, text)
    # A csv file that was read before is still one.
    return without_types(table) if is_without_types(table) else table.replace_schema_metadata(None)


def _check_address(source: str, query: str | None) -> None:
    if not source.strip():
        msg = f"the source is {source!r}, and no file has that name; give a path, or texts as a list: ['...']"
        raise SettingsError(msg)
    if "\n" in source or len(source) > _LONGEST_PATH:
        msg = f"a str of {len(source)} characters is a text, no path; pass texts as a list: [text]"
        raise SettingsError(msg)
    if query is not None and "://" not in source:
        msg = f"a query goes with a database URL such as sqlite:///reviews.db, and {source!r} is a path; drop the query"
        raise SettingsError(msg)
    if query is None and names_database(source):
        scheme = source.partition("://")[0]
        msg = f"a {scheme} database needs a query; add query='SELECT ...'"
        raise SettingsError(msg)


def _origins(source: object) -> set[tuple[str, str]]:
    """Return package and name of the classes of an object, so that no package is imported to recognise its own."""
    return {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(source).__mro__}


def _from_memory(source: Any, columns: Sequence[str] | None, text: str | None) -> pa.Table:
    origins = _origins(source)
    for origin, read in _READERS.items():
        if origin in origins:
            return read(source, columns)
    if origins & {("datasets", "DatasetDict"), ("datasets", "IterableDatasetDict")}:
        msg = f"a {type(source).__name__} holds several splits ({', '.join(map(str, source))}); pass one of them"
        raise SettingsError(msg)
    if ("datasets", "IterableDataset") in origins:
        msg = (
            "an IterableDataset is a stream, and a window has an end; take so many of its rows: "
            "datasets.Dataset.from_list(list(stream.take(10_000)), features=stream.features)"
        )
        raise SettingsError(msg)
    if origins & _ONE_COLUMN:
        return _from_texts(source, columns, text, origins)
    if hasattr(source, "__arrow_c_stream__"):
        return _from_arrow(pa.RecordBatchReader.from_stream(source).read_all(), columns)
    msg = f"a {type(source).__name__} is no source of rows; pass {_ACCEPTED}"
    raise SettingsError(msg)


def _from_arrow(table: pa.Table, columns: Sequence[str] | None) -> pa.Table:
    return table.select(chosen_columns(table.column_names, columns, "the Arrow table"))


def _from_pandas(frame: Any, columns: Sequence[str] | None) -> pa.Table:
    available = [str(name) for name in frame.columns]
    names = chosen_columns(available, columns, "the pandas DataFrame")
    return table_of({name: _pandas_column(frame.iloc[:, available.index(name)], name) for name in names})


def _pandas_column(series: Any, name: str) -> pa.Array | pa.ChunkedArray:
    if series.dtype == object:
        return arrow_column(series.to_numpy(), name)
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        msg = f"column {name!r} of dtype {series.dtype} cannot be held by Arrow ({error}); convert it"
        raise ColumnTypeError(msg) from error


def _from_lazy(frame: Any, columns: Sequence[str] | None) -> pa.Table:
    import polars as pl

    try:
        names = chosen_columns(frame.collect_schema().names(), columns, "the polars LazyFrame")
        return _from_polars(frame.select(names).collect(), columns)
    except (pl.exceptions.PolarsError, OSError) as error:
        msg = f"the polars LazyFrame cannot be collected: {error}"
        raise UnreadableSourceError(msg) from error


def _from_polars(frame: Any, columns: Sequence[str] | None) -> pa.Table:
    names = chosen_columns(frame.columns, columns, "the polars DataFrame")
    return table_of({name: _polars_column(frame.get_column(name), name) for name in names})


def _polars_column(series: Any, name: str) -> pa.Array | pa.ChunkedArray:
    # To Arrow, a column of Python objects would be their addresses.
    if str(series.dtype).startswith("Object"):
        return arrow_column(series.to_list(), name)
    try:
        return series.to_arrow()
    except pa.ArrowInvalid as error:  # of 128 bits
        msg = (
            f"column {name!r} of dtype {series.dtype} cannot be held by Arrow ({error}); cast it, for example to "
            "polars.Int64, or to polars.String where it is an id"
        )
        raise ColumnTypeError(msg) from error


def _from_texts(
    source: Any, columns: Sequence[str] | None, text: str | None, origins: set[tuple[str, str]]
) -> pa.Table:
    """Return a table of one column, the texts."""
    if isinstance(source, list | tuple) and any(isinstance(value, Mapping) for value in source[:1]):
        kind, row = type(source).__name__, type(source[0]).__name__
        msg = f"position 0 (counted from 0) of the {kind} holds a {row}, a row of a table and no text; {WRAP_IT}"
        raise ColumnTypeError(msg)
    if text is None:
        msg = f"a {type(source).__name__} of texts needs a text role; give text='text', or a table with other columns"
        raise SettingsError(msg)
    chosen_columns([text], columns, f"a {type(source).__name__} of texts")
    if ("pandas", "Series") in origins:
        return table_of({text: _pandas_column(source, text)})
    if ("polars", "Series") in origins:
        return table_of({text: _polars_column(source, text)})
    if any(package == "pyarrow" for package, _ in origins):
        return table_of({text: source})
    if isinstance(source, np.ndarray) and source.ndim != 1:
        msg = f"an array of texts needs shape (n,), and this one has {source.shape}; pass a list of str"
        raise SettingsError(msg)
    values = source.tolist() if isinstance(source, np.ndarray) else source
    if len(values) and all(isinstance(value, str) and is_data_file(value) for value in values):
        msg = (
            f"every text of the {type(source).__name__} is the name of a file, the first {values[0]!r}; "
            "to read the files pass {'path': [...]}"
        )
        raise SettingsError(msg)
    column = arrow_column(values, text)
    if not pa.types.is_large_string(column.type) and column.null_count < len(column):
        position = next(row for row, value in enumerate(values) if not is_null(value))
        msg = (
            f"position {position} (counted from 0) of the {type(source).__name__} holds a "
            f"{type(values[position]).__name__}; every text must be a str or None"
        )
        raise ColumnTypeError(msg)
    return table_of({text: column})


def _from_dataset(dataset: Any, columns: Sequence[str] | None) -> pa.Table:
    """Return the rows of a Hugging Face dataset, in the order of its indices where it has some."""
    if dataset.format["type"] == "custom":
        msg = (
            "the datasets.Dataset computes its rows by a transform when they are looked at; "
            "write what the transform does into the rows with .map(...) and pass the result"
        )
        raise SettingsError(msg)
    names = chosen_columns(dataset.column_names, columns, "the datasets.Dataset")
    table = dataset.select_columns(names).with_format("arrow")[:]
    classes = {name: dataset.features[name].names for name in names if _is_class_label(dataset.features[name])}
    return table_of({name: _class_names(table.column(name), classes.get(name), name) for name in table.column_names})


def _is_class_label(feature: object) -> bool:
    return ("datasets", "ClassLabel") in _origins(feature)


def _class_names(column: pa.ChunkedArray, names: Sequence[str] | None, name: str) -> pa.ChunkedArray:
    """Return the names that the numbers of a ``ClassLabel`` stand for; -1 is how datasets say that there is none."""
    if names is None:
        return column
    beyond = pc.or_(pc.less(column, -1), pc.greater_equal(column, len(names)))
    if pc.any(beyond).as_py():
        odd = column.filter(beyond)[0]
        msg = f"column {name!r} is a ClassLabel of {len(names)} names and holds {odd}; mend the label or its names"
        raise ColumnTypeError(msg)
    numbers = pc.if_else(pc.equal(column, -1), pa.scalar(None, column.type), column)
    return pa.chunked_array([pa.array(names, pa.large_string()).take(numbers.combine_chunks())])


def _from_batch(batch: pa.RecordBatch, columns: Sequence[str] | None) -> pa.Table:
    return _from_arrow(pa.Table.from_batches([batch]), columns)


_READERS: dict[tuple[str, str], Callable[[Any, Sequence[str] | None], pa.Table]] = {
    ("pandas", "DataFrame"): _from_pandas,
    ("polars", "DataFrame"): _from_polars,
    ("polars", "LazyFrame"): _from_lazy,
    ("datasets", "Dataset"): _from_dataset,
    ("pyarrow", "Table"): _from_arrow,
    ("pyarrow", "RecordBatch"): _from_batch,
}
_ONE_COLUMN = {
    ("builtins", "list"),
    ("builtins", "tuple"),
    ("numpy", "ndarray"),
    ("pandas", "Series"),
    ("polars", "Series"),
    ("pyarrow", "Array"),
    ("pyarrow", "ChunkedArray"),
}
