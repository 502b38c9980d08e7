"""What a page draws and tabulates of a report: intervals on one scale, tables of evidence, settings as a flat list."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from textdrift.reports.visible_text import clipped, visible

__all__ = ["Interval", "Table", "drawn_interval", "evidence_table", "flat_settings", "name_shown"]

_LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Interval:
    """Where to draw an effect, in percent of the width, on a scale whose middle is where it starts to matter."""

    low: float
    value: float
    high: float


def drawn_interval(effect: Mapping[str, Any]) -> Interval | None:
    """Return where to draw an effect, or None when nobody said from where on it matters.

    The scale is ``r / (1 + r)`` with ``r`` = size ÷ material size: 0 at the left edge, ½ where it starts to matter,
    1 at infinity. So kinds of different units stand below each other and nothing falls off the page.
    """
    material, value = effect["material_from"], effect["value"]
    if not material or value is None:
        return None
    # An end that is not finite is None in the report.
    low = -math.inf if effect["low"] is None else effect["low"]
    high = math.inf if effect["high"] is None else effect["high"]
    if value < 0:
        # A loss of accuracy matters as much as a gain: draw its size.
        low, value, high = -high, -value, -low
    return Interval(*(_squeezed(size / material) for size in (low, value, high)))


def _squeezed(ratio: float) -> float:
    return 100.0 if ratio == math.inf else round(100.0 * max(0.0, ratio) / (1.0 + max(0.0, ratio)), 1)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of evidence under common column names, and whether some were left to the JSON."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    cut: bool


def evidence_table(n_rows: int, rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the first rows under all the names that they have, as many as rows at most."""
    kept = rows[:n_rows]
    columns = list(dict.fromkeys(column for row in kept for column in row))[:n_rows]
    return Table(columns, [[row.get(column) for column in columns] for row in kept], len(kept) < len(rows))


def flat_settings(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield nested settings as dotted names and values."""
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def name_shown(characters: int, text: object) -> Markup:
    """Return a name from the data for a table: one that is long breaks into narrow lines.

    >>> name_shown(500, "north")
    Markup('<bdi class="name">north</bdi>')
    """
    return Markup('<bdi class="name">{}</bdi>').format(visible(clipped(str(text), min(characters, _LONGEST_NAME))))
