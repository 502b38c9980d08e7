"""Cells of text spell numbers plainly, in another country's way, say that a value is missing, or are words."""

import pyarrow as pa
import pytest

from textdrift.windows.spelled_numbers import folded_booleans, numbers_in, spelled_cells


def cells(*values):
    return spelled_cells(pa.array(values, pa.large_string()))


@pytest.mark.parametrize("value", ["1", "0007", "-1.5e-3", "+5", ".5", "5.", " 12.5 ", "\u00a07", "inf", "-Infinity"])
def test_what_python_reads_is_a_number(value):
    read = cells(value)
    assert read.count("number") == read.n_values == 1
    assert numbers_in(read).to_pylist() == [float(value)]


@pytest.mark.parametrize(
    "value",
    [
        "54,52", "1,234.50", "1.234,50", "1'000", "1\u202f234", "12,34,567", "€54.5", "54.5 €", "-$5", "$-5", "54%",
        "5 %", "(12.50)", "5-", "USD 5", "5 EUR", "−5",
    ],
)  # fmt: skip
def test_numbers_of_one_country_are_no_plain_numbers(value):
    assert cells(value).count("odd number") == 1
    assert numbers_in(cells(value)).to_pylist() == [None]


@pytest.mark.parametrize("value", ["", "  ", "-", "NA", "n/a", "#N/A", "null", "None", "NaN", "<NA>"])
def test_cells_may_say_that_a_value_is_missing(value):
    assert cells(value).count("missing") == 1
    assert cells(value).n_values == 0


@pytest.mark.parametrize("value", ["free", "0x10", "1.2.3", "18-25", "12:30", "2026-01-01", "12kg", "13A", "unknown"])
def test_words_dates_and_versions_are_no_numbers(value):
    assert cells(value).count("other") == 1


def test_whole_numbers_are_read_to_the_last_digit():
    long = [2**62 + 1, 2**63 + 1]
    assert numbers_in(cells(str(long[0]))).to_pylist() == long[:1]
    assert numbers_in(cells(*map(str, long))).to_pylist() == long
    assert numbers_in(cells("7", "0.5", None, "NA")).to_pylist() == [7.0, 0.5, None, None]


def test_bools_are_spelled_in_several_ways():
    values = pa.array(["true", "FALSE", " True", "1", "0", "1.0", "yes", None], pa.large_string())
    assert folded_booleans(values).to_pylist() == ["True", "False", "True", "True", "False", "True", None, None]
