"""Columns of features with categories: exact in small tables, and fast with ten thousand categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.category_distances import detectable_variation, plainly_moved, variation_beyond_chance
from textdrift.drift.columns.column_values import CategoryColumn
from textdrift.drift.columns.stability import stability_table
from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.stats.beyond_permutations import below_the_floor, smallest_exact_p
from textdrift.stats.divergences import jensen_shannon, population_stability_index
from textdrift.stats.permutations import in_two_rounds, permutation_p_value, split_counts
from textdrift.stats.small_tables import exact_chi_square_p, split_deviation
from textdrift.stats.unseen_values import excess_of_new

__all__ = ["compare_codes"]

_DRAWS = 10_000_000
_LEAST_PERMUTATIONS = 999
_BATCH = 2**21
_LISTED = 100
_CONFIDENCE_OF_EACH = 0.975
"""Of each of two shares, names that came and names that went: 0.95 for both."""


@dataclass(frozen=True, slots=True)
class _Round:
    statistic: float
    p_value: float
    n_permutations: int
    by_chance: float


@dataclass(frozen=True, slots=True)
class _Types:
    """Counts of interchangeable rows: a category each, but those of one row are one type, the last.

    Whether a category of one row falls into the reference adds the same to the statistic and to the distance whichever
    it is, so that only the number of those that do must be drawn. That is exact, and halves the work or more where
    categories are many.
    """

    reference: NDArray[np.int64]
    pooled: NDArray[np.int64]
    n_single: int

    @classmethod
    def of(cls, reference: NDArray[np.int64], pooled: NDArray[np.int64]) -> _Types:
        several, single = pooled > 1, pooled == 1
        return cls(
            np.append(reference[several], reference[single].sum()),
            np.append(pooled[several], single.sum()),
            int(single.sum()),
        )

    def chi_square(self, drawn: NDArray[np.int64], share: float) -> NDArray[np.float64]:
        singles = drawn[:, -1] * (1.0 - share) ** 2 + (self.n_single - drawn[:, -1]) * share**2
        return split_deviation(drawn[:, :-1], self.pooled[:-1], share) + singles / (share * (1.0 - share))

    def variation(self, drawn: NDArray[np.int64], n: int, m: int, of: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return half the sum of the absolute changes of some categories ``of`` several rows, and of all of one row."""
        chosen = drawn[:, :-1][:, of]
        several = np.abs(chosen / n - (self.pooled[:-1][of] - chosen) / m).sum(axis=1)
        return np.asarray(0.5 * (several + drawn[:, -1] / n + (self.n_single - drawn[:, -1]) / m))


def compare_codes(
    reference: CategoryColumn, current: CategoryColumn, *, n_permutations: int, level: float, rng: np.random.Generator
) -> DriftResult:
    """Compare one categorical column of two windows; see `Categorical`.

    Parameters
    ----------
    reference, current:
        One column with the same categories.
    n_permutations:
        Of the full round; fewer, and 999 at least, where there are more than 1,000 categories.
    level:
        The level at which the detectable effect is stated.
    rng:
        Draws the permutations.
    """
    before, after = reference.counts, current.counts
    n, m = int(before.sum()), int(after.sum())
    column = Evidence(name="column", rows=({"column": reference.name, "type": "categorical"},))
    if min(n, m) == 0:
        nothing = Effect(name="total_variation", value=0.0, low=0.0, high=1.0, detectable=float("inf"))
        note = f"One of the windows holds no value of “{reference.name}”; nothing could be compared."
        return DriftResult(
            test="columns.categorical", kind="features", statistic=0.0, p_value=1.0, effects=(nothing,),
            n_documents=(n, m), evidence=(column,), notes=(note,),
        )  # fmt: skip
    types, moved = _Types.of(before, before + after), plainly_moved(before, after)
    still = ~moved[before + after > 1]
    affordable = max(_LEAST_PERMUTATIONS, _DRAWS // len(types.pooled))
    outcome = in_two_rounds(lambda b: _permuted(types, n, m, still, b, rng), min(n_permutations, affordable))
    p_value = exact_chi_square_p(before, after)
    if p_value is None:
        bound = smallest_exact_p(types.reference, types.pooled, n, n + m)
        p_value = below_the_floor(outcome.p_value, outcome.n_permutations, bound)
    p, q = before / n, after / m
    size, low, high = _variation(before, after, moved, outcome.by_chance)
    index = population_stability_index(before, after)
    n_categories = int(np.count_nonzero(before + after))
    tables, notes = _tables(reference.categories, before, after)
    return DriftResult(
        test="columns.categorical",
        kind="features",
        statistic=outcome.statistic,
        p_value=p_value,
        effects=(
            Effect(
                name="total_variation", value=size, low=low, high=high,
                detectable=detectable_variation(n, m, n_categories, level),
            ),
        ),
        n_documents=(n, m),
        evidence=(
            column,
            *tables,
            sizes_table({
                "population_stability_index": index,
                "jensen_shannon_bits": jensen_shannon(p, q),
                "n_categories": n_categories,
                "share_missing_reference": reference.share_missing,
                "share_missing_current": current.share_missing,
            }),
            stability_table(index),
        ),
        notes=notes,
    )  # fmt: skip


def _permuted(
    types: _Types, n: int, m: int, still: NDArray[np.bool_], n_permutations: int, rng: np.random.Generator
) -> _Round:
    share = n / (n + m)
    observed = float(types.chi_square(types.reference[None], share)[0])
    statistics, variations = [], []
    for b in _batches(n_permutations, len(types.pooled)):
        drawn = split_counts(types.pooled, n, b, rng)
        statistics.append(types.chi_square(drawn, share))
        variations.append(types.variation(drawn, n, m, still))
    return _Round(
        statistic=observed,
        p_value=permutation_p_value(observed, np.concatenate(statistics)),
        n_permutations=n_permutations,
        by_chance=float(np.concatenate(variations).mean()),
    )


def _batches(total: int, width: int) -> Iterator[int]:
    """Split draws of so many numbers each so that memory stays flat."""
    step = max(1, _BATCH // width)
    for start in range(0, total, step):
        yield min(step, total - start)


def _variation(
    before: NDArray[np.int64], after: NDArray[np.int64], moved: NDArray[np.bool_], by_chance: float
) -> tuple[float, float, float]:
    """Return the total variation beyond chance and its interval.

    No less than the share of rows in names that came, or in those that went, beyond chance: of names with one row each
    the others cannot tell, since one row is all of the current window's or all of the reference's in any case.
    """
    held = before + after > 0
    n, m = int(before.sum()), int(after.sum())
    whole = variation_beyond_chance(before[held] / n, after[held] / m, n, m, moved[held], by_chance)
    came = excess_of_new(before, after, confidence=_CONFIDENCE_OF_EACH)
    went = excess_of_new(after, before, confidence=_CONFIDENCE_OF_EACH)
    size, low, high = (max(ends) for ends in zip(whole, came, went, strict=True))
    return size, min(low, size), max(high, size)


def _tables(
    names: tuple[str, ...], before: NDArray[np.int64], after: NDArray[np.int64]
) -> tuple[tuple[Evidence, Evidence], tuple[str, ...]]:
    """Return the categories that moved most and those that only the current window has, and what is left out."""
    p, q = before / before.sum(), after / after.sum()
    held = np.flatnonzero(before + after)
    order = held[np.argsort(-np.abs(q - p)[held], kind="stable")]
    new = order[before[order] == 0]
    notes = []
    if len(order) > _LISTED:
        notes.append(f"The {_LISTED} categories whose shares moved most are listed, of {len(order)}.")
    if len(new) > _LISTED:
        notes.append(f"The {_LISTED} most frequent of {len(new)} categories that the reference lacks are listed.")
    categories = tuple(
        {"value": names[i], "reference_share": float(p[i]), "current_share": float(q[i])}
        for i in order[:_LISTED].tolist()
    )
    unseen = tuple(
        {"value": names[i], "n_rows": int(after[i]), "current_share": float(q[i])} for i in new[:_LISTED].tolist()
    )
    return (
        (Evidence(name="categories", rows=categories), Evidence(name="unseen_categories", rows=unseen)),
        tuple(notes),
    )
