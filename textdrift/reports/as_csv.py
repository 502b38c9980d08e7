"""A table of a report as a csv file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from textdrift.reports.report_tables import report_table
from textdrift.reports.visible_text import visible

__all__ = ["as_csv"]

# What a spreadsheet takes for the beginning of a formula; the wide forms are what some of them turn into these.
_FORMULA_BEGINS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(report: Mapping[str, Any], table: str = "findings") -> str:
    r"""Return a table of a report as csv: commas between, quotes where needed, a first line of names.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP advises; numbers, negative
    ones too, stay numbers. Line breaks, control characters and what reorders or hides text are written as escapes, so
    that a row is a line.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``, as described by ``report_schema``.
    table:
        ``findings``, ``terms``, ``segments``, ``causes``, ``documents``, ``playbook`` or ``labels_to_ask``.

    Raises
    ------
    SettingsError
        For a name of no table.

    Examples
    --------
    >>> told = {"window": "current", "row": 7, "score": -0.5, "words": ["=1+1", "late"]}
    >>> print(as_csv({"diagnosis": {"documents": [told]}}, "documents"))
    window,row,score,kind,words,label,expected_label,probability,expected_probability,text
    current,7,-0.5,,"'=1+1, late",,,,,
    <BLANKLINE>
    """
    held = report_table(report, table)
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(held.columns)
    writer.writerows([_cell(row[name]) for name in held.columns] for row in held.rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    shown = visible(value)
    # Blanks and quotes before a formula do not stop it.
    return f"'{shown}" if shown.lstrip(" \"'").startswith(_FORMULA_BEGINS) else shown
