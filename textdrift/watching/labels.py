"""Late labels of a stream: kept beside the windows they belong to, until enough have come."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.errors import SettingsError
from textdrift.job.windows import Clock, JobWindow, utc_now
from textdrift.job_config import JobConfig
from textdrift.reports.report_files import made_folder
from textdrift.watching.label_journal import LabelJournal

__all__ = ["LateLabels", "brings_label", "columns_of_labels", "is_label"]

_ROWS = "rows.parquet"
_JOURNAL = "late-labels.jsonl"
_NAME, _DATE = b"textdrift.window", b"textdrift.date"


def columns_of_labels(config: JobConfig) -> tuple[str, str] | None:
    """Return the column that rows and late labels share, and that of the label; ``None`` where no labels come late.

    Raises
    ------
    SettingsError
        When no column is named for the label.
    """
    if config.labels is None:
        return None
    label = config.columns.label or config.labels.label
    if label is None:
        raise SettingsError("labels: which column holds the label? write it as labels.label, or as columns.label")
    return config.labels.join, label


def is_label(values: Mapping[str, Any], config: JobConfig) -> bool:
    """Return whether a row brings a label and no text: the answer to a row that was sent before.

    >>> job = JobConfig(name="a", reference="r", current="c", labels={"path": "-", "join": "id"},
    ...                 columns={"text": "text", "label": "label"})
    >>> is_label({"id": 7, "label": "good"}, job), is_label({"id": 7, "text": "nice"}, job)
    (True, False)
    """
    names = columns_of_labels(config)
    columns = config.columns
    asked = (columns.text,) if columns.text is not None else (columns.prediction, columns.embeddings)
    if names is None or any(column in values for column in asked if column is not None):
        return False
    return all(values.get(name) is not None for name in names)


def brings_label(values: Mapping[str, Any], config: JobConfig) -> bool:
    """Return whether a row brings an id and a label, whatever else it brings."""
    names = columns_of_labels(config)
    return names is not None and all(values.get(name) is not None for name in names)


@dataclass(slots=True)
class _Kept:
    """A window whose labels have not come: where its rows lie, their ids, and since when they wait."""

    window: JobWindow
    ids: list[str | None]
    since: dt.date
    n_labels: int = 0
    unlabelled: Counter[str] = field(default_factory=Counter)
    known: dict[str, str] = field(default_factory=dict)


class LateLabels:
    """The rows of judged windows, on disk until their labels have come, and labels that wait for their windows.

    Rows lie in FOLDER/<window>/rows.parquet and labels in FOLDER/late-labels.jsonl, readable by their owner alone, so
    that a restart finds both. Of either no more than ``most`` are kept; the oldest go first.

    Parameters
    ----------
    config:
        The job; its report folder holds the rows.
    share:
        Share of a window's rows with a label from which it is judged once more.
    most:
        Rows, and labels, that are kept.
    is_due:
        Whether a window of this name was judged, and not yet with labels.
    clock:
        Tells the time: after ``labels.wait_days`` and ``labels.give_up_days`` fewer labels have to do.
    """

    def __init__(
        self, config: JobConfig, share: float, most: int, is_due: Callable[[str], bool], clock: Clock = utc_now
    ) -> None:
        names = columns_of_labels(config)
        self._clock, self._days = clock, dt.timedelta(0)
        if config.labels is not None:
            self._days = dt.timedelta(days=config.labels.wait_days + config.labels.give_up_days)
        self._looked_at: dt.date | None = None
        self._config, self._share, self._most = config, share, most
        self._join, self._label = names or ("", "")
        self._kept: dict[str, _Kept] = {}
        self._window_of: dict[str, str] = {}
        self._waiting: dict[str, str] = {}
        self._answered: dict[str, None] = {}
        self._journal = LabelJournal(config.report.folder / _JOURNAL)
        self._told: list[str] = []
        if names is not None:
            self._find_again(is_due)

    def troubles(self) -> list[str]:
        """Return what was given up since this was last asked, a sentence each."""
        told, self._told = self._told, []
        return told

    def write(self, window: JobWindow, table: pa.Table) -> None:
        """Write the rows of a window that is about to be judged: a watch that is killed after it finds them again."""
        if not self._join or self._join not in table.column_names:
            return
        marked = {_NAME: window.name.encode(), _DATE: str(window.date).encode()}
        path = self._path(window)
        made_folder(path.parent)
        partial = path.with_suffix(".part")
        pq.write_table(table.replace_schema_metadata(marked), partial)
        partial.chmod(0o600)
        partial.replace(path)

    def keep(self, window: JobWindow, table: pa.Table) -> tuple[JobWindow, pa.Table] | None:
        """Keep a window that was judged without labels; return it where enough labels were there before."""
        if not self._join or window.name in self._kept or not self._path(window).exists():
            return None
        self._add_window(window, table, self._clock().date())
        self._make_room()
        return self._due(window.name)

    def add(self, values: Mapping[str, Any]) -> tuple[JobWindow, pa.Table] | None:
        """Take a label; return its window and rows with labels where enough have come, once."""
        key, label = _spelled(values[self._join]), _spelled(values[self._label])
        if key is None or label is None or key in self._answered:
            return None
        self._journal.add(key, label)
        if self._journal.n_lines > 4 * self._most:
            self._write_all()
        return self._taken(key, label)

    def forget(self, window: JobWindow) -> None:
        """Delete the rows of a window that was judged with its labels, or never will be."""
        if not self._join:
            return
        kept = self._kept.pop(window.name, None)
        for each in kept.ids if kept is not None else ():
            if each is not None and self._window_of.get(each) == window.name:
                self._answered[each] = None
                del self._window_of[each]
        while len(self._answered) > self._most:
            del self._answered[next(iter(self._answered))]
        self._path(window).unlink(missing_ok=True)
        if kept is not None:
            self._write_all()

    def due(self) -> Iterator[tuple[JobWindow, pa.Table]]:
        """Yield, once a day, the windows for which enough labels have come, or that have waited long enough.

        Those that have waited long enough and have no label at all are given up, and that is told.
        """
        today = self._clock().date()
        if today == self._looked_at:
            return
        self._looked_at = today
        for name, kept in list(self._kept.items()):
            found = self._due(name)
            if found is not None:
                yield found
            elif self._is_last_day(kept):
                self._tell(f"no labels came within {self._days.days} days for window {name}: it is given up")
                self.forget(kept.window)

    def _taken(self, key: str, label: str) -> tuple[JobWindow, pa.Table] | None:
        name = self._window_of.get(key)
        if name is not None:
            self._label_row(self._kept[name], key, label)
            return self._due(name)
        self._waiting[key] = label
        if len(self._waiting) > self._most:
            del self._waiting[next(iter(self._waiting))]
            self._tell(f"more than {self._most} labels wait for rows that did not come; the oldest are given up")
        return None

    def _label_row(self, kept: _Kept, key: str, label: str) -> None:
        kept.n_labels += kept.unlabelled.pop(key, 0)
        kept.known[key] = label

    def _due(self, name: str) -> tuple[JobWindow, pa.Table] | None:
        kept = self._kept[name]
        is_enough = kept.n_labels >= self._share * len(kept.ids) or self._is_last_day(kept)
        if not kept.n_labels or not is_enough:
            return None
        table = pq.read_table(self._path(kept.window))
        given: list[Any] = [None] * table.num_rows
        if self._label in table.column_names:
            given = table.column(self._label).to_pylist()
            table = table.drop_columns([self._label])
        labels = [
            _spelled(own) if each is None else kept.known.get(each, _spelled(own))
            for each, own in zip(kept.ids, given, strict=True)
        ]
        return kept.window, table.append_column(self._label, pa.array(labels, pa.large_string()))

    def _is_last_day(self, kept: _Kept) -> bool:
        # Not by the window's own date: an old stream may be read late, and its labels after it.
        return self._clock().date() >= kept.since + self._days

    def _add_window(self, window: JobWindow, table: pa.Table, since: dt.date) -> None:
        ids = [_spelled(value) for value in table.column(self._join).to_pylist()]
        own = table.column(self._label).to_pylist() if self._label in table.column_names else [None] * len(ids)
        without = [each for each, label in zip(ids, own, strict=True) if each is not None and label is None]
        kept = _Kept(window, ids, since, len(ids) - own.count(None), Counter(without))
        self._kept[window.name] = kept
        for each in ids:
            if each is None:
                continue
            self._window_of[each] = window.name
            if each in self._waiting:
                self._label_row(kept, each, self._waiting.pop(each))

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(len(kept.ids) for kept in self._kept.values()) > self._most:
            oldest = next(iter(self._kept.values())).window
            self._tell(f"window {oldest.name} is no longer kept for its labels, since more than {self._most} rows wait")
            self.forget(oldest)

    def _find_again(self, is_due: Callable[[str], bool]) -> None:
        found = []
        for path in self._config.report.folder.glob(f"*/{_ROWS}"):
            try:
                marked = pq.read_schema(path).metadata or {}
                name, date = marked[_NAME].decode(), dt.date.fromisoformat(marked[_DATE].decode())
                if not is_due(name):
                    continue
                since = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()
                found.append((JobWindow(name, date, self._config), pq.read_table(path), since))
            except (OSError, KeyError, ValueError, pa.ArrowException):  # of somebody else, or damaged
                continue
        for window, table, since in sorted(found, key=lambda each: each[0].name):
            if self._join in table.column_names:
                self._add_window(window, table, since)
        for key, label in self._journal.read():
            self._taken(key, label)
        if self._journal.n_lines:
            self._write_all()  # without half a line, which the next one would go on with

    def _write_all(self) -> None:
        """Write the journal anew, of the labels that still wait for something."""
        known = (pair for kept in self._kept.values() for pair in kept.known.items())
        self._journal.replace([*self._waiting.items(), *known])

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.append(sentence)

    def _path(self, window: JobWindow) -> Path:
        return window.folder("inputs") / _ROWS


def _spelled(value: Any) -> str | None:
    """Return an id or a label as it is compared: 7 and 7.0 are one, a null is none."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
