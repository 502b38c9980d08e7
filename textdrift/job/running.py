"""One run of a job: read, compare, write the report, remember, tell."""

from __future__ import annotations

import datetime as dt

from textdrift.errors import SettingsError
from textdrift.job.judging import judge_window
from textdrift.job.results import JobResult
from textdrift.job.windows import Clock, JobWindow, job_window, utc_now
from textdrift.job_config import JobConfig
from textdrift.reports.report_files import made_folder

__all__ = ["run_job"]


def run_job(
    config: JobConfig,
    *,
    date: dt.date | None = None,
    force: bool = False,
    alert: bool = True,
    clock: Clock = utc_now,
) -> JobResult:
    """Run a job for one window.

    With a history, a window that was judged before is not judged again: the stored report is returned, and no message
    is sent but what an earlier run could not deliver.

    Parameters
    ----------
    config:
        The job, see ``read_job``.
    date:
        The window's date; yesterday in UTC where the job is dated and none is given.
    force:
        Judge the window anew, and replace its row and report.
    alert:
        Whether the window moves the alert's state and messages are sent.
    clock:
        Tells the time, in UTC.

    Raises
    ------
    SettingsError
        When the report's folder cannot be made or written to (tried before anything is compared), or alerts, late
        labels, or a slow-drift detector lack the history they need.
    HistoryError
        When the history cannot be opened or written.
    WindowError
        When a window is missing or cannot be read; it is kept in the history as a failure, and told to the sinks that
        asked for ``error``.
    """
    if config.stream is not None and config.current == "-":
        raise SettingsError(f"the rows of job {config.name!r} come by a stream; run `textdrift watch` on it")
    if config.history is None:
        return _without_history(config, date, clock)
    from textdrift.job.remembering import remembered_run

    return remembered_run(config, config.history, date, force=force, alert=alert, clock=clock)


def _without_history(config: JobConfig, date: dt.date | None, clock: Clock) -> JobResult:
    for key, given in (("alerts", config.alerts), ("labels", config.labels), ("slow_drift", config.slow_drift)):
        if given:
            raise SettingsError(
                f"{key} needs a history, since it depends on the windows before; add `history: sqlite:///drift.db`"
            )
    if date is None and not config.is_dated:
        window, folder = JobWindow("current", None, config), config.report.folder
    else:
        window = job_window(config, date, clock=clock)
        folder = window.folder("inputs")
    made_folder(folder)
    report = judge_window(window)
    files = report.write(folder, window.config.report.formats)
    document = report.to_dict()
    return JobResult(
        window=window.name,
        stage="inputs",
        document=document,
        exit_code=document["gate"]["exit_code"],
        files=files,
        report=report,
    )
