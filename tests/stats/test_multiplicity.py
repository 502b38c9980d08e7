from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from textdrift.stats.multiplicity import benjamini_hochberg, bonferroni, cauchy_combination, holm

p_values = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=30)

# The worked example of Benjamini and Hochberg (1995): fifteen p-values of a study of thrombolysis.
BENJAMINI_HOCHBERG_1995 = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0
]  # fmt: skip


def test_the_example_of_benjamini_and_hochberg_rejects_four_and_bonferroni_three() -> None:
    p = np.array(BENJAMINI_HOCHBERG_1995)
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4
    assert (p * len(p) <= 0.05).sum() == 3
    assert (holm(p) <= 0.05).sum() == 3


@given(p_values)
def test_benjamini_hochberg_is_that_of_scipy(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


@given(p_values)
def test_holm_lies_between_the_p_value_and_bonferroni_and_keeps_the_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= np.minimum(1, np.array(p) * len(p)) + 1e-15).all()
    assert adjusted.min() == pytest.approx(bonferroni(p))
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


@given(p_values, st.randoms())
def test_adjusting_does_not_depend_on_the_order_given(p: list[float], random) -> None:
    order = list(range(len(p)))
    random.shuffle(order)
    for adjust in (holm, benjamini_hochberg):
        assert adjust(np.array(p)[order]) == pytest.approx(adjust(p)[order])


def test_no_p_values_adjust_to_none() -> None:
    assert holm([]).size == benjamini_hochberg([]).size == 0
    assert bonferroni([]) == bonferroni([], []) == 1.0


@given(st.lists(st.tuples(st.floats(1e-12, 1.0), st.floats(0.01, 10.0)), min_size=1, max_size=12), st.floats(0.1, 10.0))
def test_the_weighted_bonferroni_is_the_smallest_p_value_over_its_share(rows, scale) -> None:
    p, weights = (np.array(column) for column in zip(*rows, strict=True))
    expected = min(1.0, *(p[i] * sum(weights) / weights[i] for i in range(len(p))))
    assert bonferroni(p, weights) == pytest.approx(expected)
    assert bonferroni(p, weights * scale) == pytest.approx(expected)
    assert bonferroni(p, np.full(len(p), scale)) == pytest.approx(bonferroni(p))


def test_the_weighted_bonferroni_spends_the_level_to_the_last_where_no_two_tests_alarm_together() -> None:
    # One uniform draw that each test reads in a stretch of its own: the dependence at which the bound is reached.
    shares, alpha = np.array([0.6, 0.3, 0.1]), 0.05
    starts = np.r_[0.0, np.cumsum(shares * alpha)[:-1]]
    draws = (np.arange(20_000) + 0.5) / 20_000
    p = np.mod(draws[:, None] - starts, 1.0)
    assert np.mean([bonferroni(row, shares) <= alpha for row in p]) == pytest.approx(alpha, abs=1e-4)


def test_the_weighted_bonferroni_keeps_the_level_under_dependence() -> None:
    rng = np.random.default_rng(3)
    for shared in (0.0, 0.5, 0.95):
        z = np.sqrt(shared) * rng.normal(size=(4000, 1)) + np.sqrt(1 - shared) * rng.normal(size=(4000, 4))
        p = 2 * stats.norm.sf(np.abs(z))
        assert np.mean([bonferroni(row, [1, 1, 0.1, 0.1]) <= 0.05 for row in p]) <= 0.05 + 3 * np.sqrt(0.0475 / 4000)


def test_holm_keeps_the_family_wise_error_under_strong_dependence() -> None:
    rng = np.random.default_rng(0)
    z = np.sqrt(0.7) * rng.normal(size=(4000, 1)) + np.sqrt(0.3) * rng.normal(size=(4000, 7))
    errors = np.mean([holm(row).min() <= 0.05 for row in 2 * stats.norm.sf(np.abs(z))])
    assert errors <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)


@given(st.floats(1e-250, 0.89), st.integers(1, 20))
def test_the_cauchy_combination_of_one_value_repeated_is_that_value(p: float, times: int) -> None:
    assert cauchy_combination([p] * times) == pytest.approx(p, rel=1e-9)


def test_one_part_of_one_does_not_wipe_out_the_others() -> None:
    assert cauchy_combination([0.25, 0.012, 1.0]) < 0.05


def test_the_cauchy_combination_is_never_zero() -> None:
    assert 0 < cauchy_combination([0.0, 0.5]) < 1e-200
    assert 0 < cauchy_combination([1.0, 1.0]) <= 1


def test_the_cauchy_combination_holds_its_level_under_dependence() -> None:
    rng = np.random.default_rng(1)
    z = np.sqrt(0.5) * rng.normal(size=(6000, 1)) + np.sqrt(0.5) * rng.normal(size=(6000, 3))
    p = np.array([cauchy_combination(row) for row in 2 * stats.norm.sf(np.abs(z))])
    assert np.mean(p <= 0.01) <= 0.015
    assert np.mean(p <= 0.05) <= 0.065


@given(st.floats(1e-250, 0.89), st.lists(st.floats(0.01, 10.0), min_size=1, max_size=6))
def test_weights_of_one_value_repeated_change_nothing(p: float, weights: list[float]) -> None:
    assert cauchy_combination([p] * len(weights), weights) == pytest.approx(p, rel=1e-9)


def test_a_whole_weight_is_a_part_that_is_given_so_often() -> None:
    repeated = cauchy_combination([0.01, 0.01, 0.01, 0.3, 0.7, 0.7])
    assert cauchy_combination([0.01, 0.3, 0.7], [3, 1, 2]) == pytest.approx(repeated, rel=1e-12)
    assert cauchy_combination([0.01, 0.3, 0.7], [0.03, 0.01, 0.02]) == pytest.approx(repeated, rel=1e-12)
    assert cauchy_combination([0.01, 0.3], [1, 1]) == cauchy_combination([0.01, 0.3])


def test_a_part_without_weight_is_not_heard() -> None:
    assert cauchy_combination([0.02, 1e-9], [1, 0]) == pytest.approx(0.02, rel=1e-9)


def test_a_small_part_costs_as_many_times_its_p_value_as_its_weight_is_small() -> None:
    # In the far tail 1 / p is what adds up: p / weight, as in a weighted Bonferroni.
    assert cauchy_combination([1e-8, 0.5], [0.2, 0.8]) == pytest.approx(5e-8, rel=1e-4)


def test_the_weighted_combination_holds_its_level_under_dependence() -> None:
    rng = np.random.default_rng(2)
    z = np.sqrt(0.3) * rng.normal(size=(6000, 1)) + np.sqrt(0.7) * rng.normal(size=(6000, 3))
    p = np.array([cauchy_combination(row, (0.3, 0.5, 0.2)) for row in 2 * stats.norm.sf(np.abs(z))])
    assert np.mean(p <= 0.01) <= 0.015
    assert np.mean(p <= 0.05) <= 0.065
