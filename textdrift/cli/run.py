"""``textdrift run JOB``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from textdrift.cli.compare import terminal_width
from textdrift.cli.dates import date_of
from textdrift.cli.exit_codes import Ended
from textdrift.cli.printing import print_message, print_text

if TYPE_CHECKING:
    from textdrift.job import JobResult

__all__ = ["run", "tell"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def run(
    job: Annotated[Path, typer.Argument(help="A job file, such as configs/smoke.yaml.")],
    date: Annotated[_Name, typer.Option(help="The window's date; yesterday in UTC where the job is dated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Judge a window anew that was judged before.")] = False,
) -> None:
    """Run a job file for one window: 0 passed, 1 failed the gate, 2 error, 3 inconclusive.

    With a history, a window that was judged before is not judged again: the stored verdict is told, and its exit code.
    """
    from textdrift.job_config import read_job

    config = read_job(job)
    day = date_of(date, "--date")

    from textdrift.job import run_job

    with config.hiding():
        result = run_job(config, date=day, force=force)
    tell(result)
    raise Ended(result.exit_code)


def tell(result: JobResult) -> None:
    """Print the report of a run, and on stderr what else there is to know."""
    from textdrift.reports.as_terminal import as_terminal

    print_text(as_terminal(dict(result.document), width=terminal_width(), color=sys.stdout.isatty()))
    if result.was_stored:
        print_message(f"window {result.window} was judged before; --force judges it anew")
    else:
        for path in result.files:
            print_message(f"wrote {path}")
    for later in result.labelled:
        print_message(f"labels came for window {later.window}: {later.document['summary']}")
        for path in later.files:
            print_message(f"wrote {path}")
    for notice in result.notices:
        print_message(notice)
    for trouble in result.troubles:
        print_message(f"warning: {trouble}")
