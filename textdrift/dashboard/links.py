"""Links: where a page leads to, on disk or behind the server."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from textdrift.history import StoredRun
from textdrift.reports.report_files import FILE_NAMES

__all__ = ["NO_LINKS", "Links", "links_to_files"]


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
    """

    report: Callable[[StoredRun], str | None]
    compare: str | None = None
    jobs: str | None = None


NO_LINKS = Links(report=lambda _: None)
"""A page that leads nowhere."""


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
