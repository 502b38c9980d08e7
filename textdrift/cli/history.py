"""``textdrift history JOB``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.printing import print_message, print_text
from textdrift.errors import SettingsError

__all__ = ["history", "window_line"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def history(
    job: Annotated[Path, typer.Argument(help="A job file with a `history`.")],
    since: Annotated[_Name, typer.Option(help="The first date to list, as in 2026-01-01.")] = None,
    limit: Annotated[int, typer.Option(help="How many windows at most, the newest; 0 for all.", min=0)] = 0,
) -> None:
    """List the windows that a job has judged, one plain line each, its date first; the oldest on top."""
    from textdrift.job_config import read_job

    config = read_job(job)
    if config.history is None:
        raise SettingsError(f"job {config.name!r} keeps no history; add `history: sqlite:///drift.db` to {job}")

    from textdrift.history import open_history

    with config.hiding(), open_history(config.history, read_only=True) as store:
        runs = store.runs(config.name, since=date_of(since, "--since"))
        if not runs:
            known = ", ".join(map(repr, store.jobs())) or "none"
            print_message(f"no window of job {config.name!r} is listed; jobs of this history: {known}")
        for run in runs[-limit:] if limit else runs:
            kinds = ",".join(run.kinds)
            print_text(_line(run.window, run.stage, run.exit_code, run.verdict, run.severity, kinds))


def window_line(window: str, stage: str, exit_code: int, document: Mapping[str, Any]) -> str:
    """Return the plain line of one judged window: name, verdict, exit code, severity, kinds."""
    kinds = ",".join(document["diagnosis"]["kinds"])
    return _line(window, stage, exit_code, str(document["verdict"]), document["severity"], kinds)


def _line(window: str, stage: str, exit_code: int, verdict: str, severity: str | None, kinds: str) -> str:
    parts = [window, verdict, f"exit={exit_code}", *([severity] if severity else []), *([kinds] if kinds else [])]
    return "  ".join([*parts, *([stage] if stage != "inputs" else [])])
