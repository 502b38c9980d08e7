"""``textdrift run JOB``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.compare import terminal_width
from textdrift.cli.exit_codes import EXIT_CODES

__all__ = ["run"]


def run(job: Annotated[Path, typer.Argument(help="A job file, such as configs/smoke.yaml.")]) -> None:
    """Run a job file: compare its windows and write the report; exit codes as for compare."""
    from textdrift.job_config import read_job

    config = read_job(job)

    from textdrift.job import run_job

    result = run_job(config)
    sys.stdout.write(result.report.to_terminal(width=terminal_width(), color=sys.stdout.isatty()) + "\n")
    for path in result.files:
        sys.stderr.write(f"wrote {path}\n")
    raise typer.Exit(EXIT_CODES[result.report.verdict])
