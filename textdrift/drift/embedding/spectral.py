"""Five quadratic forms of a shift of mean and spread features, permuted together; the largest counts."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from textdrift.drift.embedding.clouds import Clouds
from textdrift.drift.embedding.parts import Parts, parts_of_quadratic
from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.stats.permutations import max_standardised, permutation_p_value, reference_indicators
from textdrift.windows.binning import BinCounts, equal_sized_bins

__all__ = [
    "DIRECTIONS",
    "Round",
    "Units",
    "parts_of_statistic",
    "permuted",
    "units_of_bins",
    "units_of_documents",
    "weights_of",
]

_RIDGES = (0.1, 1.0, 10.0)  # in mean eigenvalues
DIRECTIONS = MappingProxyType(
    {
        "ridge_0.1": "mean along many weak directions",
        "ridge_1": "mean along many weak directions",
        "ridge_10": "overall mean",
        "mean": "overall mean",
        "spread": "spread",
    }
)
"""The five statistics, by name, and what it means that one stands out."""

_TIES_UNTIL = 64


@dataclass(frozen=True, slots=True)
class Units:
    """What is permuted, the units of the reference first: documents, groups, or bins.

    Attributes
    ----------
    features:
        Sums of the linear and quadratic features of each unit, shape (u, d + q).
    counts:
        Documents of each unit, shape (u,).
    n_units:
        Units of the reference and of the current window.
    weights:
        Shape (5, d + q), the statistics as diagonals.
    """

    features: NDArray[np.float32]
    counts: NDArray[np.float64]
    n_units: tuple[int, int]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Round:
    """One round of permutations: the statistics of the observed split, shape (5,), and how far each stands out."""

    statistics: NDArray[np.float64]
    standardised: NDArray[np.float64]
    p_value: float
    n_permutations: int

    @property
    def winner(self) -> str:
        """The statistic that stands out most."""
        return tuple(DIRECTIONS)[int(self.standardised.argmax())]


def weights_of(basis: Basis) -> NDArray[np.float64]:
    """Return the five statistics as diagonals over the d linear and the q quadratic features."""
    d, mean_eigenvalue = len(basis.mean), float(basis.eigenvalues.mean())
    weights = np.zeros((len(DIRECTIONS), d + basis.n_quadratic))
    if mean_eigenvalue > 0:
        for row, ridge in enumerate(_RIDGES):
            weights[row, :d] = 1 / (basis.eigenvalues + ridge * mean_eigenvalue)
        weights[-2, :d] = 1.0
        weights[-1, d:] = 1.0
    return weights


def units_of_documents(clouds: Clouds, basis: Basis) -> Units:
    """Return the documents, or the groups, of windows in memory."""
    documents = np.vstack(
        [np.hstack([basis.linear(points), basis.quadratic(points)]) for points in (clouds.reference, clouds.current)]
    )
    n_units, counts = sum(clouds.n_units), np.bincount(clouds.units).astype(np.float64)
    if not clouds.grouped:
        return Units(documents, counts, clouds.n_units, weights_of(basis))
    of_unit = sparse.csr_matrix(
        (np.ones(len(documents), dtype=np.float32), (clouds.units, np.arange(len(documents)))),
        shape=(n_units, len(documents)),
    )
    return Units(of_unit @ documents, counts, clouds.n_units, weights_of(basis))


def units_of_bins(
    reference: FeatureSums, current: FeatureSums, *, n_independent: tuple[int, int] | None = None
) -> Units:
    """Return the bins of summed windows, merged until both windows have equally large ones.

    ``n_independent`` says how many independent things each window holds where that is not its documents.
    """
    available = BinCounts(reference.n_bins, current.n_bins)
    n, m = n_independent or (reference.n_documents, current.n_documents)
    wanted = equal_sized_bins(n, m, available)
    merged = reference.merged(wanted.reference), current.merged(wanted.current)
    features = np.vstack([np.hstack([sums.turned, sums.quadratic]) for sums in merged]).astype(np.float32)
    counts = np.concatenate([sums.counts for sums in merged]).astype(np.float64)
    return Units(features, counts, (wanted.reference, wanted.current), weights_of(reference.basis))


def permuted(units: Units, n_permutations: int, rng: np.random.Generator) -> Round:
    """Return the five statistics of the observed and of fresh splits, and the p-value of the largest."""
    # Few units have few splits, which recur: ties must then be seen through the rounding.
    precision = np.float64 if sum(units.n_units) <= _TIES_UNTIL else np.float32
    features = units.features.T.astype(precision)
    total, n_all = features.sum(axis=1, keepdims=True, dtype=np.float64), units.counts.sum()
    n_observed = units.counts[: units.n_units[0]].sum()
    batches = []
    for splits in reference_indicators(*units.n_units, n_permutations, rng):
        n = units.counts @ splits
        m = n_all - n
        sums = features @ splits.astype(precision, copy=False)
        both = (n > 0) & (m > 0)  # bins without documents may leave a side empty: nothing can be seen there
        n, m = np.maximum(n, 1), np.maximum(m, 1)
        # The noise of a difference goes with 1/n + 1/m, and in a split of uneven units n and m vary; the observed
        # split does not. Each split is brought to the noise of the observed one.
        to_observed = both * np.sqrt((1 / n_observed + 1 / (n_all - n_observed)) / (1 / n + 1 / m))
        shift = (sums * (1 / n + 1 / m) - total / m) * to_observed
        batches.append(units.weights @ np.square(shift))
    statistics = np.hstack(batches)
    largest, standardised = max_standardised(statistics)
    p_value = permutation_p_value(largest[0], largest[1:])
    return Round(statistics[:, 0], standardised[:, 0], p_value, n_permutations)


def parts_of_statistic(clouds: Clouds, basis: Basis, statistic: str) -> Parts:
    """Split one of the statistics over the documents of both windows."""
    first, second = clouds.reference, clouds.current
    weights = weights_of(basis)[list(DIRECTIONS).index(statistic)]
    d = len(basis.mean)
    if statistic == "spread":
        return parts_of_quadratic(basis.quadratic(first), basis.quadratic(second), weights[d:])
    return parts_of_quadratic(basis.linear(first), basis.linear(second), weights[:d])
