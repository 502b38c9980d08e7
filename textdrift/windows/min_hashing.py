"""Sets of hashed words that overlap: candidates from min-hashes, each pair then counted exactly."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sets", "jaccard", "similar_pairs"]

_BANDS, _ROWS = 24, 4
_MOST_THREADS = 4  # each holds one band
_CELLS_AT_ONCE = 500_000
_MIXED = np.uint64(11400714785074694791)  # a prime of xxHash
_HIGH_HALF = np.uint64(0xFFFFFFFF00000000)

Pairs = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sets:
    """Many sets of hashed words, one after the other.

    Attributes
    ----------
    items:
        Shape (n_items,), ``uint32``: the hashes of all sets, each set without repeats.
    starts:
        Shape (n_sets + 1,): where each set starts, and the end of the last one. No set is empty.
    """

    items: NDArray[np.uint32]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of sets."""
        return len(self.starts) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Items of each set, shape (n_sets,)."""
        return np.diff(self.starts)


def similar_pairs(sets: Sets) -> Pairs:
    """Return pairs of sets that probably overlap, shape (n_pairs, 2), smaller number first.

    Min-hashes are taken in 24 bands of four (Broder 1997; Leskovec, Rajaraman and Ullman 2014, chapter 3): two sets of
    Jaccard similarity s meet in a band with probability 1 - (1 - s^4)^24, which is 0.999 at s = 0.7 and 0.18 at 0.3.
    A set is paired with its neighbour in the band, ordered by a fifth min-hash, and with the first of the band, so
    there are at most 48 pairs a set, however many sets meet: copies of one template stay linear.

    Cost: 120 passes over the items; memory of the items and of one band.

    Examples
    --------
    >>> sets = Sets(np.array([1, 2, 3, 4, 1, 2, 3, 4, 7, 8], dtype=np.uint32), np.array([0, 4, 8, 10]))
    >>> similar_pairs(sets).tolist()
    [[0, 1]]
    """
    # Fixed: which texts are near-copies must not depend on the seed of a run.
    rng = np.random.default_rng(20)
    factors = rng.integers(0, 2**32, size=(_BANDS, _ROWS + 1), dtype=np.uint32) | np.uint32(1)
    offsets = rng.integers(0, 2**32, size=(_BANDS, _ROWS + 1), dtype=np.uint32)
    met = np.zeros(0, dtype=np.int64)
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        bands = threads.map(lambda band: _neighbours(_band(sets, factors[band], offsets[band])), range(_BANDS))
        for neighbours in bands:
            met = np.union1d(met, neighbours)
    return np.column_stack([met // len(sets), met % len(sets)]) if len(met) else np.zeros((0, 2), dtype=np.int64)


def _band(sets: Sets, factors: NDArray[np.uint32], offsets: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Return a number per set: four min-hashes mixed in its high half, a fifth one in its low half."""
    keys = np.zeros(len(sets), dtype=np.uint64)
    for first, last in _blocks(sets.starts):
        start = sets.starts[first]
        items, starts = sets.items[start : sets.starts[last]], sets.starts[first:last] - start
        mixed = keys[first:last]
        for factor, offset in zip(factors[:-1], offsets[:-1], strict=True):
            mixed = (mixed ^ np.minimum.reduceat(items * factor + offset, starts)) * _MIXED
            mixed ^= mixed >> np.uint64(29)
        keys[first:last] = (mixed & _HIGH_HALF) | np.minimum.reduceat(items * factors[-1] + offsets[-1], starts)
    return keys


def _blocks(starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Cut the sets into runs that fit a cache, of one set at least."""
    n_sets = len(starts) - 1
    cuts = [0]
    while cuts[-1] < n_sets:
        fits = int(np.searchsorted(starts, starts[cuts[-1]] + _CELLS_AT_ONCE, side="right")) - 1
        cuts.append(min(max(fits, cuts[-1] + 1), n_sets))
    return list(pairwise(cuts))


def _neighbours(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the pairs of one band, each as one number: smaller x n_sets + larger."""
    order = np.argsort(keys, kind="stable")
    band = (keys >> np.uint64(32))[order]
    meets = np.concatenate([[False], band[1:] == band[:-1]])
    place = np.arange(len(keys))
    leader = np.maximum.accumulate(np.where(meets, 0, place))[meets]
    place = place[meets]
    one, other = np.concatenate([order[place - 1], order[leader]]), np.concatenate([order[place], order[place]])
    pairs = np.minimum(one, other) * np.int64(len(keys)) + np.maximum(one, other)
    return np.asarray(np.unique(pairs), dtype=np.int64)


def jaccard(sets: Sets, pairs: Pairs) -> NDArray[np.float64]:
    """Return the Jaccard similarity of each pair, |A and B| / |A or B|, shape (n_pairs,).

    Examples
    --------
    >>> sets = Sets(np.array([1, 2, 3, 2, 3, 4], dtype=np.uint32), np.array([0, 3, 6]))
    >>> jaccard(sets, np.array([[0, 1]])).tolist()
    [0.5]
    """
    sizes = sets.sizes
    both = sizes[pairs].sum(axis=1)
    shared = np.zeros(len(pairs), dtype=np.int64)
    blocks = _blocks(np.concatenate([[0], np.cumsum(both)]))
    with ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1)) as threads:
        for (first, last), n_shared in zip(
            blocks, threads.map(lambda block: _shared_items(sets, pairs[block[0] : block[1]]), blocks), strict=True
        ):
            shared[first:last] = n_shared
    return np.asarray(shared / np.maximum(both - shared, 1))


def _shared_items(sets: Sets, pairs: Pairs) -> NDArray[np.int64]:
    """Return how many items both sets of each pair hold: in order, an item of both stands beside its equal."""
    flat = pairs.ravel()
    sizes = sets.sizes[flat]
    ends = np.cumsum(sizes)
    inside = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
    items = sets.items[np.repeat(sets.starts[flat], sizes) + inside]
    pair = np.repeat(np.arange(len(flat)) // 2, sizes)
    held = np.sort((pair.astype(np.uint64) << np.uint64(32)) | items)
    twice = held[1:][held[1:] == held[:-1]]
    counts = np.bincount((twice >> np.uint64(32)).astype(np.intp), minlength=len(pairs))
    return np.asarray(counts, dtype=np.int64)
