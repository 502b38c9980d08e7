"""The pieces that a report for a terminal is put together from: tables, cells, and texts that no terminal obeys."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from textdrift.reports import numerals
from textdrift.reports.own_words import own_words
from textdrift.reports.visible_text import clipped, visible

__all__ = [
    "ROWS_SHOWN",
    "both",
    "cell",
    "cut",
    "line",
    "new_console",
    "new_table",
    "said",
    "sentence_case",
    "shares",
    "word",
]

ROWS_SHOWN = 12
NARROWEST = 60
CHARACTERS_SHOWN = 700


def new_table(*columns: str | tuple[str, str]) -> Table:
    """Return an empty table; a column given as a pair is set to the right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        if isinstance(column, tuple):
            table.add_column(Text(own_words(column[0])), justify="right", no_wrap=True)
        else:
            table.add_column(Text(own_words(column)), overflow="fold")
    return table


def new_console(written: io.StringIO, *, width: int, color: bool) -> Console:
    """Return a console that writes into a string, and obeys neither its environment nor what the texts say."""
    return Console(
        file=written,
        width=max(width, NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        soft_wrap=False,
        _environ={},  # a report must not change with the environment it is written in
    )


def cut(shown: ConsoleRenderable, rows: Sequence[object], n_shown: int = ROWS_SHOWN) -> ConsoleRenderable:
    """Return the rows shown, and how many more there are."""
    if len(rows) <= n_shown:
        return shown
    return Group(shown, Text(f"and {len(rows) - n_shown} more in the JSON report", style="dim"))


def said(text: object) -> Text:
    """Return a text of the report as it is, cut to a few lines."""
    return Text(clipped(visible(text), CHARACTERS_SHOWN), overflow="fold")


def cell(text: object) -> Text:
    """Return a text of the report, cut to the width of a column."""
    return Text(clipped(visible(text), 60), overflow="fold")


def both(words: str, name: str, *, style: str = "") -> Text:
    """Return the words a person understands, and the technical name beside them."""
    return Text.assemble((words, style), (f" ({visible(name)})", "dim"))


def sentence_case(words: str) -> str:
    """Return the words with a capital at the front."""
    return words[:1].upper() + words[1:]


def line(title: str, text: str) -> Text:
    """Return a line that says what it is about first."""
    return Text.assemble((title, "dim"), ": ", text, overflow="fold")


def word(text: object) -> str:
    """Return a term of the report, cut to what a line can hold of many."""
    return clipped(visible(text), 30)


def shares(row: Mapping[str, Any]) -> str:
    """Return the shares of both windows in words."""
    return f"{numerals.share(row['reference_share'])} → {numerals.share(row['current_share'])}"
