"""Alibi Detect's learned kernel on embeddings, trained and with its p-value mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult
from textdrift.drift.embedding.alibi_adapter import Answer, Detector, Sample, compare_with, no_answer
from textdrift.drift.embedding.alibi_library import (
    alibis_own_streams,
    chosen_device,
    detector_class,
    refuse_bad_learning,
    refuse_bad_settings,
)
from textdrift.embeddings import Embeddings
from textdrift.stats.permutations import in_two_rounds

__all__ = ["AlibiLearnedKernel"]

_LEARNED_KERNEL = Detector(
    "embedding.alibi_learned_kernel", "LearnedKernelDrift", "Alibi Detect's learned kernel", least_documents=20
)

_BATCH = 32
_LEARNING_RATE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiLearnedKernel:
    """Alibi Detect's ``LearnedKernelDrift``: do the windows differ under the kernel that tells them apart best?

    Null hypothesis: the points of both windows are exchangeable. On a share of the documents a projection and two
    Gaussian kernels learn to make the test strong (Liu et al. 2020); the unbiased squared maximum mean discrepancy of
    the others is permuted, so what was learned cannot make it reject too often. p = (1 + k) / (1 + B).

    Alibi Detect 0.13 trains one copy of the kernel and tests with another, untrained one unless
    ``retrain_from_scratch=False``; a fresh detector for each comparison makes that safe, and it is set here.

    Parameters
    ----------
    n_permutations:
        Permutations of the full round; a cheap round of 99 settles p > 0.1. Each round learns anew.
    max_documents:
        Documents of each window at most, a random sample beyond it; each permutation is quadratic in those held out.
    train_share:
        Share of the documents that the kernel learns from.
    epochs:
        Passes over them.
    n_components:
        Dimensions of the learned projection.
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
    max_documents: int = 1000
    train_share: float = 0.5
    epochs: int = 3
    n_components: int = 32
    level: float = 0.05
    device: str = "auto"

    def __post_init__(self) -> None:
        """Check the configuration once."""
        refuse_bad_settings(
            {
                "n_permutations": (self.n_permutations, 1),
                "max_documents": (self.max_documents, 2),
                "n_components": (self.n_components, 1),
            },
            self.device,
        )
        refuse_bad_learning(self.train_share, self.epochs)

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings; the same state of ``rng`` gives the same result."""
        return compare_with(_LEARNED_KERNEL, self, (reference, current), self._ask, rng)

    def _ask(self, sample: Sample, rng: np.random.Generator) -> Answer:
        reference, current = sample.of_unit_spread()
        return in_two_rounds(lambda b: self._round(reference, current, b, rng), self.n_permutations)

    def _round(self, reference: NDArray[Any], current: NDArray[Any], b: int, rng: np.random.Generator) -> Answer:
        alibi_class = detector_class(_LEARNED_KERNEL.alibi_class)  # first: it says what to install
        from alibi_detect.utils.pytorch.kernels import DeepKernel
        from torch import nn

        learned_from = int(min(len(reference), len(current)) * self.train_share)
        with alibis_own_streams(rng):
            kernel = DeepKernel(nn.Linear(reference.shape[1], self.n_components))
            detector = alibi_class(
                reference, kernel, backend="pytorch", n_permutations=b, train_size=self.train_share,
                retrain_from_scratch=False, epochs=self.epochs, learning_rate=_LEARNING_RATE,
                batch_size=min(_BATCH, learned_from), batch_size_predict=len(reference) + len(current),
                device=chosen_device(self.device),
            )  # fmt: skip
            data = detector.predict(current)["data"]
        if not np.isfinite(data["distance"]):
            return no_answer("The learned kernel returned no finite distance: p is 1.")
        n_beyond = round(float(data["p_val"]) * b)
        return Answer(statistic=float(data["distance"]), p_value=(1 + n_beyond) / (1 + b), how=f"{b} permutations")
