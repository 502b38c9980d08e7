"""``textdrift run JOB``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.compare import terminal_width
from textdrift.cli.exit_codes import Finished
from textdrift.cli.printing import print_message, print_text

__all__ = ["run"]


def run(job: Annotated[Path, typer.Argument(help="A job file, such as configs/smoke.yaml.")]) -> None:
    """Run a job file: compare its windows and write the report; exit codes as for compare."""
    from textdrift.job_config import read_job

    config = read_job(job)

    from textdrift.job import run_job

    result = run_job(config)
    print_text(result.report.to_terminal(width=terminal_width(), color=sys.stdout.isatty()))
    for path in result.files:
        print_message(f"wrote {path}")
    raise Finished(result.report.verdict, passed=result.report.passed)
