"""Did the shares of the categories move?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.categories import Categories
from textdrift.drift.columns.category_distances import detectable_variation, plainly_moved, variation_beyond_chance
from textdrift.drift.columns.coded_categories import compare_codes
from textdrift.drift.columns.column_values import CategoryColumn
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.stats.divergences import jensen_shannon, population_stability_index
from textdrift.stats.permutations import in_two_rounds, permutation_p_value, split_counts

__all__ = ["Categorical"]


@dataclass(frozen=True, slots=True)
class _Round:
    statistic: float
    p_value: float
    by_chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Categorical:
    """Shares of labels, predictions or categories of a column: the chi-square statistic, its p-value by permutation.

    Null hypothesis: the documents of both windows are exchangeable as far as their category goes. Documents of equal
    category are interchangeable, so a permutation is one multivariate hypergeometric draw and the cost does not grow
    with the windows. The size, ``total_variation``, is beyond chance: the share of documents whose category must
    change, less what two samples of one source differ by, which is much where there are many categories. With hundreds
    of rare ones it is a low estimate of a change spread thinly over them, and its interval is wide: its lower end takes
    all of the chance away and its upper end none. The plain total variation is never less than the size.

    A column of features has one category for each row. There the p-value is exact where at most 100,000 tables have the
    same margins (with two categories: unless both have more than 100,000 rows), and where no permutation comes up to
    what was observed, the exact test of the category that moved most may say that it is smaller still. There the size
    is no less than the share of rows in categories that came, or that went, beyond chance. Ten thousand categories take
    seconds.

    Parameters
    ----------
    kind:
        ``label``, ``prediction`` or ``features``.
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
    (0.3, True)
    """

    kind: str = "label"
    n_permutations: int = 9999
    level: float = 0.05

    def compare(
        self, reference: Categories | CategoryColumn, current: Categories | CategoryColumn, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare the categories of two windows: of documents, or of the rows of a column of features."""
        if isinstance(reference, CategoryColumn) and isinstance(current, CategoryColumn):
            return compare_codes(reference, current, n_permutations=self.n_permutations, level=self.level, rng=rng)
        if isinstance(reference, CategoryColumn) or isinstance(current, CategoryColumn):
            raise TypeError("both windows must be Categories, or both CategoryColumn; got one of each")
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
        moved = plainly_moved(np.rint(p * n), np.rint(q * m))

        def run(b: int) -> _Round:
            draws = split_counts(pooled, n, b, rng)
            sums_reference, sums_current = draws @ types, (pooled - draws) @ types
            permuted = _chi_square(sums_reference, sums_current, n, m)
            observed = _chi_square((counts_reference @ types)[None], (counts_current @ types)[None], n, m)[0]
            changes = (sums_reference / n - sums_current / m)[:, ~moved]
            by_chance = float((0.5 * np.abs(changes).sum(axis=1)).mean())
            return _Round(float(observed), permutation_p_value(float(observed), permuted), by_chance)

        outcome = in_two_rounds(run, self.n_permutations)
        size, low, high = variation_beyond_chance(p, q, n, m, moved, outcome.by_chance)
        return DriftResult(
            test=test,
            kind=self.kind,
            statistic=outcome.statistic,
            p_value=outcome.p_value,
            effects=(
                Effect(
                    name="total_variation", value=size, low=low, high=high,
                    detectable=detectable_variation(n, m, len(reference.names), self.level),
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


def _category_table(names: tuple[str, ...], p: NDArray[Any], q: NDArray[Any]) -> Evidence:
    order = np.argsort(-np.abs(q - p), kind="stable")
    return Evidence(
        name="categories",
        rows=tuple(
            {"value": names[i], "reference_share": float(p[i]), "current_share": float(q[i])} for i in order.tolist()
        ),
    )
