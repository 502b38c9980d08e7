"""All tables of the same margins: against Fisher's exact test and against all splits of a few rows."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from textdrift.stats.small_tables import exact_chi_square_p, split_deviation


def test_two_categories_of_equal_windows_give_fishers_p_value():
    for a, b in ((50, 35), (3, 9), (0, 4)):
        expected = stats.fisher_exact([[a, 100 - a], [b, 100 - b]]).pvalue
        assert exact_chi_square_p(np.array([a, 100 - a]), np.array([b, 100 - b])) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("reference", "current"), [([3, 1, 1], [0, 2, 2]), ([4, 0], [1, 3]), ([1, 1, 1, 2], [2, 1, 1, 0])]
)
def test_it_is_the_share_of_all_splits_of_the_rows(reference, current):
    reference, current = np.array(reference), np.array(current)
    pooled = reference + current
    rows = np.repeat(np.arange(len(pooled)), pooled)
    n, share = reference.sum(), reference.sum() / len(rows)
    splits = np.array([np.bincount(rows[list(s)], minlength=len(pooled)) for s in combinations(range(len(rows)), n)])
    seen = split_deviation(reference[None], pooled, share)[0]
    expected = np.mean(split_deviation(splits, pooled, share) >= seen - 1e-9)
    assert exact_chi_square_p(reference, current) == pytest.approx(expected, rel=1e-9)


def test_the_deviation_is_pearsons_statistic():
    table = np.array([[300, 300, 400], [360, 280, 360]])
    expected = stats.chi2_contingency(table, correction=False).statistic
    assert split_deviation(table[:1], table.sum(axis=0), 0.5)[0] == pytest.approx(expected, rel=1e-9)


def test_one_category_says_nothing_and_too_many_tables_are_left_to_permutations():
    assert exact_chi_square_p(np.array([5, 0]), np.array([7, 0])) == 1.0
    assert exact_chi_square_p(np.full(12, 9), np.full(12, 9)) is None
