"""Joint: did the columns move together, or their relation to each other?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.columns.category_distances import beyond_chance
from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.joint_scores import Scores, scores_of
from textdrift.drift.columns.joint_splits import (
    STATISTICS,
    JointRound,
    JointUnits,
    exact_bound,
    joint_units,
    permuted_units,
)
from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table
from textdrift.errors import SettingsError
from textdrift.stats.beyond_permutations import below_the_floor
from textdrift.stats.permutations import in_two_rounds
from textdrift.stats.shifts import standardised_shift

__all__ = ["Joint"]

Places = NDArray[np.int64]

_WORK = 30_000_000_000
_LEAST_PERMUTATIONS = 999
_LISTED = 20
_POWER_QUANTILE = 0.8416212335729143
_TWO_SIDED_95 = 1.959963984540054
_TESTED = 2
_MOST_TIMES, _SMALL = 16, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Two or more columns together: a changed correlation with unchanged margins, a small move that many share.

    Null hypothesis: the rows of both windows are exchangeable. Numbers become normal scores of their pooled ranks,
    frequent categories and missing values marks. Five statistics are looked at: the squared distance of the mean scores
    along their principal components, as it is and where components that vary little count more (Hagrass, Sriperumbudur
    and Li 2024); the squared changes of all products of two scores, summed, and the largest; and, up to thirty scores,
    those of products with |score|, which see a relation that bends. Each is standardised over all splits and the
    largest counts, so that p = (1 + k) / (1 + B) is exact. Up to 1,024 rows are permuted one by one, more in bins of
    equal size. Where no split comes up to what was observed, the exact test of the best of many signs (of a score, a
    component, a product) may say that p is smaller still.

    The size is the largest change of a correlation of two scores, folded or not, beyond what the largest of so many
    changes by chance; besides, how far the mean of all scores moved, in standard deviations of the reference.

    Cost: O(N d^2 + B k d^2) for d scores and k units; 200 columns take seconds.

    Parameters
    ----------
    n_permutations:
        Permutations of the full round, fewer (999 at least) where there are thousands of pairs; a cheap round of 99
        settles p > 0.1.
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
        k, width = len(units.means), sum(part.shape[1] for part in (units.means, units.products, units.folded))
        affordable = max(_LEAST_PERMUTATIONS, _WORK // (k * width))
        outcome = in_two_rounds(
            lambda b: permuted_units(units, b, self.level, rng), min(self.n_permutations, affordable)
        )
        p_value = outcome.p_value
        if p_value * (outcome.n_permutations + 1) < _TESTED:
            p_value = below_the_floor(p_value, outcome.n_permutations, exact_bound(scores, n))
        notes = [_engine(outcome, units)]
        if (n, m) != (len(reference), len(current)):
            notes.append(
                f"A random sample of {n} of {len(reference)} reference and {m} of {len(current)} current rows."
            )
        return replace(
            _result(scores, outcome, n, m, self.level), p_value=p_value, n_documents=(n, m), notes=tuple(notes)
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


def _engine(outcome: JointRound, units: JointUnits) -> str:
    what = "rows" if units.rows_of_unit == 1 else f"bins of {units.rows_of_unit} rows"
    return f"{outcome.n_permutations} permutations of {len(units.means)} {what}."


def _result(scores: Scores, outcome: JointRound, n: int, m: int, level: float) -> DriftResult:
    folded, first, second = scores.folded()
    plain = scores.pairs()
    one, other = np.append(plain[0], first), np.append(plain[1], second)
    values = np.concatenate([scores.values, folded], axis=1)
    before, after = (_correlations(rows)[one, other] for rows in (values[:n], values[n:]))
    change = after - before
    largest = int(np.argmax(np.abs(change)))
    noise = float(np.sqrt(1.0 / n + 1.0 / m))
    pair = values[:, [one[largest], other[largest]]]
    error = float(np.hypot(_error(pair[:n]), _error(pair[n:])))
    # The noise of the product of two rare marks is larger than that of two normal scores.
    size = float(beyond_chance(np.abs(change[largest]), outcome.largest_pair * max(noise, error)))
    error *= _TWO_SIDED_95
    detectable = (outcome.critical_pair + _POWER_QUANTILE) * noise
    shift = standardised_shift(scores.values[:n], scores.values[n:], level=level)
    standardised = dict(zip(STATISTICS, outcome.standardised.tolist(), strict=True))
    return DriftResult(
        test="columns.joint",
        kind="features",
        statistic=float(outcome.standardised.max()),
        p_value=outcome.p_value,
        effects=(
            Effect(
                name="correlation_change", value=size, low=max(0.0, size - error) if size > 0.0 else 0.0,
                high=min(2.0, float(np.abs(change[largest])) + error),
                detectable=detectable if detectable <= 2.0 else float("inf"),  # noqa: PLR2004 - from -1 to 1
            ),
            Effect(
                name="std_shift", value=shift.value, low=shift.low, high=shift.high, detectable=shift.detectable
            ),
        ),
        n_documents=(n, m),
        evidence=(
            Evidence(name="pairs", rows=tuple(_pairs(scores, one, other, after - before, before))),
            sizes_table(
                {f"{name}_standardised": value for name, value in standardised.items()}
                | {"n_scores": len(scores.labels), "n_pairs": len(one)}
            ),
        ),
    )  # fmt: skip


def _correlations(rows: NDArray[np.float32]) -> NDArray[np.float64]:
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    scatter = centred.T @ centred
    spread = np.sqrt(np.diag(scatter))
    error = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0.0)
    return np.asarray(scatter * error[:, None] * error[None, :])


def _error(pair: NDArray[np.float32]) -> float:
    """Return the standard error of the correlation of two columns, whatever their distribution (the delta method)."""
    centred = pair - pair.mean(axis=0, dtype=np.float64)
    spread = centred.std(axis=0)
    if not (spread > 0.0).all():
        return 0.0
    first, second = (centred / spread).T
    correlation = float((first * second).mean())
    pulls = first * second - 0.5 * correlation * (first**2 + second**2)
    return float(pulls.std() / np.sqrt(len(pair)))


def _pairs(
    scores: Scores, one: Places, other: Places, change: NDArray[np.float64], before: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Return the pairs of columns whose correlation changed most, each once, by the scores that show it best."""
    labels = (*scores.labels, *(f"distance of {label} from its middle" for label in scores.labels))
    of_label = np.append(scores.columns, scores.columns)
    rows: list[dict[str, Any]] = []
    told: set[tuple[int, ...]] = set()
    for i in np.argsort(-np.abs(change), kind="stable").tolist():
        columns = tuple(sorted((int(of_label[one[i]]), int(of_label[other[i]]))))
        if columns in told:
            continue
        told.add(columns)
        rows.append({
            "first": labels[one[i]], "second": labels[other[i]],
            "reference": float(before[i]), "current": float(before[i] + change[i]), "change": float(change[i]),
        })  # fmt: skip
        if len(rows) == _LISTED:
            break
    return rows
