"""Which terms can be shown to a person as words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["are_words", "is_word"]

# A letter or a digit of any script, or a symbol such as an emoji that is no ASCII sign.
_WORD = r"[\p{L}\p{N}]|[\p{S}--\x00-\x7f]"


def is_word(term: str) -> bool:
    """Tell whether a term can be shown as a word: it holds a letter, a digit, or a symbol such as an emoji.

    >>> [is_word(term) for term in ["late", "2nd", "!!", "_", "\N{WHITE SMILING FACE}", "\N{HORIZONTAL ELLIPSIS}"]]
    [True, True, False, False, True, False]
    """
    return bool(are_words([term])[0])


def are_words(terms: Sequence[str]) -> NDArray[Any]:
    """Tell of each term whether it can be shown as a word, shape (n_terms,), boolean.

    >>> are_words(["late", "...", "2nd"]).tolist()
    [True, False, True]
    """
    found = pl.Series(values=terms, dtype=pl.String).str.contains(_WORD)
    return np.asarray(found.to_numpy(), dtype=bool)
