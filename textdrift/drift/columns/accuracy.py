"""Did the share of right predictions move?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.columns.categories import Correctness
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.stats.permutations import in_two_rounds, permutation_p_value, split_counts

__all__ = ["Accuracy"]

_POWER_QUANTILE = 0.8416212335729143
_TWO_SIDED_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class _Round:
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """Accuracy against labels, reference to current, two-sided.

    Null hypothesis: the documents of both windows are exchangeable as far as being predicted right goes. Documents are
    permuted; with one row a document this is Fisher's exact test. The effect is signed: negative is a fall.

    Parameters
    ----------
    n_permutations:
        Permutations of the full round; a cheap round of 99 settles p > 0.1.
    level:
        The level at which the detectable effect is stated.

    Examples
    --------
    >>> right = np.r_[np.ones(90), np.zeros(10)]
    >>> worse = np.r_[np.ones(60), np.zeros(40)]
    >>> result = Accuracy().compare(Correctness(right), Correctness(worse), rng=np.random.default_rng(0))
    >>> round(result.effects[0].value, 3), result.p_value < 0.001
    (-0.3, True)
    """

    n_permutations: int = 9999
    level: float = 0.05

    def compare(self, reference: Correctness, current: Correctness, *, rng: np.random.Generator) -> DriftResult:
        """Compare the accuracy of two windows."""
        n, m = len(reference.shares), len(current.shares)
        test, kind = "columns.accuracy", "performance"
        if min(n, m) == 0:
            nothing = Effect(name="accuracy_change", value=0.0, low=-1.0, high=1.0, detectable=float("inf"))
            note = "One of the windows holds no row with both a label and a prediction; accuracy could not be compared."
            return DriftResult(
                test=test, kind=kind, statistic=0.0, p_value=1.0, effects=(nothing,), n_documents=(n, m), notes=(note,)
            )
        values, inverse = np.unique(np.concatenate([reference.shares, current.shares]), return_inverse=True)
        pooled = np.bincount(inverse, minlength=len(values))
        total = float(pooled @ values)
        before, after = float(reference.shares.mean()), float(current.shares.mean())
        change = after - before

        def run(b: int) -> _Round:
            sums = split_counts(pooled, n, b, rng) @ values
            return _Round(permutation_p_value(abs(change), np.abs((total - sums) / m - sums / n)))

        outcome = in_two_rounds(run, self.n_permutations)
        low, high = _interval(reference.shares, current.shares)
        common = (total + 1) / (n + m + 2)
        pooled_spread = float(np.sqrt(common * (1 - common) * (1 / n + 1 / m)))
        detectable = (float(-ndtri(self.level / 2)) + _POWER_QUANTILE) * pooled_spread
        return DriftResult(
            test=test,
            kind=kind,
            statistic=abs(change),
            p_value=outcome.p_value,
            effects=(
                Effect(
                    name="accuracy_change",
                    value=change,
                    low=min(change, low),
                    high=max(change, high),
                    detectable=detectable if detectable <= 1 else float("inf"),
                ),
            ),
            n_documents=(n, m),
            evidence=(
                Evidence(
                    name="sizes",
                    rows=(
                        {"name": "accuracy_reference", "value": before},
                        {"name": "accuracy_current", "value": after},
                    ),
                ),
            ),
        )


def _interval(reference: NDArray[Any], current: NDArray[Any]) -> tuple[float, float]:
    """Of a difference of shares: Wald's, with one success and one failure added to each (Agresti and Caffo 2000)."""

    def moments(shares: NDArray[Any]) -> tuple[float, float]:
        n = len(shares) + 2
        mean = float((shares.sum() + 1) / n)
        return mean, mean * (1 - mean) / n

    (before, of_before), (after, of_after) = moments(reference), moments(current)
    half = _TWO_SIDED_95 * float(np.sqrt(of_before + of_after))
    return max(-1.0, after - before - half), min(1.0, after - before + half)
