"""read_both(): a column that only the current window lacks is left out of both, and told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from textdrift.errors import MissingColumnError
from textdrift.windows.reading_both import read_both
from textdrift.windows.window import Roles

ROLES = Roles(
    label="label",
    prediction="answer",
    probabilities={"x": "p_x", "y": "p_y"},
    time="at",
    id="id",
    group="author",
    segments=("city", "answer"),
)
COLUMNS = {
    "text": ["good", "bad"],
    "label": ["x", "y"],
    "answer": ["x", "x"],
    "p_x": [0.7, 0.6],
    "p_y": [0.3, 0.4],
    "at": ["2024-01-01", "2024-01-02"],
    "id": [1, 2],
    "author": ["a", "b"],
    "city": ["Rome", "Oslo"],
}


def without(*names: str, **renamed: str) -> pa.Table:
    kept = {renamed.get(name, name): values for name, values in COLUMNS.items() if name not in names}
    return pa.table(kept)


@pytest.mark.parametrize(
    ("column", "role", "gone"),
    [
        ("answer", "prediction", {"prediction": None, "segments": ("city",)}),
        ("p_x", "probability", {"probabilities": {}}),
        ("at", "time", {"time": None}),
        ("id", "id", {"id": None}),
        ("author", "group", {"group": None}),
        ("city", "segment", {"segments": ("answer",)}),
    ],
)
def test_a_column_that_the_current_window_lacks_plays_no_role_in_either(column, role, gone):
    reference, current = read_both(without(), without(column), ROLES)
    assert reference.roles == current.roles
    for name, value in gone.items():
        assert getattr(current.roles, name) == value
    assert column not in reference.table.column_names
    assert (current.absent[0].role, current.absent[0].name) == (role, column)
    assert reference.absent == ()


def test_labels_of_the_reference_stay_where_the_current_window_has_none():
    reference, current = read_both(without(), without("label"), ROLES)
    assert reference.column("label").to_pylist() == ["x", "y"]
    assert current.column("label").to_pylist() == [None, None]
    assert current.roles == reference.roles


@pytest.mark.parametrize("new", ["lable", "Label", "label_v2", "true label"])
def test_the_new_name_of_a_renamed_column_is_guessed(new):
    _, current = read_both(without(), without(label=new), ROLES)
    assert current.absent[0].resembles == new


def test_a_column_that_both_windows_have_is_no_new_name():
    both = without().append_column("label_text", pa.array(["u", "v"]))
    _, current = read_both(both, both.drop_columns(["label"]), ROLES)
    assert current.absent[0].resembles is None


def test_a_stream_and_a_csv_file_are_read_again(tmp_path):
    path = tmp_path / "now.csv"
    pd.DataFrame(COLUMNS).rename(columns={"city": "city_name"}).to_csv(path, index=False)
    for current in (without(city="city_name").to_reader(), str(path), {"path": str(path)}):
        windows = read_both(without().to_reader(), current, ROLES)
        assert windows[1].absent[0].resembles == "city_name"
        assert windows[1].n_rows == 2


def test_vectors_beside_the_rows_stay_beside_them():
    roles = Roles(text="text", label="label", embeddings="embeddings")
    vectors = np.eye(2), np.eye(2) * 2
    _, current = read_both(without(), without("label"), roles, vectors=vectors)
    assert current.column("embeddings").to_pylist() == [[2.0, 0.0], [0.0, 2.0]]


@pytest.mark.parametrize(
    ("reference", "current", "roles"),
    [
        (without("text"), without("text"), ROLES),
        (without(), without("text"), ROLES),
        (without("label"), without("label"), ROLES),
        (without("city"), without(), ROLES),
        (without(), without("text", "label"), ROLES),
        (without(), without("label"), Roles(text=None, label="label")),  # nothing is left to compare
        (without(), {"path": "now.parquet", "start": "2024-01-01"}, ROLES),
    ],
)
def test_what_nothing_can_be_said_without_stays_an_error(reference, current, roles, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(COLUMNS).drop(columns="at").to_parquet("now.parquet")
    with pytest.raises(MissingColumnError, match="has no column"):
        read_both(reference, current, roles)
