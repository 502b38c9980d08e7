"""Windows judged once more: those whose labels have come, in a row of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from textdrift.alerts import Observation
from textdrift.errors import HistoryError, TextdriftError
from textdrift.history import History
from textdrift.job.alarm import JobAlarm
from textdrift.job.late_labels import DueWindow, LabelledRows, due_windows, labelled_rows
from textdrift.job.outbox import outgoing
from textdrift.job.results import JobResult
from textdrift.job.windows import Clock, JobWindow, Stage, job_window
from textdrift.job_config import JobConfig, LabelsConfig
from textdrift.reports.wording import kind_words, verdict_words
from textdrift.windows.numbers_in_words import counted

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
    notices:
        A sentence on those that wait for more labels, and on those that are given up.
    """

    judged: tuple[JobResult, ...] = ()
    troubles: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def judge_labelled(
    history: History, config: JobConfig, window: JobWindow, *, force: bool, alert: bool, clock: Clock, judge: Judge
) -> Labelled:
    """Judge once more every window whose labels have come, up to the date of the run's own window.

    With ``force`` the run's own window is judged anew with its labels where it had been.

    Labels that cannot be used do not undo the verdict on the inputs, nor stop the windows behind them: they are kept as
    a failure, told once to whoever asked for errors, and tried again with the next run.
    """
    if window.date is None or config.labels is None:
        return Labelled()
    judged: list[JobResult] = []
    faults: dict[str, str] = {}
    waiting: dict[str, LabelledRows] = {}
    given_up: list[str] = []
    due = [(one, False) for one in due_windows(history, config, window.date)]
    if force and history.stored(config.name, window.name, "labelled") is not None:
        due.append((DueWindow(window.date, is_last=True), True))
    for one, is_forced in due:
        name = one.date.isoformat()
        try:
            earlier = job_window(config, one.date, clock=clock)
            rows = labelled_rows(earlier)
            if rows is None:
                given_up += [name] if one.is_last else []
            elif not (one.is_last or rows.are_enough(config.labels.least_share)):
                waiting[name] = rows
            else:
                judged.append(
                    judge(
                        history,
                        earlier,
                        "labelled",
                        force=is_forced,
                        alert=alert,
                        clock=clock,
                        current=rows.table,
                        notes=(*_of_inputs(history, config, name), *_notes(rows)),
                    )
                )
        except HistoryError:
            raise
        except (TextdriftError, OSError) as error:
            faults[name] = config.hidden(str(error))
    for name, reason in faults.items():
        history.record_failure(config.name, f"{name}/labelled", clock(), reason)
    if alert:
        _tell_of_faults(history, config, window, faults, clock)
    told = [f"the labels of window {name} are not used: {reason}" for name, reason in faults.items()]
    notices = (*_waiting(waiting, config.labels), *_given_up(given_up, config.labels))
    return Labelled(tuple(judged), tuple(told), notices)


def _waiting(windows: dict[str, LabelledRows], labels: LabelsConfig) -> Iterator[str]:
    for name, rows in list(windows.items())[:1]:
        others = f", and {counted(len(windows) - 1, 'window')} after it" if len(windows) > 1 else ""
        yield (
            f"window {name}{others} waits for more labels: {rows.told()} have one, and labels.least_share asks for "
            f"{labels.least_share:.0%}; after {labels.wait_days + labels.give_up_days} days fewer have to do"
        )


def _given_up(windows: list[str], labels: LabelsConfig) -> Iterator[str]:
    if windows:
        shown = ", ".join(windows[:_SHOWN]) + (", …" if len(windows) > _SHOWN else "")
        days = counted(labels.wait_days + labels.give_up_days, "day")
        yield f"no labels came within {days} for window {shown}: it is given up (labels.give_up_days)"


def _of_inputs(history: History, config: JobConfig, name: str) -> tuple[str, ...]:
    """Say how the inputs of a window were judged, which a verdict on its labels must not hide."""
    inputs = history.stored(config.name, name, "inputs")
    if inputs is None:
        return ()
    found = f" ({', '.join(map(kind_words, inputs.kinds))})" if inputs.kinds else ""
    return (f"The inputs of this window were judged before its labels came: {verdict_words(inputs.verdict)}{found}.",)


def _notes(rows: LabelledRows) -> tuple[str, ...]:
    return () if rows.n_labels == rows.table.num_rows else (f"Labels had come for {rows.told()}.",)


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
