"""Did the values of a numeric column move?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.category_distances import beyond_chance
from textdrift.drift.columns.column_values import NumericColumn
from textdrift.drift.columns.numeric_distances import (
    STATISTICS,
    detectable_distance,
    exact_bound,
    interval_of_distance,
    permuted_bins,
)
from textdrift.drift.columns.stability import stability_table
from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.errors import SettingsError, nearest_name
from textdrift.stats.beyond_permutations import below_the_floor
from textdrift.stats.divergences import jensen_shannon, population_stability_index
from textdrift.stats.empirical_distances import empirical_distances, pooled_bins, reference_bins
from textdrift.stats.magnitudes import moderate, restored
from textdrift.stats.permutations import in_two_rounds

__all__ = ["Numeric"]

Floats = NDArray[np.float64]

_BINS = 128
_QUANTILES = {
    "minimum": 0.0, "5 %": 0.05, "25 %": 0.25, "median": 0.5, "75 %": 0.75, "95 %": 0.95, "maximum": 1.0,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric:
    """The distribution of a numeric column, by the largest of four distances of the distribution functions.

    Null hypothesis: the rows of both windows are exchangeable as far as their value goes. Kolmogorov-Smirnov (1939),
    Cramér-von Mises (Anderson 1962), Anderson-Darling (Pettitt 1976) and Wasserstein are standardised over all splits
    of the pooled values, and the largest counts: the first sees a difference at one place, the next two a shift or a
    new spread, the last one a few values that went far. The values are counted in at most 128 bins of equally many
    pooled values, so that a split is one multivariate hypergeometric draw, p = (1 + k) / (1 + B) is exact whatever is
    tied, and the cost of the splits does not grow with the windows. Where no split comes up to what was observed, the
    exact test of the best of the edges between the bins may say that p is smaller still.

    The size is the Kolmogorov-Smirnov distance beyond chance: the largest difference of the shares of rows under one
    value, less (in squares) what two samples of one source differ by.

    Parameters
    ----------
    statistic:
        ``auto`` for the largest, or one alone: ``kolmogorov_smirnov``, ``cramer_von_mises`` or ``wasserstein``.
    n_permutations:
        Permutations of the full round; a cheap round of 99 settles p > 0.1.
    level:
        The level at which the detectable effect is stated.

    Raises
    ------
    SettingsError
        When the statistic is none of these, or there is no permutation.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before, after = NumericColumn("amount", rng.normal(size=400)), NumericColumn("amount", rng.normal(size=400) + 1)
    >>> result = Numeric().compare(before, after, rng=rng)
    >>> result.p_value < 1e-9, round(result.effects[0].value, 1), round(result.sizes["wasserstein_in_sd"], 1)
    (True, 0.4, 1.0)
    """

    statistic: str = "auto"
    n_permutations: int = 9999
    level: float = 0.05

    def __post_init__(self) -> None:
        """Check the configuration once."""
        if self.statistic not in STATISTICS:
            raise SettingsError(
                f"statistic must be one of {', '.join(STATISTICS)}; got {self.statistic!r}; "
                f"{nearest_name(str(self.statistic), list(STATISTICS))}"
            )
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations must be at least 1; got {self.n_permutations}")

    def compare(self, reference: NumericColumn, current: NumericColumn, *, rng: np.random.Generator) -> DriftResult:
        """Compare one column of two windows."""
        n, m = len(reference.values), len(current.values)
        column = Evidence(name="column", rows=({"column": reference.name, "type": "numeric"},))
        if min(n, m) == 0:
            nothing = Effect(name="kolmogorov_smirnov", value=0.0, low=0.0, high=1.0, detectable=float("inf"))
            note = f"One of the windows holds no value of “{reference.name}”; nothing could be compared."
            return DriftResult(
                test="columns.numeric", kind="features", statistic=0.0, p_value=1.0, effects=(nothing,),
                n_documents=(n, m), evidence=(column,), notes=(note,),
            )  # fmt: skip
        names = STATISTICS[self.statistic]
        (before, after), power = moderate(reference.values, current.values)
        bins = pooled_bins(before, after, _BINS)
        outcome = in_two_rounds(lambda b: permuted_bins(bins, names, b, rng), self.n_permutations)
        p_value = below_the_floor(outcome.p_value, outcome.n_permutations, exact_bound(bins))
        distances = empirical_distances(before, after)
        size = float(beyond_chance(np.array(distances["kolmogorov_smirnov"]), outcome.by_chance))
        low, high = interval_of_distance(bins, outcome.by_chance, rng)
        return DriftResult(
            test="columns.numeric",
            kind="features",
            statistic=outcome.statistic,
            p_value=p_value,
            effects=(
                Effect(
                    name="kolmogorov_smirnov", value=size, low=min(low, size), high=max(high, size),
                    detectable=detectable_distance(bins, names, self.level, rng),
                ),
            ),
            n_documents=(n, m),
            evidence=(
                column,
                _quantiles(before, after, power),
                *_sizes(before, after, distances, power, (reference.share_missing, current.share_missing)),
            ),
        )  # fmt: skip


def _quantiles(reference: Floats, current: Floats, power: int) -> Evidence:
    """Return what a reader knows of a distribution, before and after, of values times a power of two."""
    names = [*_QUANTILES, "mean", "standard deviation"]
    sides = [
        restored(np.append(np.quantile(values, list(_QUANTILES.values())), [np.mean(values), np.std(values)]), power)
        for values in (reference, current)
    ]
    rows = [
        {"name": name, "reference": first, "current": second}
        for name, first, second in zip(names, *(side.tolist() for side in sides), strict=True)
    ]
    return Evidence(name="quantiles", rows=tuple(rows))


def _sizes(
    reference: Floats, current: Floats, distances: dict[str, float], power: int, missing: tuple[float, float]
) -> tuple[Evidence, Evidence]:
    """Return the sizes from all values; the divergences are of the shares between the deciles of the reference."""
    spread = float(np.std(reference))
    counts = reference_bins(reference, current)
    shares = [counted / counted.sum() for counted in counts]
    index = population_stability_index(*counts)
    sizes: dict[str, float | int | None] = {
        **distances,
        "wasserstein": float(restored(distances["wasserstein"], power)),
        "wasserstein_in_sd": distances["wasserstein"] / spread if spread > 0.0 else None,
        "jensen_shannon_bits": jensen_shannon(*shares),
        "population_stability_index": index,
        "share_missing_reference": missing[0],
        "share_missing_current": missing[1],
    }
    return sizes_table(sizes), stability_table(index)
