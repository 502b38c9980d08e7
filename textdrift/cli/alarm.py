"""``textdrift acknowledge JOB`` and ``textdrift snooze JOB``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from textdrift.cli.printing import print_text
from textdrift.errors import SettingsError

__all__ = ["acknowledge", "snooze"]

_LONGEST_HOURS = 24 * 365


def acknowledge(
    job: Annotated[Path, typer.Argument(help="A job file with a `history`.")],
    by: Annotated[str, typer.Option(help="Who looks after it.")],
) -> None:
    """Say that somebody looks after the alarm: nothing more is sent of it but its end."""
    from textdrift.job_config import read_job

    config = read_job(job)

    from textdrift.job.silencing import acknowledge_alarm

    with config.hiding():
        alarm = acknowledge_alarm(config, by)
    given = alarm.acknowledged or {"by": by}  # who came first stays named
    print_text(f"the alarm of {config.name} since window {alarm.story} is acknowledged by {given['by']}")


def snooze(
    job: Annotated[Path, typer.Argument(help="A job file with a `history`.")],
    hours: Annotated[float, typer.Option(help="How long nothing is sent; 0 ends a snooze.", min=0)],
) -> None:
    """Send nothing for some hours; what is still true by then is told once."""
    from textdrift.job_config import read_job

    config = read_job(job)

    from textdrift.job.silencing import snooze_alarm
    from textdrift.job.windows import utc_now

    if not hours <= _LONGEST_HOURS:  # not a number, too
        raise SettingsError(f"--hours goes up to {_LONGEST_HOURS}, which is a year; got {hours:g}")
    until = utc_now() + dt.timedelta(hours=hours) if hours else None
    with config.hiding():
        snooze_alarm(config, until)
    print_text(
        f"{config.name} sends nothing until {until:%Y-%m-%d %H:%M} UTC" if until else f"{config.name} is awake again"
    )
