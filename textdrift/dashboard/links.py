"""Links: where a page leads to, on disk or behind the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from textdrift.history import StoredRun
from textdrift.reports.report_files import FILE_NAMES

__all__ = ["NO_LINKS", "Links", "job_address", "links_to_files"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where a page leads to.

    Attributes
    ----------
    report:
        Returns the address of the report of a run; ``None`` where it has none.
    compare:
        The address that takes ``?first=ID&second=ID``; ``None`` without a server.
    jobs:
        The address of the list of jobs; ``None`` without a server.
    older:
        Returns the address of a page of the windows before that of a run; ``None`` without a server.
    newest:
        Returns the address of the page of a job; ``None`` without a server.
    """

    report: Callable[[StoredRun], str | None]
    compare: str | None = None
    jobs: str | None = None
    older: Callable[[StoredRun], str] | None = None
    newest: Callable[[str], str] | None = None


NO_LINKS = Links(report=lambda _: None)
"""A page that leads nowhere."""


def job_address(job: str, before: int | None = None) -> str:
    """Return where the server has the dashboard of a job, or of its windows before that of a run.

    >>> job_address("a&b"), job_address("inputs", before=9)
    ('/?job=a%26b', '/?job=inputs&before=9')
    """
    query: dict[str, object] = {"job": job} if before is None else {"job": job, "before": before}
    return f"/?{urlencode(query, errors='surrogatepass')}"


def links_to_files(page: str | Path) -> Links:
    """Return links from a page on disk to the report files of the runs, where those are there.

    The links are relative to the page, so that both can be moved together; a report in HTML is preferred to one in
    JSON.
    """
    folder = Path(page).absolute().parent

    def report(run: StoredRun) -> str | None:
        if run.report_folder is None:
            return None
        for name in (FILE_NAMES["html"], FILE_NAMES["json"]):
            file = Path(run.report_folder).absolute() / name
            try:
                if file.is_file():
                    # ./ and the quoting keep a folder named like a scheme from being one.
                    return "./" + quote(Path(os.path.relpath(file, folder)).as_posix())
            except (OSError, ValueError):  # a name that no file can have, or another drive
                return None
        return None

    return Links(report=report)
