"""Alibi Detect's MMD on embeddings, its p-value mended."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, MissingExtraError, SettingsError
from textdrift.stats.permutations import in_two_rounds
from textdrift.stats.shifts import standardised_shift

__all__ = ["AlibiMmd", "alibi_is_there"]

_SHOWN_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class _Round:
    """One run of the detector."""

    statistic: float
    p_value: float
    n_permutations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlibiMmd:
    """Alibi Detect's ``MMDDrift`` (PyTorch back end): do the two windows come from one cloud of meaning?

    Null hypothesis: the points of both windows are exchangeable. The statistic is the unbiased squared maximum mean
    discrepancy under a Gaussian kernel, its bandwidth the median distance within the reference (Gretton et al. 2012).
    Alibi Detect returns p = k / B, which can be 0; here p = (1 + k) / (1 + B).

    The test is quadratic in the documents, in time (once per permutation) and in memory, so windows beyond
    ``max_documents`` are sampled, and a note says so. Copies of a text must be collapsed before: permuting copies as if
    they were independent rejects always.

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
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations must be at least 1; got {self.n_permutations}")
        if self.max_documents < 2:  # noqa: PLR2004 - a distance needs two points
            raise SettingsError(f"max_documents must be at least 2; got {self.max_documents}")
        if self.device not in ("auto", "cpu", "cuda"):
            raise SettingsError(f"device must be 'auto', 'cpu' or 'cuda'; got {self.device!r}")

    def compare(self, reference: Embeddings, current: Embeddings, *, rng: np.random.Generator) -> DriftResult:
        """Compare two clouds of embeddings.

        Parameters
        ----------
        reference, current:
            One point per distinct text, shapes (n, d) and (m, d).
        rng:
            Draws the sample and seeds the permutations; the same state gives the same result.
        """
        _refuse_strangers(reference, current)
        n_all, m_all = len(reference), len(current)
        first, first_rows = _sampled(reference.points, self.max_documents, rng)
        second, second_rows = _sampled(current.points, self.max_documents, rng)
        notes = []
        if len(first) < n_all or len(second) < m_all:
            notes.append(
                f"Alibi Detect's MMD looked at a random sample of {len(first)} of {n_all} reference and "
                f"{len(second)} of {m_all} current documents."
            )
        shift = standardised_shift(first, second, level=self.level)
        outcome = self._test(first, second, rng)
        notes.append(f"Engine: Alibi Detect MMDDrift, {outcome.n_permutations} permutations.")
        return DriftResult(
            test="embedding.alibi_mmd",
            kind="semantic",
            statistic=outcome.statistic,
            p_value=outcome.p_value,
            effects=(
                Effect(
                    name="std_shift", value=shift.value, low=shift.low, high=shift.high, detectable=shift.detectable
                ),
            ),
            n_documents=(len(first), len(second)),
            evidence=(_moved_documents(first, second, first_rows, second_rows),),
            notes=tuple(notes),
        )

    def _test(self, reference: NDArray[Any], current: NDArray[Any], rng: np.random.Generator) -> _Round:
        if min(len(reference), len(current)) < 2 or np.ptp(np.vstack([reference, current]), axis=0).max() == 0:  # noqa: PLR2004 - a distance needs two points
            return _Round(statistic=0.0, p_value=1.0, n_permutations=0)
        sigma = _bandwidth_unless_defined(reference, current)
        return in_two_rounds(lambda b: self._round(reference, current, sigma, b, rng), self.n_permutations)

    def _round(
        self,
        reference: NDArray[Any],
        current: NDArray[Any],
        sigma: NDArray[Any] | None,
        b: int,
        rng: np.random.Generator,
    ) -> _Round:
        import torch

        device = "cuda" if self.device != "cpu" and torch.cuda.is_available() else "cpu"
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")  # Alibi Detect's own deprecations are no business of its user
            detector = _detector_class()(
                reference, backend="pytorch", n_permutations=b, device=device, sigma=sigma,
                configure_kernel_from_x_ref=sigma is None,
            )  # fmt: skip
            torch.manual_seed(int(rng.integers(2**63 - 1)))
            data = detector.predict(current)["data"]
        n_beyond = round(float(data["p_val"]) * b)
        return _Round(statistic=float(data["distance"]), p_value=(1 + n_beyond) / (1 + b), n_permutations=b)


def alibi_is_there() -> bool:
    """Return whether alibi-detect is installed; it is not imported."""
    return find_spec("alibi_detect") is not None


def _detector_class() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from alibi_detect.cd import MMDDrift
    except ImportError as error:
        raise MissingExtraError(
            f"the test of meaning needs alibi-detect, which cannot be imported here ({error}); it has releases for "
            "Python 3.11 and 3.12: pip install 'alibi-detect>=0.13,<0.14', or do without: name the other families in "
            "tests="
        ) from error
    return MMDDrift


def _refuse_strangers(reference: Embeddings, current: Embeddings) -> None:
    if reference.encoder != current.encoder:
        raise EmbeddingsError(
            f"points of two encoders cannot be compared: reference {reference.encoder!r}, current {current.encoder!r}; "
            "encode both windows with one"
        )
    if reference.points.shape[1] != current.points.shape[1]:
        raise EmbeddingsError(
            f"points of {reference.points.shape[1]} and {current.points.shape[1]} dimensions cannot be compared"
        )


def _sampled(points: NDArray[Any], at_most: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    if len(points) <= at_most:
        return points, np.arange(len(points))
    rows = np.sort(rng.choice(len(points), size=at_most, replace=False))
    return points[rows], rows


def _bandwidth_unless_defined(reference: NDArray[Any], current: NDArray[Any]) -> NDArray[Any] | None:
    """Return a bandwidth where Alibi Detect's median distance would be 0; None where its own is fine."""
    from scipy.spatial.distance import pdist

    probe = reference[:: max(1, len(reference) // 500)]
    if np.median(pdist(probe)) > 0 or len(np.unique(reference, axis=0)) == len(reference):
        return None
    spread = float(np.vstack([reference, current]).var(axis=0, dtype=np.float64).sum())
    return np.array([np.sqrt(spread)], dtype=np.float32)


def _moved_documents(
    reference: NDArray[Any], current: NDArray[Any], reference_rows: NDArray[Any], current_rows: NDArray[Any]
) -> Evidence:
    """Rank documents by how far they lie along the line from the old mean to the new one (the linear witness)."""
    old, new = reference.mean(axis=0, dtype=np.float64), current.mean(axis=0, dtype=np.float64)
    direction = new - old
    length = float(np.linalg.norm(direction))
    rows = []
    if length > 0:
        middle = (old + new) / 2
        for window, points, which, sign in (
            ("current", current, current_rows, 1.0),
            ("reference", reference, reference_rows, -1.0),
        ):
            scores = sign * ((points - middle) @ direction) / length
            order = np.argsort(-scores, kind="stable")[:_SHOWN_DOCUMENTS]
            rows += [{"window": window, "document": int(which[i]), "score": float(scores[i])} for i in order]
    return Evidence(name="documents", rows=tuple(rows))
