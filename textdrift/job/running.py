"""Job: one run of a job file - read, compare, write the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textdrift.comparing import compare
from textdrift.errors import MissingSourceError
from textdrift.job_config import JobConfig
from textdrift.reports.drift_report import DriftReport
from textdrift.reports.report_files import made_folder

__all__ = ["JobResult", "run_job"]


@dataclass(frozen=True, slots=True)
class JobResult:
    """The report of a run, and the files it was written to."""

    report: DriftReport
    files: tuple[Path, ...]


def run_job(config: JobConfig) -> JobResult:
    """Run one job: compare its two windows and write the report.

    Raises
    ------
    SettingsError
        When the report's folder cannot be made or written to; that is tried before anything is compared.
    MissingSourceError
        When a window's file is missing; the message names the command that makes sample data.
    """
    columns = config.columns
    made_folder(config.report.folder)
    try:
        report = compare(
            config.reference,
            config.current,
            text=columns.text,
            label=columns.label,
            prediction=columns.prediction,
            probabilities=columns.probabilities,
            time=columns.time,
            id=columns.id,
            group=columns.group,
            segments=columns.segments,
            embeddings=columns.embeddings,
            encoder=config.encoder,
            tests=config.tests,
            cost=config.cost,
            playbook=config.playbook,
            labels_to_ask=config.labels_to_ask,
            examples=config.examples,
            alpha=config.alpha,
            seed=config.seed,
        )
    except MissingSourceError as error:
        raise MissingSourceError(f"{error} (to try textdrift on sample data, run `textdrift demo` first)") from error
    return JobResult(report, report.write(config.report.folder, config.report.formats))
