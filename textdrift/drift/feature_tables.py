"""FeatureTables: the features of two windows, read once, one row for each unit of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.drift.columns.column_values import ColumnTable, category_codes
from textdrift.drift.paired_features import PairedFeature

__all__ = ["FeatureTables", "feature_tables"]

Rows = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class FeatureTables:
    """The features of two windows.

    Attributes
    ----------
    reference, current:
        Over the same columns and categories. A column that holds one type in one window and another in the other is in
        neither.
    rows:
        Which rows of the windows they hold.
    n_infinite:
        Of columns that hold infinite values how many there are, in the rows of (reference, current): they count as
        missing.
    missing_of_mixed:
        Of columns in neither table which values are missing, (reference, current), each of shape (n,).
    """

    reference: ColumnTable
    current: ColumnTable
    rows: Rows
    n_infinite: Mapping[str, tuple[int, int]]
    missing_of_mixed: Mapping[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]

    @property
    def sides(self) -> tuple[ColumnTable, ColumnTable]:
        """Both windows, (reference, current)."""
        return self.reference, self.current

    def missing(self, side: int) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
        """Return every column and which of its values are missing in one window, shape (n, n_columns)."""
        table = self.sides[side]
        others = [flags[side][:, None] for flags in self.missing_of_mixed.values()]
        return (*table.names, *self.missing_of_mixed), np.concatenate([table.missing(), *others], axis=1)


def feature_tables(features: Mapping[str, PairedFeature], rows: Rows) -> FeatureTables:
    """Return the features of two windows, some rows of each.

    Parameters
    ----------
    features:
        Each as both windows together hold it.
    rows:
        Of each window, ascending.

    Examples
    --------
    >>> from textdrift.drift.paired_features import paired_feature
    >>> from textdrift.windows.reading import read_window
    >>> from textdrift.windows.window import Roles
    >>> roles = Roles(text=None, features=("age", "plan"))
    >>> window = read_window(pa.table({"age": [31, None], "plan": ["free", "paid"]}), roles, name="today")
    >>> every = np.arange(2)
    >>> features = {name: paired_feature(window, window, name) for name in roles.features}
    >>> tables = feature_tables(features, (every, every))
    >>> tables.reference.numeric.ravel().tolist(), tables.current.codes.ravel().tolist()
    ([31.0, nan], [0, 1])
    """
    of_type = {kind: [f for f in features.values() if f.type == kind] for kind in ("numeric", "categorical", "mixed")}
    numbers = [np.empty((len(of_side), len(of_type["numeric"]))) for of_side in rows]
    infinite: dict[str, tuple[int, int]] = {}
    for place, feature in enumerate(of_type["numeric"]):
        counted = []
        for side, held in enumerate(feature.sides):
            values = np.asarray(held.values.to_numpy(zero_copy_only=False), dtype=np.float64)[rows[side]]
            is_infinite = np.isinf(values)
            counted.append(int(np.count_nonzero(is_infinite)))
            numbers[side][:, place] = np.where(is_infinite, np.nan, values)
        if any(counted):
            infinite[feature.name] = (counted[0], counted[1])
    codes = [np.empty((len(of_side), len(of_type["categorical"])), dtype=np.int64) for of_side in rows]
    categories = []
    for place, feature in enumerate(of_type["categorical"]):
        taken = [held.values.take(pa.array(of_side)) for held, of_side in zip(feature.sides, rows, strict=True)]
        names, *of_sides = category_codes(*taken)
        categories.append(names)
        for side, of_column in enumerate(of_sides):
            codes[side][:, place] = of_column
    named = [tuple(feature.name for feature in of_type[kind]) for kind in ("numeric", "categorical")]
    reference, current = (
        ColumnTable(named[0], numbers[side], named[1], tuple(categories), codes[side]) for side in (0, 1)
    )
    return FeatureTables(reference, current, rows, infinite, {f.name: _missing(f, rows) for f in of_type["mixed"]})


def _missing(feature: PairedFeature, rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    reference, current = (
        np.asarray(held.values.is_null().to_numpy(zero_copy_only=False))[of_side]
        for held, of_side in zip(feature.sides, rows, strict=True)
    )
    return reference, current
