"""MeaningInSegments: did the texts move inside some segment, even where all texts together stayed?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect
from textdrift.drift.embedding.clouds import SHARE_OF_LEVEL, clouds_of
from textdrift.drift.slice_mix import mixes_of
from textdrift.drift.slice_results import (
    TOLD_FROM,
    largest_effect,
    notes_on_mixes,
    search_table,
    segments_table,
    smallest_to_show,
    untested,
)
from textdrift.drift.slice_search import search_slices
from textdrift.drift.slices import Row, SegmentCodes, Slice, slices_of
from textdrift.embeddings import Embeddings
from textdrift.embeddings.features import Basis
from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.stats.max_statistic import sum_of_squares
from textdrift.stats.shifts import shift_of_moments, standardised_shift

__all__ = ["MeaningInSegments", "SlicedEmbeddings"]

_DIRECTIONS = 64
_MOST_FITTED = 8192  # rows that show the directions; more would show the same ones
_TEST, _EFFECT = "embedding.segments", "std_shift_in_segment"


@dataclass(frozen=True, slots=True)
class SlicedEmbeddings:
    """The points of one window, and which segments each of them lies in; one point for each independent document."""

    embeddings: Embeddings
    segments: SegmentCodes

    def __post_init__(self) -> None:
        """Check once that there are codes for each point."""
        if len(self.embeddings) != len(self.segments):
            raise EmbeddingsError(
                f"each point needs its segments; got {len(self.embeddings)} points and the segments of "
                f"{len(self.segments)} documents"
            )

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self.embeddings)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeaningInSegments:
    """Look for segments, topics and pairs of them inside which the mean of the embeddings moved.

    Null hypothesis: within every slice both windows draw their texts from one distribution, given the values of the
    other segment columns. Slices are the values of each segment column, topics where there are some, and pairs of
    values of two columns, with at least 30 documents in each window. How many documents a slice has may change, and so
    may the other columns' values inside it: a new mix of segments is no drift here.

    In each slice the difference of the means along the 64 leading directions of all points is held against splits of
    the slice's own documents (`textdrift.stats.max_statistic`), alike ones against alike ones (`mixes_of`), and the
    slices against each other by the step-down maxima of Westfall and Young (1993). Within a slice p is exact but for
    values of other columns that hold fewer than eight of its documents. A shift is that of documents of one mix.

    Cost: O(B) for each document in each slice; about ten seconds at most, since `preparing_slices` hands it a sample of
    windows that are larger.

    Parameters
    ----------
    n_permutations:
        Of the full round; 99 cheap ones come first and may settle that nothing is there.
    level:
        Slices count as moved at this adjusted level, and detectable shifts are stated at it.
    max_documents:
        Documents of each window at most; a random sample beyond it, and of less where there are many columns.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> points = [rng.normal(size=(400, 8)) for _ in range(2)]
    >>> points[1][:200, 0] += 1.0
    >>> points[1][200:, 0] -= 1.0
    >>> codes = SegmentCodes(("plan",), (("free", "paid"),), np.repeat([[0], [1]], 200, axis=0))
    >>> before, after = (SlicedEmbeddings(Embeddings(p, "an encoder"), codes) for p in points)
    >>> result = MeaningInSegments(n_permutations=199).compare(before, after, rng=rng)
    >>> result.p_value, sorted(row["value"] for row in result.table("segments"))
    (0.005, ['free', 'paid'])
    """

    n_permutations: int = 999
    level: float = 0.05
    max_documents: int = 20_000

    def __post_init__(self) -> None:
        """Check the configuration once."""
        for name in ("n_permutations", "max_documents"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be at least 1; got {getattr(self, name)}")

    def compare(
        self, reference: SlicedEmbeddings, current: SlicedEmbeddings, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare two windows slice by slice.

        Parameters
        ----------
        reference, current:
            Points and segments, every row an independent document.
        rng:
            Draws the permutations.

        Raises
        ------
        EmbeddingsError
            When the points come from two encoders.
        """
        clouds = clouds_of(reference.embeddings, current.embeddings)
        slices = slices_of(reference.segments, current.segments)
        n, m = len(reference), len(current)
        if not slices.judged:
            effect = Effect(name=_EFFECT, value=0.0, low=0.0, high=math.inf, detectable=math.inf)
            return untested(_TEST, "semantic", effect, slices, (n, m), "No segment has 30 documents in each window")
        points = np.vstack([clouds.reference, clouds.current])
        basis = _basis(points, rng)
        n_directions = min(_DIRECTIONS, max(1, int(np.count_nonzero(basis.eigenvalues))))
        variances = basis.eigenvalues[:n_directions]
        # As in MeanEmbedding with c = 1: what hardly varies counts for less than in full standardisation.
        weight = np.sqrt(variances / np.maximum(variances + basis.eigenvalues.mean(), np.finfo(float).tiny))
        mixes = mixes_of(slices.judged, reference.segments, current.segments)
        found = search_slices(
            basis.linear(points)[:, :n_directions],
            slices.judged,
            n,
            n_permutations=self.n_permutations,
            statistic=lambda z: sum_of_squares(z * weight.astype(np.float32)),
            mixes=mixes,
            rng=rng,
        )
        sizes: dict[int, Row] = {}
        for place in np.flatnonzero(found.p_values <= max(TOLD_FROM, self.level)).tolist():
            first, second = mixes[place].thinned(slices.judged[place].rows, rng)
            shift = standardised_shift(
                clouds.reference[first], clouds.current[second], level=self.level * SHARE_OF_LEVEL
            )
            sizes[place] = {"effect": max(0.0, shift.value), "low": max(0.0, shift.low), "high": shift.high}
        table = segments_table(slices.judged, found, sizes)
        detectable = _detectable(slices.judged, basis, (n, m), self.level * SHARE_OF_LEVEL)
        return DriftResult(
            test=_TEST,
            kind="semantic",
            statistic=float(found.statistics.max()),
            p_value=found.p_value,
            effects=(largest_effect(_EFFECT, table, level=self.level, detectable=detectable, largest=math.inf),),
            n_documents=(n, m),
            evidence=(search_table(slices, found.n_permutations), table),
            notes=notes_on_mixes(mixes),
        )


def _basis(points: NDArray[Any], rng: np.random.Generator) -> Basis:
    """Fit the directions on rows of both windows, drawn without knowing which window a row is of."""
    if len(points) > _MOST_FITTED:
        points = points[np.sort(rng.choice(len(points), size=_MOST_FITTED, replace=False))]
    return Basis.fit(points)


def _detectable(slices: Sequence[Slice], basis: Basis, n_documents: tuple[int, int], level: float) -> float:
    """Return the shift that would have shown in the smallest segment with 5 % of the documents of both windows.

    In a slice that varies like all documents, at the level of one of so many slices (Bonferroni's, a little strict).
    """
    trace = float(basis.eigenvalues.sum())
    if trace <= 0:
        return math.inf
    n, m = smallest_to_show(slices, n_documents)
    noise = np.diag(basis.eigenvalues) * (1 / n + 1 / m)
    nothing = np.zeros(len(basis.eigenvalues))
    return shift_of_moments(nothing, noise, noise, trace, level=level / len(slices)).detectable
