"""``textdrift verify REPORT.json [REFERENCE CURRENT]``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from textdrift.cli.exit_codes import Finished
from textdrift.cli.printing import print_document, print_message
from textdrift.errors import SettingsError

if TYPE_CHECKING:
    from textdrift.verifying import Verification

__all__ = ["verify"]

_Name = Optional[str]  # noqa: UP045 - typer reads the annotation
_SHOWN = 20
_LONGEST_VALUE = 60
_DIGEST = {
    "same": "The report is as it was written.",
    "changed": "The report was changed since it was written: its digest is that of another text.",
    "none": "The report holds no digest: whether it was changed since it was written cannot be told.",
}
_DATA = {
    "same": "The {} window holds the data that the report was made of.",
    "changed": "The {} window holds other data than the report was made of.",
    "none": "The report holds no fingerprint of the {} window: whether the data are the same cannot be told.",
}


def verify(
    report: Annotated[Path, typer.Argument(metavar="REPORT.json", help="A report that compare wrote.")],
    reference: Annotated[
        _Name, typer.Argument(help="The reference window; left out where the report names its path.")
    ] = None,
    current: Annotated[_Name, typer.Argument(help="The current window.")] = None,
    reference_query: Annotated[_Name, typer.Option(help="SQL query; REFERENCE is then a SQLAlchemy URL.")] = None,
    current_query: Annotated[_Name, typer.Option(help="SQL query; CURRENT is then a SQLAlchemy URL.")] = None,
    format: Annotated[_Name, typer.Option(metavar="json", help="Write what was found as JSON.")] = None,  # noqa: A002 - the flag has this name
) -> None:
    """Make the comparison of a report again: exit 0 the same came out, 1 something differs, 2 error.

    The digest tells whether the report was edited, fingerprints whether the data are the same; then every number is
    computed again, with the settings and the seed of the report, and compared. Relative paths in a report count from
    the working directory. Other versions are told, and are no difference by themselves.
    """
    if format not in {None, "json"}:
        raise SettingsError(f"--format can be json, or left out for a text; got {format!r}")
    queries = {"reference": (reference, reference_query), "current": (current, current_query)}
    if idle := [role for role, (source, query) in queries.items() if query is not None and source is None]:
        raise SettingsError(f"--{idle[0]}-query needs {idle[0].upper()}, the URL of the database that it is sent to")

    from textdrift import verifying

    sources = [{"sql": source, "query": query} if query is not None else source for source, query in queries.values()]
    found = verifying.verify(report, *sources)
    if format == "json":
        print_document(json.dumps(found.described(), indent=2) + "\n")
    else:
        print_message("\n".join(_told(found)), to_stdout=True)
    raise Finished("no_drift" if found.same else "drift")


def _told(found: Verification) -> list[str]:
    lines = ["Same: every number came out again." if found.same else "Not the same."]
    lines += [_DIGEST[found.digest], *(_DATA[state].format(role) for role, state in found.fingerprints.items())]
    if found.differences:
        places = {row["path"] for row in found.differences}
        decided = [name for name in ("verdict", "diagnosis.kinds") if any(p.startswith(name) for p in places)]
        untouched = "" if decided else "; the verdict and the kinds of drift are the same"
        one = len(found.differences) == 1
        lines.append(f"{len(found.differences):,} value{'' if one else 's'} came out otherwise{untouched}:")
        lines += _rows(found.differences)
    elif not found.same:
        lines.append("Every number came out again.")
    if found.versions:
        lines.append(
            "Versions that differ, which may be why small numbers do:" if found.differences else "Other versions:"
        )
        lines += _rows(found.versions)
    return lines


def _rows(rows: Any) -> list[str]:
    shown = [f"  {_cut(row['path'])}: was {_value(row, 'was')}, is {_value(row, 'is')}" for row in rows[:_SHOWN]]
    return [*shown, *([f"  and {len(rows) - _SHOWN:,} more, see --format json"] if len(rows) > _SHOWN else [])]


def _value(row: Any, side: str) -> str:
    return "not there" if row.get("only", side) != side else _cut(json.dumps(row[side], ensure_ascii=False))


def _cut(text: str) -> str:
    from textdrift.reports.visible_text import clipped, visible

    return clipped(visible(text), _LONGEST_VALUE)
