"""Windows that came to no verdict: their place among the judged ones, and their line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textdrift.history import Failure, StoredRun

__all__ = ["failed_line", "place_of_failure", "place_of_run", "without_verdict"]

_Place = tuple[dt.date, str]
_LONGEST_REASON = 120
_LABELLED = "/labelled"  # what the job calls a window whose labels could not be used


def without_verdict(
    failures: Iterable[Failure], runs: Iterable[StoredRun], since: dt.date | None = None
) -> list[Failure]:
    """Return the newest failure of each window that has no verdict, as ``history`` lists windows.

    What failed and was judged later is no gap any more; its verdict stands for it.
    """
    judged = {run.window if run.stage == "inputs" else f"{run.window}/{run.stage}" for run in runs}
    newest: dict[str, Failure] = {}
    for failure in failures:  # the newest first
        if str(failure.window) not in judged:
            newest.setdefault(str(failure.window), failure)
    return sorted(
        (one for one in newest.values() if since is None or place_of_failure(one)[0] >= since), key=place_of_failure
    )


def place_of_run(run: StoredRun) -> _Place:
    """Return what a run is ordered by: its day, and its name where that is a time."""
    return (run.date, run.window) if run.date is not None else (run.judged_at.date(), "")


def place_of_failure(failure: Failure) -> _Place:
    """Return the same of a failure, whose day stands in the name of its window, or is that on which it happened."""
    name = failure.window or ""
    try:
        return dt.date.fromisoformat(name[:10]), name
    except ValueError:
        return failure.at.date(), ""


def failed_line(failure: Failure) -> str:
    """Return the plain line of a window that came to no verdict: its date, the word failed, and the reason, cut short.

    >>> from textdrift.history import Failure
    >>> at = dt.datetime(2026, 11, 26, 6, tzinfo=dt.UTC)
    >>> failed_line(Failure(job="a", window="2026-11-25", at=at, reason="there is no file 'x.csv'"))
    "2026-11-25  failed  there is no file 'x.csv'"
    """
    name = failure.window or ""
    day, stage = place_of_failure(failure)[0], []
    if name.endswith(_LABELLED):
        name, stage = name.removesuffix(_LABELLED), ["labelled"]
    reason = " ".join(failure.reason.split())
    if len(reason) > _LONGEST_REASON:
        reason = reason[: _LONGEST_REASON - 1] + "…"
    return "  ".join([name if name.startswith(str(day)) else str(day), "failed", *stage, reason])
