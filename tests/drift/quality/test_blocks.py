"""Marked rows that come in bursts are judged burst by burst; those that do not, by Fisher's exact test."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.quality.blocks import _permuted, change_p_value, pieces_of, units_of


def test_without_a_burst_in_the_reference_the_p_value_is_twice_fishers_tail():
    counts = np.array([[1, 0], [1, 0], [0, 14]])
    found = change_p_value(counts, 100, 80, n_permutations=99, rng=np.random.default_rng(0))
    tail = min(stats.fisher_exact([[14, 66], [2, 98]], alternative=side).pvalue for side in ("less", "greater"))
    assert found == pytest.approx(2 * tail, rel=1e-9)


def test_the_p_value_of_bursts_is_the_enumerated_one():
    # Three bursts of 4 rows among 12 + 12, all but one in the current window, beside 12 unmarked rows.
    counts = np.array([[4, 0], [0, 4], [0, 4]])
    units = units_of(counts, *pieces_of(counts, 12, 12), n=12, m=12)
    found = _permuted(units, 20_000, np.random.default_rng(0)).p_value
    every = []
    for order in itertools.combinations(range(15), 3):  # where the bursts stand among the units
        marked = np.zeros(15)
        marked[list(order)] = 4
        sizes = np.maximum(marked, 1)
        before = np.cumsum(sizes) - sizes / 2
        reference = marked[before < 12].sum()
        every.append((12 - reference) / 12 - reference / 12)
    distance = np.abs(np.array(every) - np.mean(every))
    exact = np.mean(distance >= abs(4 / 12 - np.mean(every)) - 1e-9)
    assert found == pytest.approx(exact, abs=0.04)


def test_blocks_larger_than_the_references_are_taken_apart():
    counts = np.array([[3, 0], [0, 10], [5, 5]])
    block, g = pieces_of(counts, 100, 100)
    units = units_of(counts, block, g, n=100, m=100)
    assert (g, units.n_unique) == (3, 177)
    assert sorted(units.sizes[units.texts == 1].tolist()) == [1, 3, 3, 3]
    assert units.sizes[units.texts == 2].tolist() == [1] * 10


def test_nothing_marked_and_no_rows_say_nothing():
    rng = np.random.default_rng(0)
    empty = np.zeros((0, 2), dtype=np.int64)
    assert change_p_value(empty, 10, 10, n_permutations=99, rng=rng) == 1.0
    assert change_p_value(empty, 0, 0, n_permutations=99, rng=rng) == 1.0
    assert change_p_value(np.array([[0, 3]]), 0, 3, n_permutations=99, rng=rng) == 1.0
