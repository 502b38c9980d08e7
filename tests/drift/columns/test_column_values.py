"""Columns as arrays: nulls counted, categories numbered alike in both windows."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.columns.column_values import ColumnTable, category_codes


def test_missing_values_are_left_out_and_counted():
    numeric = np.array([[1.0, np.nan], [2.0, 3.0], [np.nan, 4.0]])
    table = ColumnTable(("x", "y"), numeric, ("c",), (("a", "b"),), np.array([[-1], [1], [1]]))
    assert table.names == ("x", "y", "c")
    assert table.numeric_column("y").values.tolist() == [3.0, 4.0]
    assert table.numeric_column("y").share_missing == pytest.approx(1 / 3)
    assert table.category_column("c").counts.tolist() == [0, 2]
    assert table.category_column("c").n_rows == 3
    assert table.missing().tolist() == [[False, True, True], [False, False, False], [True, False, False]]


@pytest.mark.parametrize(
    ("reference", "current", "names"),
    [
        (pa.array([True, None]), pa.array([False]), ("false", "true")),
        (pa.array([3, 1]), pa.array([2]), ("1", "2", "3")),
        (pa.array(["b", "a"]).dictionary_encode(), pa.array(["c"]), ("a", "b", "c")),
        (pa.chunked_array([["b"], ["a"]]), pa.chunked_array([["c"]]), ("a", "b", "c")),
    ],
)
def test_values_of_any_type_are_numbered_alike_in_both_windows(reference, current, names):
    found, before, after = category_codes(reference, current)
    assert found == names
    read = [None if code < 0 else found[code] for code in before.tolist()]
    assert read == [None if v is None else str(v).lower() for v in reference.to_pylist()]
    assert [found[code] for code in after.tolist()] == [str(v).lower() for v in current.to_pylist()]
