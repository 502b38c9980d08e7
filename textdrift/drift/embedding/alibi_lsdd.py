"""Alibi Detect's least-squares density difference on embeddings, its p-value mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult
from textdrift.drift.embedding.alibi_adapter import Answer, Detector, Sample, compare_with, no_answer
from textdrift.drift.embedding.alibi_library import (
    alibis_own_streams,
    bandwidth_unless_defined,
    chosen_device,
    detector_class,
    refuse_bad_settings,
)
from textdrift.embeddings import Embeddings
from textdrift.stats.permutations import in_two_rounds

__all__ = ["AlibiLsdd"]

_LSDD = Detector("embedding.alibi_lsdd", "LSDDDrift", "Alibi Detect's LSDD", least_documents=10)

_CHUNK_CELLS = 2**26
_CENTRES_PER_DOCUMENT = 20
_NO_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiLsdd:
    """Alibi Detect's ``LSDDDrift``: do the densities of the two windows differ, in least squares?

    Null hypothesis: the points of both windows are exchangeable. The statistic is the estimated integral of the squared
    difference of the densities, from Gaussian bumps on a twentieth of the reference (Bu, Alippi and Zhao 2018); those
    documents take no part in the test. p = (1 + k) / (1 + B). Cost: O((n + m) n d / 20), and O(n (n + m) / 20) for each
    permutation.

    Parameters
    ----------
    n_permutations:
        Permutations of the full round; a cheap round of 99 settles p > 0.1.
    max_documents:
        Documents of each window at most, a random sample beyond it.
    level:
        The level at which the detectable effect is stated.
    device:
        ``auto`` (CUDA when there is one), ``cpu`` or ``cuda``.

    Raises
    ------
    EmbeddingsError
        When the points have different dimensions or come from different encoders.
    MissingExtraError
        When alibi-detect is not installed (it has no release for Python 3.13).
    """

    n_permutations: int = 299
    max_documents: int = 2000
    level: float = 0.05
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check the configuration once."""
        refuse_bad_settings(
            {"n_permutations": (self.n_permutations, 1), "max_documents": (self.max_documents, 2)}, self.device
        )

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings; the same state of ``rng`` gives the same result."""
        return compare_with(_LSDD, self, (reference, current), self._ask, rng)

    def _ask(self, sample: Sample, rng: np.random.Generator) -> Answer:
        spread = sample.reference.std(axis=0, dtype=np.float64)
        varies = spread > _NO_SPREAD * float(sample.pooled.std(axis=0, dtype=np.float64).max())
        if not varies.any():
            return no_answer("LSDD divides by the spread of the reference, which has none: p is 1.")
        notes: tuple[str, ...] = ()
        if not varies.all():
            told = (
                f"LSDD divides by the spread of the reference: {(~varies).sum()} of {len(varies)} dimensions, in which "
                "the reference does not vary, were left out."
            )
            notes = (told,)
        reference, current = sample.reference[:, varies], sample.current[:, varies]
        sigma = bandwidth_unless_defined(reference / spread[varies], current / spread[varies])
        return in_two_rounds(
            lambda b: self._round(np.ascontiguousarray(reference), np.ascontiguousarray(current), sigma, b, notes, rng),
            self.n_permutations,
        )

    def _round(
        self,
        reference: NDArray[Any],
        current: NDArray[Any],
        sigma: NDArray[Any] | None,
        b: int,
        notes: tuple[str, ...],
        rng: np.random.Generator,
    ) -> Answer:
        """Ask in chunks, since Alibi Detect holds the rows of all permutations of a call in memory at once."""
        cells = (len(reference) + len(current)) * max(len(reference) // _CENTRES_PER_DOCUMENT, 1)
        chunk = max(1, _CHUNK_CELLS // cells)
        n_beyond, statistic = 0, 0.0
        with alibis_own_streams(rng):
            detector = detector_class(_LSDD.alibi_class)(
                reference, backend="pytorch", n_permutations=b, sigma=sigma, device=chosen_device(self.device)
            )
            for start in range(0, b, chunk):
                size = min(chunk, b - start)
                detector._detector.n_permutations = size  # noqa: SLF001 - the public class passes it at construction only
                try:
                    data = detector.predict(current)["data"]
                except ValueError:  # its one complaint: no ridge keeps the estimates stable
                    return no_answer("LSDD found too many equal points to estimate densities: p is 1.")
                statistic = float(data["distance"]) if start == 0 else statistic
                n_beyond += round(float(data["p_val"]) * size)
        if not np.isfinite(statistic):
            return no_answer("LSDD returned no finite distance: p is 1.")
        return Answer(statistic=statistic, p_value=(1 + n_beyond) / (1 + b), how=f"{b} permutations", notes=notes)
