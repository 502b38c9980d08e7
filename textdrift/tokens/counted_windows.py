"""CountedWindows: the texts of two windows as counted terms, each unit once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from textdrift.tokens.counting import count_tokens
from textdrift.tokens.document_bins import documents_in_bins
from textdrift.tokens.token_counts import RowCounts, TokenCounts
from textdrift.tokens.tokenization import Tokenization

__all__ = ["CountedWindows"]

_MOST_PERMUTED_SINGLY = 16_384  # documents of both windows together


@dataclass(frozen=True, slots=True)
class CountedWindows:
    """Two windows of texts, and what was counted of them so far.

    Attributes
    ----------
    texts:
        Documents of the reference and of the current window, ``large_string``.
    tokenization:
        How texts become words; its unit is that of each call.

    Examples
    --------
    >>> windows = CountedWindows((pa.array(["so good"]), pa.array(["so #good"])), Tokenization())
    >>> windows.counts_of("words")[0].terms, windows.counts_of("hashtags")[0].terms
    (('#', 'good', 'so'), ('#good',))
    """

    texts: tuple[pa.Array, pa.Array]
    tokenization: Tokenization
    _counts: dict[str, tuple[TokenCounts, TokenCounts]] = field(default_factory=dict, repr=False, compare=False)
    _rows: dict[str, tuple[RowCounts, RowCounts]] = field(default_factory=dict, repr=False, compare=False)

    def counts_of(self, unit: str) -> tuple[TokenCounts, TokenCounts]:
        """Return documents x terms over one vocabulary, of words or of another unit."""
        if unit not in self._counts:
            self._counts[unit] = count_tokens(*self.texts, replace(self.tokenization, unit=unit))
        return self._counts[unit]

    def rows_of(
        self, unit: str, documents: tuple[NDArray[Any], NDArray[Any]], *, seed: int
    ) -> tuple[RowCounts, RowCounts]:
        """Return the rows to permute: the documents that count as independent, in bins where there are very many.

        ``documents`` are the same at each call, and so is ``seed``, which draws what documents meet in a bin.
        """
        if unit not in self._rows:
            reference, current = (
                counts.taken(chosen) for counts, chosen in zip(self.counts_of(unit), documents, strict=True)
            )
            self._rows[unit] = reference, current
            if min(len(reference), len(current)) and len(reference) + len(current) > _MOST_PERMUTED_SINGLY:
                rng = np.random.default_rng([seed, 3])
                self._rows[unit] = documents_in_bins(reference, current, rng=rng)
        return self._rows[unit]
