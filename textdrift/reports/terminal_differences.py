"""What changed between two reports, as text for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, new_table
from textdrift.reports.visible_text import clipped, visible

__all__ = ["differences_as_terminal"]

_NARROWEST = 60
_LONGEST_NAME = 40
_MARKS: Mapping[str, str] = {"gained": "+", "lost": "−", "moved": "~"}
_STYLES: Mapping[str, str] = {"gained": "red", "lost": "green", "moved": "yellow"}
_SIZES: Mapping[str, tuple[str, ...]] = {
    "terms": ("reference_share", "current_share"),
    "segments": ("effect",),
    "causes": ("share_of_rows", "share_explained"),
}
_TITLES: Mapping[str, str] = {"terms": "The words", "segments": "The segments", "causes": "The causes"}


def differences_as_terminal(
    told: Mapping[str, Any], names: Sequence[str], *, width: int = 100, color: bool = False
) -> str:
    """Return the differences of two reports as lines of text.

    Parameters
    ----------
    told:
        What ``differences`` returned.
    names:
        How to call the two reports, the earlier one first.
    width:
        Columns; under 60 the tables stay 60 columns wide.
    color:
        Whether to write ANSI colors; nothing is said by color alone.

    Examples
    --------
    >>> from textdrift.reports.differences import differences
    >>> one = {"verdict": "no_drift", "seed": 0}
    >>> print(differences_as_terminal(differences(one, one), ["a.json", "b.json"]))
    NO DRIFT  a.json → b.json
    <BLANKLINE>
    The two reports say the same, apart from the times.
    """
    written = io.StringIO()
    console = Console(
        file=written,
        width=max(width, _NARROWEST),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
        soft_wrap=False,
        _environ={},
    )
    console.print(_headline(told, names))
    parts = list(_sections(told))
    if told["same"]:
        console.print()
        console.print("The two reports say the same, apart from the times.")
    elif not parts:
        console.print()
        console.print("They differ only in what is not compared here, such as sentences and rows of evidence.")
    for title, content in parts:
        console.print()
        console.print(Text(title, style="bold"))
        console.print(Padding(content, (0, 0, 0, 2)))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines()).rstrip("\n")


def _headline(told: Mapping[str, Any], names: Sequence[str]) -> Text:
    before, after = told["verdict"]["before"], told["verdict"]["after"]
    verdicts = [clipped(wording.verdict_words(str(verdict)), _LONGEST_NAME).upper() for verdict in (before, after)]
    shown = verdicts[0] if before == after else " → ".join(verdicts)
    # The end of a path says more than its start.
    short = [visible(name) if len(name) <= _LONGEST_NAME else f"…{visible(name[-_LONGEST_NAME:])}" for name in names]
    return Text.assemble((shown, "bold"), "  ", " → ".join(short))


def _sections(told: Mapping[str, Any]) -> Iterator[tuple[str, ConsoleRenderable]]:
    """Yield what differs, in reading order."""
    outcome = [
        Text.assemble((f"{title}: ", "dim"), f"{_value(pair['before'])} → {_value(pair['after'])}")
        for key, title in (("severity", "severity"), ("passed", "passed"), ("seed", "seed"))
        if (pair := told[key])["before"] != pair["after"]
    ]
    kinds = [
        Text(f"{_MARKS[change]} {_named(kind)}", style=_STYLES[change])
        for change in ("gained", "lost")
        for kind in told["kinds"][change]
    ]
    if kinds:
        kept = [Text(f"  {_named(kind)}, as before", style="dim") for kind in told["kinds"]["kept"]]
        yield "Kinds of drift", Group(*kinds[:ROWS_SHOWN], *kept[:ROWS_SHOWN])
    if outcome:
        yield "Outcome", Group(*outcome)
    if told["findings"]:
        yield "The tests", _findings(told["findings"])
    for name, title in _TITLES.items():
        rows = [(change, row) for change in ("gained", "lost", "moved") for row in told[name][change]]
        if rows:
            yield title, _table(name, rows, told[name]["n_same"])
    for name, title in (
        ("windows", "The windows"), ("settings", "How they were made"), ("versions", "With which versions"),
    ):  # fmt: skip
        if told[name]:
            yield title, _values(told[name])


def _named(kind: str) -> str:
    words = wording.kind_words(kind)
    return f"{clipped(words, _LONGEST_NAME)} ({clipped(visible(kind), _LONGEST_NAME)})"


def _findings(rows: Sequence[Mapping[str, Any]]) -> ConsoleRenderable:
    table = new_table("test", "outcome", ("size", "right"), ("p", "right"))
    for row in rows[: 2 * ROWS_SHOWN]:
        before, after = row["before"], row["after"]
        name = f"{row['test']}{': ' + row['of'] if row['of'] else ''} ({row['kind']})"
        table.add_row(
            cell(f"{_MARKS[row['change']]} {name}"),
            Text(_turned(*(None if side is None else _outcome(side) for side in (before, after)))),
            cell(
                _turned(*(None if s is None else wording.effect_size(s["value"], s["effect"]) for s in (before, after)))
            ),
            cell(_turned(*(None if side is None else _p_value(side) for side in (before, after)))),
        )
    return cut(table, rows, 2 * ROWS_SHOWN)


def _outcome(finding: Mapping[str, Any]) -> str:
    severity = f", {clipped(visible(finding['severity']), 20)}" if finding["severity"] else ""
    return ("drifted" if finding["drifted"] else "not drifted") + severity


def _p_value(finding: Mapping[str, Any]) -> str:
    adjusted = finding["adjusted_p_value"]
    return numerals.p_value(finding["p_value"] if adjusted is None else adjusted)


def _table(name: str, rows: Sequence[tuple[str, Mapping[str, Any]]], n_same: int) -> ConsoleRenderable:
    table = new_table("", "what moved", ("before", "right"), ("after", "right"), ("rank", "right"))
    for change, row in rows[: 2 * ROWS_SHOWN]:
        kind, unit = wording.kind_words(row["kind"]), row.get("unit", "words")
        sides = row.get("before"), row.get("after")
        table.add_row(
            cell(f"{_MARKS[change]} {row['name']}"),
            cell(kind if unit == "words" else f"{kind}, {unit}"),
            *(cell("–" if side is None else _sizes(name, row["kind"], side)) for side in sides),
            Text(_turned(*(None if side is None else str(side["rank"]) for side in sides))),
        )
    shown = cut(table, rows, 2 * ROWS_SHOWN)
    return Group(shown, Text(f"and {n_same} as before", style="dim")) if n_same else shown


def _sizes(name: str, kind: str, row: Mapping[str, Any]) -> str:
    numbers = [row[size] if _is_number(row[size]) else None for size in _SIZES[name]]
    if name == "segments":
        return "–" if numbers[0] is None else wording.segment_size(numbers[0], kind)
    shares = ["–" if number is None else numerals.share(number) for number in numbers]
    if name == "terms":
        return " → ".join(shares)
    return shares[0] + (f", explains {shares[1]}" if numbers[1] is not None else "")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf")


def _values(changes: Sequence[Mapping[str, Any]]) -> Table | ConsoleRenderable:
    table = new_table("", "before", "after")
    for change in changes[:ROWS_SHOWN]:
        sides = (
            "not there" if change.get("only") not in {None, side} else _value(change[side])
            for side in ("before", "after")
        )
        table.add_row(cell(change["path"]), *(cell(side) for side in sides))
    return cut(table, changes)


def _value(value: Any) -> str:
    return clipped(visible(numerals.value_text(value)), 60)


def _turned(before: str | None, after: str | None) -> str:
    """Say what was and what is; what did not change is said once."""
    if before is None or after is None or before == after:
        return (before if after is None else after) or "–"
    return f"{before} → {after}"
