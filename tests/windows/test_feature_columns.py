"""Features come in as numbers or names, whatever the source; nothing that is missing is dropped."""

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from textdrift.errors import ColumnTypeError, SettingsError
from textdrift.windows.feature_columns import held_in, names_of, numbers_of
from textdrift.windows.fingerprinting import fingerprint
from textdrift.windows.reading import read_window
from textdrift.windows.reading_both import read_both
from textdrift.windows.window import Roles


def window(values, **roles):
    return read_window(pa.table({"x": values}), Roles(text=None, features=("x",), **roles), name="today")


def csv_window(tmp_path, cells, name="a.csv"):
    path = tmp_path / name
    path.write_text("x\n" + "\n".join(cells) + "\n", encoding="utf-8")
    return read_window(str(path), Roles(text=None, features=("x",)), name="today")


@pytest.mark.parametrize(
    ("values", "held"),
    [
        ([1, 2, None], "numbers"),
        ([1.5, float("nan")], "numbers"),
        (["a", "b"], "text"),
        (["1", "2"], "text"),  # text of a source that has types
        ([True, False], "text"),
        (pa.array([None, None], pa.float64()), ""),
        (pa.array(["a", "b"]).dictionary_encode(), "text"),
        (pa.array([2**63 + 5], pa.uint64()), "numbers"),
    ],
)
def test_numbers_are_numbers_and_all_else_are_names(values, held):
    assert held_in(window(values), "x") == held


def test_cells_of_a_csv_file_that_all_spell_numbers_are_numbers(tmp_path):
    numbers = csv_window(tmp_path, ["1", "", "2.5"])
    assert held_in(numbers, "x") == "numbers"
    assert numbers_of(numbers, "x").tolist()[::2] == [1.0, 2.5]
    assert np.isnan(numbers_of(numbers, "x")[1])
    assert held_in(csv_window(tmp_path, ["1", "n/a"], "b.csv"), "x") == "text"


def test_missing_values_stay_as_missing():
    values = numbers_of(window(pa.array([1.0, None, float("nan"), float("inf")])), "x")
    assert np.isnan(values).tolist() == [False, True, True, False]
    assert names_of(window(["a", None]), "x").to_pylist() == ["a", None]


def test_codes_are_spelled_alike_in_every_source(tmp_path):
    sources = window([7, 8]), window([7.0, 8.0]), csv_window(tmp_path, ["7", "8"])
    assert [names_of(source, "x").to_pylist() for source in sources] == [["7", "8"]] * 3


def test_numbers_that_are_no_codes_cannot_be_names():
    with pytest.raises(ColumnTypeError, match=r"window 'today'.*looks continuous.*columns\.categories"):
        names_of(window([1.5, 2.5]), "x")


@pytest.mark.parametrize(
    ("values", "advice"),
    [
        ([dt.datetime(2026, 1, 1)], "role time"),
        ([[1.0, 2.0]], "role embeddings"),
        ([b"raw"], "cast it deliberately"),
        (pa.DictionaryArray.from_arrays(pa.array([0]), pa.array([[1.0]])), "role embeddings"),
        (pa.array(pd.Series(pd.cut([1.0, 9.0], 2)), from_pandas=True), r"astype\(str\)"),
    ],
)
def test_what_is_neither_number_nor_name_is_refused(values, advice):
    with pytest.raises(ColumnTypeError, match=f"window 'today'.*column 'x' is a feature.*{advice}"):
        window(values)


def test_whole_numbers_keep_their_last_digits():
    assert window(pa.array([2**63 + 5, 2**64 - 1], pa.uint64())).column("x").to_pylist() == [2**63 + 5, 2**64 - 1]
    assert window(pa.array([2**62 + 1], pa.decimal128(30, 0))).column("x").to_pylist() == [2**62 + 1]
    assert names_of(window(pa.array([2**63 + 5], pa.uint64())), "x").to_pylist() == [str(2**63 + 5)]


def test_an_infinite_number_is_no_code():
    assert names_of(window([7.0, np.inf]), "x").to_pylist() == ["7", None]


def test_a_segment_that_is_a_feature_holds_names():
    both = read_window(pa.table({"x": [1, 2]}), Roles(text=None, features=("x",), segments=("x",)), name="today")
    assert held_in(both, "x") == "text"


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        ({"features": ("x", "x")}, "named twice among the features"),
        ({"features": ("x",), "label": "x"}, "given as label and feature"),
        ({"features": "x"}, r"features are a list of columns.*write \['x'\]"),
        ({}, "name at least the text column, features"),
    ],
)
def test_a_slip_in_the_roles_is_told(roles, message):
    with pytest.raises(SettingsError, match=message):
        read_window(pa.table({"x": [1]}), Roles(text=None, **roles), name="today")


def test_a_feature_that_the_current_window_lacks_is_absent_and_no_error():
    roles = Roles(text=None, features=("x", "y"))
    before = pa.table({"x": [1, 2], "y": ["a", "b"]})
    reference, current = read_both(before, pa.table({"x": [1, 2], "y_new": ["a", "b"]}), roles)
    assert reference.roles.features == current.roles.features == ("x",)
    (absent,) = current.absent
    assert (absent.role, absent.name, absent.resembles, absent.told) == (
        "feature", "y", "y_new", "Column 'y' (a feature)"
    )  # fmt: skip


def test_the_same_numbers_have_the_same_fingerprint_wherever_they_came_from(tmp_path):
    sources = [window([1, 2]), window([1.0, 2.0]), csv_window(tmp_path, ["1", "2"])]
    assert len({fingerprint(source) for source in sources}) == 1
    assert fingerprint(window([1, 3])) != fingerprint(sources[0])
    assert fingerprint(window([1.0, None])) != fingerprint(window([1.0, 0.0]))
