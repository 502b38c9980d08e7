"""Late labels of a stream: kept beside the windows they belong to, until enough have come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.job.windows import JobWindow
from textdrift.job_config import JobConfig

__all__ = ["LateLabels", "is_label"]

_ROWS = "rows.parquet"


def is_label(values: Mapping[str, Any], config: JobConfig) -> bool:
    """Return whether a row brings a label and no text: the answer to a row that was sent before.

    >>> job = JobConfig(name="a", reference="r", current="-", columns={"label": "label", "id": "id"})
    >>> is_label({"id": 7, "label": "good"}, job), is_label({"id": 7, "text": "nice"}, job)
    (True, False)
    """
    columns = config.columns
    return (
        columns.label is not None
        and columns.id is not None
        and values.get(columns.label) is not None
        and values.get(columns.id) is not None
        and (columns.text is None or columns.text not in values)
    )


class LateLabels:
    """The rows of judged windows, on disk until their labels have come.

    Parameters
    ----------
    config:
        The job; its report folder holds the rows, readable by its owner alone.
    share:
        Share of a window's rows with a label from which it is judged once more.
    """

    def __init__(self, config: JobConfig, share: float) -> None:
        self._config, self._share = config, share
        self._labels: dict[str, str] = {}
        self._windows: dict[str, tuple[JobWindow, list[str]]] = {}
        self._window_of: dict[str, str] = {}

    def keep(self, window: JobWindow, table: pa.Table) -> None:
        """Keep the rows of a window that was judged without labels."""
        column = self._config.columns.id
        if column is None or column not in table.column_names:
            return
        path = self._path(window)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        pq.write_table(table, partial)
        partial.chmod(0o600)
        partial.replace(path)
        ids = [str(value) for value in table.column(column).to_pylist()]
        self._windows[window.name] = (window, ids)
        self._window_of.update(dict.fromkeys(ids, window.name))

    def add(self, values: Mapping[str, Any]) -> tuple[JobWindow, pa.Table] | None:
        """Take a label; return its window and rows with labels where enough have come, once."""
        columns = self._config.columns
        key = str(values[str(columns.id)])
        self._labels[key] = str(values[str(columns.label)])
        name = self._window_of.get(key)
        if name is None or name not in self._windows:
            return None
        window, ids = self._windows[name]
        known = [self._labels.get(each) for each in ids]
        if sum(label is not None for label in known) < self._share * len(ids):
            return None
        table = pq.read_table(self._path(window))
        target = str(columns.label)
        if target in table.column_names:
            table = table.drop_columns([target])
        return window, table.append_column(target, pa.array(known, pa.large_string()))

    def forget(self, window: JobWindow) -> None:
        """Delete the rows of a window that was judged with its labels."""
        _, ids = self._windows.pop(window.name, (window, []))
        for each in ids:
            self._labels.pop(each, None)
            self._window_of.pop(each, None)
        self._path(window).unlink(missing_ok=True)

    def _path(self, window: JobWindow) -> Path:
        return window.folder("inputs") / _ROWS
