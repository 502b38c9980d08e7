"""A table and the roles of its columns, checked once: what leaves here is a ``Window`` that formulas trust."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import (
    ColumnTypeError,
    EmptyWindowError,
    MissingColumnError,
    SettingsError,
    UnreadableSourceError,
    nearest_name,
)
from textdrift.windows.python_values import table_of
from textdrift.windows.source_types import types_of_columns
from textdrift.windows.vectors import vector_column
from textdrift.windows.window import Roles, Window

__all__ = ["check_roles", "checked_window", "times_of"]

_TIME = pa.timestamp("us", "UTC")
# The end of a string that holds a time of day and then a zone.
_ZONE = re.compile(r":\d\d.*(Z|[+-]\d\d:?(\d\d)?)\s*$", re.IGNORECASE)
# A whole number that was written as a float: what a csv file holds of a column of ints that once had a gap.
_WHOLE_FLOAT = r"^(-?(?:0|[1-9][0-9]*))\.0+$"
# From here on neighbouring whole numbers share one float, and so would two labels.
_LARGEST_WHOLE_FLOAT = 2.0**53
# Probabilities that were rounded to three digits or to float32 still count as summing to one, and as within [0, 1].
_SUM_TOLERANCE = 1e-3
_RANGE_TOLERANCE = 1e-6


def check_roles(roles: Roles) -> None:
    """Raise where one column plays two roles that exclude each other, or where no column plays any."""
    segment_list: object = roles.segments
    if isinstance(segment_list, str):
        msg = f"segments are a list of columns, and {roles.segments!r} is a str; write [{roles.segments!r}]"
        raise SettingsError(msg)
    spelled = Counter(_spelled(label) for label in roles.probabilities)
    twice = [label for label, times in spelled.items() if times > 1]
    if twice:
        msg = f"probabilities give a column to {twice[0]!r} twice, as str and as number or bool; keep one"
        raise SettingsError(msg)
    empty = [label for label, column in roles.probabilities.items() if not column]
    if empty:
        msg = f"probabilities name no column for {', '.join(map(repr, empty))}; give each label its column"
        raise SettingsError(msg)
    single = {"text": roles.text, "label": roles.label, "prediction": roles.prediction, "time": roles.time}
    rest = {"id": roles.id, "group": roles.group, "embeddings": roles.embeddings}
    played = [(role, column) for role, column in (single | rest).items() if column is not None]
    played += [(f"probability of {label!r}", column) for label, column in roles.probabilities.items()]
    # A label or a prediction may also be a segment; a column that has another value in each row may not.
    segments = [("segment", column) for column in roles.segments]
    if not played and not segments:
        msg = "no column has a role; name at least the text column, or a label or prediction"
        raise SettingsError(msg)
    exclusive = played + [(role, c) for role, c in segments if c not in (roles.label, roles.prediction)]
    for column, times in Counter(column for _, column in exclusive).items():
        if times > 1:
            both = " and ".join(role for role, played_by in exclusive if played_by == column)
            msg = f"the column {column!r} is given as {both}; each of these roles needs a column of its own"
            raise SettingsError(msg)


def checked_window(table: pa.Table, roles: Roles, name: str) -> Window:
    """Return the window of a table, its columns brought to the types that ``Window`` promises.

    Raises
    ------
    EmptyWindowError
        Where there is no row, or no row with a text.
    MissingColumnError
        Where a role names a column that is not there, or predictions hold a label that has no probability.
    ColumnTypeError
        Where a column holds what its role cannot be.
    UnreadableSourceError
        Where a text is not UTF-8.
    """
    if not table.num_rows:
        msg = "it has no rows; check the source, and start and end where they are given"
        raise EmptyWindowError(msg)
    columns = {column: table.column(column) for column in roles.columns()}
    source_types = types_of_columns(table, columns)
    if roles.probabilities:
        # A model's classes are often 0 and 1; labels are strings here.
        roles = replace(roles, probabilities={_spelled(label): c for label, c in roles.probabilities.items()})
    if roles.text is not None:
        columns[roles.text] = _text(columns[roles.text], roles.text)
    if roles.time is not None:
        columns[roles.time] = times_of(columns[roles.time], roles.time)
    if roles.embeddings is not None:
        needed = None if roles.text is None else Window(table_of(columns), roles, name).usable
        columns[roles.embeddings] = vector_column(columns[roles.embeddings], roles.embeddings, needed)
    for role, column in [
        ("label", roles.label),
        ("prediction", roles.prediction),
        *(("segment", s) for s in roles.segments),
    ]:
        if column is not None:
            columns[column] = _category(columns[column], column, role)
    if roles.group is not None:
        columns[roles.group] = _group(columns[roles.group], roles.group)
    _refuse_nested(columns, roles.id)
    for column in roles.probabilities.values():
        columns[column] = _probability(columns[column], column)
    # One chunk a column, so that no later look at a column copies it again.
    window = Window(table_of(columns).combine_chunks(), roles, name, source_types)
    _check_some_text(window)
    _check_sums(window)
    _check_predictions_have_probabilities(window)
    return window


def _refuse_nested(columns: dict[str, pa.ChunkedArray], name: str | None) -> None:
    if name is not None and pa.types.is_nested(kind := columns[name].type):
        msg = f"column {name!r} is the id and holds {kind}; it needs one value a row: cast it to str deliberately"
        raise ColumnTypeError(msg)


def times_of(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a time column as UTC microseconds; a time without a zone counts as UTC."""
    column = _plain(column)
    if _all_null(column):
        return pa.chunked_array([pa.nulls(len(column), _TIME)])
    if pa.types.is_timestamp(column.type):
        # Finer than microseconds is cut off on purpose.
        return column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(_TIME)
    if pa.types.is_date(column.type):
        return column.cast(pa.timestamp("us")).cast(_TIME)
    if _is_text(column.type):
        return _times_from_text(column.cast(pa.large_string()), name)
    msg = (
        f"column {name!r} is the time and holds {column.type}; it needs timestamps, dates or ISO strings such as "
        "2024-01-31T12:00:00Z: convert it deliberately (a number alone does not say its unit)"
    )
    raise ColumnTypeError(msg)


def _times_from_text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)
    column = pc.if_else(blank, pa.scalar(None, pa.large_string()), column)
    # Arrow reads columns where all of the times have a zone, or none; a failure costs it dearly, so the first one tells
    # which to try. Python reads the rest one by one.
    given = column.drop_null()
    zone = "UTC" if len(given) and _ZONE.search(given[0].as_py()) else None
    try:
        return column.cast(pa.timestamp("us", zone)).cast(_TIME)
    except pa.ArrowInvalid:
        pass
    times: list[dt.datetime | None] = []
    for row, value in enumerate(column.to_pylist()):
        try:
            time = None if value is None else dt.datetime.fromisoformat(value.strip())
        except ValueError as error:
            msg = (
                f"column {name!r} is the time, and row {row} (counted from 0) holds {value!r}, which is no ISO time; "
                "write it as in 2024-01-31T12:00:00Z"
            )
            raise ColumnTypeError(msg) from error
        times.append(time.replace(tzinfo=time.tzinfo or dt.UTC) if time is not None else None)
    return pa.chunked_array([pa.array(times, _TIME)])


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column without dictionary encoding."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _all_null(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count == len(column))


def _nan_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)


def _rows_where(mask: pa.ChunkedArray) -> npt.NDArray[np.intp]:
    return np.flatnonzero(pc.fill_null(mask, fill_value=False).to_numpy())


def _told(rows: npt.NDArray[np.intp], n_rows: int) -> str:
    """Return how many rows an error is about, and the first of them."""
    return f"{len(rows)} of {n_rows} rows, the first is row {rows[0]} (counted from 0)"


def _valid_strings(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
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


def _text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    column = _plain(column)
    if not _is_text(column.type) and not _all_null(column):
        msg = (
            f"column {name!r} is the text and holds {column.type}; name another column, or cast it to str deliberately"
        )
        raise ColumnTypeError(msg)
    return (
        pa.chunked_array([pa.nulls(len(column), pa.large_string())])
        if _all_null(column)
        else _valid_strings(column, name)
    )


def _spelled(label: Any) -> str:
    """Return a label as ``_category`` spells it."""
    return re.sub(_WHOLE_FLOAT, r"\1", str(label))


def _category(column: pa.ChunkedArray, name: str, role: str) -> pa.ChunkedArray:
    """Return a label, prediction or segment as ``large_string``, one value in one spelling whatever it came from.

    A whole float loses its point, also where a file spells it out: "1", not "1.0" ("01" stays "01"). A bool is
    "True" or "False", as Python and the csv files of pandas write it. Each cell is spelled by itself, so that two
    windows never spell one value in two ways because of their other rows.
    """
    column = _plain(column)
    kind = column.type
    if _all_null(column):
        return pa.chunked_array([pa.nulls(len(column), pa.large_string())])
    if _is_text(kind):
        texts = _valid_strings(column, name)
        # a segment may be a version, a group a name, and "2.0" is no "2" then
        return texts if role in ("segment", "group") else pc.replace_substring_regex(texts, _WHOLE_FLOAT, r"\1")
    if pa.types.is_boolean(kind):
        return pc.if_else(column, pa.scalar("True", pa.large_string()), pa.scalar("False", pa.large_string()))
    if pa.types.is_integer(kind) or pa.types.is_date(kind):
        return column.cast(pa.large_string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = _nan_as_null(column.cast(pa.float64()))
        broken = pc.or_(pc.not_equal(pc.floor(values), values), pc.greater(pc.abs(values), _LARGEST_WHOLE_FLOAT))
        rows = _rows_where(broken)
        if len(rows):
            msg = (
                f"column {name!r} is a {role} and looks continuous in {_told(rows, len(column))} "
                f"with {values[int(rows[0])]}; name another column, or bin it or cast it to str deliberately"
            )
            raise ColumnTypeError(msg)
        return values.cast(pa.int64()).cast(pa.large_string())
    msg = f"column {name!r} is a {role} and holds {kind}; it needs str, int or bool values: cast it deliberately"
    raise ColumnTypeError(msg)


def _group(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a group as ``large_string``; a blank one is null: authors without a name are not one author."""
    groups = _category(column, name, "group")
    blank = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(groups)), 0)
    return pc.if_else(blank, pa.scalar(None, pa.large_string()), groups)


def _probability(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return a probability column as ``float64``, every value there and within [0, 1]."""
    column = _plain(column)
    kind = column.type
    if _is_text(kind):
        column = _numbers_from_text(column, name)
    elif not (
        pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind) or _all_null(column)
    ):
        msg = f"column {name!r} is a probability and holds {kind}; it needs numbers from 0 to 1"
        raise ColumnTypeError(msg)
    values = _nan_as_null(column.cast(pa.float64()))
    if values.null_count:
        msg = (
            f"column {name!r} is a probability and is null in {_told(_rows_where(pc.is_null(values)), len(values))}; "
            "drop rows without probabilities, or leave the role out"
        )
        raise ColumnTypeError(msg)
    outside = _rows_where(pc.or_(pc.less(values, -_RANGE_TOLERANCE), pc.greater(values, 1 + _RANGE_TOLERANCE)))
    if len(outside):
        msg = (
            f"column {name!r} is a probability and is outside [0, 1] in {_told(outside, len(values))} "
            f"with {values[int(outside[0])]}; logits need a softmax, percentages a division by 100"
        )
        raise ColumnTypeError(msg)
    return values


def _numbers_from_text(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """Return the numbers that a column of a csv file spells out."""
    try:
        return column.cast(pa.float64())
    except pa.ArrowInvalid as error:
        for row, value in enumerate(column.to_pylist()):
            try:
                float(value or 0)
            except ValueError:
                msg = (
                    f"column {name!r} is a probability, and row {row} (counted from 0) holds {value!r}; "
                    "it needs numbers from 0 to 1"
                )
                raise ColumnTypeError(msg) from error
        msg = f"column {name!r} is a probability and holds {column.type}; cast it to numbers"
        raise ColumnTypeError(msg) from error


def _check_some_text(window: Window) -> None:
    if window.usable.any():
        return
    n_null = window.texts.null_count
    msg = (
        f"none of its {window.n_rows} rows holds a text: column {window.roles.text!r} is null in {n_null} and blank in "
        f"{window.n_rows - n_null}; name another column, or look at what wrote this one"
    )
    raise EmptyWindowError(msg)


def _check_sums(window: Window) -> None:
    columns = list(window.roles.probabilities.values())
    if not columns:
        return
    sums = np.sum([window.column(column).to_numpy() for column in columns], axis=0)
    rows = np.flatnonzero(np.abs(sums - 1) > _SUM_TOLERANCE)
    if len(rows):
        msg = (
            f"probabilities ({', '.join(columns)}) do not sum to one in {_told(rows, window.n_rows)} "
            f"with {sums[rows[0]]:.6g}; name the column of every label, each once"
        )
        raise ColumnTypeError(msg)


def _check_predictions_have_probabilities(window: Window) -> None:
    roles = window.roles
    if roles.prediction is None or not roles.probabilities:
        return
    counts = pc.value_counts(window.column(roles.prediction)).to_pylist()
    for count in counts:
        label, n_rows = count["values"], count["counts"]
        if label is not None and label not in roles.probabilities:
            msg = (
                f"column {roles.prediction!r} predicts {label!r} in {n_rows} of {window.n_rows} rows, and "
                f"probabilities name no column for it; {nearest_name(label, roles.probabilities)}"
            )
            raise MissingColumnError(msg)
