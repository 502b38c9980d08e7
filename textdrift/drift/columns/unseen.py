"""Unseen: do values come that the reference does not know?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from textdrift.drift.columns.column_values import CategoryColumn, ColumnTable, NumericColumn
from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.errors import SettingsError
from textdrift.stats.beyond_permutations import below_the_floor
from textdrift.stats.multiplicity import holm
from textdrift.stats.permutations import in_two_rounds, permutation_p_value, split_counts
from textdrift.stats.unseen_values import (
    CategoryCounts,
    all_in_current,
    chance_of_unseen,
    detectable_move,
    detectable_unseen,
    excess_interval,
    least_surprising,
)

__all__ = ["Unseen"]

_DRAWS = 10_000_000
_LEAST_PERMUTATIONS = 999
_BATCH = 2**21
_LISTED = 100


@dataclass(frozen=True, slots=True)
class _Look:
    """What one column holds that the reference does not.

    Attributes
    ----------
    p_value:
        Of this column alone.
    unseen:
        Rows of the current window with such a value.
    chance, error:
        Share of the rows that would have one when nothing changed, and its standard error.
    m:
        Rows of the current window with a value.
    detectable:
        Share of rows beyond what is expected that would have shown, had they come as one new value.
    row:
        Of the evidence table ``unseen``.
    """

    p_value: float
    unseen: int
    chance: float
    error: float
    m: int
    detectable: float
    row: dict[str, Any]

    @property
    def share(self) -> float:
        return self.unseen / self.m if self.m else 0.0

    @property
    def excess(self) -> float:
        return max(0.0, self.share - self.chance)


@dataclass(frozen=True, slots=True)
class _Round:
    p_value: float
    n_permutations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """New categories, and numeric values outside the range of the reference, in every column of features.

    Null hypothesis: in each column, the rows of both windows are exchangeable. Two samples of one source hold new
    categories too, many where categories are rare: of each category with c rows the probability to be absent from the
    reference is C(N - c, n) / C(N, n), which gives the number of rows to expect exactly, and splits of the pooled rows
    give the p-value. The number of values beyond the largest of the reference has an exact law as well: C(N - r, n) /
    C(N, n) for r or more, whatever the distribution; so has that below the smallest. How far beyond a value lies is
    told and not judged: without a model of the tail nothing can be said of it.

    The p-values of the columns are adjusted for each other (Holm 1979), so that they hold under any dependence of the
    columns. The result tells of one column, its p-value and its size: of those at or under ``level`` the one with the
    largest size, else the one with the smallest p-value. The size is the share of current rows with an unseen value,
    less what is expected.

    Parameters
    ----------
    n_permutations:
        Permutations for a column of categories, fewer where it has more than 1,000; a column without a new category
        needs none.
    level:
        The level at which a column is told of, and the detectable effect stated.

    Examples
    --------
    >>> def table(values, codes):
    ...     return ColumnTable(("age",), np.array(values)[:, None], ("land",), (("A", "B"),), np.array(codes)[:, None])
    >>> before = table(np.linspace(20, 60, 100), np.zeros(100, dtype=int))
    >>> after = table(np.linspace(20, 60, 100), np.repeat([0, 1], [80, 20]))
    >>> result = Unseen().compare(before, after, rng=np.random.default_rng(0))
    >>> result.p_value < 1e-5, result.table("unseen_values")[0]
    (True, {'column': 'land', 'value': 'B', 'n_rows': 20, 'share': 0.2})
    """

    n_permutations: int = 9999
    level: float = 0.05

    def __post_init__(self) -> None:
        """Check the configuration once."""
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations must be at least 1; got {self.n_permutations}")

    def compare(self, reference: ColumnTable, current: ColumnTable, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows over the same columns."""
        share = self.level / max(1, len(reference.names))
        looks = {
            name: _beyond_range(reference.numeric_column(name), current.numeric_column(name), share)
            for name in reference.numeric_names
        }
        new_values: list[dict[str, Any]] = []
        for name in reference.categorical_names:
            columns = reference.category_column(name), current.category_column(name)
            looks[name] = self._new_categories(*columns, share, rng)
            new_values += _new_values(*columns)
        if not any(look.m for look in looks.values()):
            return _nothing(len(reference), len(current))
        return _result(looks, new_values, len(reference), len(current), self.level)

    def _new_categories(
        self, reference: CategoryColumn, current: CategoryColumn, level: float, rng: np.random.Generator
    ) -> _Look:
        before, after = reference.counts, current.counts
        n, m = int(before.sum()), int(after.sum())
        new = before == 0
        row = {"column": reference.name, "type": "categorical", "n_new_categories": int(np.count_nonzero(after[new]))}
        if min(n, m) == 0:
            return _Look(1.0, 0, 0.0, 0.0, 0, float("inf"), row)
        counts = CategoryCounts.of(before + after)
        unseen, (chance, error) = int(after[new].sum()), chance_of_unseen(before)
        alone = least_surprising(n, m, level)
        move = max(
            float("inf") if alone is None else detectable_unseen(alone, m),
            detectable_move(before, counts.moments(n, m)[1], m, level),
        )
        # Rows that move and would have been unseen anyway are no excess; where all are by chance, none can be.
        detectable = move * (1.0 - chance) if np.isfinite(move) else move
        if unseen == 0:
            return _Look(1.0, 0, chance, error, m, detectable, row)

        def run(b: int) -> _Round:
            step = max(1, _BATCH // len(counts.pooled))
            drawn = [
                counts.unseen_rows(split_counts(counts.pooled, n, min(step, b - start), rng))
                for start in range(0, b, step)
            ]
            return _Round(permutation_p_value(unseen, np.concatenate(drawn)), b)

        affordable = max(_LEAST_PERMUTATIONS, _DRAWS // len(counts.pooled))
        outcome = in_two_rounds(run, min(self.n_permutations, affordable))
        # That one category has so many rows and none in the reference, for any of all categories.
        bound = float(all_in_current(after[new].max(), n, m)) * int(np.count_nonzero(before + after))
        p_value = below_the_floor(outcome.p_value, outcome.n_permutations, min(1.0, bound))
        return _Look(p_value, unseen, chance, error, m, detectable, row)


def _beyond_range(reference: NumericColumn, current: NumericColumn, level: float) -> _Look:
    n, m = len(reference.values), len(current.values)
    row: dict[str, Any] = {"column": reference.name, "type": "numeric"}
    if min(n, m) == 0:
        return _Look(1.0, 0, 0.0, 0.0, 0, float("inf"), row)
    least, most = float(reference.values.min()), float(reference.values.max())
    below = int(np.count_nonzero(current.values < least))
    above = int(np.count_nonzero(current.values > most))
    row |= {
        "n_below": below, "n_above": above, "reference_minimum": least, "reference_maximum": most,
        "current_minimum": float(current.values.min()), "current_maximum": float(current.values.max()),
    }  # fmt: skip
    # A tail has two ends: either may be the surprising one.
    p_value = min(1.0, 2.0 * float(all_in_current(np.array(max(below, above)), n, m)))
    alone = least_surprising(n, m, level / 2.0)
    detectable = float("inf") if alone is None else detectable_unseen(alone, m)
    ratio = m / (n + 1.0)  # the mean at either end, of a law that is nearly geometric; less where values are tied
    chance, error = 2.0 * ratio / m, float(np.sqrt(2.0 * ratio * (1.0 + ratio))) / m
    return _Look(max(p_value, float(np.finfo(np.float64).tiny)), below + above, chance, error, m, detectable, row)


def _new_values(reference: CategoryColumn, current: CategoryColumn) -> list[dict[str, Any]]:
    counts, m = np.where(reference.counts == 0, current.counts, 0), max(1, len(current.codes))
    return [
        {
            "column": current.name, "value": current.categories[i], "n_rows": int(counts[i]),
            "share": float(counts[i] / m),
        }
        for i in np.flatnonzero(counts).tolist()
    ]  # fmt: skip


def _nothing(n: int, m: int) -> DriftResult:
    nothing = Effect(name="excess_unseen", value=0.0, low=0.0, high=1.0, detectable=float("inf"))
    note = "No column has values in both windows; nothing could be compared."
    return DriftResult(
        test="columns.unseen", kind="features", statistic=0.0, p_value=1.0, effects=(nothing,), n_documents=(n, m),
        notes=(note,),
    )  # fmt: skip


def _result(looks: dict[str, _Look], new_values: Sequence[dict[str, Any]], n: int, m: int, level: float) -> DriftResult:
    adjusted = dict(zip(looks, holm([look.p_value for look in looks.values()]).tolist(), strict=True))
    order = sorted(looks, key=lambda name: (looks[name].p_value, -looks[name].excess))
    shown = [name for name in order if adjusted[name] <= level]
    # Of several that are beyond chance the largest: few new rows among many are no less sure, and matter less.
    told = max(shown, key=lambda name: looks[name].excess) if shown else order[0]
    main = looks[told]
    low, high = excess_interval(main.share, main.m, main.chance, main.error)
    rows = tuple(
        looks[name].row
        | {
            "n_unseen": looks[name].unseen, "share": looks[name].share, "expected_share": looks[name].chance,
            "p_value": adjusted[name],
        }
        for name in order
    )  # fmt: skip
    listed = sorted(new_values, key=lambda row: (-row["share"], row["column"], row["value"]))
    notes: tuple[str, ...] = ()
    if len(listed) > _LISTED:
        notes = (f"The {_LISTED} most frequent of {len(listed)} values that the reference lacks are listed.",)
    return DriftResult(
        test="columns.unseen",
        kind="features",
        statistic=main.excess,
        p_value=adjusted[told],
        effects=(
            Effect(
                name="excess_unseen", value=main.excess, low=min(main.excess, max(0.0, low)),
                high=max(main.excess, high),
                detectable=max(look.detectable for look in looks.values() if look.m),
            ),
        ),
        n_documents=(n, m),
        evidence=(
            Evidence(name="unseen", rows=rows),
            Evidence(name="unseen_values", rows=tuple(listed[:_LISTED])),
            sizes_table({"n_columns": len(looks), "n_new_categories": len(listed)}),
        ),
        notes=notes,
    )  # fmt: skip
