"""What can be known of a job without running it: its sources, columns, tests, encoder, history and sinks."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textdrift.cli.checks import Check, print_check
from textdrift.cli.encoder_check import check_encoder
from textdrift.cli.history_and_sinks import check_history, check_sinks
from textdrift.cli.source_checks import source_checks
from textdrift.errors import TextdriftError

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["Check", "check_encoder", "check_history", "check_sinks", "job_checks", "print_check"]


def job_checks(config: JobConfig, date: dt.date) -> Iterator[Check]:
    """Look at everything in a job that can be looked at without a model, one thing after the other.

    Parameters
    ----------
    config:
        The job as it was read.
    date:
        What its templates are filled in for.
    """
    try:
        job = config.at(date)
    except TextdriftError as error:
        yield Check("dates", "fault", str(error))
        return
    if config.is_dated:
        yield Check("dates", "ok", f"filled in for {date}")
    yield _tests(job)
    yield from source_checks(job, date)
    yield check_encoder(job)
    yield _report(job)
    yield from check_history(job)
    yield from check_sinks(job)


def _tests(job: JobConfig) -> Check:
    """Plan the tests as a run would, which finds slips in their names and options."""
    from textdrift.findings.planning import plan_tests
    from textdrift.job.levels import job_alpha
    from textdrift.job.windows import roles_of
    from textdrift.windows.role_names import check_roles

    roles, alpha = roles_of(job), job_alpha(job)
    try:
        check_roles(roles)
        plan = plan_tests(roles, job.tests, alpha)
    except TextdriftError as error:
        return Check("tests", "fault", str(error))
    families = dict.fromkeys(planned.entry.family for planned in plan.tests)
    return Check("tests", "ok", f"{len(plan.tests)} of {', '.join(families)}, alpha {alpha:.3g} a window")


def _report(job: JobConfig) -> Check:
    folder = job.report.folder
    place = next((part for part in (folder, *folder.absolute().parents) if part.exists()), Path())
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Check("report", "fault", f"{folder} cannot be written: {place} takes no files; name another folder")
    return Check("report", "ok", f"{', '.join(job.report.formats)} to {folder}")
