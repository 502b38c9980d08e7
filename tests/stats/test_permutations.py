from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from textdrift.stats.permutations import (
    FIRST_ROUND,
    in_two_rounds,
    max_standardised,
    permutation_p_value,
    reference_indicators,
    split_counts,
)


class Outcome:
    def __init__(self, p_value: float, n: int) -> None:
        self.p_value, self.n = p_value, n


@given(st.lists(st.floats(-1e6, 1e6), max_size=50), st.floats(-1e6, 1e6))
def test_a_p_value_is_in_its_range_and_never_zero(permuted: list[float], observed: float) -> None:
    p = permutation_p_value(observed, np.array(permuted))
    assert 1 / (1 + len(permuted)) <= p <= 1


def test_the_observed_split_counts_itself_and_ties_count() -> None:
    assert permutation_p_value(3.0, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(3 / 5)
    assert permutation_p_value(9.0, np.zeros(99)) == pytest.approx(0.01)
    assert permutation_p_value(0.3, np.array([0.1 + 0.2, 0.3 - 1e-16])) == 1.0


def test_p_values_of_exchangeable_splits_are_uniform() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(4000, 100))
    p = np.array([permutation_p_value(row[0], row[1:]) for row in draws])
    # The error of a share over 4,000 draws is at most 0.008.
    for level in (0.01, 0.05, 0.1, 0.5):
        assert np.mean(p <= level) == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 4000))


@pytest.mark.parametrize(("n", "m", "b"), [(1, 1, 5), (7, 3, 20), (50, 2, 1)])
def test_every_split_has_n_rows_and_the_first_is_the_observed_one(n: int, m: int, b: int) -> None:
    columns = np.hstack(list(reference_indicators(n, m, b, np.random.default_rng(0))))
    assert columns.shape == (n + m, b + 1)
    assert set(np.unique(columns)) <= {0.0, 1.0}
    assert (columns.sum(axis=0) == n).all()
    assert columns[:, 0].tolist() == [1.0] * n + [0.0] * m


def test_batches_give_the_same_splits_as_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.hstack(list(reference_indicators(9, 5, 40, np.random.default_rng(3))))
    monkeypatch.setattr("textdrift.stats.permutations._BATCH_CELLS", 14 * 7)
    batches = list(reference_indicators(9, 5, 40, np.random.default_rng(3)))
    assert max(batch.shape[1] for batch in batches) == 7
    assert np.array_equal(np.hstack(batches), whole)


def test_all_splits_are_equally_likely() -> None:
    columns = np.hstack(list(reference_indicators(2, 3, 10_000, np.random.default_rng(4))))[:, 1:]
    seen = dict.fromkeys(combinations(range(5), 2), 0)
    for column in columns.T:
        seen[tuple(np.flatnonzero(column))] += 1
    assert stats.chisquare(list(seen.values())).pvalue > 0.001
    assert len(seen) == comb(5, 2)


def test_split_counts_agree_with_splits_of_rows() -> None:
    rng = np.random.default_rng(5)
    counts = np.array([30, 0, 7, 13])
    drawn = split_counts(counts, 20, 20_000, rng)
    assert (drawn.sum(axis=1) == 20).all()
    assert (drawn <= counts).all()
    expected = stats.multivariate_hypergeom(counts, 20)
    assert drawn.mean(axis=0) == pytest.approx(expected.mean(), abs=0.06)
    assert np.cov(drawn.T) == pytest.approx(expected.cov(), abs=0.12)


def test_a_settled_first_round_is_kept_and_an_unsettled_one_replaced() -> None:
    asked: list[int] = []

    def run(p_value: float):
        def one(n: int) -> Outcome:
            asked.append(n)
            return Outcome(p_value, n)

        return one

    assert in_two_rounds(run(0.5), 999).n == FIRST_ROUND
    assert in_two_rounds(run(0.1), 999).n == 999
    assert in_two_rounds(run(0.5), 50).n == 50
    assert asked == [FIRST_ROUND, FIRST_ROUND, 999, 50]


def test_two_rounds_hold_their_level_below_a_tenth() -> None:
    rng = np.random.default_rng(6)

    def p_value(observed: float):
        return in_two_rounds(lambda n: Outcome(permutation_p_value(observed, rng.normal(size=n)), n), 399).p_value

    p = np.array([p_value(x) for x in rng.normal(size=4000)])
    for level in (0.01, 0.05, 0.1):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level * (1 - level) / 4000)
    assert np.mean(p <= 0.05) > 0.035  # the first round costs little power


def test_the_maximum_does_not_depend_on_units_or_order_of_splits() -> None:
    rng = np.random.default_rng(7)
    statistics = rng.normal(size=(3, 200))
    largest, z = max_standardised(statistics)
    assert z.mean(axis=1) == pytest.approx(0, abs=1e-12)
    assert z.std(axis=1) == pytest.approx(1)
    scaled, _ = max_standardised(statistics * [[1e6], [1e-6], [3]] + [[5], [0], [-1]])
    assert scaled == pytest.approx(largest)
    order = rng.permutation(200)
    assert max_standardised(statistics[:, order])[0] == pytest.approx(largest[order])


def test_a_statistic_that_never_varies_says_nothing() -> None:
    statistics = np.vstack([np.full(50, 0.1 + 0.2), np.arange(50.0)])
    largest, z = max_standardised(statistics)
    assert np.argmax(largest) == 49
    assert np.abs(z[0]).max() <= 1.0
