"""``textdrift backfill JOB --from DATE --to DATE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.exit_codes import Ended
from textdrift.cli.printing import print_message, print_text
from textdrift.errors import SettingsError

__all__ = ["backfill"]

_WORST_FIRST = (2, 1, 3, 0)


def backfill(
    job: Annotated[Path, typer.Argument(help="A job file whose `current` holds {{ date }}.")],
    first: Annotated[str, typer.Option("--from", help="The first date, as in 2026-01-01.")],
    last: Annotated[str, typer.Option("--to", help="The last date; it is judged too.")],
    force: Annotated[bool, typer.Option("--force", help="Judge windows anew that were judged before.")] = False,
    alert: Annotated[bool, typer.Option("--alert", help="Move the alert's state and send messages.")] = False,
) -> None:
    """Run a job for every date of a stretch, in order: one plain line a window.

    Windows that were judged before are left as they are, dates without data are told. No message is sent unless --alert
    is given. The exit code is the gravest of all windows: 2 where one has no data, then 1 failed, 3 inconclusive, 0
    passed.
    """
    from textdrift.job_config import read_job

    config = read_job(job)
    begin, end = date_of(first, "--from"), date_of(last, "--to")
    if begin is None or end is None:
        raise SettingsError("a backfill needs --from and --to")

    from textdrift.cli.history import window_line
    from textdrift.job import backfill_job

    codes = []
    with config.hiding():
        for done in backfill_job(config, begin, end, force=force, alert=alert):
            if done.result is None:
                codes.append(2)
                print_text(f"{done.date}  missing")
                print_message(f"textdrift: {done.date}: {done.missing}")
                continue
            codes.append(done.result.exit_code)
            print_text(window_line(done.result.window, "inputs", done.result.exit_code, done.result.document))
            for later in done.result.labelled:
                codes.append(later.exit_code)
                print_text(window_line(later.window, later.stage, later.exit_code, later.document))
            for notice in done.result.notices:
                print_message(notice)
            for trouble in done.result.troubles:
                print_message(f"warning: {trouble}")
    raise Ended(next(code for code in _WORST_FIRST if code in codes))
