"""Windows judged once more: those whose labels have come, in a row of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from textdrift.alerts import Observation
from textdrift.errors import HistoryError, TextdriftError
from textdrift.history import History
from textdrift.job.alarm import JobAlarm
from textdrift.job.late_labels import LabelledRows, due_windows, labelled_rows
from textdrift.job.outbox import outgoing
from textdrift.job.results import JobResult
from textdrift.job.windows import Clock, JobWindow, Stage, job_window
from textdrift.job_config import JobConfig

__all__ = ["Labelled", "judge_labelled"]

_SHOWN = 3


class Judge(Protocol):
    """Returns the stored judgement of a window, or judges it and stores that."""

    def __call__(
        self,
        history: History,
        window: JobWindow,
        stage: Stage,
        *,
        force: bool,
        alert: bool,
        clock: Clock,
        current: object,
        notes: tuple[str, ...],
    ) -> JobResult: ...


@dataclass(frozen=True, slots=True)
class Labelled:
    """What the labels of a run came to.

    Attributes
    ----------
    judged:
        The windows that were judged once more.
    troubles:
        A sentence for each whose labels cannot be used; they are tried again with the next run.
    """

    judged: tuple[JobResult, ...]
    troubles: tuple[str, ...]


def judge_labelled(
    history: History, config: JobConfig, window: JobWindow, *, force: bool, alert: bool, clock: Clock, judge: Judge
) -> Labelled:
    """Judge once more every window whose labels have come, up to the date of the run's own window.

    With ``force`` the run's own window is judged anew with its labels where it had been.

    Labels that cannot be used do not undo the verdict on the inputs, nor stop the windows behind them: they are kept as
    a failure, told once to whoever asked for errors, and tried again with the next run.
    """
    if window.date is None or config.labels is None:
        return Labelled((), ())
    judged: list[JobResult] = []
    faults: dict[str, str] = {}
    dates = [(date, False) for date in due_windows(history, config, window.date)]
    if force and history.stored(config.name, window.name, "labelled") is not None:
        dates.append((window.date, True))
    for date, is_forced in dates:
        try:
            earlier = job_window(config, date, clock=clock)
            rows = labelled_rows(earlier)
            if rows is not None:
                judged.append(
                    judge(
                        history,
                        earlier,
                        "labelled",
                        force=is_forced,
                        alert=alert,
                        clock=clock,
                        current=rows.table,
                        notes=_notes(rows),
                    )
                )
        except HistoryError:
            raise
        except (TextdriftError, OSError) as error:
            faults[date.isoformat()] = config.hidden(str(error))
    for name, reason in faults.items():
        history.record_failure(config.name, f"{name}/labelled", clock(), reason)
    if alert:
        _tell_of_faults(history, config, window, faults, clock)
    told = [f"the labels of window {name} are not used: {reason}" for name, reason in faults.items()]
    return Labelled(tuple(judged), tuple(told))


def _notes(rows: LabelledRows) -> tuple[str, ...]:
    n_rows = rows.table.num_rows
    return () if rows.n_labels == n_rows else (f"Labels had come for {rows.n_labels:,} of {n_rows:,} rows.",)


def _tell_of_faults(
    history: History, config: JobConfig, window: JobWindow, faults: dict[str, str], clock: Clock
) -> None:
    """Tell when labels begin to fail, and when all of them can be used again."""
    stored = history.alert_state(config.name)
    failure = JobAlarm.from_dict(stored).tracks["labels"].failure
    if not faults and (failure is None or not failure.is_open):
        return
    error = None if not faults else _summed(faults)
    seen = Observation(window=window.name, at=clock(), error=error)
    run = f"{config.name}/{window.name}/labels"
    going_out = outgoing(config, stored, seen, run=run, report=None, link=None, track="labels")
    history.queue(config.name, going_out.state, going_out.messages)


def _summed(faults: dict[str, str]) -> str:
    """Return one sentence for all faults: the first in full, of the others the windows."""
    (first, reason), *others = faults.items()
    more = ", ".join(name for name, _ in others[:_SHOWN]) + (", …" if len(others) > _SHOWN else "")
    return f"the labels of window {first} cannot be used: {reason}" + (f" (so it is with {more})" if others else "")
