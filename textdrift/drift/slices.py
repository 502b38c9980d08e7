"""Slices of two windows: the values of several columns, and the pairs of values of two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.stats.max_statistic import SplitSlice
from textdrift.windows.value_codes import coded_values

__all__ = ["MINIMUM_SEGMENT", "SegmentCodes", "Slice", "Slices", "segment_codes", "slices_of", "too_small"]

MINIMUM_SEGMENT = 30
"""Documents that a slice needs in both windows to be looked at."""

_MOST_PAIRS = 400  # the largest; each more would cost the others power

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SegmentCodes:
    """Which value each document of one window has in each column.

    Attributes
    ----------
    columns:
        Names of the columns, shape (c,).
    values:
        The values of each column, the same in both windows.
    codes:
        Shape (n, c), the place of the document's value among those of the column; -1 for none.
    of_texts:
        Names of the columns that were made from the texts: where their mix changed, the texts did.
    """

    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: NDArray[np.int64]
    of_texts: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.codes)

    def with_column(self, column: str, values: Sequence[str], codes: NDArray[Any]) -> SegmentCodes:
        """Return the same with one more column, made from the texts.

        >>> none = SegmentCodes((), (), np.zeros((2, 0), dtype=np.int64))
        >>> none.with_column("topic", ["a"], np.array([0, -1])).columns
        ('topic',)
        """
        joined = np.column_stack([self.codes, codes]).astype(np.int64)
        return SegmentCodes((*self.columns, column), (*self.values, tuple(values)), joined, self.of_texts | {column})

    def taken(self, rows: NDArray[Any]) -> SegmentCodes:
        """Return the codes of some documents."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, slots=True)
class Slice:
    """The documents of both windows with one value of a column, and of a second column where it is a pair.

    Attributes
    ----------
    column, value:
        Of a pair the first of its two columns.
    rows:
        Places of the documents among those of the reference and of the current window, ascending.
    within:
        The second column and its value; ``None`` where the slice is no pair.
    """

    column: str
    value: str
    rows: tuple[NDArray[Any], NDArray[Any]]
    within: tuple[str, str] | None = None

    @property
    def name(self) -> Row:
        """The keys ``column``, ``value`` and, of a pair, ``within``, as reports hold them."""
        row: Row = {"column": self.column, "value": self.value}
        if self.within is not None:
            row["within"] = {"column": self.within[0], "value": self.within[1]}
        return row

    @property
    def sizes(self) -> tuple[int, int]:
        """Documents of each window."""
        return len(self.rows[0]), len(self.rows[1])

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Of a pair the two slices that it lies in; else nothing."""
        return () if self.within is None else ((self.column, self.value), self.within)

    def split(self, n_reference: int) -> SplitSlice:
        """Return the rows among those of both windows, ``n_reference`` of the reference first."""
        return SplitSlice(np.concatenate([self.rows[0], self.rows[1] + n_reference]), len(self.rows[1]))


@dataclass(frozen=True, slots=True)
class Slices:
    """Slices large enough to be judged, single values first, and what is too small.

    Attributes
    ----------
    judged:
        Single values by column and value, then pairs, the largest first.
    too_small:
        A row of `too_small` for each value with too few documents.
    n_pairs_left_out:
        Pairs with too few documents, and those beyond the 400 largest.
    """

    judged: tuple[Slice, ...]
    too_small: tuple[Row, ...]
    n_pairs_left_out: int

    @property
    def n_pairs(self) -> int:
        """How many of the judged slices are pairs."""
        return sum(part.within is not None for part in self.judged)


def segment_codes(
    columns: Mapping[str, tuple[pa.Array, pa.Array]], n_documents: tuple[int, int]
) -> tuple[SegmentCodes, SegmentCodes]:
    """Return the codes of both windows from the columns' values, one for each document.

    >>> before, after = segment_codes({"region": (pa.array(["s", None]), pa.array(["n"]))}, (2, 1))
    >>> before.values, before.codes.tolist(), after.codes.tolist()
    ((('n', 's'),), [[1], [-1]], [[0]])
    """
    values: list[tuple[str, ...]] = []
    codes: tuple[list[NDArray[Any]], list[NDArray[Any]]] = ([], [])
    for of_column in columns.values():
        names, (first, second) = coded_values(*of_column)
        values.append(tuple(names))
        codes[0].append(first)
        codes[1].append(second)
    reference, current = (
        SegmentCodes(tuple(columns), tuple(values), np.array(side, dtype=np.int64).reshape(len(columns), n).T)
        for side, n in zip(codes, n_documents, strict=True)
    )
    return reference, current


def slices_of(
    reference: SegmentCodes,
    current: SegmentCodes,
    *,
    with_pairs: bool = True,
    least_documents: int = MINIMUM_SEGMENT,
) -> Slices:
    """Return every value, and every pair of values of two columns, with enough documents in both windows.

    A pair that holds all documents of one of its parts says nothing more and is left out. Documents without a value
    belong to no slice of the column. Cost: a sort for each column and for each pair of columns.

    Examples
    --------
    >>> codes = SegmentCodes(("region",), (("n", "s"),), np.repeat([[0], [1]], [40, 8], axis=0))
    >>> slices = slices_of(codes, codes)
    >>> [part.value for part in slices.judged], [row["value"] for row in slices.too_small]
    (['n'], ['s'])
    """
    sides = (reference, current)
    judged: list[Slice] = []
    small: list[Row] = []
    for place, column in enumerate(reference.columns):
        values = reference.values[place]
        members = [list(_members(side.codes[:, place], len(values))) for side in sides]
        for value, first, second in zip(values, *members, strict=True):
            if min(len(first), len(second)) >= least_documents:
                judged.append(Slice(column, value, (first, second)))
            else:
                small.append(too_small(column, value, (len(first), len(second)), least_documents))
        without = [int((side.codes[:, place] < 0).sum()) for side in sides]
        if any(without):
            row = too_small(column, None, (without[0], without[1]), least_documents)
            small.append({**row, "reason": f"these documents have no value of {column!r}"})
    pairs, n_small = _pairs(sides, judged, least_documents) if with_pairs else ([], 0)
    kept = sorted(pairs, key=lambda part: -min(part.sizes))[:_MOST_PAIRS]
    return Slices((*judged, *kept), tuple(small), n_small + len(pairs) - len(kept))


def too_small(
    column: str, value: str | None, n_documents: tuple[int, int], least_documents: int = MINIMUM_SEGMENT
) -> Row:
    """Return the row of a value that has too few documents to be judged.

    >>> too_small("region", "south", (12, 40))["reason"]
    '12 and 40 documents of this value; 30 are needed in each window'
    """
    found = " and ".join(f"{n:,}" for n in n_documents)
    return {
        "column": column,
        "value": value,
        "n_reference": n_documents[0],
        "n_current": n_documents[1],
        "reason": f"{found} documents of this value; {least_documents} are needed in each window",
    }


def _pairs(sides: tuple[SegmentCodes, SegmentCodes], singles: Sequence[Slice], least: int) -> tuple[list[Slice], int]:
    sizes = {(part.column, part.value): sum(part.sizes) for part in singles}
    found: list[Slice] = []
    n_small = 0
    for first, second in combinations(range(len(sides[0].columns)), 2):
        width = len(sides[0].values[second])
        codes = [_pair_codes(side.codes[:, first], side.codes[:, second], width) for side in sides]
        # Only pairs that occur are numbered: two columns of many values have far more than documents.
        held, numbered = np.unique(np.concatenate(codes), return_inverse=True)
        numbered = numbered.reshape(-1) - (1 if held[:1].tolist() == [-1] else 0)
        held = held[held >= 0]
        n = len(codes[0])
        members = [list(_members(part, len(held))) for part in (numbered[:n], numbered[n:])]
        for code, *rows in zip(held.tolist(), *members, strict=True):
            if min(map(len, rows)) < least:
                n_small += 1
                continue
            names = [
                (sides[0].columns[place], sides[0].values[place][of_column])
                for place, of_column in zip((first, second), divmod(code, width), strict=True)
            ]
            if all(sum(map(len, rows)) < sizes[name] for name in names):
                found.append(Slice(*names[0], (rows[0], rows[1]), names[1]))
    return found, n_small


def _pair_codes(first: NDArray[Any], second: NDArray[Any], width: int) -> NDArray[np.int64]:
    return np.where((first < 0) | (second < 0), -1, first * width + second)


def _members(codes: NDArray[Any], n_values: int) -> Iterator[NDArray[Any]]:
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(n_values + 1))
    for start, stop in pairwise(edges):
        yield order[start:stop]
