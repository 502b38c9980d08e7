"""Documents or groups into bins: the leading bits of a hash, so that bins nest, merge and need no memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.errors import SettingsError

__all__ = ["BinCounts", "bins_of", "bins_of_hashes", "coarser_bins", "equal_sized_bins", "ids_hashed"]

_FEWEST_BINS = 16
_GOOD_BINS = 32
_BOTH_WINDOWS = 256
_MOST_BINS = 2**32

_PRIMES = tuple(
    np.uint64(p)
    for p in (11400714785074694791, 14029467366897019727, 1609587929392839161, 9650029242287828579, 2870177450012600261)
)


def ids_hashed(ids: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the 64-bit xxHash of each id: of an integer's eight bytes, or of a string's UTF-8 bytes.

    Parameters
    ----------
    ids:
        Shape (n,), integers or strings. The same id has the same hash in every window, process and run; the number 7
        and the string "7" are two ids.

    Raises
    ------
    SettingsError
        When the ids are neither integers nor strings.

    Examples
    --------
    >>> import xxhash
    >>> hashed = int(ids_hashed(np.array([7]))[0])
    >>> hashed == xxhash.xxh64_intdigest((7).to_bytes(8, "little"))
    True
    """
    ids = np.asarray(ids)
    if np.issubdtype(ids.dtype, np.integer):
        return _integers_hashed(ids)
    if np.issubdtype(ids.dtype, np.str_):
        distinct, inverse = np.unique(ids, return_inverse=True)
        hashed = [xxhash.xxh64_intdigest(value.encode()) for value in distinct.tolist()]
        return np.array(hashed, dtype=np.uint64)[inverse]
    raise SettingsError(f"ids to be put into bins must be integers or strings; got dtype {ids.dtype}; convert them")


def _integers_hashed(ids: NDArray[Any]) -> NDArray[np.uint64]:
    """XXH64 of eight bytes, all ids at once (its specification's short-input path; sums wrap around 2^64)."""
    p1, p2, p3, p4, p5 = _PRIMES
    value = ids.astype(np.uint64 if ids.dtype == np.uint64 else np.int64).view(np.uint64)
    hashed = (p5 + np.uint64(8)) ^ (_rotated(value * p2, 31) * p1)
    hashed = _rotated(hashed, 27) * p1 + p4
    hashed = (hashed ^ (hashed >> np.uint64(33))) * p2
    hashed = (hashed ^ (hashed >> np.uint64(29))) * p3
    return np.asarray(hashed ^ (hashed >> np.uint64(32)), dtype=np.uint64)


def _rotated(value: NDArray[np.uint64], bits: int) -> NDArray[np.uint64]:
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


def bins_of(ids: NDArray[Any], n_bins: int) -> NDArray[np.int64]:
    """Return the bin of each id: the leading bits of its hash.

    All rows of a group share its id, hence its bin, so a bin holds whole groups. Bins nest: bin ``b`` of ``n_bins`` is
    the union of bins ``2 b`` and ``2 b + 1`` of ``2 n_bins``.

    Parameters
    ----------
    ids:
        Shape (n,), integers or strings: the group of each row, or its document id or number where rows are independent.
    n_bins:
        A power of two, at most 2^32.

    Raises
    ------
    SettingsError
        When ``n_bins`` is no power of two, or the ids are neither integers nor strings.

    Examples
    --------
    >>> fine = bins_of(np.array(["ann", "bob", "ann"]), 1024)
    >>> bool(fine[0] == fine[2]), (fine // 2 == bins_of(np.array(["ann", "bob", "ann"]), 512)).tolist()
    (True, [True, True, True])
    """
    return bins_of_hashes(ids_hashed(ids), n_bins)


def bins_of_hashes(hashes: NDArray[np.uint64], n_bins: int) -> NDArray[np.int64]:
    """Return the bin of each hash of ``ids_hashed``: its leading bits; see ``bins_of``.

    >>> bins_of_hashes(np.array([0, 2**63], dtype=np.uint64), 4).tolist()
    [0, 2]
    """
    if not 1 <= n_bins <= _MOST_BINS or n_bins & (n_bins - 1):
        raise SettingsError(f"the number of bins must be a power of two from 1 to 2^32; got {n_bins}; try 1024")
    bits = n_bins.bit_length() - 1
    if bits == 0:
        return np.zeros(len(hashes), dtype=np.int64)
    return (hashes >> np.uint64(64 - bits)).astype(np.int64)


def coarser_bins(n_bins: int, n_coarse: int) -> NDArray[np.int64]:
    """Return, for each of ``n_bins`` bins, which of ``n_coarse`` runs of neighbours it joins.

    The runs are as even as whole bins allow; ``n_coarse`` need not divide ``n_bins``.

    >>> coarser_bins(8, 3).tolist()
    [0, 0, 0, 1, 1, 1, 2, 2]
    """
    if not 1 <= n_coarse <= n_bins:
        raise SettingsError(f"{n_bins} bins can be merged into 1 to {n_bins}; got {n_coarse}")
    return np.arange(n_bins, dtype=np.int64) * n_coarse // n_bins


@dataclass(frozen=True, slots=True)
class BinCounts:
    """How many bins each window is brought to, so that the bins of both hold equally many documents on average."""

    reference: int
    current: int


def equal_sized_bins(n: int, m: int, available: BinCounts, *, wanted: int = _BOTH_WINDOWS) -> BinCounts:
    """Return the numbers of bins at which both windows have bins of equal mean size.

    Bins of unequal mean size are not exchangeable: a permutation test of them misjudges the noise of the smaller
    window. The smaller window gets 32 bins or more, and at least 16 where the larger one has too few to match.

    Parameters
    ----------
    n, m:
        Documents of the reference and of the current window.
    available:
        The bins at hand; they can be merged, never split.
    wanted:
        Bins of both windows together.

    Raises
    ------
    SettingsError
        When the larger window would need more bins than it has; the message says how many.

    Examples
    --------
    >>> equal_sized_bins(100_000, 5_000, BinCounts(1024, 1024))
    BinCounts(reference=640, current=32)
    """
    large, small = max(n, m), min(n, m)
    of_large, of_small = (
        (available.reference, available.current) if n >= m else (available.current, available.reference)
    )
    if small < 1:
        raise SettingsError(f"both windows need documents to be brought to equal bins; got {n} and {m}")
    share = small / large
    k = min(max(_GOOD_BINS, round(wanted * share / (1 + share))), small, of_small, int(of_large * share))
    if k < min(_FEWEST_BINS, small):
        window, side = ("reference", of_large) if n >= m else ("current", of_large)
        needed = 2 ** int(np.ceil(np.log2(_FEWEST_BINS / share)))
        raise SettingsError(
            f"windows of {n} and {m} documents need at least {_FEWEST_BINS} bins of equal size in the smaller one; "
            f"the {window} window has {side} bins, the smaller one {of_small}; sum the {window} window in {needed} "
            f"bins and the other in {_GOOD_BINS} or more, or compare the documents themselves"
        )
    counts = (round(k / share), k)
    return BinCounts(*counts) if n >= m else BinCounts(*reversed(counts))
