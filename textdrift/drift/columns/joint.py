"""Joint: did the columns move together, or their relation to each other?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.joint_changes import CorrelationChanges, changed_correlations
from textdrift.drift.columns.joint_scores import Scores, scores_of
from textdrift.drift.columns.joint_splits import (
    STATISTICS,
    JointRound,
    JointUnits,
    exact_bound,
    joint_units,
    pair_beyond_permutations,
    permuted_units,
)
from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.errors import SettingsError
from textdrift.stats.beyond_permutations import below_the_floor
from textdrift.stats.permutations import in_two_rounds
from textdrift.stats.shifts import standardised_shift

__all__ = ["Joint"]

_WORK = 30_000_000_000
_MOST_WORK = 200_000_000_000
_LEAST_PERMUTATIONS = 999
_LISTED = 20
_POWER_QUANTILE = 0.8416212335729143
_TWO_SIDED_95 = 1.959963984540054
_TESTED = 2
_SURE = 0.05
_LARGEST = 2.0  # of a change of a correlation: from -1 to 1
_MOST_TIMES, _SMALL = 16, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Two or more columns together: a changed correlation with unchanged margins, a small move that many share.

    Null hypothesis: the rows of both windows are exchangeable. Numbers become normal scores of their pooled ranks,
    frequent categories and missing values marks. Five statistics are looked at: the squared distance of the mean scores
    along their principal components, as it is and where components that vary little count more (Hagrass, Sriperumbudur
    and Li 2024); the squared changes of all correlations of two scores, summed, and the largest; and, up to thirty
    scores, those of correlations with |score|, which see a relation that bends. Correlations change by the mean of what
    each row pulls on them, so that one of 0.9 that falls to 0.75 shows as it does in Fisher's z. Each is standardised
    over all splits and the largest counts, so that p = (1 + k) / (1 + B) is exact. Up to 1,024 rows are permuted one by
    one, more in bins of equal size. Where no split comes up to what was observed, more are drawn; where none of those
    does, the exact tail of the one correlation or component that moved most, times their number, may say that p is
    smaller still.

    The size is the largest change of a correlation of two scores beyond what the largest of so many changes by chance.
    It is that of folded scores, |score|, only where the plain correlation of the two columns did not surely change and
    the folded one stands out more; the label then says "distance from its middle". The lower end of its interval knows
    that it is the largest of so many. Besides, how far the mean of all scores moved, in standard deviations of the
    reference. Where one of both alone explains that the windows differ, p <= 0.05 for it and not for the other, the
    size of the other is 0.

    Cost: O(N d^2 + B k d^2) for d scores and k units; 200 columns take a second or two, and ten where they moved.

    Parameters
    ----------
    n_permutations:
        Permutations of the full round, fewer (999 at least) where there are thousands of pairs, unless none of those
        comes up to what was observed; a cheap round of 99 settles p > 0.1.
    level:
        The level at which detectable effects are stated.
    max_rows:
        Rows of each window at most, a random sample beyond it; ``None`` sets no limit beside that of sixteen times the
        rows of the smaller window.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> def table(correlation):
    ...     values = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], size=500)
    ...     return ColumnTable(("x", "y"), values, (), (), np.zeros((500, 0), dtype=int))
    >>> result = Joint().compare(table(0.0), table(0.5), rng=rng)
    >>> result.p_value < 1e-6, result.effects[0].name, round(result.effects[0].value, 1)
    (True, 'correlation_change', 0.5)
    """

    n_permutations: int = 9999
    level: float = 0.05
    max_rows: int | None = 20_000

    def __post_init__(self) -> None:
        """Check the configuration once."""
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations must be at least 1; got {self.n_permutations}")
        if self.max_rows is not None and self.max_rows < 2:  # noqa: PLR2004 - a variance needs two rows
            raise SettingsError(f"max_rows must be None or at least 2; got {self.max_rows}")

    def compare(self, reference: ColumnTable, current: ColumnTable, *, rng: np.random.Generator) -> DriftResult:
        """Compare two windows over the same columns."""
        # Against a small window, rows of a large one beyond sixteen times as many tell next to nothing.
        most = _MOST_TIMES * max(_SMALL, min(len(reference), len(current)))
        most = most if self.max_rows is None else min(most, self.max_rows)
        before, after = (_sampled(table, most, rng) for table in (reference, current))
        n, m = len(before), len(after)
        if min(n, m) < _TESTED:
            return _nothing(n, m, "A window with fewer than two rows: the columns could not be compared jointly.")
        scores = scores_of(before, after)
        if len(np.unique(scores.columns)) < _TESTED:
            return _nothing(n, m, "Fewer than two columns vary: there is no relation between columns to compare.")
        units = joint_units(scores, n, rng)
        p_value, outcome, reach = _decided(units, self.n_permutations, self.level, rng)
        notes = [_engine(outcome, units)]
        if (n, m) != (len(reference), len(current)):
            notes.append(
                f"A random sample of {n} of {len(reference)} reference and {m} of {len(current)} current rows."
            )
        return replace(
            _result(scores, outcome, n, self.level, reach), p_value=p_value, n_documents=(n, m), notes=tuple(notes)
        )


def _sampled(table: ColumnTable, most: int, rng: np.random.Generator) -> ColumnTable:
    if len(table) <= most:
        return table
    rows = np.sort(rng.choice(len(table), size=most, replace=False))
    return replace(table, numeric=table.numeric[rows], codes=table.codes[rows])


def _nothing(n: int, m: int, note: str) -> DriftResult:
    nothing = Effect(name="correlation_change", value=0.0, low=0.0, high=2.0, detectable=float("inf"))
    return DriftResult(
        test="columns.joint", kind="features", statistic=0.0, p_value=1.0, effects=(nothing,), n_documents=(n, m),
        notes=(note,),
    )  # fmt: skip


def _decided(
    units: JointUnits, n_permutations: int, level: float, rng: np.random.Generator
) -> tuple[float, JointRound, float]:
    """Return the p-value, the round of the most permutations, and the standardised pull from which a pair shows.

    Fresh permutations are a second p-value of the same null hypothesis, as the exact bound is a third. Each counts only
    where the one before is as small as it can be, see `below_the_floor`.
    """
    work = len(units.means) * sum(part.shape[1] for part in (units.means, units.pulls, units.folded))
    n_first, n_most = (
        min(n_permutations, max(_LEAST_PERMUTATIONS, most // work)) for most in (_WORK, max(_WORK, _MOST_WORK))
    )
    outcome = in_two_rounds(lambda b: permuted_units(units, b, level, rng), n_first)
    # The level may lie beyond all permutations: then a pair must show in the bound.
    reach = outcome.critical_pair
    if level * (n_most + 1) < 1.0:
        reach = max(reach, pair_beyond_permutations(units, level))
    p_value = outcome.p_value
    if not _is_least(outcome):
        return p_value, outcome, reach
    if outcome.n_permutations == n_first < n_most:
        more = permuted_units(units, n_most, level, rng)
        beyond = below_the_floor(more.p_value, n_most, exact_bound(units)) if _is_least(more) else more.p_value
        return below_the_floor(p_value, n_first, beyond), more, reach
    return below_the_floor(p_value, outcome.n_permutations, exact_bound(units)), outcome, reach


def _is_least(outcome: JointRound) -> bool:
    """Whether no split came up to the observed one."""
    return outcome.p_value * (outcome.n_permutations + 1) < _TESTED


def _engine(outcome: JointRound, units: JointUnits) -> str:
    what = "rows" if units.rows_of_unit == 1 else f"bins of {units.rows_of_unit} rows"
    return f"{outcome.n_permutations} permutations of {len(units.means)} {what}."


def _result(scores: Scores, outcome: JointRound, n: int, level: float, reach: float) -> DriftResult:
    changes = changed_correlations(scores, n)
    pairs, sizes = changes.strongest(outcome.largest_pair, outcome.likely_pair)
    shift = standardised_shift(scores.values[:n], scores.values[n:], level=level)
    moved = Effect(name="std_shift", value=shift.value, low=shift.low, high=shift.high, detectable=shift.detectable)
    changed = _largest_change(changes, int(pairs[0]), float(sizes[pairs[0]]), outcome.likely_pair)
    detectable = (reach + _POWER_QUANTILE) * float(np.sqrt(1.0 / n + 1.0 / (len(scores.values) - n)))
    changed = replace(changed, detectable=detectable if detectable <= _LARGEST else float("inf"))
    # What the other one explains is no change of its own.
    if outcome.p_of_means <= _SURE < outcome.p_of_pairs:
        changed = replace(changed, value=0.0, low=0.0)
    if outcome.p_of_pairs <= _SURE < outcome.p_of_means:
        moved = replace(moved, value=0.0, low=min(0.0, moved.low), high=max(0.0, moved.high))
    standardised = dict(zip(STATISTICS, outcome.standardised.tolist(), strict=True))
    return DriftResult(
        test="columns.joint",
        kind="features",
        statistic=float(outcome.standardised.max()),
        p_value=outcome.p_value,
        effects=(changed, moved),
        n_documents=(n, len(scores.values) - n),
        evidence=(
            Evidence(
                name="pairs",
                rows=tuple(
                    {
                        "first": changes.labels[changes.one[i]], "second": changes.labels[changes.other[i]],
                        "reference": float(changes.reference[i]), "current": float(changes.current[i]),
                        "change": float(changes.change[i]),
                    }
                    for i in pairs[:_LISTED].tolist()
                ),
            ),
            sizes_table(
                {f"{name}_standardised": value for name, value in standardised.items()}
                | {"n_scores": len(scores.labels), "n_pairs": len(changes.one)}
                | {"p_value_of_means": outcome.p_of_means, "p_value_of_pairs": outcome.p_of_pairs}
            ),
        ),
    )  # fmt: skip


def _largest_change(changes: CorrelationChanges, pair: int, size: float, likely_pair: float) -> Effect:
    """Return the change of a pair that is the largest of many: only what exceeds them all is sure."""
    change, error = float(np.abs(changes.change[pair])), float(changes.error[pair])
    return Effect(
        name="correlation_change", value=size, low=min(size, max(0.0, change - likely_pair * error)),
        high=min(_LARGEST, change + _TWO_SIDED_95 * error), detectable=float("inf"),
    )  # fmt: skip
