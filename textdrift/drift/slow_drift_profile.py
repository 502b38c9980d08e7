"""A window as the slow-drift detector keeps it: a profile whose bins know which window their documents came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.embeddings.features import Basis
from textdrift.errors import ProfileError
from textdrift.profiles import BinnedUnits, Profile, Span, profile_texts
from textdrift.stats.distinct_counting import smallest_hashes
from textdrift.tokens.binned_counting import hashes_of_texts
from textdrift.tokens.encoding import encoded_batches
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.binning import ids_hashed
from textdrift.windows.window import Roles, Window

__all__ = ["SLOW_DRIFT_BINS", "slow_drift_profile"]

SLOW_DRIFT_BINS = 2048
"""Bins of a window: a pool may hold 2,048 times the documents of the window that is tested against it."""


def slow_drift_profile(
    texts: Any,
    *,
    window: str,
    groups: Sequence[Any] | None = None,
    points: NDArray[Any] | None = None,
    basis: Basis | None = None,
    encoder: str = "",
    tokenization: Tokenization | None = None,
    span: Span | None = None,
    n_bins: int = SLOW_DRIFT_BINS,
) -> Profile:
    """Return the profile of one window, to be tested against earlier ones and then merged into them.

    It is ``profile_texts`` but for one thing: what belongs together (rows of a group, else copies of a text) shares a
    bin within this window alone. In a pool of a year all "thanks!" of 365 days would else lie in one bin, and a bin of
    a thousand copies is not exchangeable with one of twenty documents. The sketch ``units`` of the profile still holds
    the hashes of the groups or texts themselves, so that those which live in several windows are found.

    Parameters
    ----------
    texts:
        The window's texts, nulls included: a list or an Arrow array.
    window:
        Its name, such as its date.
    groups:
        The author, session or thread of each row; ``None``, or null for a row without.
    points:
        Shape (n_rows, d), the embedding of each row.
    basis:
        Fitted on rows that are never in a window that is tested or pooled, such as those of the job's fixed reference.
        A basis that saw some of the earlier windows makes every later one look new.
    encoder, tokenization, span, n_bins:
        As of ``profile_texts``; the same for all windows.

    Raises
    ------
    ProfileError
        When the window has no name, or what ``profile_texts`` refuses.

    Examples
    --------
    >>> monday = slow_drift_profile(["thanks", "Thanks!", "late", None], window="2026-11-23")
    >>> monday, monday.n_units
    (Profile(name='2026-11-23', n_rows=4, n_documents=3), 2)
    """
    if not window:
        raise ProfileError("a window of the slow-drift detector needs a name, such as its date; got an empty one")
    array = pa.array(texts, pa.large_string()) if not isinstance(texts, (pa.Array, pa.ChunkedArray)) else texts
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    usable = Window(pa.table({"text": array}), Roles(text="text"), "").usable
    hashes = np.zeros(len(array), dtype=np.uint64)
    words = (hashes_of_texts(batch) for batch in encoded_batches([array.filter(pa.array(usable))], Tokenization()))
    hashes[usable] = np.concatenate([np.zeros(0, dtype=np.uint64), *words])
    if groups is not None:
        hashes = _hashes_of_groups(groups, hashes)
    # The name of the window is part of what is hashed into bins.
    units = pa.array([f"{window}\x1f{unit:x}" for unit in hashes.tolist()], pa.large_string())
    made = profile_texts(
        [array],
        tokenization=tokenization,
        n_bins=n_bins,
        groups=[units],
        points=None if points is None else [points],
        basis=basis,
        encoder=encoder,
        name=window,
        span=span,
    )
    kept = {field.name: getattr(made, field.name) for field in fields(made)}
    sketch = BinnedUnits("texts" if groups is None else "groups", smallest_hashes(hashes[usable]))
    return Profile(**{**kept, "units": sketch})


def _hashes_of_groups(groups: Sequence[Any], otherwise: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the hash of the group of each row, and the hash of its text where it has none."""
    if len(groups) != len(otherwise):
        raise ProfileError(f"there are {len(otherwise)} texts and {len(groups)} groups; give one a row")
    given = groups if isinstance(groups, (pa.Array, pa.ChunkedArray)) else pa.array(list(groups))
    if pa.types.is_null(given.type):
        return otherwise
    names = pc.cast(given, pa.large_string()).to_pylist()
    named = np.array([bool(name and name.strip()) for name in names])
    hashes = otherwise.copy()
    if named.any():
        hashes[named] = ids_hashed(np.array([name for name in names if name and name.strip()]))
    return hashes
