"""Joint permutations within slices: exact in each slice, alike in slices that share rows, honest over all of them."""

from itertools import combinations

import numpy as np
import pytest

from textdrift.stats.max_statistic import (
    SplitSlice,
    first_ranked,
    largest_of_parts,
    split_statistics,
    step_down_p_values,
    sum_of_squares,
)


def squared_distance(rows, current):
    """The squared standardised distance of two means, one feature at a time."""
    n_rows, m = len(rows), len(current)
    chosen = np.zeros(n_rows, dtype=bool)
    chosen[list(current)] = True
    total = 0.0
    for column in rows.T:
        error = np.sqrt(column.var(ddof=1) * (1 / m + 1 / (n_rows - m)))
        total += ((column[chosen].mean() - column[~chosen].mean()) / error) ** 2
    return total


def test_so_many_are_marked_and_the_smallest_whatever_the_ties():
    rng = np.random.default_rng(0)
    priorities = rng.integers(6, size=(200, 15)).astype(np.uint32)
    marked = first_ranked(priorities, 4)
    assert (marked.sum(axis=1) == 4).all()
    for row, of_row in zip(priorities, marked, strict=True):
        assert row[of_row > 0].max() <= row[of_row == 0].min()


def test_every_split_of_a_slice_is_equally_likely():
    rng = np.random.default_rng(1)
    marked = first_ranked(rng.integers(2**32, size=(15_000, 6), dtype=np.uint32), 2)
    counts = np.unique(marked, axis=0, return_counts=True)[1]
    assert len(counts) == 15
    np.testing.assert_allclose(counts, 1000, atol=5 * np.sqrt(1000))


def test_the_p_value_of_one_slice_is_that_of_all_splits():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(9, 3))
    rows[5:] += 0.8
    observed = squared_distance(rows, range(5, 9))
    every = [squared_distance(rows, chosen) for chosen in combinations(range(9), 4)]
    exact = np.mean(np.array(every) >= observed - 1e-9)
    statistics = split_statistics(rows, [SplitSlice(np.arange(9), 4)], 3999, rng=rng)
    assert step_down_p_values(statistics)[0] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000))


def test_the_statistic_is_the_standardised_cube_root_of_the_squared_distance():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(30, 4))
    statistics = split_statistics(rows, [SplitSlice(np.arange(30), 12)], 399, rng=np.random.default_rng(0))[0]
    priorities = np.random.default_rng(0).integers(2**32, size=(400, 30), dtype=np.uint32)
    marked = first_ranked(priorities, 12)
    marked[0] = np.arange(30) >= 18
    roots = np.cbrt([squared_distance(rows, np.flatnonzero(split)) for split in marked])
    np.testing.assert_allclose(statistics, (roots - roots.mean()) / roots.std(), atol=1e-3)


def test_slices_of_the_same_rows_get_the_same_splits_and_disjoint_ones_know_nothing_of_each_other():
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(160, 5))
    slices = [SplitSlice(np.arange(80), 40), SplitSlice(np.arange(80), 40), SplitSlice(np.arange(80, 160), 40)]
    first, again, other = split_statistics(rows, slices, 999, rng=rng)[:, 1:]
    np.testing.assert_allclose(first, again)
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.13


def test_a_slice_keeps_its_own_sizes_whatever_the_mix():
    rng = np.random.default_rng(5)
    # What tells the two slices apart is far larger than anything inside them; their mix is reversed.
    rows = rng.normal(size=(400, 3))
    rows[200:] += 50.0
    slices = [SplitSlice(np.arange(200), 180), SplitSlice(np.arange(200, 400), 20)]
    assert step_down_p_values(split_statistics(rows, slices, 199, rng=rng)).min() > 0.02


def test_with_strata_the_p_value_is_that_of_all_splits_within_them():
    rng = np.random.default_rng(12)
    rows = rng.normal(size=(11, 2))
    strata = np.array([0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 2])  # the last one has rows of the current window only
    rows[6:10] += 1.0
    rows[10] += 50.0
    inside = [np.array([0, 1, 2, 6, 7]), np.array([3, 4, 5, 8, 9])]

    def statistic(chosen):
        of_strata = [(part, [i for i in part if i in chosen]) for part in inside]
        total = sum((rows[marked] - rows[part].mean(axis=0)).sum(axis=0) for part, marked in of_strata)
        variance = sum(rows[part].var(axis=0, ddof=1) * 2 * 3 / 5 for part in inside)
        return (total**2 / variance).sum()

    every = [statistic({*a, *b}) for a in combinations(inside[0], 2) for b in combinations(inside[1], 2)]
    exact = np.mean(np.array(every) >= statistic({6, 7, 8, 9}) - 1e-9)
    assert 0.02 < exact < 0.5
    statistics = split_statistics(rows, [SplitSlice(np.arange(11), 5, strata)], 3999, rng=rng)
    assert step_down_p_values(statistics)[0] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4000))


def test_one_stratum_is_no_stratum():
    rows = np.random.default_rng(13).normal(size=(50, 3))
    plain, one = (
        split_statistics(rows, [SplitSlice(np.arange(50), 20, strata)], 99, rng=np.random.default_rng(0))
        for strata in (None, np.zeros(50, dtype=np.int64))
    )
    np.testing.assert_allclose(plain, one, atol=1e-5)


def test_a_slice_whose_strata_lie_in_one_window_each_says_nothing():
    rows = np.random.default_rng(14).normal(size=(40, 3))
    rows[20:] += 9.0
    part = SplitSlice(np.arange(40), 20, np.repeat([0, 1], 20))
    assert step_down_p_values(split_statistics(rows, [part], 99, rng=np.random.default_rng(0)))[0] == 1.0


def test_a_feature_without_variance_or_with_few_holders_says_nothing():
    rng = np.random.default_rng(6)
    rows = np.zeros((60, 3), dtype=np.float32)
    rows[:, 0] = 1.0
    rows[58:, 1] = 1.0  # both holders are of the current window
    rows[:, 2] = rng.random(60) < 0.5
    part = [SplitSlice(np.arange(60), 30)]
    with_rare = split_statistics(rows, part, 99, least_held=3.0, rng=np.random.default_rng(0))
    alone = split_statistics(rows[:, 2:], part, 99, rng=np.random.default_rng(0))
    np.testing.assert_allclose(with_rare, alone, atol=1e-4)
    silent = split_statistics(rows[:, :1], part, 99, statistic=largest_of_parts, rng=rng)
    assert step_down_p_values(silent)[0] == 1.0


def test_the_largest_of_parts_sees_one_word_and_many():
    rng = np.random.default_rng(7)
    z = rng.normal(size=(4000, 200)).astype(np.float32)
    z[0, 7], z[1] = 6.0, z[1] * 1.4
    total, most = largest_of_parts(z)
    np.testing.assert_allclose(total, sum_of_squares(z)[0])
    assert most[0] == most.max()
    assert total[1] == total.max()


def brute_step_down(statistics):
    """Westfall and Young, one slice at a time."""
    left = list(range(len(statistics)))
    p, so_far = np.ones(len(statistics)), 0.0
    while left:
        first = max(left, key=lambda place: statistics[place, 0])
        hits = sum(max(statistics[place, split] for place in left) >= statistics[first, 0]
                   for split in range(statistics.shape[1]))  # fmt: skip
        so_far = max(so_far, hits / statistics.shape[1])
        p[first] = so_far
        left.remove(first)
    return p


def test_the_step_down_is_what_brute_force_gives():
    rng = np.random.default_rng(8)
    for _ in range(20):
        statistics = rng.normal(size=(6, 80))
        statistics[:, 0] += rng.normal(size=6)
        np.testing.assert_allclose(step_down_p_values(statistics), brute_step_down(statistics))
    assert step_down_p_values(np.zeros((0, 9))).size == 0


def test_slices_that_hang_together_cost_less_than_bonferroni_takes():
    rng = np.random.default_rng(9)
    shared = rng.normal(size=2000)
    statistics = shared + 0.1 * rng.normal(size=(20, 2000))
    statistics[:, 0] = 2.5
    p = step_down_p_values(statistics)
    assert p.max() < 0.02
    assert 20 * (statistics[0] >= 2.5).mean() > 3 * p.max()


def test_one_value_that_moved_does_not_hide_another():
    rng = np.random.default_rng(10)
    rows = rng.normal(size=(900, 4))
    parts = [SplitSlice(np.arange(i, i + 300), 150) for i in (0, 300, 600)]
    rows[150:300] += 2.0
    rows[450:600] += 0.5
    p = step_down_p_values(split_statistics(rows, parts, 499, rng=rng))
    assert p[0] == p[1] == pytest.approx(1 / 500)
    assert p[2] > 0.05


def law(rng, region_shares, n):
    """Rows of regions that differ, in countries of each region, and a plan that follows the region by two thirds."""
    region = rng.choice(3, size=n, p=region_shares)
    country = region * 2 + rng.integers(2, size=n)
    rows = rng.standard_t(4, size=(n, 6)) + region[:, None] * np.array([1.5, 0, 0, -1, 0, 0])
    plan = np.where(rng.random(n) < 2 / 3, region, rng.integers(3, size=n))
    return rows, region, country, plan


@pytest.mark.parametrize("mix", ["stays", "turns"])
def test_null_slices_alarm_in_five_percent(mix):
    rng = np.random.default_rng(11)
    repeats, alarms = 200, 0
    for _ in range(repeats):
        before = law(rng, (0.4, 0.3, 0.3), 240)
        after = law(rng, (0.4, 0.3, 0.3) if mix == "stays" else (0.1, 0.2, 0.7), 200)
        rows = np.vstack([before[0], after[0]])
        region = np.concatenate([before[1], after[1]])
        slices = []
        for column in (1, 2, 3):
            for value in range(6):
                places = [np.flatnonzero(side[column] == value) + shift for side, shift in ((before, 0), (after, 240))]
                if min(map(len, places)) >= 8:
                    together = np.concatenate(places)
                    # With a new mix of regions the plans hold other texts.
                    slices.append(SplitSlice(together, len(places[1]), region[together] if column == 3 else None))
        alarms += step_down_p_values(split_statistics(rows, slices, 99, rng=rng)).min() <= 0.05
    assert alarms / repeats <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)
    assert alarms >= 1
