"""``textdrift explain REPORT.json NAME``."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Annotated, Optional

import typer

from textdrift.cli.compare import terminal_width
from textdrift.cli.given_reports import given_report
from textdrift.cli.printing import print_document, print_message
from textdrift.errors import SettingsError

__all__ = ["explain"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_AS = {"segment": "segment or class", "kind": "kind of drift"}


def explain(
    report: Annotated[Path, typer.Argument(metavar="REPORT.json", help="A report that compare wrote.")],
    name: Annotated[
        str, typer.Argument(metavar="WORD|SEGMENT|CAUSE|KIND", help="Such as delayed, airline=Delta, escaped, lexical.")
    ],
    format: Annotated[_Name, typer.Option(metavar="json", help="Write the sentences as JSON.")] = None,  # noqa: A002 - the flag has this name
) -> None:
    """Say everything that a report says of one word, segment, cause or kind: exit 0, or 2 where it says nothing.

    Nothing is computed anew. A segment is written column=value, or as its value alone.
    """
    if format not in {None, "json"}:
        raise SettingsError(f"--format can be json, or left out for a text; got {format!r}")

    from textdrift.reports import explaining

    told = explaining.explain(given_report(report), name)
    if format == "json":
        print_document(json.dumps(told, indent=2) + "\n")
        return

    from textdrift.reports.sentence_parts import quoted

    for part in told:
        print_message(f"{quoted(part['name'])} as a {_AS.get(part['as'], part['as'])}:", to_stdout=True)
        for sentence in part["sentences"]:
            lines = textwrap.fill(sentence, terminal_width(), initial_indent="  - ", subsequent_indent="    ")
            print_message(lines, to_stdout=True)
