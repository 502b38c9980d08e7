"""Alibi Detect's MMD on embeddings, its p-value mended."""

from __future__ import annotations

import warnings
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
_SPLIT_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiMmd:
    """Alibi Detect's ``MMDDrift`` (PyTorch back end): do the two windows come from one cloud of meaning?

    Null hypothesis: the points of both windows are exchangeable. The statistic is the unbiased squared maximum mean
    discrepancy under a Gaussian kernel, its bandwidth the median distance within the reference (Gretton et al. 2012).
    Alibi Detect returns p = k / B, which can be 0; here p = (1 + k) / (1 + B). The detector makes the kernel matrix and
    the statistic; the permutations, those that its own loop would draw, are counted by products of that matrix with
    many splits at once, which gives the same count several times as fast.

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
        kernel = _kernel_matrix(sample, sigma, chosen_device(self.device))
        return in_two_rounds(lambda b: _round(kernel, len(sample.reference), b, rng), self.n_permutations)


def _kernel_matrix(sample: Sample, sigma: NDArray[Any] | None, device: str) -> Any:
    """Return the kernel between all points, the reference first, as the detector makes it, its diagonal zero."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Alibi Detect's own deprecations are no business of its user
        facade = detector_class(_MMD.alibi_class)(
            sample.reference, backend="pytorch", n_permutations=1, device=device, sigma=sigma,
            configure_kernel_from_x_ref=sigma is None,
        )  # fmt: skip
        detector = facade._detector  # noqa: SLF001 - the facade hides the public methods of its back end
        points = [torch.from_numpy(x).to(detector.device) for x in (detector.x_ref, sample.current)]
        return detector.kernel_matrix(*points).fill_diagonal_(0.0)


def _round(kernel: Any, n: int, b: int, rng: np.random.Generator) -> Answer:
    """Count the permutations that lie at least as far apart as the windows; ``n`` points are of the reference."""
    import torch
    from alibi_detect.utils.pytorch.distance import mmd2_from_kernel_matrix

    n_points = len(kernel)
    m = n_points - n
    statistic = float(mmd2_from_kernel_matrix(kernel, m, permute=False, zero_diag=False))
    # Taking the mean off every pair changes no statistic, and leaves small sums, which lose nothing to rounding.
    centred = kernel - kernel.sum() / (n_points * (n_points - 1))
    centred.fill_diagonal_(0.0)
    of_row = centred.sum(dim=0)
    observed = torch.arange(n_points) < n
    beyond, width = 0, max(1, _SPLIT_CELLS // n_points)
    with alibis_own_streams(rng):
        for start in range(0, b, width):
            splits = torch.zeros((n_points, min(width, b - start) + 1))
            splits[:, 0] = observed
            for column in range(1, splits.shape[1]):
                splits[torch.randperm(n_points)[:n], column] = 1.0
            squared = _squared_discrepancies(centred, of_row, splits.to(kernel.device), n, m)
            beyond += int((squared[1:] >= squared[0]).sum())
    return Answer(statistic=statistic, p_value=(1 + beyond) / (1 + b), how=f"{b} permutations")


def _squared_discrepancies(kernel: Any, of_row: Any, splits: Any, n: int, m: int) -> Any:
    """Return the unbiased squared MMD of each split, a column that is 1 where a point stands in for the reference."""
    within = (splits * (kernel @ splits)).sum(dim=0)
    between = of_row @ splits - within
    without = of_row.sum() - within - 2.0 * between
    return within / (n * (n - 1)) + without / (m * (m - 1)) - 2.0 * between / (n * m)
