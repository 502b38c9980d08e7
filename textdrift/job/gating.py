"""A job as a quality gate: the same judgement, nothing remembered, nobody told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from textdrift.job.judging import judge_window
from textdrift.job.late_labels import labelled_rows
from textdrift.job.results import JobResult
from textdrift.job.stages import columns_of_stage, families_of_stage
from textdrift.job.windows import Clock, JobWindow, job_window, utc_now
from textdrift.job_config import JobConfig
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.report_files import made_folder

__all__ = ["gate_job"]

_FORMATS = ("junit", "md", "json")


def gate_job(
    config: JobConfig, *, date: dt.date | None = None, output: Path | None = None, clock: Clock = utc_now
) -> JobResult:
    """Judge a window for the promotion of a model, and write JUnit, Markdown and JSON beside the job's own formats.

    Labels that come late are joined where they are there, and then everything is judged at once, at the level that
    `run` parts between the two stages of a window. Where none is there yet, the inputs alone are judged, and the report
    says so.

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
    report = _judged(window)
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


def _judged(window: JobWindow) -> DriftReport:
    """Judge a window with its late labels joined, where there are any."""
    config = window.config
    if config.labels is None:
        return judge_window(window)
    rows = labelled_rows(window)
    if rows is None:
        return judge_window(window, notes=("No labels had come: the inputs alone are judged.",))
    stages = [families_of_stage(config, stage) for stage in ("inputs", "labelled")]
    at_once = {
        "labels": None,
        "columns": columns_of_stage(config, "labelled"),
        "tests": None if config.tests is None else {name: of for each in stages for name, of in (each or {}).items()},
    }
    whole = replace(window, config=config.model_copy(update=at_once))
    return judge_window(whole, current=rows.table, notes=(f"Labels had come for {rows.told()}, and were joined.",))
