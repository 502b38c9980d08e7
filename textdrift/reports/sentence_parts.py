"""Parts of the sentences that explain a report: names from the data, shares, sizes, and what the report itself says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textdrift.reports import numerals
from textdrift.reports.tolerant_parts import Row, number_of
from textdrift.reports.visible_text import clipped, visible
from textdrift.windows.numbers_in_words import counted

__all__ = ["ends", "joined", "oftener", "p_words", "quoted", "reported", "row_words", "rows_compared", "share_change"]

_LONGEST_NAME = 60
_LONGEST_SENTENCE = 700
_MOST_NAMES = 8
_NOTHING = 1e-9


def quoted(name: object) -> str:
    r"""Quote a name from the data: nothing in it acts, and it is cut where it is too long to be read.

    >>> print(quoted("late\n"))
    'late\n'
    """
    return f"'{clipped(visible(name), _LONGEST_NAME)}'"


def reported(text: str) -> str:
    """Return a sentence of the report as it stands there, with nothing in it that acts, and a full stop.

    >>> reported("Accuracy fell")
    'Accuracy fell.'
    """
    shown = clipped(visible(text.strip()), _LONGEST_SENTENCE)
    return shown if shown.endswith((".", "!", "?", "…")) or not shown else f"{shown}."


def joined(names: Sequence[object]) -> str:
    """Join names from the data as a person would, and say how many more there are.

    >>> joined(["a", "b", "c"]), joined(range(10))
    ("'a', 'b' and 'c'", "'0', '1', '2', '3', '4', '5', '6', '7' and 2 more")
    """
    shown = [quoted(name) for name in names[:_MOST_NAMES]]
    if len(names) > _MOST_NAMES:
        shown.append(f"{len(names) - _MOST_NAMES} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def share_change(row: Row) -> str:
    """Say both shares of a row, with their intervals where it has them.

    >>> share_change({"reference_share": 0.01, "current_share": 0.07, "current_low": 0.05, "current_high": 0.09})
    '1.0 % before and 7.0 % now (5.0 % to 9.0 %)'
    """
    sides = []
    for side, when in (("reference", "before"), ("current", "now")):
        value = number_of(row, f"{side}_share")
        sides.append(f"{_share(value)} {when}{_around(row, f'{side}_low', f'{side}_high')}")
    return " and ".join(sides)


def ends(row: Row, low: str = "low", high: str = "high") -> tuple[float, float] | None:
    """Return the ends of an interval, where a row has both."""
    first, last = number_of(row, low), number_of(row, high)
    return None if first is None or last is None else (first, last)


def oftener(change: float, around: tuple[float, float] | None = None) -> str:
    """Say by how much more or less often something is.

    >>> oftener(0.12), oftener(-0.12, (-0.2, -0.04))
    ('12.0 points more often', '12.0 points less often (−20.0 to −4.0)')
    """
    interval = ""
    if around is not None:
        low, high = (numerals.points(end, signed=True).removesuffix(" points") for end in around)
        interval = f" ({low} to {high})"
    return f"{numerals.points(abs(change))} {'less' if change < 0 else 'more'} often{interval}"


def p_words(row: Row, key: str = "p_value") -> str:
    """Say a p-value, behind a semicolon; nothing where the row has none.

    >>> p_words({"p_value": 0.0002}), p_words({})
    ('; p < 0.001', '')
    """
    value = number_of(row, key)
    if value is None:
        return ""
    shown = numerals.p_value(value)
    return f"; p {shown}" if shown.startswith("<") else f"; p = {shown}"


def rows_compared(row: Row) -> str:
    """Say how many texts a row stands on, behind a semicolon.

    >>> rows_compared({"n_reference": 120, "n_current": 1231}), rows_compared({})
    ('; 120 texts before, 1,231 now', '')
    """
    counts = [number_of(row, f"n_{side}") for side in ("reference", "current")]
    if counts[0] is None or counts[1] is None:
        return ""
    return f"; {counted(round(counts[0]), 'text')} before, {counts[1]:,.0f} now"


def row_words(row: Row) -> str:
    """Say every value of a row that is no table, under the name that it has there.

    >>> row_words({"term": "late", "pieces": 3, "crossed_share": 0.25, "rows": [1, 2]})
    "term 'late', pieces 3, crossed share 0.25, rows '1' and '2'"
    """
    parts = []
    for name, value in row.items():
        told = _told(value)
        if told:
            parts.append(f"{clipped(visible(name.replace('_', ' ')), _LONGEST_NAME)} {told}")
    return ", ".join(parts[: 2 * _MOST_NAMES])


def _told(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        plain = [item for item in value if isinstance(item, (str, int, float)) and not isinstance(item, bool)]
        return joined(plain)
    if value is None or isinstance(value, (bool, int, float)):
        return "" if value is None else numerals.value_text(value)
    return ""


def _share(value: float | None) -> str:
    # What is left of a zero after some arithmetic is no share.
    return "an unknown share" if value is None else numerals.share(0.0 if abs(value) < _NOTHING else value)


def _around(row: Row, low: str, high: str) -> str:
    both = ends(row, low, high)
    return "" if both is None else f" ({_share(both[0])} to {_share(both[1])})"
