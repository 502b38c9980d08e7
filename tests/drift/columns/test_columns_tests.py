"""Label, prediction and accuracy shift: exact p-values, level with copies, power, honest sizes."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from textdrift.drift.columns.accuracy import Accuracy
from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.categories import Categories, Correctness, categories_of, category_shares


def one_hot(counts, names=("a", "b", "c")):
    rows = np.repeat(np.arange(len(counts)), counts)
    return Categories(names[: len(counts)], np.eye(len(counts))[rows], np.arange(len(rows)))


def rng(seed=0):
    return np.random.default_rng(seed)


def test_two_categories_give_the_p_value_of_fishers_exact_test():
    reference, current = one_hot([50, 50], ("a", "b")), one_hot([35, 65], ("a", "b"))
    # equal window sizes: the chi-square statistic orders the tables as their probability does
    exact = stats.fisher_exact([[50, 50], [35, 65]]).pvalue
    assert 0.01 < exact < 0.06, "small enough that the full round decides"
    result = Categorical(kind="label", n_permutations=20_000).compare(reference, current, rng=rng())
    assert result.p_value == pytest.approx(exact, abs=0.006)


def test_three_categories_agree_with_the_chi_square_distribution_when_counts_are_large():
    reference, current = one_hot([300, 300, 400]), one_hot([360, 280, 360])
    result = Categorical(kind="label", n_permutations=20_000).compare(reference, current, rng=rng())
    expected = stats.chi2_contingency([[300, 300, 400], [360, 280, 360]], correction=False)
    assert result.statistic == pytest.approx(expected.statistic, rel=1e-9)
    assert result.p_value == pytest.approx(expected.pvalue, abs=0.005)


def test_equal_windows_do_not_drift():
    same = one_hot([10, 20, 30])
    result = Categorical(kind="label").compare(same, same, rng=rng())
    assert result.p_value == 1.0
    assert result.effects[0].value == 0.0


def test_level_holds_when_copies_disagree():
    generator = rng(5)
    rejected = 0
    for _ in range(300):
        shares = generator.dirichlet([0.5, 0.5], size=160).round(1)
        shares /= shares.sum(axis=1, keepdims=True)
        reference = Categories(("a", "b"), shares[:100], np.arange(100))
        current = Categories(("a", "b"), shares[100:], np.arange(60))
        rejected += (
            Categorical(kind="label", n_permutations=199).compare(reference, current, rng=generator).p_value <= 0.05
        )
    assert rejected / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    assert rejected >= 3


def test_the_detectable_size_is_detected_at_least_as_often_as_stated():
    generator, n, found = rng(6), 400, 0
    size = (
        Categorical(kind="label").compare(one_hot([200, 200]), one_hot([200, 200]), rng=generator).effects[0].detectable
    )
    for _ in range(150):
        before, after = generator.binomial(n, 0.5), generator.binomial(n, 0.5 + size)
        result = Categorical(kind="label", n_permutations=499).compare(
            one_hot([before, n - before]), one_hot([after, n - after]), rng=generator
        )
        found += result.p_value <= 0.05
    assert 0.70 <= found / 150 <= 0.95


def test_a_label_of_two_that_moved_for_certain_has_its_change_as_size():
    effect = Categorical(kind="label").compare(one_hot([150, 250]), one_hot([250, 150]), rng=rng()).effects[0]
    assert effect.value == pytest.approx(0.25)
    assert effect.low == pytest.approx(0.25 - 1.959964 * np.sqrt(2 * 0.375 * 0.625 / 400), abs=1e-6)


def test_the_interval_of_the_size_covers_the_truth():
    generator, hits = rng(7), 0
    for _ in range(200):
        before, after = generator.binomial(500, 0.4), generator.binomial(500, 0.6)
        effect = (
            Categorical(kind="label", n_permutations=99)
            .compare(one_hot([before, 500 - before]), one_hot([after, 500 - after]), rng=generator)
            .effects[0]
        )
        hits += effect.low <= 0.2 <= effect.high
    assert 0.90 <= hits / 200 <= 0.995


def test_a_category_of_one_window_only_is_seen():
    result = Categorical(kind="prediction").compare(one_hot([50, 50, 0]), one_hot([40, 40, 20]), rng=rng())
    assert result.p_value < 0.01
    assert {"value": "c", "reference_share": 0.0, "current_share": 0.2} in result.table("categories")


def test_no_category_at_all_is_said_and_not_raised():
    empty = Categories(("a",), np.zeros((0, 1)), np.zeros(0, dtype=int))
    result = Categorical(kind="label").compare(one_hot([5, 5]), empty, rng=rng())
    assert result.p_value == 1.0
    assert "no label" in result.notes[0]


@settings(deadline=None)  # the first call loads what reads columns
@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["x", "y", None])), min_size=1, max_size=30))
def test_shares_are_the_mean_one_hot_of_each_documents_rows(rows):
    documents = np.array([d for d, _ in rows])
    column = pa.array([label for _, label in rows], pa.large_string())
    names = ("x", "y")
    categories = category_shares(column, names, documents)
    for document, share in zip(categories.documents, categories.shares, strict=True):
        mine = [label for d, label in rows if d == document and label is not None]
        assert share.tolist() == pytest.approx([mine.count("x") / len(mine), mine.count("y") / len(mine)])
    assert set(categories.documents) == {d for d, label in rows if label is not None}


def test_categories_are_sorted_and_nulls_left_out():
    assert categories_of(pa.array(["b", None]), pa.array(["a", "b"])) == ("a", "b")


def test_accuracy_gives_fishers_exact_p_value():
    right = lambda k, n: Correctness(np.r_[np.ones(k), np.zeros(n - k)])
    result = Accuracy(n_permutations=20_000).compare(right(180, 200), right(160, 200), rng=rng())
    assert result.p_value == pytest.approx(stats.fisher_exact([[180, 20], [160, 40]]).pvalue, abs=0.003)
    assert result.effects[0].value == pytest.approx(-0.1)
    assert result.effects[0].low < -0.1 < result.effects[0].high


def test_the_interval_of_a_change_of_accuracy_is_agresti_and_caffos():
    right = lambda k, n: Correctness(np.r_[np.ones(k), np.zeros(n - k)])
    effect = Accuracy(n_permutations=9).compare(right(27, 30), right(210, 300), rng=rng()).effects[0]
    centre = 211 / 302 - 28 / 32
    half = 1.959964 * np.sqrt(211 / 302 * 91 / 302 / 302 + 28 / 32 * 4 / 32 / 32)
    assert (effect.low, effect.high) == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert effect.value == pytest.approx(-0.2)


def test_the_interval_of_a_change_of_accuracy_covers_it_by_counting():
    right = [Correctness(np.r_[np.ones(k), np.zeros(20 - k)]) for k in range(21)]
    covered, test, generator = 0.0, Accuracy(n_permutations=1), rng()
    for before, of_before in enumerate(stats.binom.pmf(range(21), 20, 0.95)):
        for after, of_after in enumerate(stats.binom.pmf(range(21), 20, 0.8)):
            if of_before * of_after > 1e-6:
                effect = test.compare(right[before], right[after], rng=generator).effects[0]
                covered += of_before * of_after * (effect.low <= -0.15 <= effect.high)
    assert covered >= 0.95


def test_accuracy_keeps_its_level():
    generator = rng(8)
    p = [
        Accuracy(n_permutations=199)
        .compare(
            Correctness((generator.random(150) < 0.8).astype(float)),
            Correctness((generator.random(60) < 0.8).astype(float)),
            rng=generator,
        )
        .p_value
        for _ in range(300)
    ]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_accuracy_without_a_labelled_row_is_said_and_not_raised():
    result = Accuracy().compare(Correctness(np.zeros(0)), Correctness(np.ones(5)), rng=rng())
    assert result.p_value == 1.0
    assert "both a label and a prediction" in result.notes[0]


@pytest.mark.parametrize(("k", "n"), [(2, 300), (10, 500), (30, 500)])
def test_many_categories_do_not_make_a_size_out_of_noise(k, n):
    generator, sizes, hits = rng(11), [], 0
    names = tuple(f"c{i:02}" for i in range(k))
    for _ in range(60):
        draw = lambda: one_hot(generator.multinomial(n, np.full(k, 1 / k)), names)
        effect = Categorical(kind="label", n_permutations=99).compare(draw(), draw(), rng=generator).effects[0]
        sizes.append(effect.value)
        hits += effect.low <= 0.0 <= effect.high
    assert np.median(sizes) < 0.05
    assert hits / 60 >= 0.85
