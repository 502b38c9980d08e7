"""How large each segment was and is, of all rows that have a value."""

import pyarrow as pa
import pytest

from textdrift.findings.segment_shares import MOST_VALUES, segment_shares
from textdrift.windows.window import Roles, Window


def window(**columns):
    return Window(pa.table(columns), Roles(segments=tuple(columns)), "a window")


def test_every_row_with_a_value_counts_and_the_largest_change_stands_first():
    before = window(country=["DE"] * 6 + ["UK"] * 2 + ["AT"] * 2 + [None] * 5)
    now = window(country=["DE"] * 4 + ["UK"] * 4 + ["AT"] * 2)
    rows = segment_shares((before, now))
    assert [(row["value"], row["n_reference"], row["n_current"]) for row in rows] == [
        ("DE", 6, 4),
        ("UK", 2, 4),
        ("AT", 2, 2),
    ]
    assert sum(row["reference_share"] for row in rows) == pytest.approx(1.0)
    assert rows[1]["current_share"] == pytest.approx(0.4)


def test_a_value_of_one_window_alone_has_no_rows_in_the_other():
    (row,) = [row for row in segment_shares((window(v=["a"]), window(v=["a", "b"]))) if row["value"] == "b"]
    assert (row["n_reference"], row["reference_share"], row["n_current"]) == (0, 0.0, 1)


def test_of_a_column_of_many_values_the_ones_that_changed_most_are_told():
    many = [f"v{i}" for i in range(200)]
    rows = segment_shares((window(v=[*many, "grew"]), window(v=[*many, *["grew"] * 100])))
    assert len(rows) == MOST_VALUES
    assert rows[0]["value"] == "grew"


def test_a_column_without_any_value_has_no_rows():
    empty = window(v=pa.array([None, None], pa.large_string()))
    assert segment_shares((empty, empty)) == ()
