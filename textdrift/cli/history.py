"""``textdrift history JOB``."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from textdrift.cli.dates import date_of
from textdrift.cli.failed_windows import failed_line, place_of_failure, place_of_run, without_verdict
from textdrift.cli.printing import print_message
from textdrift.errors import SettingsError

if TYPE_CHECKING:
    from textdrift.history import StoredRun

__all__ = ["history", "window_line"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def history(
    job: Annotated[Path, typer.Argument(help="A job file with a `history`.")],
    since: Annotated[_Name, typer.Option(help="The first date to list, as in 2026-01-01.")] = None,
    limit: Annotated[int, typer.Option(help="How many lines at most, the newest; 0 for all.", min=0)] = 0,
) -> None:
    """List the windows that a job has judged, one plain line each, its date first; the oldest on top.

    A window whose run failed, and that has no verdict since, stands among them with the word failed and the reason.
    """
    from textdrift.job_config import read_job

    config = read_job(job)
    if config.history is None:
        raise SettingsError(f"job {config.name!r} keeps no history; add `history: sqlite:///drift.db` to {job}")

    from textdrift.history import open_history

    first = date_of(since, "--since")
    with config.hiding(), open_history(config.history, read_only=True) as store:
        runs = store.runs(config.name, since=first)
        failures = store.failures(config.name)
        failed = without_verdict(failures, store.runs(config.name) if failures else (), first)
        if not (runs or failed):
            known = ", ".join(map(repr, store.jobs())) or "none"
            print_message(f"no window of job {config.name!r} is listed; jobs of this history: {known}")
        judged = ((place_of_run(run), _line_of(run)) for run in runs)
        missed = ((place_of_failure(one), failed_line(one)) for one in failed)
        lines = [line for _, line in heapq.merge(judged, missed, key=itemgetter(0))]
        for line in lines[-limit:] if limit else lines:
            print_message(config.hidden(line), to_stdout=True)


def _line_of(run: StoredRun) -> str:
    return _line(run.window, run.stage, run.exit_code, run.verdict, run.severity, ",".join(run.kinds))


def window_line(window: str, stage: str, exit_code: int, document: Mapping[str, Any]) -> str:
    """Return the plain line of one judged window: name, verdict, exit code, severity, kinds."""
    kinds = ",".join(document["diagnosis"]["kinds"])
    return _line(window, stage, exit_code, str(document["verdict"]), document["severity"], kinds)


def _line(window: str, stage: str, exit_code: int, verdict: str, severity: str | None, kinds: str) -> str:
    parts = [window, verdict, f"exit={exit_code}", *([severity] if severity else []), *([kinds] if kinds else [])]
    return "  ".join([*parts, *([stage] if stage != "inputs" else [])])
