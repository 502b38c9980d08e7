"""A table and the roles of its columns, checked once: what leaves here is a ``Window`` that formulas trust."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import ColumnTypeError, EmptyWindowError, MissingColumnError, nearest_name
from textdrift.windows.column_types import (
    category_column,
    group_column,
    probability_column,
    spelled_label,
    text_column,
)
from textdrift.windows.column_values import is_extension, told_rows
from textdrift.windows.feature_columns import feature_column
from textdrift.windows.python_values import table_of
from textdrift.windows.source_types import types_of_columns
from textdrift.windows.time_column import times_of
from textdrift.windows.vectors import vector_column
from textdrift.windows.window import Roles, Window

__all__ = ["checked_window"]

# Probabilities that were rounded to three digits or to float32 still count as summing to one.
_SUM_TOLERANCE = 1e-3


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
        roles = replace(roles, probabilities={spelled_label(label): c for label, c in roles.probabilities.items()})
    if roles.text is not None:
        columns[roles.text] = text_column(columns[roles.text], roles.text)
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
            columns[column] = category_column(columns[column], column, role)
    if roles.group is not None:
        columns[roles.group] = group_column(columns[roles.group], roles.group)
    _refuse_nested(columns, roles.id)
    columns |= {name: probability_column(columns[name], name) for name in roles.probabilities.values()}
    columns |= {name: feature_column(columns[name], name) for name in roles.features}
    # One chunk a column, so that no later look at a column copies it again.
    window = Window(table_of(columns).combine_chunks(), roles, name, source_types)
    _check_some_text(window)
    _check_sums(window)
    _check_predictions_have_probabilities(window)
    return window


def _refuse_nested(columns: dict[str, pa.ChunkedArray], name: str | None) -> None:
    kind = pa.null() if name is None else columns[name].type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_nested(kind) or is_extension(kind):
        msg = f"column {name!r} is the id and holds {kind}; it needs one value a row: cast it to str deliberately"
        raise ColumnTypeError(msg)


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
    sums = window.probabilities.sum(axis=1)
    rows = np.flatnonzero(np.abs(sums - 1) > _SUM_TOLERANCE)  # a row that lacks one is NaN, and left out later
    if len(rows):
        msg = (
            f"probabilities ({', '.join(columns)}) do not sum to one in {told_rows(rows, window.n_rows)} "
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
