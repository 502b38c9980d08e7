"""Which terms can be shown to a person as words."""

from __future__ import annotations

import unicodedata

__all__ = ["is_word"]


def is_word(term: str) -> bool:
    """Tell whether a term can be shown as a word: it holds a letter, a digit, or a symbol such as an emoji.

    >>> [is_word(term) for term in ["late", "2nd", "!!", "_", "\N{WHITE SMILING FACE}", "\N{HORIZONTAL ELLIPSIS}"]]
    [True, True, False, False, True, False]
    """
    return any(c.isalnum() or (not c.isascii() and unicodedata.category(c).startswith("S")) for c in term)
