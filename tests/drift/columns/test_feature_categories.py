"""Categorical columns of features: exact p-values, many categories, unseen ones; labels as ever."""

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.categories import Categories
from textdrift.drift.columns.coded_categories import _permuted, _Types
from textdrift.drift.columns.column_values import CategoryColumn


def rng(seed=0):
    return np.random.default_rng(seed)


def column(counts):
    counts = np.asarray(counts)
    names = tuple(f"c{i:05}" for i in range(len(counts)))
    return CategoryColumn("country", names, np.repeat(np.arange(len(counts)), counts))


def compared(before, after, seed=0, **options):
    return Categorical(kind="features", **options).compare(column(before), column(after), rng=rng(seed))


def test_two_categories_give_fishers_p_value_to_the_last_digit():
    result = compared([50, 50], [35, 65])
    assert result.p_value == pytest.approx(stats.fisher_exact([[50, 50], [35, 65]]).pvalue, rel=1e-9)


def test_permutations_agree_with_the_exact_p_value_of_a_small_table():
    before, after = np.array([8, 3, 1]), np.array([3, 5, 5])
    exact = compared(before, after).p_value
    permuted = _permuted(_Types.of(before, before + after), 12, 13, np.ones(3, bool), 9999, rng()).p_value
    assert permuted == pytest.approx(exact, abs=0.012)


def test_many_rows_give_the_chi_square_p_value():
    before, after = [300, 250, 200, 150, 100], [330, 235, 170, 160, 105]
    expected = stats.chi2_contingency([before, after], correction=False)
    result = compared(before, after, n_permutations=4999)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert result.p_value == pytest.approx(expected.pvalue, abs=0.08)


def test_merging_categories_of_one_row_changes_neither_statistic_nor_distance():
    generator = rng(1)
    pooled = np.array([1, 4, 1, 2, 1, 7])
    drawn = generator.multivariate_hypergeometric(pooled, 9, size=6)
    types = _Types.of(drawn[0], pooled)
    merged = np.column_stack([drawn[:, pooled > 1], drawn[:, pooled == 1].sum(axis=1)])
    expected = [stats.chi2_contingency([row, pooled - row], correction=False).statistic for row in drawn]
    assert types.chi_square(merged, 9 / 16).tolist() == pytest.approx(expected, rel=1e-9)
    changes = 0.5 * np.abs(drawn / 9 - (pooled - drawn) / 7)
    every, first_two = np.ones(3, bool), np.array([True, True, False])
    assert types.variation(merged, 9, 7, every).tolist() == pytest.approx(changes.sum(axis=1).tolist(), rel=1e-9)
    expected = changes[:, :-1].sum(axis=1)
    assert types.variation(merged, 9, 7, first_two).tolist() == pytest.approx(expected.tolist(), rel=1e-9)


def test_ten_thousand_categories_of_one_source_have_no_size_and_a_moved_tenth_has_one():
    generator, k, n = rng(2), 10_000, 20_000
    draw = lambda codes: CategoryColumn("user", tuple(f"u{i:05}" for i in range(k)), codes)
    before, after = generator.integers(0, k, n), generator.integers(0, k, n)
    test = Categorical(kind="features", n_permutations=99)
    same = test.compare(draw(before), draw(after), rng=generator)
    assert same.p_value > 0.01
    assert same.effects[0].value < 0.05
    after[:2000] = 7
    moved = test.compare(draw(before), draw(after), rng=generator)
    assert moved.p_value < 1e-6
    assert moved.table("categories")[0]["value"] == "u00007"
    assert len(moved.table("categories")) == 100
    assert "100 categories whose shares moved most" in moved.notes[0]


def source(k, how, size):
    """Return the shares of k categories before and after a change of this total variation."""
    before = np.full(k, 1 / k) if how == "spread" else np.append(0.5, np.full(k - 1, 0.5 / (k - 1)))
    half = max(1, k // 2) if how == "spread" else 1
    change = np.append(before[:half] / before[:half].sum(), -before[half:] / before[half:].sum())
    return before, before + size * change


@pytest.mark.parametrize(
    ("k", "how", "size"),
    [(2, "one", 0.1), (5, "spread", 0.2), (50, "spread", 0.2), (500, "one", 0.1), (500, "spread", 0.2)],
)
@pytest.mark.parametrize(("n", "m"), [(200, 200), (1000, 1000), (50, 1000)])
def test_the_interval_covers_the_total_variation_of_few_and_of_many_categories(k, how, size, n, m):
    generator, covered, pairs = rng(5), 0, 50
    before, after = source(k, how, size)
    for _ in range(pairs):
        effect = compared(generator.multinomial(n, before), generator.multinomial(m, after), n_permutations=99).effects[
            0
        ]
        covered += effect.low <= size <= effect.high
    assert covered / pairs >= 0.85


def test_a_category_that_moved_is_not_enlarged_by_the_noise_of_hundreds_of_others():
    generator = rng(6)
    before, after = source(500, "one", 0.1)
    sizes = [
        compared(generator.multinomial(5000, before), generator.multinomial(5000, after), n_permutations=99)
        .effects[0]
        .value
        for _ in range(20)
    ]
    assert np.mean(sizes) == pytest.approx(0.1, abs=0.012)


@pytest.mark.parametrize("m", [1000, 3000])
def test_new_names_of_one_row_each_have_the_size_of_their_share(m):
    generator, covered, sizes = rng(7), 0, []
    for _ in range(20):
        known = generator.multinomial(m, [0.046] * 20 + [0.08])[:20]
        new = m - known.sum()
        before = np.append(generator.multinomial(1000, [0.05] * 20), np.zeros(new, dtype=int))
        effect = compared(before, np.append(known, np.ones(new, dtype=int)), n_permutations=99).effects[0]
        sizes.append(effect.value)
        covered += effect.low <= 0.08 <= effect.high
    assert np.mean(sizes) == pytest.approx(0.08, abs=0.02)
    assert covered >= 17


def test_categories_that_the_reference_lacks_are_listed():
    result = compared([50, 50, 0, 0], [40, 30, 10, 20])
    assert result.table("unseen_categories") == (
        {"value": "c00003", "n_rows": 20, "current_share": 0.2},
        {"value": "c00002", "n_rows": 10, "current_share": 0.1},
    )
    assert result.table("column") == ({"column": "country", "type": "categorical"},)


def test_the_level_holds_with_rare_categories():
    generator, found = rng(3), 0
    for _ in range(150):
        draw = lambda n: np.bincount(np.minimum(generator.zipf(1.5, size=n), 60), minlength=61)
        before, after = draw(80), draw(40)
        types = _Types.of(before, before + after)
        found += _permuted(types, 80, 40, np.ones(len(types.pooled) - 1, bool), 99, generator).p_value <= 0.05
    assert found / 150 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_the_detectable_size_is_detected_at_least_as_often_as_stated():
    generator, found = rng(4), 0
    size = compared([200, 200], [200, 200]).effects[0].detectable
    for _ in range(100):
        before, after = generator.binomial(400, 0.5), generator.binomial(400, 0.5 + size)
        found += compared([before, 400 - before], [after, 400 - after], n_permutations=19).p_value <= 0.05
    assert 0.68 <= found / 100 <= 0.95


def test_a_window_without_values_is_said_and_not_raised():
    result = compared([5, 5], [0, 0])
    assert result.p_value == 1.0
    assert "no value of “country”" in result.notes[0]


def test_a_label_and_a_column_are_not_compared():
    label = Categories(("a",), np.ones((3, 1)), np.arange(3))
    with pytest.raises(TypeError, match="one of each"):
        Categorical(kind="features").compare(column([3]), label, rng=rng())
