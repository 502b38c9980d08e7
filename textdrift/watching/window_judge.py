"""WindowJudge: a closed window becomes a table, a judgement, and what follows it."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

import pyarrow as pa

from textdrift.errors import HistoryError, TextdriftError
from textdrift.history import History
from textdrift.job import JobResult
from textdrift.job.metrics import write_metrics
from textdrift.job.outages import end_outage
from textdrift.job.outbox import deliver_pending
from textdrift.job.remembering import remember_failure, stored_judgement
from textdrift.job.windows import Clock, JobWindow, Stage
from textdrift.job_config import JobConfig
from textdrift.watching.absent_roles import without_roles
from textdrift.watching.cutting import ClosedWindow
from textdrift.watching.tabulating import table_of_rows
from textdrift.watching.troubles import HistoryOutage, Tell

__all__ = ["NotGiven", "WindowJudge"]

NotGiven = Callable[[], Collection[str]]
"""Returns the columns of roles that no row had so far."""


class WindowJudge:
    """Judges the windows of a watch as the job does.

    Parameters
    ----------
    config, history, clock, tell:
        Of the watch.
    not_given:
        The columns that whoever gives the rows has never given: they are left out, and told once.
    """

    def __init__(
        self, config: JobConfig, history: History, clock: Clock, tell: Tell, not_given: NotGiven | None = None
    ) -> None:
        self._config, self._history, self._clock, self._tell = config, history, clock, tell
        self._not_given = not_given
        self._told: set[str] = set()
        self._pruned: dt.date | None = None

    def begin(self) -> None:
        """Tell that the history is back, where a watch before this one told that it was away."""
        with contextlib.suppress(HistoryError):
            if end_outage(self._history, self._config, "watch"):
                deliver_pending(self._history, self._config, clock=self._clock)

    def tried(self, window: JobWindow, stage: Stage, table: pa.Table) -> tuple[JobResult | None, str]:
        """Return the judgement of a window, or why there is none; what the history cannot take is no fault of it."""
        config, notes = self._job_without_roles(table)
        try:
            result = stored_judgement(
                self._history,
                replace(window, config=config),
                stage,
                force=False,
                alert=True,
                clock=self._clock,
                current=table,
                notes=notes,
            )
        except HistoryError:
            raise
        except TextdriftError as error:
            return None, self._config.hidden(str(error))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - one odd window must not end a watch of months
            return None, self._config.hidden(f"{type(error).__name__}: {error}")
        return result, ""

    def table(self, closed: ClosedWindow) -> tuple[pa.Table, list[str]]:
        """Return the rows of a window as a table, and what there is to say of them."""
        columns = self._config.columns
        first = [name for name in (columns.text, columns.label, columns.prediction, columns.id, columns.time) if name]
        times = None if columns.time is None else {columns.time: closed.times}
        table, n_left_out = table_of_rows([row.values for row in closed.rows], first=first, times=times)
        notes = []
        if closed.n_late:
            notes.append(f"{closed.n_late} rows came after their own window had closed, and count in this one")
        if closed.is_full:
            notes.append(f"it was closed before its time, since no more than {len(closed.rows)} rows may be held")
        if n_left_out:
            notes.append(f"{n_left_out} columns were left out: a window has room for {table.num_columns}")
        return table, notes

    def afterwards(self, window: str, outage: HistoryOutage, *, succeeded: bool) -> list[str]:
        """Deliver what waits, write the figures, forget what is old; return what went wrong with that."""
        known = outage.is_over()
        try:
            end_outage(self._history, self._config, window, known=known)
            troubles = [*deliver_pending(self._history, self._config, clock=self._clock).troubles]
            troubles += write_metrics(self._history, self._config, clock=self._clock, succeeded=succeeded)
            retention, today = self._config.retention, self._clock().date()
            if retention is not None and today != self._pruned:
                self._history.prune(self._config.name, before=today - dt.timedelta(days=retention.days))
                self._pruned = today
        except HistoryError as error:  # the next window waits for it
            return [self._config.hidden(str(error))]
        return troubles

    def fail(self, name: str, reason: str) -> None:
        """Keep why a window could not be judged, and tell whoever asked for errors."""
        remember_failure(self._history, self._config, name, reason, alert=True, clock=self._clock)

    def record_failure(self, name: str, reason: str) -> None:
        """Keep why a window could not be judged; nobody is told."""
        self._history.record_failure(self._config.name, name, self._clock(), reason)

    def _job_without_roles(self, table: pa.Table) -> tuple[JobConfig, tuple[str, ...]]:
        """Return the job without the roles that were never given, and a note on them."""
        absent = set() if self._not_given is None else set(self._not_given()) - set(table.column_names)
        if self._config.labels is not None:
            absent.discard(str(self._config.columns.label))  # comes late
        config, named = without_roles(self._config, absent)
        if not named:
            return config, ()
        note = f"{', '.join(named)} never came with a text so far, and {'is' if len(named) == 1 else 'are'} left out"
        if not self._told.issuperset(named):
            self._told.update(named)
            self._tell(f"{note}; give it to update(), or leave it out of the job")
        return config, (note[0].upper() + note[1:] + ".",)
