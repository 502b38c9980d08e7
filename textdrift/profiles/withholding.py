"""Names withheld: rare words stay on the machine, and what is saved of them still adds up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from textdrift.errors import SettingsError
from textdrift.tokens.aligning import with_columns
from textdrift.tokens.growing_vocabulary import united_vocabulary
from textdrift.tokens.token_counts import BinnedCounts
from textdrift.tokens.unnamed import names_replaced, which_unnamed

__all__ = ["names_withheld"]


def names_withheld(counts: BinnedCounts, named_from: int) -> BinnedCounts:
    """Return the same counts in which a term held by fewer than ``named_from`` documents is a hash.

    Names, numbers and slips of the pen are rare, and half of all terms occur once. They count as before: hashes of a
    term add up over shards, and where another shard names it they go under its name. A hash hides a word from who reads
    the file, not from who guesses it.

    Raises
    ------
    SettingsError
        When ``named_from`` is not a whole number from 1 on.

    Examples
    --------
    >>> from scipy import sparse
    >>> from textdrift.tokens.unnamed import shown_term
    >>> one = sparse.csr_matrix([[3, 1]])
    >>> counts = names_withheld(BinnedCounts(one, one, np.array([3]), ("late", "zoe")), 2)
    >>> [shown_term(term) for term in counts.terms]
    ['late', '(unnamed word)']
    """
    if isinstance(named_from, bool) or not isinstance(named_from, int) or named_from < 1:
        raise SettingsError(f"named_from must be a whole number from 1 on, where 1 names all; got {named_from!r}")
    held = np.asarray(counts.holders.sum(axis=0)).ravel()
    rare = (held < named_from) & (named_from > 1)
    if not rare.any():
        return counts
    terms = pa.array(counts.terms, pa.large_string())
    vocabulary, (columns,) = united_vocabulary(names_replaced(terms, rare & ~which_unnamed(terms)))
    return with_columns(counts, columns, vocabulary)
