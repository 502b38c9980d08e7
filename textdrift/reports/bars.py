"""Where to draw the bars of a page, in percent of their cell: what fell to the left, what rose to the right."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Bar", "change_bar", "longest_change", "longest_end", "longest_part", "part_bar", "sure_bar"]

_MIDDLE = 50.0
_FULL = 100.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the middle of its cell; ``low`` to ``high`` is a thin line that tells how sure its end is."""

    start: float
    width: float
    low: float | None = None
    high: float | None = None


def change_bar(term: Mapping[str, Any], longest: float) -> Bar:
    """Return the bar of the change of a term's share, with its 95 % interval where the report holds what it takes.

    The interval of the change follows from those of both shares by squares (Newcombe 1998, method 10): it is drawn and
    not written, since the report does not hold it.

    >>> change_bar({"reference_share": 0.1, "current_share": 0.3}, 0.4)
    Bar(start=50.0, width=25.0, low=None, high=None)
    """
    change = term["current_share"] - term["reference_share"]
    bar, interval = part_bar(change, longest), _interval(term)
    if interval is None:
        return bar
    return Bar(bar.start, bar.width, *(_place(end / longest) for end in interval))


def part_bar(part: float, longest: float) -> Bar:
    """Return the bar of a part of a whole: to the left where it is negative.

    >>> part_bar(-0.2, 0.4)
    Bar(start=25.0, width=25.0, low=None, high=None)
    """
    end = _place(part / longest)
    return Bar(min(_MIDDLE, end), round(abs(end - _MIDDLE), 1))


def sure_bar(value: float, low: float | None, high: float | None, longest: float) -> Bar:
    """Return the bar of a value whose interval the report holds.

    >>> sure_bar(0.2, 0.1, 0.4, 0.4)
    Bar(start=50.0, width=25.0, low=62.5, high=100.0)
    """
    bar = part_bar(value, longest)
    if low is None or high is None:
        return bar
    return Bar(bar.start, bar.width, _place(low / longest), _place(high / longest))


def longest_change(terms: Sequence[Mapping[str, Any]]) -> float:
    """Return the largest change of one term's share, or where it may end: the length of the longest bar."""
    ends = [
        end for term in terms for end in (term["current_share"] - term["reference_share"], *(_interval(term) or ()))
    ]
    return max(map(abs, ends), default=0.0) or 1.0


def longest_end(rows: Sequence[Mapping[str, Any]], *names: str) -> float:
    """Return the largest of these numbers in any row, whatever its sign; 1 where there is none.

    >>> longest_end([{"net": 0.1, "low": -0.3}, {"net": None}], "net", "low")
    0.3
    """
    numbers = (row.get(name) for row in rows for name in names)
    return max((abs(n) for n in numbers if isinstance(n, int | float)), default=0.0) or 1.0


def longest_part(rows: Sequence[Mapping[str, Any]]) -> float:
    """Return the largest part of one word; that of all other words together is no length to measure a word by.

    >>> longest_part([{"term": "late", "part": -0.25}, {"term": None, "part": 4.0}])
    0.25
    """
    return max((abs(row["part"]) for row in rows if row["term"] is not None), default=0.0) or 1.0


def _interval(term: Mapping[str, Any]) -> tuple[float, float] | None:
    ends = [term.get(name) for name in ("reference_low", "reference_high", "current_low", "current_high")]
    if not all(isinstance(end, int | float) for end in ends):
        return None
    before, now = term["reference_share"], term["current_share"]
    reference_low, reference_high, current_low, current_high = ends
    low = now - before - math.hypot(now - current_low, reference_high - before)
    return low, now - before + math.hypot(current_high - now, before - reference_low)


def _place(ratio: float) -> float:
    """Turn a length in [-1, 1] into a place between the edges."""
    return round(min(_FULL, max(0.0, _MIDDLE + _MIDDLE * ratio)), 1)
