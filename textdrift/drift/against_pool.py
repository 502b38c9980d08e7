"""One window against a pool of earlier ones: random splits of their bins, and one smoothed p-value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.drift.embedding.spectral import weights_of
from textdrift.drift.lexical.row_splits import PooledRows
from textdrift.embeddings.features import FeatureSums
from textdrift.profiles import Profile
from textdrift.stats.e_processes import calibrated, smoothed_p_value
from textdrift.stats.permutations import max_standardised
from textdrift.tokens.aligning import aligned, in_coarser_bins
from textdrift.tokens.token_counts import BinnedCounts

__all__ = ["FEWEST_UNITS", "PoolResult", "bins_of_pool_and_window", "compare_with_pool"]

FEWEST_UNITS = 20
"""Things of a window, copies or rows of a group counted once, under which nothing is said."""

_MOST_BINS_OF_SMALLER = 64
_FEWEST_SPLITS = 1000
_FEWEST_HOLDERS = 5
_BLOCK = 128
_NOTHING = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PoolResult:
    """What the comparison of a window with its pool gave.

    Attributes
    ----------
    p_value:
        Of meaning and words together; uniform, and independent of those before, when documents are exchangeable.
    by_kind:
        The p-values of ``semantic`` and ``lexical`` alone, as far as the profiles have them.
    n_bins:
        Bins of the pool and of the window that were permuted.
    """

    p_value: float
    by_kind: Mapping[str, float]
    n_bins: tuple[int, int]


def bins_of_pool_and_window(n_units: tuple[float, float], available: int) -> tuple[int, int] | None:
    """Return the bins of pool and window at which those of both hold equally much; ``None`` where there are too few.

    Unlike ``equal_sized_bins`` it takes a single bin of the window where it must. A window of one bin is one draw
    among thousands of such draws that the pool holds, which is as good a comparison; what counts is that there are at
    least 1,000 ways to split the bins of both.

    Parameters
    ----------
    n_units:
        Independent things in the pool and in the window.
    available:
        Bins of each profile.

    Examples
    --------
    >>> bins_of_pool_and_window((300, 300), 2048), bins_of_pool_and_window((100_000, 300), 2048)
    ((64, 64), (2000, 6))
    >>> bins_of_pool_and_window((1_000_000, 300), 2048) is None
    True
    """
    small, large = sorted(n_units)
    if small < FEWEST_UNITS:
        return None
    of_small = min(_MOST_BINS_OF_SMALLER, int(small), int(available * small / large))
    if of_small < 1:
        return None
    of_large = round(of_small * large / small)
    if of_large > available or comb(of_small + of_large, of_small) < _FEWEST_SPLITS:
        return None
    return (of_large, of_small) if n_units[0] >= n_units[1] else (of_small, of_large)


def compare_with_pool(
    earlier: Profile,
    current: Profile,
    *,
    n_bins: tuple[int, int],
    n_permutations: int,
    rng: np.random.Generator,
) -> PoolResult:
    """Test whether a window is a random part of itself and the pool.

    Null hypothesis: all documents of pool and window are exchangeable. The statistics are those of ``MeanEmbedding``
    and ``TokenFrequency``, over the same random splits for both. For each split, observed or not, its rank among all
    splits is taken for each kind and turned into an e-value; the mean of the two is the statistic of both kinds. Its
    smoothed rank is one p-value: uniform given everything that both hold, thus independent of how the earlier windows
    fell (Vovk, Nouretdinov and Gammerman 2003). Two p-values would each be uniform, and their e-values' mean would have
    the right mean too, but not given both those before.

    Cost: each split adds up the bins of a window; a year of 300 texts a day takes some tenths of a second.

    Parameters
    ----------
    earlier, current:
        The pool and the window, made by ``slow_drift_profile`` over as many bins.
    n_bins:
        As ``bins_of_pool_and_window`` gives them.
    n_permutations:
        Random splits, B; the least p-value is below 1 / (B + 1).
    rng:
        Draws the splits, and what smooths.

    Examples
    --------
    >>> from textdrift.drift.slow_drift_profile import slow_drift_profile
    >>> names = [f"{a}{b}" for a in "bcdfghklmnprst" for b in "aeiou"]
    >>> monday = slow_drift_profile([f"parcel for {name} on time" for name in names], window="monday")
    >>> tuesday = slow_drift_profile([f"parcel for {name} lost at sea" for name in names], window="tuesday")
    >>> result = compare_with_pool(
    ...     monday, tuesday, n_bins=(64, 64), n_permutations=199, rng=np.random.default_rng(0)
    ... )
    >>> result.p_value < 0.01, sorted(result.by_kind)
    (True, ['lexical'])
    """
    splits = _Splits.drawn(n_bins, n_permutations, rng)
    largest: dict[str, Floats] = {}
    if earlier.sums is not None and current.sums is not None:
        statistics = _of_meaning(earlier.sums.merged(n_bins[0]), current.sums.merged(n_bins[1]), splits)
        largest["semantic"] = max_standardised(statistics)[0]
    if earlier.counts is not None and current.counts is not None:
        counts = aligned(earlier.counts, current.counts)
        first, second = (in_coarser_bins(side, n) for side, n in zip(counts, n_bins, strict=True))
        largest["lexical"] = max_standardised(_of_words(first, second, splits))[0]
    from scipy.stats import rankdata  # takes as long to load as all that a comparison of words needs besides

    ranks = np.array([rankdata(-values, method="max") for values in largest.values()]) / (n_permutations + 1)
    return PoolResult(
        p_value=smoothed_p_value(calibrated(ranks).mean(axis=0), rng),
        by_kind={kind: smoothed_p_value(values, rng) for kind, values in largest.items()},
        n_bins=n_bins,
    )


@dataclass(frozen=True, slots=True)
class _Splits:
    """Which bins stand in for the window: CSR, shape (B + 1, bins of both), the observed split first."""

    chosen: sparse.csr_matrix

    @classmethod
    def drawn(cls, n_bins: tuple[int, int], b: int, rng: np.random.Generator) -> _Splits:
        of_pool, k = n_bins
        both = of_pool + k
        places = np.empty((b + 1, k), dtype=np.int32)
        places[0] = np.arange(of_pool, both)
        for start in range(1, b + 1, _BLOCK):
            block = places[start : start + _BLOCK]
            block[:] = rng.random((len(block), both)).argpartition(k - 1, axis=1)[:, :k]
        chosen = sparse.csr_matrix(
            (np.ones(places.size), places.ravel(), np.arange(0, places.size + 1, k)), shape=(b + 1, both)
        )
        chosen.sort_indices()
        return cls(chosen)

    def documents(self, sizes: Floats) -> tuple[Floats, Floats]:
        """Return the documents of the window in each split, and what brings all splits to one noise.

        The noise of a difference of means goes with 1/n + 1/m, and in a split of uneven bins both vary.
        """
        n = self.chosen @ sizes
        m = sizes.sum() - n
        return n, np.sqrt(1 / np.maximum(n, 1) + 1 / np.maximum(m, 1)) * (n > 0) * (m > 0)


def _of_meaning(earlier: FeatureSums, current: FeatureSums, splits: _Splits) -> Floats:
    """Return the five statistics of ``MeanEmbedding`` of each split, shape (5, B + 1), up to a factor."""
    features = np.vstack([np.hstack([sums.turned, sums.quadratic]) for sums in (earlier, current)])
    sizes = np.concatenate([earlier.counts, current.counts]).astype(np.float64)
    features -= np.outer(sizes, features.sum(axis=0) / sizes.sum())
    _, to_one_noise = splits.documents(sizes)
    shift = (splits.chosen @ features) * to_one_noise[:, None]
    return np.asarray(weights_of(earlier.basis) @ np.square(shift).T)


def _of_words(earlier: BinnedCounts, current: BinnedCounts, splits: _Splits) -> Floats:
    """Return the two statistics of ``TokenFrequency`` of each split, shape (2, B + 1), up to a factor."""
    held = np.asarray(earlier.holders.sum(axis=0) + current.holders.sum(axis=0)).ravel()
    kept = np.flatnonzero((held >= _FEWEST_HOLDERS) & (held < earlier.n_documents + current.n_documents))
    n_splits = splits.chosen.shape[0]
    if not len(kept):
        return np.zeros((2, n_splits))
    rows = PooledRows.holding(earlier, current, kept)
    documents, to_one_noise = splits.documents(rows.sizes)
    variance = rows.residual_variance()
    weight = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > _NOTHING * rows.held)
    share = rows.held / rows.sizes.sum()
    by_row = sparse.csr_matrix(rows.by_term.T, dtype=np.float64)
    statistics = np.empty((2, n_splits))
    for start in range(0, n_splits, _BLOCK):
        block = slice(start, start + _BLOCK)
        t2 = (splits.chosen[block] @ by_row).toarray()
        t2 -= np.outer(documents[block], share)
        t2 *= t2
        t2 *= weight
        noise = to_one_noise[block] ** 2
        statistics[0, block] = t2.sum(axis=1) * noise
        statistics[1, block] = np.log(np.maximum(t2.max(axis=1) * noise, np.finfo(np.float64).tiny))
    return statistics
