"""Different spellings of one string to one spelling: canonical equivalence, and what lower-casing leaves apart."""

from __future__ import annotations

from typing import Final, Literal, cast

import numpy as np
import polars as pl

__all__ = ["NORMAL_FORMS", "changed_where", "is_ascii", "normalized"]

NORMAL_FORMS: Final = ("NFC", "NFKC", "NFD", "NFKD", "none")

_Form = Literal["NFC", "NFKC", "NFD", "NFKD"]

_DOT_ABOVE = "\u0307"


def is_ascii(strings: pl.Series) -> pl.Series:
    """Tell of each string whether it is all ASCII: as many bytes as characters."""
    return strings.str.len_bytes() == strings.str.len_chars()


def changed_where(strings: pl.Series, there: pl.Series, changed: pl.Series) -> pl.Series:
    """Return strings with those where ``there`` is true replaced, in order, by ``changed``."""
    source = np.arange(len(strings))
    source[there.to_numpy()] = len(strings) + np.arange(len(changed))
    return pl.concat([strings, changed]).gather(source)


def normalized(strings: pl.Series, form: str) -> pl.Series:
    r"""Return strings in a normal form of Unicode (Standard Annex #15).

    Two things that lower-casing leaves apart are brought together too. The capital i with a dot of Turkish becomes i
    and a dot above, which is an i: the dot goes. The compatible forms (``NFKC``, ``NFKD``) bring out letters that
    their first spelling hid from lower-casing, such as mathematical ones: where that spelling held no capital, the
    result holds none. ``none`` changes nothing. ASCII strings are as they should be in every form and cost little.

    >>> normalized(pl.Series(["cafe\N{COMBINING ACUTE ACCENT}", "İzmir".lower()]), "NFC").to_list()
    ['café', 'izmir']
    """
    foreign = ~is_ascii(strings)
    if form == "none" or not foreign.any():
        return strings
    return changed_where(strings, foreign, _normalized(strings.filter(foreign), cast("_Form", form)))


def _normalized(strings: pl.Series, form: _Form) -> pl.Series:
    composed = strings.str.normalize("NFC")
    if composed.str.contains(_DOT_ABOVE, literal=True).any():
        composed = composed.str.replace_all(f"i{_DOT_ABOVE}", "i", literal=True).str.normalize("NFC")
    if form == "NFC":
        return composed
    result = composed.str.normalize(form)
    if form in {"NFKC", "NFKD"}:
        has_capital = composed != composed.str.to_lowercase()
        result = result.zip_with(has_capital, result.str.to_lowercase().str.normalize(form))
    return result
