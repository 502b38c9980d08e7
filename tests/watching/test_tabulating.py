"""Rows as a table: whatever JSON and Python hold, every row is there, and each column has one type."""

import datetime as dt
import decimal
import json

import numpy as np
import pyarrow as pa
import pytest

from textdrift.watching.stream_rows import row_of_line
from textdrift.watching.tabulating import table_of_rows


def column(values):
    table, _ = table_of_rows([{"v": value} for value in values], times=None)
    assert table.num_rows == len(values)
    return table.column("v")


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ([1, 2, None], [1, 2, None]), ([1, 2.5], [1.0, 2.5]), ([True, None], [True, None]), ([1, "a"], ["1", "a"]),
        ([True, 1], ["true", "1"]), ([2**70, 1], [str(2**70), "1"]), ([{"a": [1]}, "b"], ['{"a": [1]}', "b"]),
        ([[1, 2], [3, 4.5]], [[1, 2], [3, 4.5]]), ([["a"], None], ['["a"]', None]), ([None, None], [None, None]),
        ([float("nan"), 1.0], [None, 1.0]), (["\ud800 half", "whole"], ["? half", "whole"]),
        ([b"caf\xc3\xa9", "x"], ["café", "x"]),
        ([np.float32(1.5), np.int64(2)], [1.5, 2.0]), ([np.array([1, 2])], [[1, 2]]), ([np.str_("a")], ["a"]),
        ([decimal.Decimal("1.10")], ["1.10"]), ([np.float64("nan"), "a"], [None, "a"]), ([[], [1]], ["[]", "[1]"]),
    ],
)  # fmt: skip
def test_values_keep_what_they_say(values, kept):
    assert column(values).to_pylist() == kept


def test_a_value_that_cannot_be_written_is_told_and_no_error():
    class Odd:
        def __str__(self):
            raise RuntimeError

    assert column([Odd(), "a"]).to_pylist() == ["Odd that cannot be written", "a"]


def test_datetimes_are_times_with_a_zone():
    found = column([dt.datetime(2024, 5, 6), dt.datetime(2024, 5, 6, tzinfo=dt.UTC)])
    assert found.type == pa.timestamp("us", "UTC")


def test_a_key_that_appears_later_is_null_before():
    table, _ = table_of_rows([{"text": "a"}, {"text": "b", "late": 1}], times=None)
    assert table.to_pydict() == {"text": ["a", "b"], "late": [None, 1]}


def test_keys_without_end_take_no_memory_without_end():
    rows = [{f"key {i}": i} for i in range(1500)] + [{"text": "a"}]
    table, n_left_out = table_of_rows(rows, first=("text",), times=None)
    assert (table.num_columns, n_left_out) == (1000, 501)
    assert table.column("text").to_pylist()[-1] == "a"


@pytest.mark.parametrize(
    "line", ["", "not json", "[1, 2]", '"text"', "{", "[" * 100_000, "{}", b"\xff\xfe", "1" * 5000, "NaN"]
)
def test_a_line_that_holds_no_object_is_none(line):
    assert row_of_line(line) is None


def test_keys_are_strings_and_the_last_of_two_counts():
    assert row_of_line('{"a": 1, "a": 2}') == {"a": 2}
    assert row_of_line(json.dumps({"é\ud800": 1})) == {"é\ud800": 1}
    assert table_of_rows([row_of_line(json.dumps({"é\ud800": 1}))], times=None)[0].column_names == ["é?"]
