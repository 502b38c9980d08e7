"""Groups are numbered over both windows; a row without a group is one of its own."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift.errors import ColumnTypeError, MissingColumnError, SettingsError
from textdrift.windows.grouping import groups_of, one_row_of_each
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

ROLES = Roles(text="text", group="author")


def window(authors):
    return read_window(pa.table({"text": ["a text"] * len(authors), "author": authors}), ROLES, name="today")


def test_a_group_has_one_number_in_both_windows():
    groups = groups_of(window(["ann", "bob", "ann"]), window(["cy", "bob"]))
    assert groups.reference.tolist() == [0, 1, 0]
    assert groups.current.tolist() == [2, 1]
    assert groups.n_groups == 3


@pytest.mark.parametrize("nobody", [None, "", "  "])
def test_rows_without_a_group_are_alone(nobody):
    groups = groups_of(window(["ann", nobody, nobody]), window([nobody, "ann"]))
    assert groups.n_groups == 4
    assert groups.reference[0] == groups.current[1]


def test_a_column_of_nulls_makes_every_row_a_group():
    assert groups_of(window([None, None]), window([None])).n_groups == 3


def test_numbers_name_groups_too():
    assert window([7, 8, None]).column("author").to_pylist() == ["7", "8", None]
    assert window(["07", "7.0", "7"]).column("author").to_pylist() == ["07", "7.0", "7"]


def test_windows_without_the_role_have_no_groups():
    plain = read_window(["a text"], Roles(text="text"), name="today")
    assert groups_of(plain, plain) is None


def test_a_group_that_is_a_measurement_is_refused():
    with pytest.raises(ColumnTypeError, match="'author' is a group and looks continuous"):
        window([0.5, 1.5])


def test_a_group_column_must_be_there_and_play_no_other_role():
    table = pa.table({"text": ["a text"]})
    with pytest.raises(MissingColumnError, match="author"):
        read_window(table, ROLES, name="today")
    with pytest.raises(SettingsError, match="'text' is given as text and group"):
        read_window(table, Roles(text="text", group="text"), name="today")


def test_one_row_of_each_group_is_drawn_evenly():
    rng = np.random.default_rng(0)
    groups = np.array([3, 3, 5, 3, 3])
    drawn = np.concatenate([one_row_of_each(groups, rng.random(5)) for _ in range(2000)])
    counts = np.bincount(drawn, minlength=5)
    assert counts[2] == 2000
    assert abs(counts[[0, 1, 3, 4]] - 500).max() < 4 * np.sqrt(2000 * 0.25 * 0.75)
