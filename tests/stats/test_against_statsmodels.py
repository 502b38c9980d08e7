"""Intervals and corrections are those of statsmodels, on the same counts."""

import warnings

import numpy as np
import pytest

from textdrift.drift.columns.accuracy import Accuracy
from textdrift.drift.columns.categories import Correctness
from textdrift.stats.contingency import share_difference_interval, wilson_intervals
from textdrift.stats.multiplicity import benjamini_hochberg, holm

COUNTS = [(3, 40, 9, 55), (0, 30, 4, 25), (17, 17, 20, 31), (120, 400, 260, 1000), (1, 500, 0, 20)]


@pytest.fixture(scope="module")
def proportion():
    return module_of("statsmodels.stats.proportion")


def module_of(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        return pytest.importorskip(name, reason="pip install statsmodels")


@pytest.mark.parametrize(("k", "n"), [(k, n) for k, n, *_ in COUNTS])
def test_an_interval_of_a_share_is_wilsons(proportion, k, n):
    assert wilson_intervals(k / n, n) == pytest.approx(proportion.proportion_confint(k, n, method="wilson"), abs=1e-12)


@pytest.mark.parametrize(("k1", "n", "k2", "m"), COUNTS)
def test_an_interval_of_a_difference_of_shares_is_newcombes(proportion, k1, n, k2, m):
    theirs = proportion.confint_proportions_2indep(k2, m, k1, n, compare="diff", method="newcomb")
    assert share_difference_interval(k1, n, k2, m) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(("k1", "n", "k2", "m"), COUNTS)
def test_an_interval_of_a_change_of_accuracy_is_agrestis_and_caffos(proportion, k1, n, k2, m):
    theirs = proportion.confint_proportions_2indep(k2, m, k1, n, compare="diff", method="agresti-caffo")
    right = [Correctness(np.repeat([1.0, 0.0], [k, size - k])) for k, size in ((k1, n), (k2, m))]
    effect = Accuracy().compare(*right, rng=np.random.default_rng(0)).effects[0]
    assert (effect.low, effect.high) == pytest.approx(tuple(np.clip(theirs, -1, 1)), abs=1e-12)


def test_corrections_for_many_tests_are_holms_and_benjaminis_and_hochbergs():
    multipletests = module_of("statsmodels.stats.multitest").multipletests
    rng = np.random.default_rng(1)
    for size in (1, 2, 7, 40):
        p_values = rng.random(size) ** 2
        assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-12)
        assert benjamini_hochberg(p_values) == pytest.approx(multipletests(p_values, method="fdr_bh")[1], abs=1e-12)
