"""Late labels of a stream: kept beside the windows they belong to, until enough have come."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from textdrift.errors import SettingsError
from textdrift.job.windows import JobWindow
from textdrift.job_config import JobConfig
from textdrift.reports.report_files import made_folder

__all__ = ["LateLabels", "columns_of_labels", "is_label"]

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


@dataclass(slots=True)
class _Kept:
    """A window whose labels have not come: where its rows lie, and their ids."""

    window: JobWindow
    ids: list[str | None]
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
    """

    def __init__(self, config: JobConfig, share: float, most: int, is_due: Callable[[str], bool]) -> None:
        names = columns_of_labels(config)
        self._config, self._share, self._most = config, share, most
        self._join, self._label = names or ("", "")
        self._kept: dict[str, _Kept] = {}
        self._window_of: dict[str, str] = {}
        self._waiting: dict[str, str] = {}
        self._answered: dict[str, None] = {}
        self._n_in_journal = 0
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
        self._add_window(window, table)
        self._make_room()
        return self._due(window.name)

    def add(self, values: Mapping[str, Any]) -> tuple[JobWindow, pa.Table] | None:
        """Take a label; return its window and rows with labels where enough have come, once."""
        key, label = _spelled(values[self._join]), _spelled(values[self._label])
        if key is None or label is None or key in self._answered:
            return None
        self._write(key, label)
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
        """Yield the windows for which enough labels have come: after a restart there may be some."""
        for name in list(self._kept):
            found = self._due(name)
            if found is not None:
                yield found

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
        if not kept.n_labels or kept.n_labels < self._share * len(kept.ids):
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

    def _add_window(self, window: JobWindow, table: pa.Table) -> None:
        ids = [_spelled(value) for value in table.column(self._join).to_pylist()]
        own = table.column(self._label).to_pylist() if self._label in table.column_names else [None] * len(ids)
        without = [each for each, label in zip(ids, own, strict=True) if each is not None and label is None]
        kept = _Kept(window, ids, len(ids) - own.count(None), Counter(without))
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
                found.append((name, date, pq.read_table(path)))
            except (OSError, KeyError, ValueError, pa.ArrowException):  # of somebody else, or damaged
                continue
        for name, date, table in sorted(found, key=lambda each: each[0]):
            if self._join in table.column_names:
                self._add_window(JobWindow(name, date, self._config), table)
        for key, label in self._read_journal():
            self._taken(key, label)
        if self._n_in_journal:
            self._write_all()  # without half a line, which the next one would go on with

    def _read_journal(self) -> Iterator[tuple[str, str]]:
        try:
            lines = self._journal.read_text(encoding="utf-8").splitlines()
        except OSError:
            return
        for line in lines:
            try:
                key, label = json.loads(line)
            except ValueError:  # half a line, of a watch that was killed; its label comes again
                continue
            self._n_in_journal += 1
            yield str(key), str(label)

    def _write(self, key: str, label: str) -> None:
        made_folder(self._journal.parent)
        new = not self._journal.exists()
        with self._journal.open("a", encoding="utf-8") as journal:
            if new:
                self._journal.chmod(0o600)
            journal.write(json.dumps([key, label]) + "\n")
        self._n_in_journal += 1
        if self._n_in_journal > 4 * self._most:
            self._write_all()

    def _write_all(self) -> None:
        """Write the journal anew, of the labels that still wait for something."""
        labels = [*self._waiting.items(), *(pair for kept in self._kept.values() for pair in kept.known.items())]
        self._n_in_journal = len(labels)
        if not labels:
            self._journal.unlink(missing_ok=True)
            return
        partial = self._journal.with_suffix(".part")
        partial.write_text("".join(json.dumps(pair) + "\n" for pair in labels), encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(self._journal)

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.append(sentence)

    @property
    def _journal(self) -> Path:
        return self._config.report.folder / _JOURNAL

    def _path(self, window: JobWindow) -> Path:
        return window.folder("inputs") / _ROWS


def _spelled(value: Any) -> str | None:
    """Return an id or a label as it is compared: 7 and 7.0 are one, a null is none."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
