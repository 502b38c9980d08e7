"""Did the shares of the categories move?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from textdrift.drift.columns.categories import Categories
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.stats.divergences import jensen_shannon, population_stability_index, total_variation
from textdrift.stats.permutations import in_two_rounds, permutation_p_value, split_counts

__all__ = ["Categorical"]

_N_BOOTSTRAP = 999
_POWER = 0.8


@dataclass(frozen=True, slots=True)
class _Round:
    statistic: float
    p_value: float
    by_chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorical:
    """Label shift or prediction shift: the chi-square statistic, its p-value from permuted documents.

    Null hypothesis: the documents of both windows are exchangeable as far as their category goes. Documents of equal
    category are interchangeable, so a permutation is one multivariate hypergeometric draw and the cost does not grow
    with the windows. The size is the total variation beyond chance: the share of documents whose category must change,
    less (in squares) what two samples of one source differ by, which is much where there are many categories.

    Parameters
    ----------
    kind:
        ``label`` or ``prediction``.
    n_permutations:
        Permutations of the full round; a cheap round of 99 settles p > 0.1.
    level:
        The level at which the detectable effect is stated.

    Examples
    --------
    >>> reference = Categories(("bad", "good"), np.eye(2)[[0] * 50 + [1] * 50], np.arange(100))
    >>> current = Categories(("bad", "good"), np.eye(2)[[0] * 80 + [1] * 20], np.arange(100))
    >>> result = Categorical(kind="label").compare(reference, current, rng=np.random.default_rng(0))
    >>> round(result.effects[0].value, 3), result.p_value < 0.001
    (0.295, True)
    """

    kind: str = "label"
    n_permutations: int = 9999
    level: float = 0.05

    def compare(self, reference: Categories, current: Categories, *, rng: np.random.Generator) -> DriftResult:
        """Compare the categories of two windows."""
        n, m = len(reference.shares), len(current.shares)
        test = "columns.categorical"
        if min(n, m) == 0:
            nothing = Effect(name="total_variation", value=0.0, low=0.0, high=1.0, detectable=float("inf"))
            note = f"One of the windows holds no {self.kind}; nothing could be compared."
            return DriftResult(
                test=test, kind=self.kind, statistic=0.0, p_value=1.0, effects=(nothing,), n_documents=(n, m),
                notes=(note,),
            )  # fmt: skip
        types, counts_reference, counts_current = _types(reference.shares, current.shares)
        p, q = reference.shares.mean(axis=0), current.shares.mean(axis=0)
        pooled = counts_reference + counts_current

        def run(b: int) -> _Round:
            draws = split_counts(pooled, n, b, rng)
            sums_reference, sums_current = draws @ types, (pooled - draws) @ types
            permuted = _chi_square(sums_reference, sums_current, n, m)
            observed = _chi_square((counts_reference @ types)[None], (counts_current @ types)[None], n, m)[0]
            by_chance = float((0.5 * np.abs(sums_reference / n - sums_current / m).sum(axis=1)).mean())
            return _Round(float(observed), permutation_p_value(float(observed), permuted), by_chance)

        outcome = in_two_rounds(run, self.n_permutations)
        low, high = _interval(types, counts_reference, counts_current, outcome.by_chance, rng)
        size = float(_beyond_chance(np.array(total_variation(p, q)), outcome.by_chance))
        return DriftResult(
            test=test,
            kind=self.kind,
            statistic=outcome.statistic,
            p_value=outcome.p_value,
            effects=(
                Effect(
                    name="total_variation", value=size, low=min(low, size), high=max(high, size),
                    detectable=_detectable(n, m, len(reference.names), self.level),
                ),
            ),
            n_documents=(n, m),
            evidence=(
                _category_table(reference.names, p, q),
                Evidence(
                    name="sizes",
                    rows=(
                        {"name": "population_stability_index", "value": population_stability_index(p * n, q * m)},
                        {"name": "jensen_shannon_bits", "value": jensen_shannon(p, q)},
                    ),
                ),
            ),
        )  # fmt: skip


def _types(reference: NDArray[Any], current: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the distinct rows and how often each window holds them."""
    types, inverse = np.unique(np.vstack([reference, current]), axis=0, return_inverse=True)
    inverse = inverse.ravel()
    k = len(types)
    return (
        types,
        np.bincount(inverse[: len(reference)], minlength=k),
        np.bincount(inverse[len(reference) :], minlength=k),
    )


def _chi_square(sums_reference: NDArray[Any], sums_current: NDArray[Any], n: int, m: int) -> NDArray[Any]:
    """Pearson's statistic for each row of (b, k) sums."""
    pooled = (sums_reference + sums_current) / (n + m)
    difference = sums_reference / n - sums_current / m
    terms = np.divide(difference**2, pooled, out=np.zeros_like(difference), where=pooled > 0)
    return np.asarray(terms.sum(axis=1) / (1 / n + 1 / m))


def _interval(
    types: NDArray[Any],
    counts_reference: NDArray[Any],
    counts_current: NDArray[Any],
    by_chance: float,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Bootstrap documents; a drawn distance holds the chance of the sample and that of the draw."""
    n, m = int(counts_reference.sum()), int(counts_current.sum())
    p = rng.multinomial(n, counts_reference / n, size=_N_BOOTSTRAP) @ types / n
    q = rng.multinomial(m, counts_current / m, size=_N_BOOTSTRAP) @ types / m
    drawn = _beyond_chance(0.5 * np.abs(p - q).sum(axis=1), float(np.sqrt(2)) * by_chance)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), min(1.0, float(high))


def _beyond_chance(distance: NDArray[Any], by_chance: float) -> NDArray[Any]:
    """Take out what two samples of one source differ by: noise adds in squares."""
    return np.asarray(np.sqrt(np.maximum(0.0, distance**2 - by_chance**2)))


def _detectable(n: int, m: int, k: int, level: float) -> float:
    """Return a total variation that shows with power 0.8 at least, whichever categories it moves.

    A change of total variation t has a chi-square distance of at least (2t)^2, by Cauchy and Schwarz, so its
    noncentrality is at least (2t)^2 / (1/n + 1/m).
    """
    freedom = max(1, k - 1)
    critical = stats.chi2.isf(level, freedom)
    noncentrality = optimize.brentq(lambda x: stats.ncx2.sf(critical, freedom, x) - _POWER, 1e-6, 1e4)
    size = 0.5 * float(np.sqrt(noncentrality * (1 / n + 1 / m)))
    return size if size <= 1.0 else float("inf")


def _category_table(names: tuple[str, ...], p: NDArray[Any], q: NDArray[Any]) -> Evidence:
    order = np.argsort(-np.abs(q - p), kind="stable")
    return Evidence(
        name="categories",
        rows=tuple(
            {"value": names[i], "reference_share": float(p[i]), "current_share": float(q[i])} for i in order.tolist()
        ),
    )
