"""Missing values of columns: exact p-values, the columns named, no alarm by their number."""

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.quality.missing_values import MissingFlags, MissingValues
from textdrift.errors import SettingsError

NAMES = ("amount", "age", "country")


def flags(*counts, n=200):
    return MissingFlags(NAMES[: len(counts)], np.column_stack([np.arange(n) < count for count in counts]))


def compared(before, after):
    return MissingValues().compare(before, after, rng=np.random.default_rng(0))


def test_one_column_has_an_exact_p_value_and_three_have_three_times_the_smallest():
    tail = stats.hypergeom(400, 20, 200).cdf(4)
    assert compared(flags(4), flags(16)).p_value == pytest.approx(2 * tail, rel=1e-9)
    assert compared(flags(4, 2, 0), flags(16, 2, 0)).p_value == pytest.approx(6 * tail, rel=1e-9)


def test_the_cause_names_the_column_that_moved_most_and_then_the_others():
    result = compared(flags(0, 10, 3), flags(60, 40, 3))
    (row,) = result.table("causes")
    assert row["sentence"] == (
        "Missing values of “amount” rose from 0 % to 30.0 % of all rows; their share moved in “age” too."
    )
    assert (row["cause"], row["direction"], row["share_of_rows"]) == ("missing", "up", 0.3)
    assert [row["column"] for row in result.table("missing_values")] == ["amount", "age", "country"]
    assert result.effects[0].value == pytest.approx(0.3)
    assert result.effects[0].low < 0.3 < result.effects[0].high


def test_the_p_value_and_the_size_are_of_one_column():
    rare_and_half = MissingFlags(NAMES[:2], np.column_stack([np.arange(5000) < 0, np.arange(5000) < 2500]))
    later = MissingFlags(NAMES[:2], np.column_stack([np.arange(5000) < 7, np.arange(5000) < 2560]))
    for level in (0.025, 0.05):  # "amount" is at 0.031, so that none has moved at the smaller level
        result = MissingValues(level=level).compare(rare_and_half, later, rng=np.random.default_rng(0))
        (row,), adjusted = result.table("causes"), {r["column"]: r["p_value"] for r in result.table("missing_values")}
        assert row["column"] == "amount"
        assert result.p_value == adjusted["amount"]
        assert result.effects[0].value == pytest.approx(7 / 5000)
    many = compared(flags(0, 50, n=5000), flags(80, 200, n=5000))
    assert many.table("causes")[0]["column"] == "age"
    assert many.p_value == {r["column"]: r["p_value"] for r in many.table("missing_values")}["age"]


def test_a_fall_is_told_as_a_fall():
    (row,) = compared(flags(40), flags(4)).table("causes")
    assert row["sentence"].startswith("Missing values of “amount” fell from 20.0 % to 2.0 %")


def test_columns_that_always_miss_their_values_and_full_ones_say_nothing():
    result = compared(flags(0, 200), flags(0, 200))
    assert result.p_value == 1.0
    assert result.table("causes") == ()


def test_many_columns_do_not_raise_an_alarm_by_their_number():
    generator, found = np.random.default_rng(1), 0
    names = tuple(f"c{i}" for i in range(12))
    for _ in range(100):
        draw = lambda n: MissingFlags(names, generator.random((n, 12)) < 0.2)
        found += compared(draw(100), draw(60)).p_value <= 0.05
    assert found / 100 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_no_column_and_no_row_are_said_and_not_raised():
    none = MissingFlags((), np.zeros((5, 0), dtype=bool))
    assert "No column" in compared(none, none).notes[0]
    without_rows = compared(flags(0), MissingFlags(NAMES[:1], np.zeros((0, 1), dtype=bool)))
    assert without_rows.p_value == 1.0
    assert "A window without rows" in without_rows.notes[0]
    with pytest.raises(SettingsError):
        MissingValues(level=0.0)
