"""Late labels of a watch: taken from its rows or from a source of their own, and their windows judged once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from textdrift.errors import HistoryError, SettingsError
from textdrift.history import History
from textdrift.job.windows import JobWindow
from textdrift.job_config import JobConfig
from textdrift.watching.label_feed import LabelFeed
from textdrift.watching.labels import LateLabels, brings_label
from textdrift.watching.stream_rows import StreamRow
from textdrift.watching.troubles import Tell
from textdrift.watching.watched import Watched
from textdrift.watching.window_judge import WindowJudge

__all__ = ["LateJudging"]


@dataclass(slots=True, kw_only=True)
class LateJudging:
    """Takes labels and judges the windows for which enough have come.

    Parameters
    ----------
    config, history, tell:
        Of the watch.
    judge:
        Judges a window.
    late:
        The labels and rows that wait.
    feed:
        Where labels come by themselves; ``None`` where they come among the rows.
    """

    config: JobConfig
    history: History
    judge: WindowJudge
    late: LateLabels
    feed: LabelFeed | None
    tell: Tell
    _not_kept: StreamRow | None = field(default=None)
    _again: StreamRow | None = field(default=None)

    def due(self) -> Iterator[Watched]:
        """Judge the windows that have waited long enough."""
        for window, table in self.late.due():
            yield from self.judged(window, table)

    def read(self, *, is_idle: bool) -> Iterator[Watched]:
        """Read the labels that have come by themselves."""
        if self.feed is None or not self.feed.is_due(is_idle=is_idle):
            return
        for row in self._held_back():  # the disk was full
            yield from self._one_of_feed(row)
        if self._held_back():
            return
        n_odd = 0
        try:
            for row in self.feed.rows():
                if brings_label(row.values, self.config):
                    yield from self._one_of_feed(row)
                    if self._held_back():
                        return
                else:
                    n_odd += 1
                    self.feed.kept(row)
        except HistoryError as error:  # how far they were read; they come again
            self.tell(f"labels: {self.config.hidden(str(error))}")
        if n_odd:
            self.tell(f"labels: {n_odd} rows hold no id and label and were left out")

    def take(self, row: StreamRow, kept: Callable[[StreamRow], None]) -> Iterator[Watched]:
        """Take a label that came among the rows; ``kept`` is called once it need not come again."""
        self._not_kept = None
        try:
            due = self.late.add(row.values)
        except (OSError, SettingsError) as error:
            self.tell(f"a label was not kept: {self.config.hidden(str(error))}")
            self._not_kept = row
            return
        kept(row)
        if due is not None:
            yield from self.judged(*due)

    def judged(self, window: JobWindow, table: pa.Table) -> Iterator[Watched]:
        """Judge a window with its labels."""
        notes: tuple[str, ...] = ()
        try:
            with self.history.exclusive(self.config.name):
                result, trouble = self.judge.tried(window, "labelled", table)
                if result is None:
                    notes = (f"window {window.name} could not be judged with its labels: {trouble}",)
                    self.judge.record_failure(window.name, trouble)
        except (HistoryError, SettingsError, OSError) as error:
            self.tell(f"window {window.name} waits for its labels to be stored: {self.config.hidden(str(error))}")
            return
        self.late.forget(window)
        yield Watched(window.name, table.num_rows, result, notes)

    def _held_back(self) -> list[StreamRow]:
        return [] if self._again is None else [self._again]

    def _one_of_feed(self, row: StreamRow) -> Iterator[Watched]:
        if self.feed is not None:
            yield from self.take(row, self.feed.kept)
            self._again = self._not_kept
