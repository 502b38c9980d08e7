"""What a column holds decides whether it can play its part."""

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
