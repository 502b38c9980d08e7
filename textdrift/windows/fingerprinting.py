"""The fingerprint of a window: one short string for all that its used columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from textdrift.windows.feature_columns import held_in, numbers_of
from textdrift.windows.vectors import points_of
from textdrift.windows.window import Roles, Window

__all__ = ["fingerprint"]

_PREFIX = "xxh3:"
_NULL = -1
_ROWS_AT_ONCE = 1 << 20


def fingerprint(window: Window) -> str:
    """Return ``xxh3:`` and 32 hexadecimal digits of the content of the columns that have a role, in row order.

    The same data give the same fingerprint whatever file or frame they came from, where textdrift reads them the same:
    labels 1 of parquet and "1" of a csv file, times in any zone, float32 and float64 vectors of one precision. Roles
    are part of it and the names of columns are not, except those of segments and features. A null is no blank text, and
    no text can be moved across the border of two rows. It tells data apart, and is no protection against somebody who
    looks for two windows of one fingerprint.

    Cost: one pass over Arrow's buffers, without a copy of the texts where none is null.

    Examples
    --------
    >>> from textdrift.windows.reading import read_window
    >>> first, second = ({"text": ["good", "bad"], "label": labels} for labels in ([1, 0], ["1", "0"]))
    >>> roles = Roles(label="label")
    >>> len({fingerprint(read_window(pa.table(table), roles, name="week")) for table in (first, second)})
    1
    """
    hashed = {name: _hash_of_column(window, name) for name in window.roles.columns()}
    whole = xxhash.xxh3_128(str(window.n_rows).encode())
    for role, column in sorted(_parts(window.roles)):
        # The length of a role is part of the hash, so that no role can run into the hash behind it.
        name = role.encode(errors="surrogatepass")
        whole.update(len(name).to_bytes(8, "little") + name + hashed[column])
    return _PREFIX + whole.hexdigest()


def _parts(roles: Roles) -> Iterator[tuple[str, str]]:
    """Yield every part that is played, and the column that plays it."""
    for role in ("text", "label", "prediction", "time", "id", "group", "embeddings"):
        column = getattr(roles, role)
        if column is not None:
            yield role, column
    for label, column in roles.probabilities.items():
        yield f"probability {label}", column
    for column in roles.segments:
        yield f"segment {column}", column
    for column in roles.features:
        yield f"feature {column}", column


def _hash_of_column(window: Window, name: str) -> bytes:
    if name in window.roles.features and held_in(window, name) == "numbers":
        return _hash_of_numbers(numbers_of(window, name) + 0.0, np.zeros(0, dtype=bool))
    return _hash_of(window.column(name), is_id=name == window.roles.id)


def _hash_of(column: pa.Array, *, is_id: bool) -> bytes:
    """Return bytes for the values of a column and the places of its nulls."""
    kind = column.type
    if pa.types.is_fixed_size_list(kind):
        return _hash_of_numbers(points_of(column), np.zeros(0, dtype=bool))
    if is_id:
        column = _spelled(column)
    elif pa.types.is_timestamp(kind):
        missing = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else np.zeros(0, dtype=bool)
        moments = pc.fill_null(column.cast(pa.int64()), 0)
        return _hash_of_numbers(moments.to_numpy(zero_copy_only=False), missing)
    elif pa.types.is_float64(kind):
        shares = column.to_numpy(zero_copy_only=False) + 0.0  # -0.0 and 0.0 are one number
        return _hash_of_numbers(shares, np.zeros(0, dtype=bool))
    return _hash_of_strings(column)


def _hash_of_numbers(numbers: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> bytes:
    hashed = xxhash.xxh3_128(f"{numbers.dtype.kind}{numbers.dtype.itemsize} {numbers.shape[1:]}".encode())
    for start in range(0, len(numbers), _ROWS_AT_ONCE):
        part = numbers[start : start + _ROWS_AT_ONCE]
        hashed.update(np.ascontiguousarray(part, dtype=part.dtype.newbyteorder("<")).data)
    hashed.update(np.flatnonzero(missing).astype("<i8").data)
    return hashed.digest()


def _hash_of_strings(column: pa.Array) -> bytes:
    """Hash the lengths apart from the bytes: together they are unambiguous, and neither depends on chunks."""
    lengths, content = xxhash.xxh3_128(), xxhash.xxh3_128()
    for start in range(0, len(column), _ROWS_AT_ONCE):
        part = column.slice(start, _ROWS_AT_ONCE)
        n_bytes = pc.binary_length(part)
        lengths.update(pc.fill_null(n_bytes, _NULL).to_numpy(zero_copy_only=False).astype("<i8", copy=False))
        # What lies in the buffer under a null is nobody's value.
        values = part.drop_null() if part.null_count else part
        if not len(values):
            continue
        offsets = np.frombuffer(values.buffers()[1], dtype=np.int64)[values.offset : values.offset + len(values) + 1]
        held = values.buffers()[2]
        if held is not None:
            content.update(memoryview(held)[int(offsets[0]) : int(offsets[-1])])
    return lengths.digest() + content.digest()


def _spelled(column: pa.Array) -> pa.Array:
    """Return a column of ids, which is kept in the type of its source, as a csv file would spell it."""
    kind = column.type
    if pa.types.is_large_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return _spelled(column.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    if pa.types.is_floating(kind):
        # Of whole numbers with a gap pandas makes floats.
        numbers = [None if value != value else value for value in column.to_pylist()]  # noqa: PLR0124 - NaN
        return pa.array([None if n is None else f"{n:.0f}" if n.is_integer() else repr(n) for n in numbers], _TEXT)
    try:
        return column.cast(_TEXT)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([None if value is None else repr(value) for value in column.to_pylist()], _TEXT)


_TEXT = pa.large_string()
