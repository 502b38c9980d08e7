"""Vectors that came with the rows: a column of lists, or an array beside the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import ColumnTypeError, EmbeddingsError
from textdrift.windows.python_values import arrow_column

__all__ = ["BESIDE", "array_column", "points_of", "vector_column"]

BESIDE = "(embeddings)"
"""The name of the column that holds vectors given as an array beside the window."""

_MATRIX = 2
_WIDEST_OF_ARROW = 8  # bytes; a long double has no Arrow type
_LONGEST_REASON = 150


def vector_column(column: pa.Array | pa.ChunkedArray, name: str, needed: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return a column of vectors as ``fixed_size_list<float32>``: one vector a row, of one length, finite.

    Parameters
    ----------
    column:
        Lists of numbers, of any of Arrow's list types.
    name:
        How errors call the column.
    needed:
        Shape (n_rows,), the rows that must have a vector; ``None`` for all. The vectors of the other rows are not
        looked at, and become zeros: a row without a text is in no test.

    Raises
    ------
    ColumnTypeError
        Where the column holds no lists of numbers, or where a row holds none.
    EmbeddingsError
        Where vectors differ in length, hold NaN or infinity, or values beyond single precision.

    Examples
    --------
    >>> vector_column(pa.chunked_array([[[1, 2], [3, 4]]]), "vector").type
    FixedSizeListType(fixed_size_list<item: float>[2])
    >>> points_of(vector_column(pa.chunked_array([[[1, 2], None]]), "vector", np.array([True, False]))).tolist()
    [[1.0, 2.0], [0.0, 0.0]]
    """
    where = "embeddings" if name == BESIDE else f"column {name!r}"
    n_rows = len(column)
    rows = np.arange(n_rows) if needed is None else np.flatnonzero(needed)
    lists = _lists_of(column, where)
    if len(rows) < n_rows:
        lists = lists.take(pa.array(rows))
    if not len(rows):
        return _fixed_size_lists(np.zeros((n_rows, 1), dtype=np.float32))
    points = _single_precision(_matrix_of(lists, where, rows, n_rows), where, rows, n_rows)
    if len(rows) < n_rows:
        every = np.zeros((n_rows, points.shape[1]), dtype=np.float32)
        every[rows] = points
        points = every
    return _fixed_size_lists(points)


def array_column(array: Any) -> pa.Array | pa.ChunkedArray:
    """Return vectors that were given beside a window as a column of lists; ``vector_column`` looks at their numbers.

    Parameters
    ----------
    array:
        An array or tensor of shape (n, d), a list of n vectors, or a pandas, polars or Arrow column of n vectors.

    Raises
    ------
    EmbeddingsError
        Where it is no matrix of real numbers.

    Examples
    --------
    >>> array_column(np.eye(2)).to_pylist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if hasattr(array, "columns"):
        raise EmbeddingsError(
            f"embeddings: a table ({type(array).__name__}) is no array of vectors; give the vectors alone, or the name "
            "of their column"
        )
    if isinstance(array, (str, Mapping)):
        raise EmbeddingsError(
            f"embeddings need an array of shape (n, d) for each window; got a {type(array).__name__}; a column of both "
            "windows is named once: embeddings='...'"
        )
    if isinstance(array, (pa.Array, pa.ChunkedArray)):
        return array
    if type(array).__name__ == "Series":  # of pandas or polars, which need not be installed
        return _series_column(array)
    points = _read_by_numpy(array)
    if points.dtype == object and points.ndim == 1:
        return _column_of_rows(points)
    if points.ndim != _MATRIX or 0 in points.shape:
        raise EmbeddingsError(f"embeddings need shape (n, d) with at least one row and column; got {points.shape}")
    if points.dtype.kind not in "fiu":
        raise EmbeddingsError(f"embeddings need real numbers; got dtype {points.dtype}; cast them to float32")
    if points.dtype.itemsize > _WIDEST_OF_ARROW:
        points = points.astype(np.float64)
    return _fixed_size_lists(points.astype(points.dtype.newbyteorder("="), copy=False))


def points_of(column: pa.Array) -> NDArray[np.float32]:
    """Return the vectors of a checked column as an array of shape (n, d), without a copy.

    >>> points_of(vector_column(array_column([[1.0, 2.0], [3.0, 4.0]]), "given")).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    flat = column.flatten().to_numpy(zero_copy_only=True)
    return np.asarray(flat, dtype=np.float32).reshape(len(column), column.type.list_size)


def _fixed_size_lists(points: NDArray[Any]) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), points.shape[1])


def _lists_of(column: pa.Array | pa.ChunkedArray, where: str) -> pa.Array:
    """Return a column as lists of floats or integers in one chunk."""
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    lists = lists.chunk(0) if isinstance(lists, pa.ChunkedArray) else lists
    if isinstance(lists, pa.FixedShapeTensorArray) and len(lists.type.shape) == 1:
        lists = lists.storage
    kind = lists.type
    if pa.types.is_null(kind):
        raise ColumnTypeError(f"{where} holds the embeddings and is null in all of its rows; name another column")
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        lists = _without_views(lists)
    if _is_list(lists.type) and pa.types.is_decimal(lists.type.value_type):
        lists = lists.cast(pa.large_list(pa.float64()))
    if _is_list(lists.type) and (
        pa.types.is_floating(lists.type.value_type) or pa.types.is_integer(lists.type.value_type)
    ):
        return lists
    todo = (
        "a csv file cannot hold vectors, write parquet or jsonl"
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        else "cast it to a list of floats"
    )
    raise ColumnTypeError(f"{where} holds {_one_line(kind)}, and embeddings need a list of numbers a row; {todo}")


def _without_views(views: pa.Array) -> pa.Array:
    """Return list views as lists; Arrow's own cast writes offsets that are too short."""
    lengths = pc.fill_null(pc.list_value_length(views), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))
    return pa.LargeListArray.from_arrays(offsets, views.flatten(), mask=views.is_null())


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _matrix_of(lists: pa.Array, where: str, rows: NDArray[np.intp], n_rows: int) -> NDArray[Any]:
    """Return lists of one length as a matrix, in their own number type; ``rows`` are where they stand of ``n_rows``."""
    if lists.null_count:
        first = rows[np.flatnonzero(lists.is_null().to_numpy(zero_copy_only=False))[0]]
        raise ColumnTypeError(
            f"{where} holds no vector in {lists.null_count} of {n_rows} rows, the first is row {first} "
            "(counted from 0); drop these rows or encode their texts deliberately"
        )
    lengths = np.asarray(pc.list_value_length(lists).to_numpy(zero_copy_only=False))
    if lengths.min() < lengths.max():
        raise EmbeddingsError(
            f"{where} holds vectors of {lengths.min()} to {lengths.max()} numbers; one encoder gives one length"
        )
    if not lengths[0]:
        raise EmbeddingsError(f"{where}: embeddings need at least one row and column; its vectors are empty")
    flat = lists.flatten()
    if flat.null_count:
        raise EmbeddingsError(
            f"{where}: {flat.null_count} numbers of its vectors are null or NaN; drop these rows or encode them again"
        )
    return np.asarray(flat.to_numpy(zero_copy_only=False)).reshape(len(lists), -1)


def _single_precision(given: NDArray[Any], where: str, rows: NDArray[np.intp], n_rows: int) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        points = np.ascontiguousarray(given, dtype=np.float32)
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if not bad.size:
        return points
    infinite = bad[~np.isfinite(given[bad]).all(axis=1)]
    if infinite.size:
        raise EmbeddingsError(
            f"{where}: embeddings must be finite; {infinite.size} of {n_rows} rows hold NaN or infinity, the first is "
            f"row {rows[infinite[0]]} (counted from 0); drop these rows or encode them again"
        )
    raise EmbeddingsError(
        f"{where}: {bad.size} of {n_rows} rows hold values beyond single precision (3.4e38), the first is row "
        f"{rows[bad[0]]} (counted from 0); scale all vectors by one factor"
    )


def _read_by_numpy(array: Any) -> NDArray[Any]:
    """Return what was given as NumPy sees it; vectors that make no matrix as objects, shape (n,)."""
    several = isinstance(array, (list, tuple))
    if any(isinstance(part, np.ma.MaskedArray) and np.any(part.mask) for part in (array if several else [array])):
        raise EmbeddingsError("embeddings: some values are masked; fill them in, or leave those rows out deliberately")
    try:
        array = [_off_torch(row) for row in array] if several else _off_torch(array)
        try:
            return np.asarray(array)
        except ValueError:
            if not several:
                raise
            return np.fromiter(array, dtype=object, count=len(array))
    except (ValueError, TypeError, RuntimeError) as error:
        raise EmbeddingsError(
            f"embeddings came as a {type(array).__name__} that NumPy cannot read ({_one_line(error)}); give an array "
            "of shape (n, d) of real numbers, such as tensor.detach().float().numpy()"
        ) from error


def _off_torch(value: Any) -> Any:
    """Return a torch tensor as an array, without its gradient and from whatever device; anything else as it is."""
    if not all(hasattr(value, method) for method in ("detach", "cpu", "numpy")):
        return value
    tensor = value.detach().cpu()
    # NumPy has no bfloat16.
    return tensor.float().numpy() if str(tensor.dtype) == "torch.bfloat16" else tensor.numpy()


def _series_column(series: Any) -> pa.Array | pa.ChunkedArray:
    if str(series.dtype).lower().startswith("object"):
        return _column_of_rows(series.to_numpy())
    return series.to_arrow() if hasattr(series, "to_arrow") else pa.array(series, from_pandas=True)


def _column_of_rows(rows: NDArray[Any]) -> pa.Array | pa.ChunkedArray:
    """Return one vector a row, or none, as Arrow."""
    try:
        return arrow_column([_off_torch(row) for row in rows], BESIDE)
    except ColumnTypeError as error:
        raise EmbeddingsError(
            f"embeddings are no array of shape (n, d) and no vector a row: {_one_line(error)}"
        ) from error


def _one_line(reason: object) -> str:
    text = " ".join(str(reason).split())
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"
