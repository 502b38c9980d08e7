"""Rare terms without their names: a hash stands for a word that must not leave the machine, and still adds up."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

__all__ = ["UNNAMED", "is_unnamed", "names_replaced", "shown_term", "unnamed", "which_unnamed"]

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


def which_unnamed(terms: pa.Array) -> NDArray[np.bool_]:
    """Tell which terms are hashes, shape (n_terms,).

    >>> which_unnamed(pa.array([unnamed("zoe"), "zoe"], pa.large_string())).tolist()
    [True, False]
    """
    marked = pc.starts_with(terms, UNNAMED)
    if pc.any(marked).as_py():
        marked = pc.match_substring_regex(terms, rf"^{_KEY.pattern}\z")
    return np.asarray(marked.to_numpy(zero_copy_only=False), dtype=bool)


def names_replaced(terms: pa.Array, where: NDArray[np.bool_]) -> pa.Array:
    """Return the terms with hashes in place of some.

    >>> names_replaced(pa.array(["a", "zoe"], pa.large_string()), np.array([False, True]))[1].as_py() == unnamed("zoe")
    True
    """
    hashes = [unnamed(term) for term in terms.filter(pa.array(where)).to_pylist()]
    return pc.replace_with_mask(terms, pa.array(where), pa.array(hashes, pa.large_string()))


def shown_term(term: str) -> str:
    """Return the term as people read it.

    >>> shown_term("late"), shown_term(unnamed("zoe"))
    ('late', '(unnamed word)')
    """
    return "(unnamed word)" if is_unnamed(term) else term
