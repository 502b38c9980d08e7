"""Alibi Detect's MMD on embeddings, its p-value mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult
from textdrift.drift.embedding.alibi_adapter import Answer, Detector, Sample, compare_with
from textdrift.drift.embedding.alibi_library import (
    alibi_is_there,
    alibis_own_streams,
    bandwidth_unless_defined,
    chosen_device,
    detector_class,
    refuse_bad_settings,
)
from textdrift.embeddings import Embeddings
from textdrift.stats.permutations import in_two_rounds

__all__ = ["AlibiMmd", "alibi_is_there"]

_MMD = Detector("embedding.alibi_mmd", "MMDDrift", "Alibi Detect's MMD", least_documents=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiMmd:
    """Alibi Detect's ``MMDDrift`` (PyTorch back end): do the two windows come from one cloud of meaning?

    Null hypothesis: the points of both windows are exchangeable. The statistic is the unbiased squared maximum mean
    discrepancy under a Gaussian kernel, its bandwidth the median distance within the reference (Gretton et al. 2012).
    Alibi Detect returns p = k / B, which can be 0; here p = (1 + k) / (1 + B).

    The test is quadratic in the documents, in time (once per permutation) and in memory, so windows beyond
    ``max_documents`` are sampled, and a note says so. Copies of a text must be collapsed before: permuting copies as if
    they were independent rejects always. Of each group one random document is kept.

    Parameters
    ----------
    n_permutations:
        Permutations of the full round; a cheap round of 99 settles p > 0.1.
    max_documents:
        Documents of each window at most.
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
        """Compare two clouds of embeddings.

        Parameters
        ----------
        reference, current:
            One point per distinct text, shapes (n, d) and (m, d).
        rng:
            Draws the sample and seeds the permutations; the same state gives the same result.
        """
        return compare_with(_MMD, self, (reference, current), self._ask, rng)

    def _ask(self, sample: Sample, rng: np.random.Generator) -> Answer:
        sigma = bandwidth_unless_defined(sample.reference, sample.current)
        return in_two_rounds(lambda b: self._round(sample, sigma, b, rng), self.n_permutations)

    def _round(self, sample: Sample, sigma: NDArray[Any] | None, b: int, rng: np.random.Generator) -> Answer:
        with alibis_own_streams(rng):
            detector = detector_class(_MMD.alibi_class)(
                sample.reference, backend="pytorch", n_permutations=b, device=chosen_device(self.device), sigma=sigma,
                configure_kernel_from_x_ref=sigma is None,
            )  # fmt: skip
            data = detector.predict(sample.current)["data"]
        n_beyond = round(float(data["p_val"]) * b)
        return Answer(statistic=float(data["distance"]), p_value=(1 + n_beyond) / (1 + b), how=f"{b} permutations")
