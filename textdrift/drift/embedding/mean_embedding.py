"""The default test of meaning: linear in the documents, every document looked at, permuted in groups or bins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.drift.embedding.clouds import SHARE_OF_LEVEL, Clouds, clouds_of, sampled
from textdrift.drift.embedding.parts import Parts
from textdrift.drift.embedding.spectral import (
    DIRECTIONS,
    Round,
    Units,
    parts_of_statistic,
    permuted,
    units_of_bins,
    units_of_documents,
)
from textdrift.embeddings import Embeddings
from textdrift.embeddings.features import Basis, FeatureSums
from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.stats.permutations import in_two_rounds
from textdrift.stats.shifts import StandardisedShift, shift_of_moments, standardised_shift
from textdrift.windows.binning import bins_of

__all__ = ["MeanEmbedding"]

_ESCALATED_UNTIL = 0.05
_BINS = 1024
_MOST_BINS = 2**16
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanEmbedding:
    """Did the mean of the embeddings, or their spread, move?

    Null hypothesis: the documents (or groups) of both windows are exchangeable. With D the difference of the mean
    points along the eigenvectors of the covariance and w the eigenvalues, five statistics are looked at: the sum of
    D^2 / (w + c mean(w)) for c = 0.1, 1 and 10 (spectrally regularised, Hagrass, Sriperumbudur and Li 2024), the sum
    of D^2 (the linear-kernel maximum mean discrepancy), and the same sum over 33 standardised quadratic features (the
    spread). Each is standardised over all splits and the largest counts, so p = (1 + k) / (1 + B) is exact: mean and
    spread of a statistic, like the eigenvectors of both windows together, do not know which window a document came
    from. Documents are permuted when there are few, else bins of them (Domingo-Enrich, Dwivedi and Mackey 2025), in
    which p holds nearly, and depends on the order of the rows by which they are hashed.

    A round of 99 permutations settles p > 0.1; where the full round gives p <= 0.05 a fresh one of ten times as many
    replaces it. Time and memory are linear in the documents, and a window may be kept as sums (``compare_sums``).

    Parameters
    ----------
    n_permutations:
        Permutations of the full round.
    level:
        The level at which detectable effects are stated.
    max_units:
        Documents of both windows together that are permuted one by one; more are put into bins.
    max_groups:
        The same for groups; more than documents, since bins of heavy and light groups are uneven.
    max_documents:
        Documents of each window at most, a random sample beyond it; ``None`` looks at every document.
    basis:
        Fitted on points that are not tested. ``None``: on both windows together, which gives up no document.

    Raises
    ------
    EmbeddingsError
        When the points have different dimensions or come from different encoders, or do not fit the basis.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = Embeddings(rng.normal(size=(200, 8)), "an encoder")
    >>> after = Embeddings(rng.normal(size=(200, 8)) * 1.5, "an encoder")
    >>> result = MeanEmbedding(n_permutations=99).compare(before, after, rng=rng)
    >>> result.p_value, result.table("statistics")[0]["direction"]
    (0.001, 'spread')
    """

    n_permutations: int = 999
    level: float = 0.05
    max_units: int = 4096
    max_groups: int = 32_768
    max_documents: int | None = None
    basis: Basis | None = None

    def __post_init__(self) -> None:
        """Check the configuration once."""
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations must be at least 1; got {self.n_permutations}")
        if self.max_documents is not None and self.max_documents < 2:  # noqa: PLR2004 - a variance needs two points
            raise SettingsError(f"max_documents must be None or at least 2; got {self.max_documents}")
        for name in ("max_units", "max_groups"):
            if getattr(self, name) < 2:  # noqa: PLR2004 - one of each window
                raise SettingsError(f"{name} must be at least 2; got {getattr(self, name)}")

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows in memory.

        Parameters
        ----------
        reference, current:
            One point per document; rows of one group move together.
        rng:
            Draws the permutations; the same state gives the same result.
        """
        clouds_of(reference, current)  # strangers are refused before a sample is drawn
        (first, first_rows), (second, second_rows) = (
            sampled(window, self.max_documents, rng) for window in (reference, current)
        )
        clouds = clouds_of(first, second)
        basis = self._basis(clouds)
        n_bins = _bins_needed(len(first), len(second))
        at_most = self.max_groups if clouds.grouped else self.max_units
        if sum(clouds.n_units) <= at_most or n_bins > _MOST_BINS:
            units, what = units_of_documents(clouds, basis), "groups" if clouds.grouped else "documents"
            shifts = _shifts_of_documents(clouds, basis, self.level * SHARE_OF_LEVEL)
        else:
            sums = _summed(first, basis, n_bins), _summed(second, basis, n_bins)
            units, what = units_of_bins(*sums), "bins"
            shifts = _shifts_of_sums(*sums, self.level * SHARE_OF_LEVEL)
        outcome = self._test(units, rng)
        parts = parts_of_statistic(clouds, basis, outcome.winner)
        documents = parts.of_rows(first_rows, second_rows, len(reference), len(current)).evidence()
        looked_at = "every document"
        if (len(first), len(second)) != (len(reference), len(current)):
            looked_at = (
                f"a random sample of {len(first)} of {len(reference)} reference and {len(second)} of {len(current)} "
                "current documents"
            )
        result = _result(outcome, shifts, units, f"{what}, {looked_at}", n_documents=clouds.n_units)
        return replace(result, evidence=(documents, *result.evidence))

    def compare_sums(
        self,
        reference: FeatureSums,
        current: FeatureSums,
        *,
        rng: np.random.Generator,
        n_independent: tuple[int, int] | None = None,
    ) -> DriftResult:
        """Compare two windows of which only sums are left.

        Parameters
        ----------
        reference, current:
            Sums over one basis; bins are merged until those of both windows hold equally many documents on average.
        rng:
            Draws the permutations.
        n_independent:
            How many independent things each window holds, such as groups, where rows of one thing share a bin; bins are
            then made to hold equally many of them. ``None``: every document is one.

        Raises
        ------
        EmbeddingsError
            When the sums have two bases, a window is empty, or the larger one has too few bins for the smaller.
        """
        if not reference.basis.agrees_with(current.basis):
            raise EmbeddingsError("sums over two bases cannot be compared; sum both windows over one basis")
        counted = reference.n_documents, current.n_documents
        if not all(counted):
            raise EmbeddingsError(f"both windows need documents; got sums over {counted[0]} and {counted[1]}")
        units = units_of_bins(reference, current, n_independent=n_independent)
        shifts = _shifts_of_sums(reference, current, self.level * SHARE_OF_LEVEL)
        return _result(self._test(units, rng), shifts, units, "bins, every document", n_documents=counted)

    def parts(self, reference: Embeddings, current: Embeddings, *, statistic: str = "mean") -> Parts:
        """Return what each document adds to one of the five statistics.

        Parameters
        ----------
        reference, current:
            The windows that were compared.
        statistic:
            ``ridge_0.1``, ``ridge_1``, ``ridge_10``, ``mean`` or ``spread``; the one that stood out has the first row
            of the evidence ``statistics``.
        """
        if statistic not in DIRECTIONS:
            raise SettingsError(f"statistic must be one of {', '.join(DIRECTIONS)}; got {statistic!r}")
        clouds = clouds_of(reference, current)
        return parts_of_statistic(clouds, self._basis(clouds), statistic)

    def _basis(self, clouds: Clouds) -> Basis:
        if self.basis is None:
            return Basis.fit(clouds.reference, clouds.current)
        if len(self.basis.mean) != clouds.reference.shape[1]:
            raise EmbeddingsError(
                f"the basis has {len(self.basis.mean)} dimensions and the points have {clouds.reference.shape[1]}; "
                "fit it on points of the same encoder"
            )
        return self.basis

    def _test(self, units: Units, rng: np.random.Generator) -> Round:
        outcome = in_two_rounds(lambda b: permuted(units, b, rng), self.n_permutations)
        if outcome.p_value > _ESCALATED_UNTIL:
            return outcome
        # As with the first two rounds: a small p is kept only where fresh splits, which know nothing of it, agree.
        return permuted(units, 10 * (self.n_permutations + 1) - 1, rng)


def _bins_needed(n: int, m: int) -> int:
    """Return the power of two of bins in which the smaller window can have 32 as large as those of the larger."""
    return max(_BINS, 1 << int(np.ceil(np.log2(32 * max(n, m) / min(n, m)))))


def _summed(window: Embeddings, basis: Basis, n_bins: int) -> FeatureSums:
    sums = FeatureSums(basis, n_bins)
    ids = np.arange(len(window)) if window.groups is None else window.groups
    sums.add(window.points, bins_of(ids, n_bins))
    return sums


def _shifts_of_documents(clouds: Clouds, basis: Basis, level: float) -> tuple[StandardisedShift, StandardisedShift]:
    n = len(clouds.reference)
    groups = (clouds.units[:n], clouds.units[n:]) if clouds.grouped else None
    first, second = clouds.reference, clouds.current
    return (
        standardised_shift(first, second, level=level, groups=groups),
        standardised_shift(basis.quadratic(first), basis.quadratic(second), level=level, groups=groups),
    )


def _shifts_of_sums(
    reference: FeatureSums, current: FeatureSums, level: float
) -> tuple[StandardisedShift, StandardisedShift]:
    n, m = reference.n_documents, current.n_documents

    def shift(first: NDArray[Any], second: NDArray[Any], squared: float) -> StandardisedShift:
        old, noise_reference = _mean_and_noise(first, reference.counts)
        new, noise_current = _mean_and_noise(second, current.counts)
        trace = (squared / n - float(old @ old)) * n / max(1, n - 1)
        if noise_reference is None or noise_current is None or trace <= _NOTHING * squared / n:
            return StandardisedShift(value=0.0, low=0.0, high=float("inf"), detectable=float("inf"))
        noise = noise_reference + noise_current
        return shift_of_moments(new - old, noise, noise_reference * (1 + n / m), trace, level=level)

    return (
        shift(reference.linear, current.linear, reference.squared_distance),
        shift(reference.quadratic, current.quadratic, reference.squared_quadratic),
    )


def _mean_and_noise(sums: NDArray[Any], counts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Return the mean over all bins and its covariance, each bin a cluster; None where one bin holds everything."""
    n, k = counts.sum(), np.count_nonzero(counts)
    mean = sums.sum(axis=0) / n
    if k < 2:  # noqa: PLR2004 - a variance needs two bins
        return mean, None
    residuals = sums - counts[:, None] * mean
    return mean, residuals.T @ residuals / n**2 * (k / (k - 1))


def _result(
    outcome: Round,
    shifts: tuple[StandardisedShift, StandardisedShift],
    units: Units,
    what: str,
    *,
    n_documents: tuple[int, int],
) -> DriftResult:
    named = dict(zip(DIRECTIONS, outcome.statistics.tolist(), strict=True))
    standardised = dict(zip(DIRECTIONS, outcome.standardised.tolist(), strict=True))
    order = sorted(DIRECTIONS, key=lambda name: -standardised[name])
    directions = tuple(
        {"direction": DIRECTIONS[name], "statistic": name, "standardised": standardised[name]} for name in order
    )
    n_units, n_permutations = sum(units.n_units), outcome.n_permutations
    sizes = sizes_table(
        named
        | {f"{name}_standardised": value for name, value in standardised.items()}
        | {"n_units": n_units, "n_bins": n_units if what.startswith("bins") else None}
    )
    return DriftResult(
        test="embedding.mean_embedding",
        kind="semantic",
        statistic=float(outcome.standardised.max()),
        p_value=outcome.p_value,
        effects=tuple(
            Effect(name=name, value=shift.value, low=shift.low, high=shift.high, detectable=shift.detectable)
            for name, shift in zip(("std_shift", "spread_shift"), shifts, strict=True)
        ),
        n_documents=n_documents,
        evidence=(sizes, Evidence(name="statistics", rows=directions)),
        notes=(f"Engine: textdrift MeanEmbedding, {n_permutations} permutations over {n_units} {what}.",),
    )
