"""Columns of null pairs keep the level, with ties, nulls, groups and many columns; planted changes show."""

from __future__ import annotations

import os

import numpy as np
import pytest

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.joint import Joint
from textdrift.drift.columns.numeric import Numeric
from textdrift.drift.columns.numeric_distances import STATISTICS
from textdrift.drift.columns.unseen import Unseen
from textdrift.drift.quality.missing_values import MissingFlags, MissingValues

FULL = os.environ.get("TEXTDRIFT_CALIBRATION") == "full"
REPEATS = 1000 if FULL else 40
BOUND = 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
SIZES = [(50, 50), (1000, 200)]
pytestmark = pytest.mark.slow


def drawn(n: int, d: int, rng: np.random.Generator) -> ColumnTable:
    """Correlated columns: one with many zeros, one with a heavy tail, one of three values, nulls, rare categories."""
    shared = rng.normal(size=(n, 1))
    values = 0.6 * shared + 0.8 * rng.normal(size=(n, d))
    values[:, 0] = np.maximum(values[:, 0], 0.3)
    values[:, 1] = np.exp(3 * values[:, 1])
    if d > 2:
        values[:, 2] = np.digitize(values[:, 2], [-1.0, 0.5])
    values[rng.random(values.shape) < 0.05] = np.nan
    codes = np.column_stack([np.minimum(rng.zipf(1.5, size=n), 199), rng.integers(-1, 3, n) * (shared[:, 0] > 0)])
    names = tuple(f"v{i:03}" for i in range(200))
    return ColumnTable(tuple(f"x{i}" for i in range(d)), values, ("a", "b"), (names, names[:3]), codes)


def p_values(reference: ColumnTable, current: ColumnTable, rng: np.random.Generator) -> dict[str, float]:
    """Return the p-value of each test, of all columns of a type by Bonferroni."""
    numeric = [
        Numeric(n_permutations=199).compare(reference.numeric_column(name), current.numeric_column(name), rng=rng)
        for name in reference.numeric_names[:3]
    ]
    categorical = [
        Categorical(kind="features", n_permutations=199).compare(
            reference.category_column(name), current.category_column(name), rng=rng
        )
        for name in reference.categorical_names
    ]
    flags = (MissingFlags(table.names, table.missing()) for table in (reference, current))
    return {
        "numeric": numeric[0].p_value,
        "heavy": numeric[1].p_value,
        "three values": numeric[-1].p_value,
        "rare categories": categorical[0].p_value,
        "categorical": categorical[1].p_value,
        "unseen": Unseen(n_permutations=199).compare(reference, current, rng=rng).p_value,
        "joint": Joint(n_permutations=199).compare(reference, current, rng=rng).p_value,
        "missing": MissingValues().compare(*flags, rng=rng).p_value,
    }


@pytest.mark.parametrize(("n", "m"), SIZES)
@pytest.mark.parametrize("d", [2, 10, 50] if FULL else [3])
def test_every_test_of_columns_keeps_the_level(n, m, d):
    rng = np.random.default_rng(n + d)
    found = [p_values(drawn(n, d, rng), drawn(m, d, rng), rng) for _ in range(REPEATS)]
    for name in found[0]:
        rejected = np.mean([p[name] <= 0.05 for p in found])
        assert rejected <= BOUND, (name, rejected)


def test_one_row_of_each_group_keeps_the_level():
    rng, rejected = np.random.default_rng(3), 0
    for _ in range(REPEATS):
        tables = []
        for n_groups in (80, 60):
            group = np.repeat(np.arange(n_groups), rng.integers(1, 8, n_groups))
            values = rng.normal(size=(n_groups, 2))[group] + 0.1 * rng.normal(size=(len(group), 2))
            order = rng.permutation(len(group))
            chosen = order[np.unique(group[order], return_index=True)[1]]
            tables.append(ColumnTable(("x", "y"), values[chosen], (), (), np.zeros((n_groups, 0), dtype=int)))
        rejected += Joint(n_permutations=99).compare(*tables, rng=rng).p_value <= 0.05
    assert rejected / REPEATS <= BOUND


@pytest.mark.parametrize("statistic", [*STATISTICS] if FULL else ["auto"])
@pytest.mark.parametrize(("n", "m"), [(500, 500), (1000, 200)] if FULL else [(500, 500)])
def test_the_detectable_shift_shows_four_times_in_five(statistic, n, m):
    from scipy import stats

    rng, shown, repeats = np.random.default_rng(4), 0, 300 if FULL else 40

    def compared(shift: float) -> tuple[float, float]:
        tables = (
            ColumnTable(("x",), values[:, None], (), (), np.zeros((len(values), 0), dtype=int))
            for values in (rng.normal(size=n), rng.normal(shift, 1.0, size=m))
        )
        columns = (table.numeric_column("x") for table in tables)
        result = Numeric(statistic=statistic, n_permutations=199).compare(*columns, rng=rng)
        return result.p_value, result.effects[0].detectable

    shift = 2 * stats.norm.ppf((1 + compared(0.0)[1]) / 2)
    shown = sum(compared(shift)[0] <= 0.05 for _ in range(repeats))
    assert 0.8 - 3.5 * 0.4 / np.sqrt(repeats) - 0.03 <= shown / repeats <= 0.8 + 3.5 * 0.4 / np.sqrt(repeats) + 0.05
