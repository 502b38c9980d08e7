"""``textdrift doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.exit_codes import Ended

__all__ = ["doctor"]

_FAULTY = 2


def doctor(
    job: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads the annotation
        typer.Argument(help="A job file, to try its encoder, history and sinks too."),
    ] = None,
) -> None:
    """Look at the environment, one line a thing: 0 fine, 2 a run would fail.

    Python, the packages that are needed and those of the extras, the device that texts are encoded on, the cache and
    the encoder's weights; with a job its history and the machines that its sinks name, which are reached and told
    nothing.
    """
    from textdrift.cli.environment_checks import connection_checks, environment_checks
    from textdrift.cli.job_checks import check_encoder, print_check

    config = None
    if job is not None:
        from textdrift.job_config import read_job

        config = read_job(job)
    faulty = False
    checks = [environment_checks(), iter([check_encoder(config)])]
    if config is not None:
        checks.append(connection_checks(config))
    for group in checks:
        for check in group:
            print_check(check, config)
            faulty = faulty or check.state == "fault"
    raise Ended(_FAULTY if faulty else 0)
