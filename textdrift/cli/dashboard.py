"""``textdrift dashboard JOB``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.job_history import job_with_history
from textdrift.cli.printing import print_document, print_message

__all__ = ["dashboard"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_Path = Optional[Path]  # noqa: UP045


def dashboard(
    job: Annotated[Path, typer.Argument(help="A job file with a `history`.")],
    output: Annotated[_Path, typer.Option(help="The page to write, such as drift.html; stdout without.")] = None,
    since: Annotated[_Name, typer.Option(help="The first date to show, as in 2026-01-01.")] = None,
) -> None:
    """Write the dashboard of a job as one HTML page that needs no server; it links to the report files on disk."""
    config, url = job_with_history(job)
    first = date_of(since, "--since")

    from textdrift.dashboard import dashboard_page
    from textdrift.dashboard.links import links_to_files
    from textdrift.history import open_history
    from textdrift.reports.report_files import written

    with open_history(url, read_only=True) as history:
        page = dashboard_page(history, config.name, since=first, links=links_to_files(output or Path("page.html")))
    written(page, output)
    if output is None:
        print_document(page)
    else:
        print_message(f"wrote {output}")
