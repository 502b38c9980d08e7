"""Unseen values: nothing new is no drift, what is to be expected is no drift, a new category and a new range are."""

import numpy as np
import pytest

from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.unseen import Unseen
from textdrift.errors import SettingsError


def rng(seed=0):
    return np.random.default_rng(seed)


def table(values, codes=None, k=1000):
    values = np.asarray(values, float)[:, None]
    codes = np.zeros(len(values), dtype=int) if codes is None else np.asarray(codes)
    return ColumnTable(("age",), values, ("city",), (tuple(f"v{i:04}" for i in range(k)),), codes[:, None])


def test_windows_without_a_new_value_have_no_p_value_to_speak_of():
    values = np.linspace(0, 1, 50)
    result = Unseen().compare(table(values), table(values), rng=rng())
    assert result.p_value == 1.0
    assert result.effects[0].value == 0.0


def test_new_rare_categories_are_what_two_samples_of_one_source_hold():
    generator, found, sizes = rng(1), 0, []
    for _ in range(100):
        draw = lambda n: table(generator.standard_cauchy(n), np.minimum(generator.zipf(1.4, size=n), 999))
        result = Unseen(n_permutations=99).compare(draw(100), draw(100), rng=generator)
        found += result.p_value <= 0.05
        sizes.append(result.table("unseen")[0]["share"])
    assert found / 100 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
    assert np.mean(sizes) > 0.02, "some rows are unseen, by chance"


def test_a_new_category_is_named_with_its_rows():
    generator = rng(2)
    before = table(generator.random(300), np.repeat([0, 1], 150), 3)
    after = table(generator.random(300), np.repeat([0, 1, 2], [150, 120, 30]), 3)
    result = Unseen().compare(before, after, rng=generator)
    assert result.p_value < 1e-6
    assert result.effects[0].value == pytest.approx(0.1)
    assert result.effects[0].low < 0.1 < result.effects[0].high
    assert result.table("unseen_values")[0] == {"column": "city", "value": "v0002", "n_rows": 30, "share": 0.1}
    assert result.table("unseen")[0]["column"] == "city"


def test_values_beyond_the_range_are_counted_at_either_end():
    before = table(np.linspace(0, 1, 200))
    after = table(np.r_[np.linspace(0.2, 0.8, 180), np.full(15, 7.0), np.full(5, -1.0)])
    result = Unseen().compare(before, after, rng=rng())
    row = result.table("unseen")[0]
    assert (row["n_above"], row["n_below"]) == (15, 5)
    assert (row["reference_maximum"], row["current_maximum"]) == (1.0, 7.0)
    assert result.p_value < 1e-3
    assert result.effects[0].value == pytest.approx(0.1 - 2 / 201, abs=1e-9)


def test_few_new_rows_of_one_column_do_not_hide_many_of_another():
    n = 5000
    filled, new = np.full((2, n), -1), np.zeros((2, n), dtype=int)
    filled[:, : n // 5] = 0
    new[1, :40] = 1  # 0.8 % of 5,000 rows, the smaller p-value
    filled[1, :36] = 1  # 3.6 % of 1,000 rows
    names = (("x", "y"), ("p", "q"))
    before, after = (
        ColumnTable((), np.zeros((n, 0)), ("often", "seldom"), names, np.column_stack([new[side], filled[side]]))
        for side in (0, 1)
    )
    result = Unseen(n_permutations=199).compare(before, after, rng=rng())
    adjusted = {row["column"]: row["p_value"] for row in result.table("unseen")}
    assert adjusted["often"] < adjusted["seldom"] < 1e-6
    assert result.effects[0].value == pytest.approx(0.036)
    assert result.p_value == adjusted["seldom"]
    assert result.table("unseen_values")[0]["column"] == "seldom"


@pytest.mark.parametrize(("n", "m"), [(200, 3000), (1000, 3000)])
def test_new_names_of_one_row_each_are_not_taken_from_themselves(n, m):
    generator, names = rng(4), 20 + m
    before, after = generator.integers(0, 20, n), generator.integers(0, 20, m)
    moved = np.flatnonzero(generator.random(m) < 0.08)
    after[moved] = 20 + np.arange(len(moved))
    values = generator.random(n + m)
    result = Unseen(n_permutations=199).compare(
        table(values[:n], before, names), table(values[n:], after, names), rng=generator
    )
    effect = result.effects[0]
    assert effect.value == pytest.approx(len(moved) / m)
    assert effect.low < 0.08 < effect.high
    assert result.p_value <= 0.01, "the least that 199 splits and two columns give"


def test_the_detectable_share_shows_four_times_in_five_at_least():
    generator, found, n = rng(3), 0, 400
    values = generator.random(n)
    codes = np.arange(n) % 4
    share = Unseen().compare(table(values, codes, 5), table(values, codes, 5), rng=generator).effects[0].detectable
    for _ in range(100):
        new = np.where(generator.random(n) < share, 4, codes)
        found += (
            Unseen(n_permutations=999).compare(table(values, codes, 5), table(values, new, 5), rng=generator).p_value
            <= 0.05
        )
    assert found >= 70


def test_the_detectable_share_is_not_too_small_where_names_are_rare():
    generator, found, n = rng(5), 0, 200
    draw = lambda: np.minimum(generator.zipf(1.5, size=n), 998)
    compared = lambda before, after: Unseen(n_permutations=199).compare(
        table(np.zeros(n), before), table(np.zeros(n), after), rng=generator
    )
    share = np.median([compared(draw(), draw()).effects[0].detectable for _ in range(10)]) / (1 - 0.16)  # 16 % unseen
    for _ in range(80):
        after = np.where(generator.random(n) < share, 999, draw())
        found += compared(draw(), after).table("unseen")[0]["p_value"] <= 2 * 0.05
    assert 0.65 <= found / 80 <= 0.97


def test_the_excess_is_covered_where_names_are_rare():
    generator, covered, n, m = rng(6), 0, 200, 300
    pool = np.minimum(generator.zipf(1.5, size=20_000), 998)
    for _ in range(100):
        before, after = generator.choice(pool, n), generator.choice(pool, m)
        by_chance = np.mean(~np.isin(pool, before))
        after[generator.random(m) < 0.1] = 999
        effect = Unseen(n_permutations=1).compare(
            table(np.zeros(n), before), table(np.zeros(m), after), rng=generator
        ).effects[0]  # fmt: skip
        covered += effect.low <= 0.1 * (1 - by_chance) <= effect.high
    assert covered >= 88


def test_a_column_without_values_and_windows_without_rows_are_said_and_not_raised():
    empty = table(np.full(5, np.nan), np.full(5, -1))
    result = Unseen().compare(empty, table(np.arange(5.0)), rng=rng())
    assert result.p_value == 1.0
    assert "No column has values" in result.notes[0]
    with pytest.raises(SettingsError, match="at least 1"):
        Unseen(n_permutations=0)
