"""Tokens of many texts, one after the other, each with the row where it stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["PlacedTokens", "extracted"]


@dataclass(frozen=True, slots=True)
class PlacedTokens:
    """Tokens of many texts, one after the other.

    Attributes
    ----------
    tokens:
        Strings, shape (n_tokens,).
    rows:
        The row of each token, shape (n_tokens,), never falling.
    n_rows:
        How many rows there are; some may have no token.
    """

    tokens: pl.Series
    rows: NDArray[np.int64]
    n_rows: int

    def where(self, kept: pl.Series) -> PlacedTokens:
        """Return the tokens where ``kept``, shape (n_tokens,), is true."""
        return PlacedTokens(self.tokens.filter(kept), self.rows[kept.to_numpy()], self.n_rows)

    def neighbours_joined(self, n: int) -> PlacedTokens:
        """Return each n neighbouring tokens of a row as one token; a row of fewer has none.

        >>> placed = PlacedTokens(pl.Series(["a", "b", "c", "d"]), np.array([0, 0, 0, 1]), 2)
        >>> placed.neighbours_joined(2).tokens.to_list()
        ['ab', 'bc']
        """
        n_starts = max(len(self.tokens) - n + 1, 0)
        joined = self.tokens.slice(0, n_starts)
        for ahead in range(1, n):
            joined = joined + self.tokens.slice(ahead, n_starts)
        same_row = self.rows[:n_starts] == self.rows[n - 1 :][:n_starts]
        return PlacedTokens(joined.filter(pl.Series(same_row)), self.rows[:n_starts][same_row], self.n_rows)

    def listed(self) -> pa.Array:
        """Return one list for each row, ``large_list<large_string>``."""
        offsets = np.concatenate([[0], np.cumsum(np.bincount(self.rows, minlength=self.n_rows))])
        values = self.tokens.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())
        return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), values)


def extracted(texts: pl.Series, pattern: str) -> PlacedTokens:
    r"""Return every match of a pattern in every text; linear in the length of the texts.

    >>> extracted(pl.Series(["b2", "", "a"]), r"\w").listed().to_pylist()
    [['b', '2'], [], ['a']]
    """
    lists = texts.str.extract_all(pattern)
    lengths = lists.list.len().to_numpy()
    tokens = lists.filter(pl.Series(lengths > 0)).explode().cast(pl.String)
    return PlacedTokens(tokens, np.repeat(np.arange(len(texts), dtype=np.int64), lengths), len(texts))
