"""What a column holds decides whether it can play its part."""

import pandas as pd
import pyarrow as pa
import pytest

from textdrift.errors import ColumnTypeError
from textdrift.windows.checking import checked_window
from textdrift.windows.window import Roles


@pytest.mark.parametrize("ids", [[[1], [2]], [{"a": 1}, {"a": 2}]])
def test_an_id_of_many_values_is_refused_by_name(ids):
    table = pa.table({"text": ["good", "bad"], "key": ids})
    with pytest.raises(ColumnTypeError, match="'key' is the id and holds"):
        checked_window(table, Roles(id="key"), "today")


@pytest.mark.parametrize(
    "values",
    [
        pa.array(pd.Series(pd.cut([1.0, 5.0, 9.0], 3)), from_pandas=True),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), pa.array([["a"], ["b"]])),
    ],
    ids=["intervals", "categories of lists"],
)
@pytest.mark.parametrize(
    "role", ["text", "label", "prediction", "time", "id", "group", "segments", "features", "probabilities"]
)
def test_categories_that_no_role_can_be_are_refused_with_what_to_do(role, values):
    named = {"segments": ("x",), "features": ("x",), "probabilities": {"good": "x"}}.get(role, "x")
    roles = Roles(**{"text": None, "embeddings": None, role: named} | ({"label": "y"} if role == "id" else {}))
    with pytest.raises(
        ColumnTypeError, match=r"column 'x' .* holds (list|extension).*(cast|convert|needs numbers|give)"
    ):
        checked_window(pa.table({"x": values, "y": ["a", "b", "c"]}), roles, "today")
