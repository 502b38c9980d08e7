"""How large each segment was and is: shares that are told, and tested only where their column is a feature too."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow.compute as pc

from textdrift.windows.window import Window

__all__ = ["MOST_VALUES", "segment_shares"]

MOST_VALUES = 50
"""So many values of a column are told, those whose share changed most."""

Row = dict[str, Any]


def segment_shares(windows: tuple[Window, Window]) -> tuple[Row, ...]:
    """Return a row for each value of each segment column: its rows in both windows, and its shares of them.

    ``column``, ``value``, ``n_reference``, ``n_current``, ``reference_share``, ``current_share``; of the rows that have
    a value. Columns in their order, and in each the value whose share changed most first. Every row counts, copies too:
    it is a count, and no test. Cost: one pass over each column.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.windows.window import Roles
    >>> def window(plans):
    ...     return Window(pa.table({"plan": pa.array(plans)}), Roles(segments=("plan",)), "a window")
    >>> for row in segment_shares((window(["free", "free", "paid", None]), window(["free", "paid", "paid", "paid"]))):
    ...     print(row["value"], row["n_reference"], row["n_current"], row["current_share"])
    free 2 1 0.25
    paid 1 3 0.75
    """
    rows: list[Row] = []
    for column in windows[0].roles.segments:
        before, now = (_counts(window, column) for window in windows)
        n_before, n_now = before.total() or 1, now.total() or 1
        of_column: list[Row] = [
            {
                "column": column,
                "value": value,
                "n_reference": before[value],
                "n_current": now[value],
                "reference_share": before[value] / n_before,
                "current_share": now[value] / n_now,
            }
            for value in sorted({*before, *now})
        ]
        of_column.sort(key=lambda row: -round(abs(row["current_share"] - row["reference_share"]), 9))
        rows += of_column[:MOST_VALUES]
    return tuple(rows)


def _counts(window: Window, column: str) -> Counter[str]:
    """Return how many rows hold each value."""
    counted = pc.value_counts(window.column(column)).to_pylist()
    return Counter({str(row["values"]): int(row["counts"]) for row in counted if row["values"] is not None})
