"""Vectors that came with the rows: a column of lists, or an array beside the window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import ColumnTypeError, EmbeddingsError

__all__ = ["BESIDE", "array_column", "points_of", "vector_column"]

BESIDE = "(embeddings)"
"""The name of the column that holds vectors given as an array beside the window."""

_MATRIX = 2


def vector_column(column: pa.ChunkedArray, name: str) -> pa.Array:
    """Return a column of vectors as ``fixed_size_list<float32>``: one vector a row, of one length, finite.

    Raises
    ------
    ColumnTypeError
        Where the column holds no lists of numbers, or where a row holds none.
    EmbeddingsError
        Where vectors differ in length or hold NaN or infinity.

    Examples
    --------
    >>> vector_column(pa.chunked_array([[[1, 2], [3, 4]]]), "vector").type
    FixedSizeListType(fixed_size_list<item: float>[2])
    """
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
    if pa.types.is_null(lists.type):
        raise ColumnTypeError(f"column {name!r} holds the embeddings and is null in all of its rows")
    if not _holds_numbers(lists.type):
        hint = (
            "; a csv file cannot hold vectors, write parquet or jsonl"
            if pa.types.is_large_string(lists.type) or pa.types.is_string(lists.type)
            else ""
        )
        raise ColumnTypeError(f"column {name!r} holds {lists.type}, and embeddings need a list of numbers a row{hint}")
    if lists.null_count:
        row = int(np.flatnonzero(lists.is_null().to_numpy(zero_copy_only=False))[0])
        raise ColumnTypeError(
            f"column {name!r} holds no vector in {lists.null_count} of {len(lists)} rows, the first is row {row} "
            "(counted from 0); drop these rows or encode their texts deliberately"
        )
    lengths = np.unique(np.asarray(pc.list_value_length(lists).to_numpy(zero_copy_only=False)))
    if len(lengths) > 1:
        raise EmbeddingsError(
            f"column {name!r} holds vectors of {lengths.min()} to {lengths.max()} numbers; one encoder gives one length"
        )
    flat = lists.flatten()
    if flat.null_count:
        raise EmbeddingsError(f"column {name!r}: {flat.null_count} numbers of its vectors are null")
    points = np.asarray(flat.to_numpy(zero_copy_only=False)).reshape(len(lists), -1)
    return array_column(points, f"column {name!r}")


def array_column(array: Any, name: str) -> pa.Array:
    """Return an array of vectors, shape (n, d), as ``fixed_size_list<float32>``.

    Raises
    ------
    EmbeddingsError
        Where it is no matrix of finite real numbers.
    """
    points = _matrix(array, name)
    if points.ndim != _MATRIX or 0 in points.shape:
        raise EmbeddingsError(
            f"{name}: embeddings need shape (n, d) with at least one row and column; got {points.shape}"
        )
    if points.dtype.kind not in "fiu":
        raise EmbeddingsError(f"{name}: embeddings need real numbers; got dtype {points.dtype}")
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if bad.size:
        raise EmbeddingsError(
            f"{name}: embeddings must be finite; {bad.size} of {len(points)} rows hold NaN or infinity, the first is "
            f"row {bad[0]} (counted from 0)"
        )
    with np.errstate(over="ignore"):
        points = np.ascontiguousarray(points, dtype=np.float32)
    if not np.isfinite(points).all():
        raise EmbeddingsError(
            f"{name}: embeddings with values beyond single precision (3.4e38) cannot be compared; scale all vectors by "
            "one factor"
        )
    return pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), points.shape[1])


def _matrix(array: Any, name: str) -> NDArray[Any]:
    """Return what a user calls an array of vectors as one of NumPy's."""
    if isinstance(array, (pa.Table, pa.RecordBatch)) or hasattr(array, "columns"):
        raise EmbeddingsError(
            f"{name}: a table of {type(array).__name__} is no array of vectors; give the vectors alone, or the name of "
            "their column"
        )
    if isinstance(array, (pa.Array, pa.ChunkedArray)):
        return points_of(vector_column(array, name))
    if isinstance(array, np.ma.MaskedArray) and np.any(array.mask):
        raise EmbeddingsError(f"{name}: some values are masked; fill them in, or leave those rows out deliberately")
    if all(hasattr(array, method) for method in ("detach", "cpu", "float")):  # a tensor, wherever it lies
        array = array.detach().cpu().float()
    elif not hasattr(array, "dtype") or array.dtype == object:
        array = list(array)
    try:
        return np.asarray(array)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EmbeddingsError(
            f"{name}: embeddings need one vector of the same length for each row, as an array of shape (n, d); {reason}"
        ) from error


def points_of(column: pa.Array) -> NDArray[np.float32]:
    """Return the vectors of a checked column as an array of shape (n, d), without a copy.

    >>> points_of(array_column([[1.0, 2.0], [3.0, 4.0]], "given")).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    flat = column.flatten().to_numpy(zero_copy_only=True)
    return np.asarray(flat, dtype=np.float32).reshape(len(column), column.type.list_size)


def _holds_numbers(kind: pa.DataType) -> bool:
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return bool(lists and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)))
