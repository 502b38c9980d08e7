"""The features of a report as Markdown and for a terminal: a row for each that moved, with how it moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import ConsoleRenderable, Group
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.columns_section import ColumnShown, columns_of, joint_of, unseen_of
from textdrift.reports.evidence_tables import table_of
from textdrift.reports.markdown_parts import Limits, interval, more, prose, table, verbatim
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, new_table, said

__all__ = ["columns_lines", "columns_part"]

_UNCALIBRATED = "The bands of the PSI (0.1 and 0.25) are not calibrated, and decide nothing here."
_VALUES_NAMED = 5

Report = Mapping[str, Any]


def columns_part(report: Report, limits: Limits) -> Iterator[str]:
    """Yield the features that moved as Markdown, and what they do together; nothing where none moved."""
    moved = [column for column in columns_of(report) if column.finding["drifted"]]
    rows = [
        [
            verbatim(column.name),
            prose(_how(column), limits.characters),
            interval(column.finding["effect"]),
            _missing(column),
            prose(_stability(column), 60),
            prose(numerals.p_value(column.finding["adjusted_p_value"]), 20),
        ]
        for column in moved[: limits.rows]
    ]
    if rows:
        yield table(
            ["column", "how it moved", "share of rows>", "missing>", "PSI (uncalibrated)>", "adjusted p>"], rows
        )
        yield from more(moved, limits)
    for sentence in _together(report):
        yield prose(sentence, limits.characters)
    if any(column.stability for column in moved):
        yield _UNCALIBRATED


def columns_lines(report: Report) -> ConsoleRenderable | None:
    """Return the features that moved for a terminal; ``None`` where none did."""
    moved = [column for column in columns_of(report) if column.finding["drifted"]]
    together = list(_together(report))
    if not moved and not together:
        return None
    shown = new_table("column", "how it moved", ("size", "right"), ("missing", "right"), ("PSI", "right"))
    for column in moved[:ROWS_SHOWN]:
        effect = column.finding["effect"]
        shown.add_row(
            cell(column.name),
            said(_how(column)),
            Text(wording.effect_size(effect["value"], effect["name"])),
            Text(_missing(column)),
            Text(_stability(column)),
        )
    notes = [Text(_UNCALIBRATED, style="dim")] if any(column.stability for column in moved) else []
    return Group(*([cut(shown, moved)] if moved else []), *map(said, together), *notes)


def _how(column: ColumnShown) -> str:
    return str(column.moved.get("direction") or column.finding["sentence"])


def _missing(column: ColumnShown) -> str:
    return "–" if column.missing is None else " → ".join(map(numerals.share, column.missing))


def _stability(column: ColumnShown) -> str:
    if column.stability is None:
        return "–"
    return f"{numerals.plain(column.stability['population_stability_index'])} {column.stability['band']}"


def _together(report: Report) -> Iterator[str]:
    """Yield how columns go along otherwise, and which values are new."""
    joint, unseen = joint_of(report), unseen_of(report)
    if joint is not None:
        for row in table_of(joint, "pairs")["rows"][:1]:
            then, now = numerals.plain(row["reference"]), numerals.plain(row["current"])
            yield f"The correlation of {row['first']} and {row['second']} went from {then} to {now}."
    if unseen:
        named = [
            f"{numerals.value_text(row.get('value'))} in {row['column']} ({numerals.share(row['share'])})"
            for row in unseen[:_VALUES_NAMED]
        ]
        yield f"New values: {', '.join(named)}{', …' if len(unseen) > _VALUES_NAMED else ''}."
