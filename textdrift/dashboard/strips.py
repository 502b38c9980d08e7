"""The strips of a dashboard: verdicts, kinds of drift and segments, a cell per window."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.dashboard.time_axis import TimeAxis
from textdrift.history import StoredRun
from textdrift.reports import wording

__all__ = ["Cell", "SegmentStrip", "kind_strips", "segment_strips", "verdict_cells"]

_LEVELS = 5
_SEVERITIES = ("info", "warning", "critical")


@dataclass(frozen=True, slots=True)
class Cell:
    """Neighbouring windows that are drawn alike: from where to where in percent, and the class of their look."""

    left: float
    width: float
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStrip:
    """One segment over time.

    Attributes
    ----------
    column, value, within:
        Which rows it is; ``within`` is the second slice of a pair, ``{column, value}``, or ``None``.
    kind:
        What drifted in it.
    rows:
        A row of ``History.segments`` for each window, oldest first; ``None`` where it was not found.
    cells:
        What is drawn: the more, the stronger, in five levels; the fifth is the largest effect of the kind in the page.
    """

    column: str
    value: Any
    within: Mapping[str, Any] | None
    kind: str
    rows: Sequence[Mapping[str, Any] | None]
    cells: Sequence[Cell]


def verdict_cells(runs: Sequence[StoredRun], axis: TimeAxis) -> list[Cell]:
    """Return the verdict of each window; where one was judged twice, the graver verdict is drawn.

    A window of the axis without a run is a night that failed.
    """
    gravest = ("no_drift", "inconclusive", "drift")
    looks: dict[str, str] = {}
    for run in runs:
        before, verdict = looks.get(run.window), run.verdict if run.verdict in gravest else "inconclusive"
        looks[run.window] = verdict if before is None else max(before, verdict, key=gravest.index)
    return _cells(axis, lambda index: looks.get(axis.windows[index], "failed"))


def kind_strips(runs: Sequence[StoredRun], axis: TimeAxis) -> dict[str, list[Cell]]:
    """Return for each kind that ever drifted the windows in which it did, by the severity of their report."""
    found: dict[str, dict[str, str]] = {}
    for run in runs:
        look = run.severity if run.severity in _SEVERITIES else "drift"
        for kind in run.kinds:
            found.setdefault(kind, {})[run.window] = str(look)
    order = list(wording.KINDS)
    kinds = sorted(found, key=lambda kind: (order.index(kind) if kind in order else len(order), kind))

    def cells_of(kind: str) -> list[Cell]:
        return _cells(axis, lambda index: found[kind].get(axis.windows[index]))

    return {kind: cells_of(kind) for kind in kinds}


def segment_strips(rows: Sequence[Mapping[str, Any]], axis: TimeAxis) -> list[SegmentStrip]:
    """Return each segment of ``History.segments`` over time, those that were found most often first."""
    places = {window: index for index, window in enumerate(axis.windows)}
    found: dict[tuple[str, str, str, str], list[Mapping[str, Any] | None]] = {}
    largest: dict[str, float] = {}
    for row in rows:
        key = (row["column"], _named(row["value"]), _named(row["within"]), row["kind"])
        strip, index = found.setdefault(key, [None] * len(axis.windows)), places[row["window"]]
        # Judged once more when labels came, a segment may be found twice: the stronger finding is drawn.
        if _size(row) >= _size(strip[index]):
            strip[index] = row
        largest[row["kind"]] = max(largest.get(row["kind"], 0.0), _size(row))
    strips = [_segment_strip(strip, largest[kind], axis) for (_, _, _, kind), strip in found.items()]
    return sorted(strips, key=lambda strip: (-sum(row is not None for row in strip.rows), -max(map(_size, strip.rows))))


def _segment_strip(rows: Sequence[Mapping[str, Any] | None], largest: float, axis: TimeAxis) -> SegmentStrip:
    def look(index: int) -> str | None:
        row = rows[index]
        if row is None:
            return None
        level = -int(-_LEVELS * _size(row) // largest) if largest else 1
        return f"level-{min(_LEVELS, max(1, level))}"

    one = next(row for row in rows if row is not None)
    return SegmentStrip(
        column=one["column"],
        value=one["value"],
        within=one["within"],
        kind=one["kind"],
        rows=rows,
        cells=_cells(axis, look),
    )


def _size(row: Mapping[str, Any] | None) -> float:
    return 0.0 if row is None or row["effect"] is None else abs(row["effect"])


def _named(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _cells(axis: TimeAxis, look: Callable[[int], str | None]) -> list[Cell]:
    """Return the cells of a strip; neighbours that look alike and touch are one."""
    cells: list[Cell] = []
    for index in range(len(axis.windows)):
        named = look(index)
        if named is None:
            continue
        left, right = axis.edges(index)
        before = cells[-1] if cells else None
        if before is not None and before.look == named and abs(before.left + before.width - left) < 0.01:  # noqa: PLR2004 - percent that nobody sees
            cells[-1] = Cell(before.left, round(right - before.left, 3), named)
        else:
            cells.append(Cell(round(left, 3), round(right - left, 3), named))
    return cells
