"""What changed between two reports, as text for a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import ConsoleRenderable, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from textdrift.reports import numerals, wording
from textdrift.reports.terminal_parts import ROWS_SHOWN, cell, cut, new_console, new_table
from textdrift.reports.visible_text import clipped, visible

__all__ = ["differences_as_terminal"]

_LONGEST_NAME = 40
_SIDES = ("before", "after")
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
    console = new_console(written, width=width, color=color)
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
    """Return a table of what can be seen to differ in the digits shown, what drifted first."""
    seen = [(row, sides) for row in rows if _differs(row["change"], sides := [_told(row[s]) for s in _SIDES])]
    seen.sort(key=lambda each: not any(side and side["drifted"] for side in (each[0][s] for s in _SIDES)))
    table = new_table("test", "outcome", ("size", "right"), ("p", "right"))
    for row, (before, after) in seen[: 2 * ROWS_SHOWN]:
        name = f"{row['test']}{': ' + row['of'] if row['of'] else ''} ({row['kind']})"
        outcome, size, p_value = (_turned(*pair) for pair in zip(before, after, strict=True))
        table.add_row(cell(f"{_MARKS[row['change']]} {name}"), Text(outcome), cell(size), cell(p_value))
    return _with_rest(table, seen, n_unseen=len(rows) - len(seen))


def _told(finding: Mapping[str, Any] | None) -> tuple[str | None, ...]:
    """Return outcome, size and p-value as they are printed."""
    if finding is None:
        return None, None, None
    return _outcome(finding), wording.effect_size(finding["value"], finding["effect"]), _p_value(finding)


def _differs(change: str, sides: Sequence[object]) -> bool:
    return change != "moved" or sides[0] != sides[1]


def _with_rest(table: Table, seen: Sequence[object], *, n_unseen: int, n_same: int | None = None) -> ConsoleRenderable:
    """Return a table, and below it how many rows it does not show, and why."""
    rest = [f"and {n_unseen} that moved by less than is shown"] if n_unseen else []
    rest += [f"and {n_same} as before"] if n_same else []
    shown = [cut(table, seen, 2 * ROWS_SHOWN)] if seen else []
    return Group(*shown, *(Text(line, style="dim") for line in rest))


def _outcome(finding: Mapping[str, Any]) -> str:
    severity = f", {clipped(visible(finding['severity']), 20)}" if finding["severity"] else ""
    return ("drifted" if finding["drifted"] else "not drifted") + severity


def _p_value(finding: Mapping[str, Any]) -> str:
    adjusted = finding["adjusted_p_value"]
    return numerals.p_value(finding["p_value"] if adjusted is None else adjusted)


def _table(name: str, rows: Sequence[tuple[str, Mapping[str, Any]]], n_same: int) -> ConsoleRenderable:
    def told(side: Mapping[str, Any] | None, kind: str) -> tuple[str, str | None]:
        return ("–", None) if side is None else (_sizes(name, kind, side), str(side["rank"]))

    seen = [
        (change, row, sides)
        for change, row in rows
        if _differs(change, sides := [told(row.get(side), row["kind"]) for side in _SIDES])
    ]
    table = new_table("", "what moved", ("before", "right"), ("after", "right"), ("rank", "right"))
    for change, row, ((before, rank_before), (after, rank_after)) in seen[: 2 * ROWS_SHOWN]:
        kind, unit = wording.kind_words(row["kind"]), row.get("unit", "words")
        table.add_row(
            cell(f"{_MARKS[change]} {row['name']}"),
            cell(kind if unit == "words" else f"{kind}, {unit}"),
            cell(before),
            cell(after),
            Text(_turned(rank_before, rank_after)),
        )
    return _with_rest(table, seen, n_unseen=len(rows) - len(seen), n_same=n_same)


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
