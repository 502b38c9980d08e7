"""Late labels: a window is judged once more when its labels have come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.errors import MissingColumnError, MissingSourceError, SettingsError, WindowError, nearest_name
from textdrift.history import History
from textdrift.job.windows import JobWindow
from textdrift.job_config import JobConfig
from textdrift.windows.reading import read_table

__all__ = ["DueWindow", "LabelledRows", "due_windows", "labelled_rows"]

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class DueWindow:
    """A window that is looked at for its labels.

    Attributes
    ----------
    date:
        Its date.
    is_last:
        Whether this is the last look: what labels there are have to do.
    """

    date: dt.date
    is_last: bool


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """The rows of a window with their labels.

    Attributes
    ----------
    table:
        Every column of the window, and the labels; null where none came.
    n_labels:
        Rows that have one.
    """

    table: pa.Table
    n_labels: int

    def are_enough(self, least_share: float) -> bool:
        """Whether so large a share of the rows has a label."""
        return bool(self.n_labels >= least_share * self.table.num_rows)

    def told(self) -> str:
        """Return how many rows have one, in words.

        >>> LabelledRows(pa.table({"id": range(2000)}), 150).told()
        '150 of 2,000 rows'
        """
        return f"{self.n_labels:,} of {self.table.num_rows:,} rows"


def due_windows(history: History, config: JobConfig, as_of: dt.date) -> Iterator[DueWindow]:
    """Yield the windows that were judged without labels and have waited long enough, the oldest first.

    A window is looked at by every run for a date from ``wait_days`` after its own on, for ``give_up_days``. The run
    that comes to the end of these, or the first one behind it where nights were missed, looks for the last time. So a
    job whose labels never come does not look for those of all its past, every night.
    """
    labels = config.labels
    if labels is None:
        return
    runs = history.runs(config.name, until=as_of)
    done = {run.window for run in runs if run.stage == "labelled"}
    judged = [run for run in runs if run.stage == "inputs" and run.date is not None]
    before = max((run.date for run in judged if run.date is not None and run.date < as_of), default=None)
    for run in judged:
        if run.date is None or run.window in done or (as_of - run.date).days < labels.wait_days:
            continue
        last_day = run.date + dt.timedelta(days=labels.wait_days + labels.give_up_days)
        if before is None or before < last_day:
            yield DueWindow(run.date, is_last=as_of >= last_day)


def labelled_rows(window: JobWindow) -> LabelledRows | None:
    """Return the rows of a window with the labels that came for them; ``None`` where none came yet.

    Rows and labels are joined on one column, whose values are compared as they are spelled. A label for a row that is
    not in the window is of no use to it and does no harm.

    Raises
    ------
    MissingColumnError
        When a side lacks the column to join on, or the labels lack theirs.
    WindowError
        When one id has two labels, or stands in two rows of the window.
    SettingsError
        When the job names no column for the labels.
    """
    config = window.config
    labels = config.labels
    if labels is None:
        return None
    target = config.columns.label or labels.label
    if target is None:
        raise SettingsError("labels: which column holds the label? write it as labels.label, or as columns.label")
    try:
        answers = read_table(labels.path if isinstance(labels.path, Mapping) else {"path": labels.path})
    except MissingSourceError:
        return None
    rows = read_table(config.current, time=config.columns.time)
    for table, of_what, columns in (
        (rows, "current window", (labels.join,)),
        (answers, "labels", (labels.join, labels.label or target)),
    ):
        for column in columns:
            if column not in table.column_names:
                hint = nearest_name(column, table.column_names)
                raise MissingColumnError(f"labels: the {of_what} of {window.name} have no column {column!r}; {hint}")
    found = _joined(rows.column(labels.join), answers.column(labels.join), answers.column(labels.label or target))
    n_labels = len(found) - found.null_count
    if not n_labels:
        return None
    if target in rows.column_names:
        rows = rows.drop_columns([target])
    return LabelledRows(rows.append_column(target, found), n_labels)


def _joined(ids: pa.ChunkedArray, answered: pa.ChunkedArray, labels: pa.ChunkedArray) -> pa.Array:
    """Return the label of each id, null where it has none."""
    known = labels.combine_chunks().cast(pa.large_string())
    keys, wanted = (_spelled(column) for column in (answered, ids))
    usable = pc.and_(pc.is_valid(keys), pc.is_valid(known))
    keys, known = keys.filter(usable), known.filter(usable)
    pairs = pa.table({"id": keys, "label": known}).group_by(["id", "label"]).aggregate([])
    twice = _repeated(pairs.column("id").combine_chunks())
    if twice:
        raise WindowError(f"labels: {_listed(twice)} have two different labels; keep the one that is right")
    doubled = _repeated(wanted.drop_null())
    if doubled:
        raise WindowError(f"labels: {_listed(doubled)} stand in several rows of the window; join on a unique column")
    position = pc.index_in(wanted, value_set=pairs.column("id").combine_chunks())
    return pairs.column("label").combine_chunks().take(position)


def _spelled(column: pa.ChunkedArray) -> pa.Array:
    values = column.combine_chunks()
    if pa.types.is_floating(values.type):  # whole numbers with a gap
        numbers = np.asarray(values.fill_null(0).to_numpy(zero_copy_only=False))
        if np.array_equal(numbers, np.floor(numbers)):
            values = values.cast(pa.int64())
    return values.cast(pa.large_string())


def _repeated(values: pa.Array) -> list[str]:
    counts = pc.value_counts(values)
    return [str(row["values"]) for row in counts.to_pylist() if row["counts"] > 1]


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return f"ids {shown}" + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
