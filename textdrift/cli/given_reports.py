"""A report that a command was given: read, with a word on stderr where somebody changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textdrift.cli.printing import print_message

__all__ = ["given_report"]


def given_report(path: Path) -> dict[str, Any]:
    """Return the report of a file; warn on stderr where its digest is that of another text.

    Raises
    ------
    WindowError
        When there is no such file, or it is no report.
    """
    from textdrift.reports.digest import report_digest
    from textdrift.reports.reading_reports import read_report

    report = read_report(path)
    digest = report.get("digest")
    if digest is not None and digest != report_digest(report):
        print_message(
            f"textdrift: warning: {str(path)!r} was changed since it was written: its digest is that of another text"
        )
    return report
