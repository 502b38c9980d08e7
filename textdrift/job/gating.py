"""A job as a quality gate: the same judgement, nothing remembered, nobody told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from textdrift.job.judging import judge_window
from textdrift.job.results import JobResult
from textdrift.job.windows import Clock, JobWindow, job_window, utc_now
from textdrift.job_config import JobConfig
from textdrift.reports.report_files import made_folder

__all__ = ["gate_job"]

_FORMATS = ("junit", "md", "json")


def gate_job(
    config: JobConfig, *, date: dt.date | None = None, output: Path | None = None, clock: Clock = utc_now
) -> JobResult:
    """Judge a window for the promotion of a model, and write JUnit, Markdown and JSON beside the job's own formats.

    Parameters
    ----------
    config:
        The job; ``gate`` says which kinds of drift fail, and which column holds the predictions of a challenger.
    date:
        The window's date; yesterday in UTC where the job is dated and none is given.
    output:
        Folder for the report; ``gate`` in that of the window without.
    clock:
        Tells the time, in UTC.
    """
    if date is None and not config.is_dated:
        window, beside = JobWindow("current", None, config), config.report.folder
    else:
        window = job_window(config, date, clock=clock)
        beside = window.folder("inputs")
    folder = made_folder(beside / "gate" if output is None else output)
    report = judge_window(window)
    files = report.write(folder, tuple(dict.fromkeys((*_FORMATS, *window.config.report.formats))))
    document = report.to_dict()
    return JobResult(
        window=window.name,
        stage="inputs",
        document=document,
        exit_code=document["gate"]["exit_code"],
        files=files,
        report=report,
    )
