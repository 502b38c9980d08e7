"""Rare terms without their names: a hash stands for a word that must not leave the machine, and still adds up."""

from __future__ import annotations

import re
import xxhash

__all__ = ["UNNAMED", "is_unnamed", "shown_term", "unnamed"]

# A noncharacter of Unicode, set aside for use inside a program: no text that was exchanged holds it.
UNNAMED = "\ufdd0"
_KEY = re.compile(f"{UNNAMED}[0-9a-f]{{16}}")


def unnamed(term: str) -> str:
    """Return what stands for a term that is not named: a mark and the 64-bit xxHash of its UTF-8 bytes.

    It hides a word from who reads a file, not from who guesses it: whoever guesses the word can check the guess.

    >>> unnamed("zoe") == unnamed("zoe") != unnamed("zoé"), len(unnamed("a long name"))
    (True, 17)
    """
    return UNNAMED + xxhash.xxh64_hexdigest(term.encode())


def is_unnamed(term: str) -> bool:
    """Tell whether a term is the hash of one.

    >>> is_unnamed(unnamed("zoe")), is_unnamed("zoe")
    (True, False)
    """
    return _KEY.fullmatch(term) is not None


def shown_term(term: str) -> str:
    """Return the term as people read it.

    >>> shown_term("late"), shown_term(unnamed("zoe"))
    ('late', '(unnamed word)')
    """
    return "(unnamed word)" if is_unnamed(term) else term
