"""The arguments of profile_texts(), looked at before anything is counted, and each batch as it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from textdrift.errors import ProfileError, SettingsError
from textdrift.tokens.tokenization import Tokenization, unit_names

__all__ = ["check_batch", "check_batches", "checked_settings"]

_MOST_BINS = 65_536  # some gigabytes, where a large vocabulary is spread over all of them
_LONGEST_SHOWN = 60


def checked_settings(tokenization: Any, n_bins: Any) -> tuple[Tokenization, int]:
    """Return how texts are to be counted and in how many bins, if a profile can be made so.

    Raises
    ------
    ProfileError
        When collocations are to be counted.
    SettingsError
        When ``n_bins`` is no power of two up to 65,536, or ``tokenization`` is no ``Tokenization``.
    """
    if tokenization is None:
        tokenization = Tokenization()
    if not isinstance(tokenization, Tokenization):
        raise SettingsError(
            f"tokenization is {_shown(tokenization)} ({type(tokenization).__name__}); a Tokenization of "
            f"textdrift.tokens.tokenization was needed: {_as_tokenization(tokenization)}"
        )
    if tokenization.unit == "collocations":
        raise ProfileError(
            "collocations cannot be profiled: which pairs of words keep company is decided over both windows, and a "
            "profile knows one; count unit='bigrams', or compare the texts themselves"
        )
    if isinstance(n_bins, bool) or not isinstance(n_bins, (int, np.integer)):
        raise SettingsError(f"n_bins is {n_bins!r} ({type(n_bins).__name__}); a whole number was needed, such as 256")
    if not 1 <= n_bins <= _MOST_BINS or int(n_bins) & (int(n_bins) - 1):
        raise SettingsError(
            f"the number of bins must be a power of two from 1 to {_MOST_BINS:,}, as each word is counted in each bin; "
            f"got {n_bins}; try 1024"
        )
    return tokenization, int(n_bins)


def check_batches(batches: Any) -> None:
    """Refuse what is no stream of batches, before it is walked through letter by letter or column by column.

    Raises
    ------
    ProfileError
        When the batches are a text, a table or nothing that can be walked through.
    """
    if isinstance(batches, Mapping) or _is_table(batches):
        raise ProfileError(
            f"the batches are a table ({type(batches).__name__}); lists of texts were needed: pass the table to "
            f"textdrift.profile(table), or wrap its column of texts, [table['text']]"
        )
    if isinstance(batches, (str, bytes)) or not isinstance(batches, Iterable):
        raise ProfileError(
            f"the batches are {_shown(batches)} ({type(batches).__name__}); a list or stream of batches was needed, "
            f"each a list or an array of texts: wrap them, [[text, another text]]"
        )


def check_batch(batch: Any, called: str) -> None:
    """Refuse a batch that is one value, whose letters would be taken for texts, or a table.

    Raises
    ------
    ProfileError
        The message says how to wrap it.
    """
    if isinstance(batch, (str, bytes, pa.Scalar)):
        raise ProfileError(
            f"{called} is {_shown(batch)} ({type(batch).__name__}); a batch is a list or an array with one value a "
            f"row: where all rows are one batch, wrap them, [[{_shown(batch)}, …]]"
        )
    if isinstance(batch, Mapping) or _is_table(batch):
        raise ProfileError(
            f"{called} is a table ({type(batch).__name__}); a batch is a list or an array with one value a row: give a "
            f"column, or pass tables to textdrift.profile(*tables)"
        )


def _as_tokenization(given: Any) -> str:
    """Show how what was given is written as a ``Tokenization``."""
    if isinstance(given, Mapping):
        return f"write Tokenization({', '.join(f'{name}={_shown(value)}' for name, value in given.items())})"
    if isinstance(given, str):
        return f"write Tokenization({'unit' if given in unit_names() and given != 'words' else 'tokenizer'}={given!r})"
    return "write Tokenization(tokenizer=your_function)" if callable(given) else "write Tokenization(tokenizer='tweet')"


def _is_table(values: Any) -> bool:
    """Tell whether something has columns, as tables of pandas, polars and Arrow do; nothing is imported."""
    # In this order: polars warns where a LazyFrame is asked for its columns.
    return hasattr(values, "collect_schema") or hasattr(values, "columns")


def _shown(value: object) -> str:
    line = " ".join(repr(value).split())
    return line if len(line) <= _LONGEST_SHOWN else line[: _LONGEST_SHOWN - 1] + "…"
