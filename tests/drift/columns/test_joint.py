"""Columns together: a changed correlation with unchanged margins, a small shared move, levels, many columns."""

import itertools

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.joint import Joint
from textdrift.drift.columns.joint_scores import scores_of
from textdrift.drift.columns.joint_splits import (
    JointUnits,
    exact_bound,
    joint_units,
    pair_beyond_permutations,
    permuted_units,
)
from textdrift.errors import SettingsError


def rng(seed=0):
    return np.random.default_rng(seed)


def table(values, codes=None, k=3):
    codes = np.zeros((len(values), 0), dtype=int) if codes is None else codes[:, None]
    names = ("kind",)[: codes.shape[1]]
    categories = (tuple("abcdefgh"[:k]),)[: codes.shape[1]]
    return ColumnTable(tuple(f"x{i}" for i in range(values.shape[1])), values, names, categories, codes)


def correlated(n, correlation, generator, d=2):
    covariance = np.full((d, d), correlation) + (1 - correlation) * np.eye(d)
    return generator.normal(size=(n, d)) @ np.linalg.cholesky(covariance).T


def compared(before, after, seed=0, **options):
    return Joint(**options).compare(before, after, rng=rng(seed))


def test_a_changed_correlation_is_seen_where_no_margin_moved():
    generator = rng(1)
    before, after = correlated(400, 0.0, generator), correlated(400, 0.5, generator)
    assert min(stats.ks_2samp(before[:, i], after[:, i]).pvalue for i in range(2)) > 0.05
    result = compared(table(before), table(after), n_permutations=999)
    assert result.p_value <= 0.001
    effect = result.effects[0]
    assert effect.low < 0.5 < effect.high
    (pair,) = result.table("pairs")
    assert (pair["first"], pair["second"]) == ("x0", "x1")
    assert pair["change"] == pytest.approx(0.5, abs=0.15)


def test_a_small_move_that_many_columns_share_is_seen():
    generator = rng(2)
    before, after = correlated(600, 0.2, generator, 20), correlated(600, 0.2, generator, 20) + 0.15
    result = compared(table(before), table(after), n_permutations=999)
    assert result.p_value <= 0.01
    assert result.effects[1].name == "std_shift"
    assert result.effects[1].value == pytest.approx(0.15, abs=0.06)


def test_a_relation_between_a_number_and_a_category_is_seen_and_named():
    generator = rng(3)

    def draw(together):
        codes = generator.integers(0, 3, 400)
        return table(generator.normal(size=(400, 1)) + (codes == 2)[:, None] * together, codes)

    result = compared(draw(0.0), draw(1.0), n_permutations=999)
    assert result.p_value < 0.01
    assert result.table("pairs")[0]["second"].startswith("kind = ")


def test_a_relation_that_bends_is_seen():
    generator = rng(14)
    x = generator.normal(size=(2, 500))
    before = np.column_stack([x[0], np.abs(x[0]) + generator.normal(size=500)])
    after = np.column_stack([x[1], np.abs(generator.permutation(x[1])) + generator.normal(size=500)])
    result = compared(table(before), table(after), n_permutations=999)
    assert result.p_value <= 0.01
    assert result.table("pairs")[0]["first"] + result.table("pairs")[0]["second"] == "x1distance of x0 from its middle"
    assert result.effects[0].value > 0.3
    assert result.sizes["folded_pairs_standardised"] > 3 > result.sizes["pairs_standardised"]


def test_values_missing_together_are_a_relation_too():
    generator = rng(4)

    def draw(together):
        values = generator.normal(size=(500, 2))
        first = generator.random(500) < 0.2
        second = first if together else generator.random(500) < 0.2
        values[first, 0], values[second, 1] = np.nan, np.nan
        return table(values)

    result = compared(draw(False), draw(True), n_permutations=999)
    assert result.p_value < 1e-4
    assert {result.table("pairs")[0][side] for side in ("first", "second")} == {"x0 is missing", "x1 is missing"}


@pytest.mark.parametrize(("n", "m", "d"), [(50, 50, 2), (60, 30, 10), (1200, 300, 3)])
def test_the_level_holds_for_rows_and_for_bins(n, m, d):
    generator, found, repeats = rng(5), 0, 60
    for _ in range(repeats):
        scores = scores_of(*(table(correlated(size, 0.4, generator, d).round(1)) for size in (n, m)))
        units = joint_units(scores, n, generator)
        found += permuted_units(units, 99, 0.05, generator).p_value <= 0.05
    assert found / repeats <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)


def test_the_statistics_of_rows_are_those_written_out():
    generator = rng(6)
    scores = scores_of(table(generator.normal(size=(20, 3))), table(generator.normal(size=(15, 3))))
    units = joint_units(scores, 20, generator)
    assert units.rows_of_unit == 1
    rows = scores.values.astype(float)
    one, other = scores.pairs()
    x, y = rows[:, one], rows[:, other]
    pulls = x * y - 0.5 * np.mean(x * y, axis=0) * (x**2 + y**2)
    difference = pulls[20:].mean(axis=0) - pulls[:20].mean(axis=0)
    error = pulls.std(axis=0, ddof=1) * np.sqrt(1 / 20 + 1 / 15)
    found = units.pulls[20:].sum(axis=0)
    assert found.tolist() == pytest.approx((difference / error).tolist(), rel=1e-4)


def test_a_pull_is_what_leaving_a_row_out_does_to_the_correlation():
    generator = rng(15)
    scores = scores_of(table(correlated(150, 0.8, generator)), table(correlated(150, 0.8, generator)))
    pulls = joint_units(scores, 150, rng(0)).pulls[:, 0]
    x, y = scores.values.astype(float).T
    jackknife = [-np.corrcoef(np.delete(x, i), np.delete(y, i))[0, 1] for i in range(300)]
    # Rows are drawn by lot within each window: the pulls are those of the jackknife in another order.
    for side in (slice(0, 150), slice(150, 300)):
        assert np.corrcoef(np.sort(pulls[side]), np.sort(jackknife[side]))[0, 1] > 0.99


def test_two_equal_columns_pull_on_nothing():
    x = rng(16).normal(size=(300, 1))
    scores = scores_of(table(np.hstack([x[:150], x[:150]])), table(np.hstack([x[150:], x[150:]])))
    assert not joint_units(scores, 150, rng(0)).pulls.any()


@pytest.mark.parametrize(("before", "after"), [(0.8, 0.5), (0.9, 0.75)])
def test_a_close_relation_that_loosens_is_seen_as_well_as_fishers_z_sees_it(before, after):
    generator, found = rng(17), 0
    for seed in range(10):
        tables = (correlated(200, r, generator, 2) for r in (before, after))
        noise = (generator.normal(size=(200, 3)) for _ in range(2))
        both = (table(np.hstack(pair)) for pair in zip(tables, noise, strict=True))
        found += compared(*both, seed, n_permutations=99).p_value <= 0.05
    assert found >= 8


def test_what_is_sure_of_the_exact_bound_is_no_surer_than_all_splits_say():
    generator = rng(18)
    for _ in range(10):
        rows = generator.exponential(size=(10, 3)) + np.repeat([0.0, 3.0], 5)[:, None]
        rows = ((rows - rows.mean(axis=0)) / rows.std(axis=0)).astype(np.float32)
        nothing = np.zeros((10, 0), dtype=np.float32)
        bound = exact_bound(JointUnits(nothing, np.zeros(0), rows, nothing, 5, 1))
        splits = [rows[list(chosen)].sum(axis=0) for chosen in itertools.combinations(range(10), 5)]
        largest = np.abs(rows[5:].sum(axis=0)).max()
        assert bound >= np.mean([np.abs(split).max() >= largest - 1e-5 for split in splits])


def test_more_permutations_are_drawn_only_where_none_came_up(monkeypatch):
    monkeypatch.setattr("textdrift.drift.columns.joint._WORK", 1)
    generator = rng(19)
    before = table(correlated(300, 0.3, generator, 4))
    moved = compared(before, table(correlated(300, 0.6, generator, 4)), n_permutations=1999)
    calm = compared(before, table(correlated(300, 0.3, generator, 4)), n_permutations=1999)
    assert moved.notes[0].startswith("1999 permutations")
    assert moved.p_value <= 1 / 2000
    assert calm.notes[0].startswith(("99 permutations", "999 permutations"))


def test_a_level_beyond_all_permutations_is_known_to_what_is_detectable(monkeypatch):
    monkeypatch.setattr("textdrift.drift.columns.joint._WORK", 1)
    monkeypatch.setattr("textdrift.drift.columns.joint._MOST_WORK", 1)
    generator, level = rng(20), 1e-5
    same = lambda: generator.normal(size=(200, 30))
    result = compared(table(same()), table(same()), level=level)
    units = joint_units(scores_of(table(same()), table(same())), 200, generator)
    reach = pair_beyond_permutations(units, level)
    assert result.effects[0].detectable >= (reach + 0.84) * np.sqrt(2 / 200) - 1e-3
    after = same()
    after[:, 1] = 0.8 * after[:, 0] + 0.6 * after[:, 1]
    assert compared(table(same()), table(after), level=level).p_value <= level
    assert compared(table(same()[:60]), table(same()[:60]), level=1e-40).effects[0].detectable == np.inf


def test_a_small_move_of_all_means_is_not_told_as_a_changed_correlation():
    generator, sizes = rng(21), []
    for seed in range(12):
        before, after = correlated(200, 0.0, generator, 5), correlated(200, 0.0, generator, 5) + 0.2
        result = compared(table(before), table(after), seed, n_permutations=199)
        if result.p_value <= 0.05:
            sizes.append(result.effects[0].value)
    assert len(sizes) >= 6
    assert sum(size >= 0.15 for size in sizes) <= 1


def test_no_outlier_and_no_unit_counts():
    values = rng(7).normal(size=(60, 2))
    stretched = np.column_stack([np.exp(5 * values[:, 0]), values[:, 1] * 1e9])
    plain = scores_of(table(values[:40]), table(values[40:])).values
    assert np.allclose(plain, scores_of(table(stretched[:40]), table(stretched[40:])).values)


def test_noise_has_no_size():
    generator = rng(8)
    effects = [
        compared(
            table(correlated(200, 0.3, generator, 5)), table(correlated(200, 0.3, generator, 5)), n_permutations=99
        ).effects[0]
        for _ in range(20)
    ]
    assert np.median([effect.value for effect in effects]) < 0.12
    assert sum(effect.low == 0.0 for effect in effects) >= 16


def test_a_detectable_change_of_one_correlation_shows_four_times_in_five():
    generator, found = rng(9), 0
    same = lambda: table(correlated(300, 0.0, generator))
    size = compared(same(), same(), n_permutations=999).effects[0].detectable
    for seed in range(50):
        found += compared(same(), table(correlated(300, size, generator)), seed, n_permutations=199).p_value <= 0.05
    assert 0.64 <= found / 50 <= 0.98


def test_two_hundred_columns_and_a_thousand_times_as_many_rows_are_sampled_and_said():
    generator = rng(10)
    result = compared(table(generator.normal(size=(64, 4))), table(generator.normal(size=(5000, 4))), n_permutations=99)
    assert result.n_documents == (64, 1024)
    assert any("random sample of 64 of 64 reference and 1024 of 5000" in note for note in result.notes)
    wide = compared(table(generator.normal(size=(60, 200))), table(generator.normal(size=(60, 200))), n_permutations=99)
    assert wide.sizes["n_pairs"] == 19_900


def test_one_column_and_constant_columns_have_no_relation():
    one = table(rng(11).normal(size=(50, 1)))
    assert "Fewer than two columns" in compared(one, one).notes[0]
    constant = table(np.ones((50, 3)))
    assert compared(constant, constant).p_value == 1.0
    assert compared(table(np.ones((1, 2))), constant).p_value == 1.0
    with pytest.raises(SettingsError, match="max_rows"):
        Joint(max_rows=1)
