"""The smaller pages of the server: what differs between two runs, the list of jobs, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textdrift.dashboard.links import job_address
from textdrift.dashboard.rendering import rendered
from textdrift.history import History, StoredRun
from textdrift.reports import numerals, wording
from textdrift.reports.differences import differences

__all__ = ["differences_page", "jobs_page", "message_page"]

_ROWS = 200
_SIZES: Mapping[str, Sequence[tuple[str, str]]] = {
    "terms": (("share before", "reference_share"), ("share now", "current_share"), ("p", "p_value")),
    "segments": (("effect", "effect"), ("p", "p_value")),
    "causes": (("share of rows", "share_of_rows"), ("explains", "share_explained")),
}


def differences_page(history: History, first: StoredRun, second: StoredRun) -> str:
    """Return a page of all that two runs say otherwise, see ``differences``.

    Raises
    ------
    HistoryError
        When a report cannot be read.
    """
    told = differences(history.report(first.id), history.report(second.id))
    return rendered(
        "differences.html.jinja",
        scripts=("report.js",),
        told=told,
        runs=(first, second),
        # Texts moved between these two, so a size is told in the words of its table.
        tables=[(title, told[name], _SIZES[name]) for name, title in _TABLES],
        values=[(title, told[name]) for name, title in _VALUES],
        size_words=_size_words,
        most=_ROWS,
    )


def jobs_page(history: History) -> str:
    """Return the list of the jobs of a history, each with its newest verdict."""
    jobs = []
    for job in history.jobs():
        newest = history.runs(job, limit=1)
        jobs.append((job, job_address(job), newest[-1] if newest else None, history.last_success(job)))
    return rendered("jobs.html.jinja", scripts=("report.js",), jobs=jobs)


def message_page(title: str, message: str) -> str:
    """Return a page that says one thing."""
    return rendered("message.html.jinja", title=title, message=message)


_TABLES = (("terms", "The words"), ("segments", "The segments"), ("causes", "The causes"))
_VALUES = (("windows", "The windows"), ("settings", "How they were made"), ("versions", "With which versions"))


def _size_words(row: Mapping[str, Any] | None, key: str, kind: str) -> str:
    value = None if row is None else row.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return "–"
    if key == "p_value":
        return numerals.exact_p_value(value)
    return wording.segment_size(value, kind) if key == "effect" else numerals.share(value)
