"""Columns of features: their values, one row per unit of the tests, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["CategoryColumn", "ColumnTable", "NumericColumn", "category_codes"]

MISSING = -1
"""The code of a missing category."""


@dataclass(frozen=True, slots=True)
class NumericColumn:
    """One numeric column of one window.

    Attributes
    ----------
    name:
        Of the column.
    values:
        Shape (n,), ``float64``, finite; missing values are left out.
    n_missing:
        Rows without a value.
    """

    name: str
    values: NDArray[np.float64]
    n_missing: int = 0

    @property
    def n_rows(self) -> int:
        """Rows with and without a value."""
        return len(self.values) + self.n_missing

    @property
    def share_missing(self) -> float:
        """Share of the rows without a value; 0 where there is no row."""
        return self.n_missing / self.n_rows if self.n_rows else 0.0


@dataclass(frozen=True, slots=True)
class CategoryColumn:
    """One categorical column of one window, each row in one category.

    Attributes
    ----------
    name:
        Of the column.
    categories:
        Those of both windows together; a window need not hold them all.
    codes:
        Shape (n,), places in ``categories``; missing values are left out.
    n_missing:
        Rows without a value.
    """

    name: str
    categories: tuple[str, ...]
    codes: NDArray[np.int64]
    n_missing: int = 0

    @property
    def n_rows(self) -> int:
        """Rows with and without a value."""
        return len(self.codes) + self.n_missing

    @property
    def share_missing(self) -> float:
        """Share of the rows without a value; 0 where there is no row."""
        return self.n_missing / self.n_rows if self.n_rows else 0.0

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows of each category, shape (n_categories,)."""
        return np.bincount(self.codes, minlength=len(self.categories)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class ColumnTable:
    """The features of one window together, one row per unit of the tests.

    Attributes
    ----------
    numeric_names:
        The p numeric columns; the same in both windows, as all names and categories here.
    numeric:
        Shape (n, p), ``float64``; NaN is a missing value, all others are finite.
    categorical_names:
        The q categorical columns.
    categories:
        The categories of each, those of both windows together.
    codes:
        Shape (n, q), places in the categories of a column, -1 where the value is missing.

    Examples
    --------
    >>> table = ColumnTable(("x",), np.array([[1.0], [np.nan]]), ("y",), (("a", "b"),), np.array([[1], [0]]))
    >>> table.numeric_column("x").n_missing, table.category_column("y").counts.tolist()
    (1, [1, 1])
    """

    numeric_names: tuple[str, ...]
    numeric: NDArray[np.float64]
    categorical_names: tuple[str, ...]
    categories: tuple[tuple[str, ...], ...]
    codes: NDArray[np.int64]

    def __len__(self) -> int:
        """Rows."""
        return len(self.numeric)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, the numeric ones first."""
        return (*self.numeric_names, *self.categorical_names)

    def numeric_column(self, name: str) -> NumericColumn:
        """Return one numeric column, its missing values left out and counted."""
        values = self.numeric[:, self.numeric_names.index(name)]
        missing = np.isnan(values)
        return NumericColumn(name, values[~missing], int(missing.sum()))

    def category_column(self, name: str) -> CategoryColumn:
        """Return one categorical column, its missing values left out and counted."""
        place = self.categorical_names.index(name)
        codes = self.codes[:, place]
        missing = codes == MISSING
        return CategoryColumn(name, self.categories[place], codes[~missing], int(missing.sum()))

    def missing(self) -> NDArray[np.bool_]:
        """Return which values are missing, shape (n, p + q), in the order of ``names``."""
        return np.concatenate([np.isnan(self.numeric), self.codes == MISSING], axis=1)


def category_codes(
    reference: pa.Array, current: pa.Array
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Return the categories of a column of both windows, sorted, and the codes of each window.

    Values are read as text (``True`` is ``"true"``, ``3`` is ``"3"``); a null has the code -1.

    >>> names, before, after = category_codes(pa.array(["b", None]), pa.array(["a", "b"]))
    >>> names, before.tolist(), after.tolist()
    (('a', 'b'), [1, -1], [0, 1])
    """
    both = pa.chunked_array([_as_text(reference), _as_text(current)]).combine_chunks()
    encoded = both.dictionary_encode()
    names = np.array(encoded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(names, kind="stable")
    place = np.empty(len(names) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(names)), MISSING
    indices = encoded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    codes = place[indices]
    return tuple(names[order].tolist()), codes[: len(reference)], codes[len(reference) :]


def _as_text(values: pa.Array) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return values.cast(pa.large_string())
