"""``textdrift diff A.json B.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.compare import terminal_width
from textdrift.cli.given_reports import given_report
from textdrift.cli.printing import print_document, print_text
from textdrift.errors import SettingsError

__all__ = ["diff"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation


def diff(
    before: Annotated[Path, typer.Argument(metavar="A.json", help="The earlier report.")],
    after: Annotated[Path, typer.Argument(metavar="B.json", help="The later report.")],
    format: Annotated[_Name, typer.Option(metavar="json", help="Write the differences as JSON.")] = None,  # noqa: A002 - the flag has this name
) -> None:
    """Say what changed between two reports: exit 0, whatever changed, 2 error.

    Verdict, kinds, tests, words, segments and causes; and what differs in how the reports were made. Nothing is
    computed anew: two reports of one stream differ by chance too.
    """
    if format not in {None, "json"}:
        raise SettingsError(f"--format can be json, or left out for a table; got {format!r}")

    from textdrift.reports.differences import differences

    told = differences(given_report(before), given_report(after))
    if format == "json":
        print_document(json.dumps(told, indent=2) + "\n")
        return

    from textdrift.reports.terminal_differences import differences_as_terminal

    names = [str(before), str(after)]
    print_text(differences_as_terminal(told, names, width=terminal_width(), color=sys.stdout.isatty()))
