"""Python objects, one column at a time, as Arrow."""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from textdrift.errors import ColumnTypeError, MissingColumnError, UnreadableSourceError, nearest_name

__all__ = ["arrow_column", "chosen_columns", "is_null", "table_of"]

_NULL_KINDS = ("NoneType", "NAType", "NaTType")
_LONGEST_REASON = 150
_FAMILIES = ((str, "str"), (numbers.Number, "number"), (dt.datetime, "datetime"))


def _family(kind: type) -> object:
    """Return what a Python type counts as: Arrow can hold one family in one column."""
    if kind.__name__ in _NULL_KINDS:
        return "null"
    if kind.__name__ in ("bool", "bool_"):
        return "bool"
    return next((family for base, family in _FAMILIES if issubclass(kind, base)), kind)


def is_null(value: object) -> bool:
    """Return whether a Python object stands for a missing value: None, NaN, NA or NaT."""
    return _family(type(value)) == "null" or (isinstance(value, numbers.Real) and value != value)  # noqa: PLR0124 - only NaN is unlike itself


def _first_stranger(values: Iterable[object]) -> tuple[int, type, type] | None:
    """Return the first row whose type is of another family than the first non-null value, with both types."""
    expected: type | None = None
    for row, value in enumerate(values):
        if is_null(value):
            continue
        if expected is None:
            expected = type(value)
        elif _family(type(value)) != _family(expected):
            return row, type(value), expected
    return None


def _first_unencodable(values: Iterable[object]) -> int:
    """Return the first row whose string holds a lone surrogate."""
    for row, value in enumerate(values):
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                return row
    return -1


def arrow_column(values: Sequence[Any], name: str, first_row: int = 0) -> pa.Array | pa.ChunkedArray:
    """Return one column of Python objects as Arrow; None, NaN, NA and NaT are null.

    Parameters
    ----------
    values:
        A list, a tuple or a one-dimensional array of objects.
    name:
        How errors call the column.
    first_row:
        The row number of the first value, for errors.

    Raises
    ------
    ColumnTypeError
        Where types are mixed, or are none that Arrow knows.
    UnreadableSourceError
        Where a string cannot be written as UTF-8.

    >>> arrow_column(["good", None, float("nan")], "text").to_pylist()
    ['good', None, None]
    """
    families = {_family(kind) for kind in set(map(type, values))} - {"null"}
    if len(families) > 1:
        stranger = _first_stranger(values)
        if stranger is not None:
            row, found, expected = stranger
            msg = (
                f"column {name!r} mixes types: row {first_row + row} (counted from 0) holds {found.__name__}, "
                f"the rows before it {expected.__name__}; a column needs one type: convert or drop these rows"
            )
            raise ColumnTypeError(msg)
    try:
        if "str" in families:
            return pa.array(values, pa.large_string(), from_pandas=True)
        return pa.array(values, from_pandas=True)
    except UnicodeEncodeError as error:
        msg = (
            f"column {name!r}, row {first_row + _first_unencodable(values)} (counted from 0) holds a lone surrogate, "
            "which no UTF-8 text can; decode the source again, or repair it with "
            "text.encode('utf-8', 'replace').decode()"
        )
        raise UnreadableSourceError(msg) from error
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        kind = next(type(value).__name__ for value in values if not is_null(value))
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        msg = (
            f"column {name!r} holds {kind} values that Arrow cannot hold ({reason}); convert them to str or numbers, "
            "vectors to lists or arrays of numbers"
        )
        raise ColumnTypeError(msg) from error


def chosen_columns(available: Sequence[str], wanted: Sequence[str] | None, where: str) -> list[str]:
    """Return the columns to read from ``where``: the wanted ones, or all; each must be there exactly once."""
    names = list(dict.fromkeys(available if wanted is None else wanted))
    if missing := [name for name in names if name not in available]:
        error = MissingColumnError(_missing_columns(missing, available, names, where))
        error.missing, error.available = tuple(missing), tuple(available)
        raise error
    for name in names:
        if available.count(name) > 1:
            msg = f"{where} has {available.count(name)} columns named {name!r}; rename all but one"
            raise UnreadableSourceError(msg)
    return names


def _missing_columns(missing: Sequence[str], available: Sequence[str], wanted: Sequence[str], where: str) -> str:
    """Name every column that is missing; one that already plays a role is not what another was meant to be.

    >>> _missing_columns(["lable", "p_neu"], ["label", "p_neg"], ["lable", "p_neu", "p_neg"], "a.csv")
    "a.csv has no columns 'lable', 'p_neu'; for 'lable' did you mean 'label'? for 'p_neu' it has 'label', 'p_neg'"
    """
    hints = {name: nearest_name(name, available, taken=wanted) for name in missing}
    if len(missing) == 1:
        return f"{where} has no column {missing[0]!r}; {hints[missing[0]]}"
    # Only the last hint may be a list of all columns, and once.
    names_of_hint: dict[str, list[str]] = {}
    for name in sorted(missing, key=lambda each: not hints[each].endswith("?")):
        names_of_hint.setdefault(hints[name], []).append(repr(name))
    told = " ".join(f"for {' and '.join(names)} {hint}" for hint, names in names_of_hint.items())
    return f"{where} has no columns {', '.join(map(repr, missing))}; {told}"


def table_of(columns: dict[str, Any]) -> pa.Table:
    """Return named Arrow columns, of one chunk or of many, as a table."""
    return pa.table(list(columns.values()), names=list(columns))
