"""FeatureTables: the features of two windows, read once, one row for each unit of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.drift.columns.column_values import ColumnTable, category_codes
from textdrift.windows.feature_columns import FeatureType, names_of, numbers_of
from textdrift.windows.window import Window

__all__ = ["FeatureTables", "feature_tables"]

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class FeatureTables:
    """The features of two windows.

    Attributes
    ----------
    reference, current:
        Over the same columns and categories. A column that holds numbers in one window and names in the other is in
        neither.
    rows:
        Which rows of the windows they hold.
    n_infinite:
        Of columns that hold infinite values how many there are, in the rows of (reference, current): they count as
        missing.
    """

    reference: ColumnTable
    current: ColumnTable
    rows: Rows
    n_infinite: Mapping[str, tuple[int, int]]

    @property
    def sides(self) -> tuple[ColumnTable, ColumnTable]:
        """Both windows, (reference, current)."""
        return self.reference, self.current


def feature_tables(windows: tuple[Window, Window], types: Mapping[str, FeatureType], rows: Rows) -> FeatureTables:
    """Return the features of two windows, some rows of each.

    Parameters
    ----------
    windows:
        (reference, current).
    types:
        What each feature is.
    rows:
        Of each window, ascending.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.window import Roles
    >>> roles = Roles(text=None, features=("age", "plan"))
    >>> window = read_window(pa.table({"age": [31, None], "plan": ["free", "paid"]}), roles, name="today")
    >>> every = np.arange(2)
    >>> tables = feature_tables((window, window), {"age": "numeric", "plan": "categorical"}, (every, every))
    >>> tables.reference.numeric.ravel().tolist(), tables.current.codes.ravel().tolist()
    ([31.0, nan], [0, 1])
    """
    numeric = tuple(name for name, kind in types.items() if kind == "numeric")
    categorical = tuple(name for name, kind in types.items() if kind == "categorical")
    numbers = [np.empty((len(of_side), len(numeric))) for of_side in rows]
    infinite: dict[str, tuple[int, int]] = {}
    for place, name in enumerate(numeric):
        counted = []
        for side, window in enumerate(windows):
            values = numbers_of(window, name)[rows[side]]
            is_infinite = np.isinf(values)
            counted.append(int(np.count_nonzero(is_infinite)))
            numbers[side][:, place] = np.where(is_infinite, np.nan, values)
        if any(counted):
            infinite[name] = (counted[0], counted[1])
    codes = [np.empty((len(of_side), len(categorical)), dtype=np.int64) for of_side in rows]
    categories = []
    for place, name in enumerate(categorical):
        taken = [names_of(window, name).take(pa.array(of_side)) for window, of_side in zip(windows, rows, strict=True)]
        names, *of_sides = category_codes(*taken)
        categories.append(names)
        for side, of_column in enumerate(of_sides):
            codes[side][:, place] = of_column
    reference, current = (
        ColumnTable(numeric, numbers[side], categorical, tuple(categories), codes[side]) for side in (0, 1)
    )
    return FeatureTables(reference, current, rows, infinite)
