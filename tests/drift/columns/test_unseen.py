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


def test_a_column_without_values_and_windows_without_rows_are_said_and_not_raised():
    empty = table(np.full(5, np.nan), np.full(5, -1))
    result = Unseen().compare(empty, table(np.arange(5.0)), rng=rng())
    assert result.p_value == 1.0
    assert "No column has values" in result.notes[0]
    with pytest.raises(SettingsError, match="at least 1"):
        Unseen(n_permutations=0)
