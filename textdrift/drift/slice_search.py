"""The search for the slices that moved: one p-value that knows how many were looked at, and which of them to name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.slice_mix import SliceMix
from textdrift.drift.slices import Slice
from textdrift.stats.max_statistic import split_statistics, step_down_p_values, sum_of_squares
from textdrift.stats.permutations import in_two_rounds

__all__ = ["METHOD", "SliceSearch", "documents_affordable", "named_places", "search_slices"]

METHOD = "permutations within slices, the largest statistic of all slices (Westfall and Young 1993)"

_NEARLY = 0.9
_MOST_CELLS = 400_000_000  # a document in a slice under a permutation: some ten seconds on one core


@dataclass(frozen=True, slots=True)
class SliceSearch:
    """What the search found, slice by slice.

    Attributes
    ----------
    statistics:
        Shape (slices,): how far each slice stands out, in standard deviations of what chance gives in it.
    p_values:
        Shape (slices,), adjusted for all slices.
    n_permutations:
        How many were drawn in the round that counts.
    """

    statistics: NDArray[Any]
    p_values: NDArray[Any]
    n_permutations: int

    @property
    def p_value(self) -> float:
        """Of "nothing moved inside any slice"."""
        return float(self.p_values.min(initial=1.0))


def search_slices(
    features: NDArray[Any],
    slices: Sequence[Slice],
    n_reference: int,
    *,
    n_permutations: int,
    statistic: Callable[[NDArray[Any]], NDArray[Any]] = sum_of_squares,
    least_held: float = 0.0,
    mixes: Sequence[SliceMix] = (),
    rng: np.random.Generator,
) -> SliceSearch:
    """Look for slices in which the windows differ, by `split_statistics` and `step_down_p_values`.

    A round of 99 permutations settles p > 0.1; else a fresh full round replaces it.

    Parameters
    ----------
    features:
        Shape (n + m, k), the reference first; every row is an independent document.
    slices:
        With rows of both windows.
    n_reference:
        n.
    n_permutations, statistic, least_held, rng:
        See `split_statistics`.
    mixes:
        Of each slice the strata within which its documents are compared; without them, all of its documents are.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> points = rng.normal(size=(400, 3))
    >>> points[300:] += 1.0
    >>> slices = [Slice("region", name, (np.arange(i, i + 100),) * 2) for i, name in ((0, "n"), (100, "s"))]
    >>> search_slices(points, slices, 200, n_permutations=199, rng=rng).p_values.round(3)[1]
    0.005
    """
    if not slices:
        return SliceSearch(np.zeros(0), np.zeros(0), n_permutations)
    split = [part.split(n_reference) for part in slices]
    if mixes:
        split = [replace(part, strata=mix.strata) for part, mix in zip(split, mixes, strict=True)]

    def run(b: int) -> SliceSearch:
        statistics = split_statistics(features, split, b, statistic=statistic, least_held=least_held, rng=rng)
        return SliceSearch(statistics[:, 0], step_down_p_values(statistics), b)

    return in_two_rounds(run, n_permutations)


def documents_affordable(n_columns: int, n_permutations: int, at_most: int) -> int:
    """Return how many documents of each window a search can look at: fewer for many columns.

    >>> documents_affordable(2, 999, 20_000), documents_affordable(7, 1999, 20_000)
    (20000, 3571)
    """
    n_passes = n_columns + n_columns * (n_columns - 1) // 2
    return max(1, min(at_most, _MOST_CELLS // (2 * max(1, n_passes) * (n_permutations + 1))))


def named_places(
    slices: Sequence[Slice],
    strengths: Sequence[float],
    p_values: Sequence[float],
    sizes: Sequence[tuple[float, float]],
    *,
    level: float,
) -> list[int]:
    """Return the places of the slices to name, the largest drift first: those that say more than others do.

    A pair says more than its parts where it stands out nearly as far as either (0.9 of it), though it holds fewer
    documents, and the lower end of its size lies above the size of either part: else "Delta within topic 3" would only
    repeat "Delta". And a slice says more than one of larger drift where it moved further than their common documents
    explain: else the values of every other column would repeat "Delta", thinned out.

    Parameters
    ----------
    slices:
        All that were judged, with the rows by which they overlap.
    strengths:
        How far each stands out, on one scale.
    p_values:
        Adjusted for all of them.
    sizes:
        Size of the drift of each, and the lower end of its interval.
    level:
        At most this p-value is significant.

    Examples
    --------
    >>> both = (np.arange(40), np.arange(40))
    >>> half = (np.arange(20), np.arange(20))
    >>> parts = [Slice("a", "x", both), Slice("b", "y", both), Slice("a", "x", half, ("b", "y"))]
    >>> named_places(parts, [3.0, 2.0, 5.0], [0.01, 0.3, 0.01], [(0.4, 0.2), (0.1, 0.0), (0.9, 0.6)], level=0.05)
    [2]
    >>> named_places(parts, [6.0, 2.0, 5.0], [0.01, 0.3, 0.01], [(0.8, 0.6), (0.1, 0.0), (0.9, 0.6)], level=0.05)
    [0]
    """
    of_name = {(part.column, part.value): place for place, part in enumerate(slices) if part.within is None}
    candidates = []
    for place, part in enumerate(slices):
        if p_values[place] > level:
            continue
        held_in = [of_name[name] for name in part.parts if name in of_name]
        if all(
            strengths[place] >= _NEARLY * strengths[whole] and sizes[place][1] > sizes[whole][0] for whole in held_in
        ):
            candidates.append(place)
    named: list[int] = []
    for place in sorted(candidates, key=lambda place: (-sizes[place][0], -strengths[place])):
        explained = (sizes[other][0] * _share_common(slices[place], slices[other]) for other in named)
        if sizes[place][1] >= max(explained, default=-np.inf):
            named.append(place)
    return named


def _share_common(part: Slice, other: Slice) -> float:
    """Return the share of the documents of a slice that lie in another one too, the mean over both windows."""
    shares = [
        len(np.intersect1d(mine, theirs, assume_unique=True)) / max(1, len(mine))
        for mine, theirs in zip(part.rows, other.rows, strict=True)
    ]
    return float(np.mean(shares))
