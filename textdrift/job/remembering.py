"""A run that remembers: the window's row, the alert's state and the messages in one transaction; then they are sent.

A run may be killed at any point, and the next one ends as if it had not been: vectors are in the cache as soon as they
are computed, files of the report replace each other whole, and what the transaction did not write was not done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from textdrift.alerts import Observation
from textdrift.errors import HistoryError
from textdrift.history import History, NewRun, StoredRun, open_history
from textdrift.job.alarm import JobAlarm
from textdrift.job.alert_line import alert_line
from textdrift.job.judging import judge_window
from textdrift.job.labelling import judge_labelled
from textdrift.job.levels import job_alpha
from textdrift.job.metrics import write_metrics
from textdrift.job.outages import end_outage, tell_outage
from textdrift.job.outbox import deliver_pending, outgoing
from textdrift.job.results import JobResult
from textdrift.job.settings_marks import changed_settings
from textdrift.job.slow_drift import NO_STEP, SlowStep, slow_step
from textdrift.job.windows import Clock, JobWindow, Stage, job_window
from textdrift.job_config import JobConfig
from textdrift.reports.report_files import FILE_NAMES, made_folder

__all__ = ["remember_failure", "remembered_run", "stored_judgement"]

_LONGEST_WAIT = 6 * 3600.0
"""Seconds that a run waits for another of its job: one that hangs must not silence every night after it."""


def remembered_run(
    config: JobConfig, url: str, date: dt.date | None, *, force: bool, alert: bool, clock: Clock
) -> JobResult:
    """Run a job with its history; see ``run_job``."""
    with ExitStack() as held:
        try:
            history = held.enter_context(open_history(url))
            held.enter_context(history.exclusive(config.name, timeout=_LONGEST_WAIT))
        except HistoryError as error:
            if alert:
                tell_outage(config, _expected_window(config, date, clock), str(error), clock=clock)
            raise
        return _with_history(history, config, date, force=force, alert=alert, clock=clock)


def _with_history(
    history: History, config: JobConfig, date: dt.date | None, *, force: bool, alert: bool, clock: Clock
) -> JobResult:
    with _failures_kept(history, config, date, alert=alert, clock=clock):
        window = job_window(config, date, clock=clock)
        result = stored_judgement(history, window, "inputs", force=force, alert=alert, clock=clock)
        late = judge_labelled(history, config, window, force=force, alert=alert, clock=clock, judge=stored_judgement)
    troubles, lines = _afterwards(history, config, window, alert=alert, clock=clock)
    return replace(
        result,
        labelled=late.judged,
        troubles=(*late.troubles, *troubles),
        notices=(*result.notices, *late.notices, *lines),
    )


def _afterwards(
    history: History, config: JobConfig, window: JobWindow, *, alert: bool, clock: Clock
) -> tuple[list[str], list[str]]:
    """Do what follows a verdict that is kept; return what failed, to be done by the next run, and the alert's line."""
    troubles: list[str] = []
    lines: list[str] = []
    try:
        if alert:
            end_outage(history, config, window.name)
            delivery = deliver_pending(history, config, clock=clock, at_once=True)
            troubles += delivery.troubles
            alarm = JobAlarm.from_dict(history.alert_state(config.name))
            lines += filter(None, [alert_line(config, alarm, delivery, clock())])
        if config.retention is not None:
            history.prune(config.name, before=clock().date() - dt.timedelta(days=config.retention.days))
    except HistoryError as error:
        reason = f"the verdict is kept, but what follows it waits for the next run: {config.hidden(str(error))}"
        troubles.append(reason)
        if alert:
            troubles += tell_outage(config, window.name, reason, clock=clock)[1]
    if alert:
        troubles += write_metrics(history, config, clock=clock, succeeded=True)
    return troubles, lines


def stored_judgement(
    history: History,
    window: JobWindow,
    stage: Stage,
    *,
    force: bool,
    alert: bool,
    clock: Clock,
    current: Any = None,
    notes: tuple[str, ...] = (),
) -> JobResult:
    """Return the stored judgement of a window, or judge it and store that.

    ``current`` are rows that stand for those of the job; ``notes`` is what else the report is to say of the run.
    """
    config = window.config
    stored = history.stored(config.name, window.name, stage)
    if stored is not None and not force:
        return _stored_result(history, window, stored)
    with _folder_made(window.folder(stage)) as folder:
        slow = slow_step(history, window, current=current) if stage == "inputs" else NO_STEP
        report = judge_window(
            window,
            stage=stage,
            current=current,
            notes=(*slow.notes, *_notes_of_budget(config, window, history), *notes),
            slow_drift=slow.alarm,
        )
        files = report.write(folder, config.report.formats)
    document = report.to_dict()
    run = f"{config.name}/{window.name}/{stage}"
    going_out = None
    if alert:
        observation = Observation(
            window=window.name,
            at=clock(),
            drifted=_drifted(document, slow),
            severity=document["severity"] or ("warning" if slow.alarm else None),
            kinds=tuple(document["diagnosis"]["kinds"]),
        )
        going_out = outgoing(
            config,
            history.alert_state(config.name),
            observation,
            run=run,
            report=document | {"summary": f"{slow.alarm} {document['summary']}".strip()},
            link=_link(window, files),
            track=stage,
        )
    history.record(
        NewRun(
            job=config.name,
            window=window.name,
            stage=stage,
            date=window.date,
            judged_at=clock(),
            alpha=job_alpha(config, stage),
            exit_code=document["gate"]["exit_code"],
            report=document,
            report_folder=str(folder),
        ),
        replace=force,
        alert_state=None if going_out is None else going_out.state,
        messages=() if going_out is None else going_out.messages,
        profile=slow.pool,
        slow_drift=slow.state,
        is_pool=slow.state is not None,
    )
    return JobResult(
        window=window.name,
        stage=stage,
        document=document,
        exit_code=document["gate"]["exit_code"],
        files=files,
        report=report,
    )


def _drifted(document: dict[str, Any], slow: SlowStep) -> bool | None:
    """Return whether the window moves the alarm: ``None`` where it was too small to tell."""
    if document["verdict"] == "drift" or slow.alarm:
        return True
    return None if document["verdict"] == "inconclusive" else False


@contextmanager
def _folder_made(folder: Path) -> Iterator[Path]:
    """Make the folder of a report before anything is compared; one that no report came to is taken away again."""
    made_folder(folder)
    try:
        yield folder
    except BaseException:
        with suppress(OSError):
            folder.rmdir()  # where it is empty
        raise


def _stored_result(history: History, window: JobWindow, stored: StoredRun) -> JobResult:
    folder = window.folder(stored.stage)
    files = tuple(folder / FILE_NAMES[name] for name in window.config.report.formats)
    document = history.report(stored.id)
    return JobResult(
        window=stored.window,
        stage=stored.stage,
        document=document,
        exit_code=stored.exit_code,
        files=tuple(path for path in files if path.exists()),
        notices=_notice_of_change(document, window),
    )


def _notice_of_change(document: dict[str, Any], window: JobWindow) -> tuple[str, ...]:
    """Say where the job's settings are others than those that a stored window was judged by."""
    changed = changed_settings((document.get("job") or {}).get("settings"), window.config)
    if window.date is None:  # what its rows are is its name, wherever they lie
        changed = tuple(key for key in changed if key != "current")
    if not changed:
        return ()
    told = f"the job file differs in {', '.join(changed)} from the one that window {window.name} was judged by"
    return (f"{told}; --force judges it anew",)


def _link(window: JobWindow, files: tuple[Path, ...]) -> str | None:
    """Return where people find the report: its page on the web where the job says so, else its path."""
    pages = [path for path in files if path.name == FILE_NAMES["html"]]
    if not files:
        return None
    path, report = (pages or list(files))[0], window.config.report
    if report.url is None:
        return str(path)
    return f"{report.url}/{quote(path.relative_to(report.folder).as_posix())}"


@contextmanager
def _failures_kept(
    history: History, config: JobConfig, date: dt.date | None, *, alert: bool, clock: Clock
) -> Iterator[None]:
    """Keep what stopped a run in the history, and tell whoever asked to be told."""
    try:
        yield
    except Exception as error:
        reason = config.hidden(str(error) or type(error).__name__)
        name = _expected_window(config, date, clock)
        remember_failure(history, config, name, reason, alert=alert, clock=clock)
        if alert:
            write_metrics(history, config, clock=clock, succeeded=False)
        raise


def remember_failure(history: History, config: JobConfig, name: str, reason: str, *, alert: bool, clock: Clock) -> None:
    """Keep a failure in the history and tell whoever asked to be told; where that fails too, tell at once."""
    try:
        history.record_failure(config.name, name, clock(), reason)
        if not alert:
            return
        observation = Observation(window=name, at=clock(), drifted=False, severity=None, kinds=(), error=reason)
        going_out = outgoing(
            config, history.alert_state(config.name), observation, run=f"{config.name}/{name}", report=None, link=None
        )
        history.queue(config.name, going_out.state, going_out.messages)
        end_outage(history, config, name)
        deliver_pending(history, config, clock=clock)
    except HistoryError as lost:  # the disk is full, or the server gone: what stopped the run is told first
        if alert:
            tell_outage(config, name, f"{reason}; and the history could not be written: {lost}", clock=clock)


def _expected_window(config: JobConfig, date: dt.date | None, clock: Clock) -> str:
    """Return what the window would have been called."""
    if date is None and config.is_dated:
        date = (clock() - dt.timedelta(days=1)).date()
    return "current" if date is None else date.isoformat()


def _notes_of_budget(config: JobConfig, window: JobWindow, history: History) -> tuple[str, ...]:
    """Say where more windows are judged within a year than the budget was spread over."""
    if config.budget is None or window.date is None:
        return ()
    year_before = window.date - dt.timedelta(days=364)
    n = history.n_windows(config.name, since=year_before, until=window.date)
    n += history.stored(config.name, window.name) is None
    promised = config.budget.windows_per_year
    if n <= promised + 1:  # a leap year
        return ()
    told = config.budget.false_alarms_per_year
    note = (
        f"This job has judged {n} windows within a year, and spread its {told:g} false alarms over {promised:g}: it "
        f"may raise {told * n / promised:.2g}. Raise budget.windows_per_year."
    )
    return (note,)
