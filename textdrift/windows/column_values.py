"""What one column of Arrow holds: the questions that every role asks of its column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import UnreadableSourceError

__all__ = [
    "all_null",
    "is_extension",
    "is_text",
    "nan_as_null",
    "plain_column",
    "rows_where",
    "told_rows",
    "valid_strings",
]


def is_text(kind: pa.DataType) -> bool:
    """Return whether a type of Arrow holds strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_extension(kind: pa.DataType) -> bool:
    """Return whether a type is one that a package built on Arrow's, as pandas does for intervals and periods."""
    return isinstance(kind, pa.BaseExtensionType)


def plain_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column without dictionary encoding, whatever its dictionary holds."""
    if not pa.types.is_dictionary(column.type):
        return column
    kind = column.type.value_type
    if not pa.types.is_nested(kind) and not is_extension(kind):
        return column.cast(kind)
    return pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], type=kind)


def all_null(column: pa.ChunkedArray) -> bool:
    """Return whether no row of a column holds a value."""
    return bool(column.null_count == len(column))


def nan_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of floats with nulls in the place of NaN."""
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)


def rows_where(mask: pa.ChunkedArray) -> npt.NDArray[np.intp]:
    """Return the rows, counted from 0, where a mask is true."""
    return np.flatnonzero(pc.fill_null(mask, fill_value=False).to_numpy())


def told_rows(rows: npt.NDArray[np.intp], n_rows: int) -> str:
    """Return how many rows an error is about, and the first of them."""
    return f"{len(rows)} of {n_rows} rows, the first is row {rows[0]} (counted from 0)"


def valid_strings(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return the column as ``large_string``, every value UTF-8 (Arrow casts without looking)."""
    column = column.cast(pa.large_string())
    try:
        column.validate(full=True)
    except pa.ArrowInvalid as error:
        for row, raw in enumerate(column.cast(pa.large_binary()).to_pylist()):
            try:
                (raw or b"").decode()
            except UnicodeDecodeError as broken:
                msg = (
                    f"column {name!r}, row {row} (counted from 0): byte {broken.start + 1} of the value "
                    f"(0x{raw[broken.start]:02x}) is not UTF-8; decode the source again with its own encoding"
                )
                raise UnreadableSourceError(msg) from error
        raise
    return column
