"""A vocabulary that grows: each term, known by its 64-bit hash, gets a column and keeps it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from textdrift.tokens.unnamed import UNNAMED, which_unnamed

__all__ = ["GrowingVocabulary", "strings_hashed", "united_vocabulary"]

Columns = NDArray[np.int64]
Hashes = NDArray[np.uint64]


class GrowingVocabulary:
    """Terms and their columns, in the order in which they were met.

    A term that is named here and stands as a hash there (``textdrift.tokens.unnamed``) has one column, under its name,
    whichever came first. Terms are told apart by their 64-bit xxHash: among ten million, two share one with a
    probability of three in a million. Memory: 17 bytes a term beside its text.

    Examples
    --------
    >>> vocabulary = GrowingVocabulary()
    >>> vocabulary.columns_of(pa.array(["film"], pa.large_string())).tolist()
    [0]
    >>> vocabulary.columns_of(pa.array(["good", "film"], pa.large_string())).tolist(), len(vocabulary)
    ([1, 0], 2)
    """

    __slots__ = ("_columns", "_hashes", "_names", "_terms", "_unnamed")

    def __init__(self) -> None:
        self._hashes: Hashes = np.zeros(0, dtype=np.uint64)  # ascending, the column of each beside it
        self._columns: Columns = np.zeros(0, dtype=np.int64)
        self._terms = [pa.array([], pa.large_string())]
        self._unnamed = np.zeros(0, dtype=bool)
        self._names: dict[int, str] = {}

    def __len__(self) -> int:
        """Return the number of terms."""
        return len(self._hashes)

    def columns_of(self, terms: pa.Array) -> Columns:
        """Return the column of each term, shape (n_terms,); a term that was never met gets the next one.

        Cost: one sort of the hashes, and a copy of all columns where there are new ones.

        Parameters
        ----------
        terms:
            ``large_string``; a string of the form of ``unnamed`` stands for the term of that hash.
        """
        hidden = which_unnamed(terms)
        columns = np.empty(len(terms), dtype=np.int64)
        # Names first: a hash whose name has come needs no column of its own.
        named = terms.filter(pa.array(~hidden)) if hidden.any() else terms
        columns[~hidden] = self._placed(named, strings_hashed(named), unnamed=False)
        self._name(named, columns[~hidden])
        if hidden.any():
            keys = terms.filter(pa.array(hidden))
            hashes = np.array([int(key[len(UNNAMED) :], 16) for key in keys.to_pylist()], dtype=np.uint64)
            columns[hidden] = self._placed(keys, hashes, unnamed=True)
        return columns

    def sorted_terms(self) -> tuple[tuple[str, ...], Columns]:
        """Return the sorted terms, and where each column stands among them."""
        terms = pa.concat_arrays(self._terms)
        if self._names:
            values = terms.to_pylist()
            for column, name in self._names.items():
                values[column] = name
            terms = pa.array(values, pa.large_string())
        order = pc.array_sort_indices(terms)
        place = np.empty(len(terms), dtype=np.int64)
        place[order.to_numpy(zero_copy_only=False)] = np.arange(len(terms))
        return tuple(terms.take(order).to_pylist()), place

    def _placed(self, terms: pa.Array, hashes: Hashes, *, unnamed: bool) -> Columns:
        order = np.argsort(hashes)
        asked = hashes[order]
        place = np.searchsorted(self._hashes, asked)
        known = place < len(self)
        known[known] = self._hashes[place[known]] == asked[known]
        new = ~known
        new[1:] &= asked[1:] != asked[:-1]
        if n_new := np.count_nonzero(new):
            fresh = np.arange(len(self), len(self) + n_new)
            self._columns = np.insert(self._columns, place[new], fresh)
            self._hashes = np.insert(self._hashes, place[new], asked[new])
            self._unnamed = np.append(self._unnamed, np.full(n_new, unnamed))
            self._terms.append(terms.take(pa.array(order[new])))
        columns = np.empty(len(terms), dtype=np.int64)
        # The new hashes up to its own moved each one on.
        columns[order] = self._columns[place + np.cumsum(new) - ~known]
        return columns

    def _name(self, terms: pa.Array, columns: Columns) -> None:
        """Give the columns that stood for a hash the name that has come."""
        for i in np.flatnonzero(self._unnamed[columns]).tolist():
            self._names[int(columns[i])] = terms[i].as_py()
        self._unnamed[columns] = False


def strings_hashed(strings: pa.Array) -> Hashes:
    """Return the 64-bit xxHash of the UTF-8 bytes of each string, shape (n,).

    >>> strings_hashed(pa.array(["good"], pa.large_string()))[0] == xxhash.xxh64_intdigest(b"good")
    True
    """
    values = strings.cast(pa.large_binary()).to_numpy(zero_copy_only=False).tolist()
    return np.fromiter(map(xxhash.xxh64_intdigest, values), dtype=np.uint64, count=len(values))


def united_vocabulary(*vocabularies: pa.Array) -> tuple[tuple[str, ...], list[Columns]]:
    """Return the sorted union of vocabularies, and for each where its terms went.

    Parameters
    ----------
    vocabularies:
        Terms, ``large_string``, in any order.

    Examples
    --------
    >>> from textdrift.tokens.unnamed import unnamed
    >>> first, second = pa.array(["film", unnamed("zoe")], pa.large_string()), pa.array(["zoe"], pa.large_string())
    >>> terms, (of_first, of_second) = united_vocabulary(first, second)
    >>> terms, of_first.tolist(), of_second.tolist()
    (('film', 'zoe'), [0, 1], [1])
    """
    union = GrowingVocabulary()
    columns = [union.columns_of(terms) for terms in vocabularies]
    terms, place = union.sorted_terms()
    return terms, [place[of_one] for of_one in columns]
