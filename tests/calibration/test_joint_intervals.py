"""Columns together: intervals of a changed correlation hold the truth, and close relations are seen to loosen."""

from __future__ import annotations

import os

import numpy as np
import pytest

from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.joint import Joint

FULL = os.environ.get("TEXTDRIFT_CALIBRATION") == "full"
REPEATS = 400 if FULL else 40
SIZES = [(60, 60), (200, 200), (1000, 1000)] if FULL else [(200, 200)]
LEAST = 0.95 - 3 * np.sqrt(0.05 * 0.95 / REPEATS)
pytestmark = pytest.mark.slow


def numbers(n: int, correlation: float, rng: np.random.Generator) -> ColumnTable:
    """Five columns, of which the first two go along."""
    values = rng.normal(size=(n, 5))
    values[:, 1] = correlation * values[:, 0] + np.sqrt(1 - correlation**2) * values[:, 1]
    return ColumnTable(("a", "b", "c", "d", "e"), values, (), (), np.zeros((n, 0), dtype=int))


def marks(n: int, together: float, rng: np.random.Generator) -> ColumnTable:
    """Two names of 2 % of the rows, which come together more often by ``together``; and a column of three names."""
    first = rng.random(n) < 0.02
    second = np.where(rng.random(n) < together, first, rng.random(n) < 0.02)
    codes = np.column_stack([first, second, rng.integers(0, 3, n)]).astype(int)
    return ColumnTable((), np.zeros((n, 0)), ("a", "b", "c"), (("no", "yes"), ("no", "yes"), ("x", "y", "z")), codes)


@pytest.mark.parametrize(("n", "m"), SIZES)
@pytest.mark.parametrize(
    ("drawn", "before", "after"),
    [
        (numbers, 0.0, 0.0),
        (numbers, 0.9, 0.9),
        (numbers, 0.0, 0.5),
        (numbers, 0.8, 0.5),
        (marks, 0.0, 0.0),
        (marks, 0.0, 0.3),
    ],
)
def test_the_interval_of_the_largest_change_holds_that_of_the_pair_told(drawn, before, after, n, m):
    rng, held = np.random.default_rng(n), 0
    for _ in range(REPEATS):
        result = Joint(n_permutations=499).compare(drawn(n, before, rng), drawn(m, after, rng), rng=rng)
        effect, pairs = result.effects[0], result.table("pairs")
        names = {pairs[0]["first"][0], pairs[0]["second"][0]} if pairs else set()
        truth = abs(after - before) if names == {"a", "b"} else 0.0
        held += effect.low - 1e-9 <= truth <= effect.high
    assert held / REPEATS >= LEAST


@pytest.mark.parametrize(
    ("n", "before", "after", "least"),
    [(200, 0.8, 0.5, 0.95), (200, 0.9, 0.75, 0.88), (500, 0.5, 0.25, 0.88), (500, 0.0, 0.3, 0.92)],
)
def test_a_correlation_that_changed_is_found_as_often_as_measured(n, before, after, least):
    rng, found = np.random.default_rng(n), 0
    for _ in range(REPEATS):
        tables = numbers(n, before, rng), numbers(n, after, rng)
        found += Joint(n_permutations=199).compare(*tables, rng=rng).p_value <= 0.05
    assert found / REPEATS >= least - 3 * np.sqrt(least * (1 - least) / REPEATS)
