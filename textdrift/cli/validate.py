"""``textdrift validate JOB``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.exit_codes import Ended

__all__ = ["validate"]

_FAULTY = 2


def validate(
    job: Annotated[Path, typer.Argument(help="A job file.")],
    date: Annotated[
        Optional[str],  # noqa: UP045 - typer reads the annotation
        typer.Option(help="The date to fill in; yesterday in UTC where none is given."),
    ] = None,
) -> None:
    """Check a job file without running it: 0 fine, 2 a run would fail. No model is loaded.

    Looked at are its keys, its templates filled in for a date, its sources and their columns, the plan of its tests,
    where the encoder lies, the report's folder, the history, and the addresses of its sinks; one line each. Nothing is
    written or sent.
    """
    from textdrift.cli.job_checks import Check, job_checks, print_check
    from textdrift.job_config import read_job

    day = date_of(date, "--date") or (dt.datetime.now(dt.UTC) - dt.timedelta(days=1)).date()
    config = read_job(job)
    print_check(Check("keys", "ok", f"job {config.name!r}, every key known"), config)
    faulty = False
    for check in job_checks(config, day):
        print_check(check, config)
        faulty = faulty or check.state == "fault"
    raise Ended(_FAULTY if faulty else 0)
