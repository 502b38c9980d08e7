"""The lanes of a dashboard: one test over time, its effect with its interval, and where it raised an alarm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textdrift.dashboard.time_axis import TimeAxis

__all__ = ["HEIGHT", "Drawing", "Lane", "drawing", "lanes_of"]

HEIGHT = 64
_FRAME = 5.0  # free space above and below the curve
_WIDEST_ALONE = 2.0  # percent, to each side
_FEW = 70  # up to so many windows each has a dot

Row = Mapping[str, Any]
"""A row of ``History.series``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One test over time.

    Attributes
    ----------
    test, kind, column, stage, effect:
        What every row of it has in common; ``column`` is ``None`` where the test looks at no single one.
    number:
        Counts from 1 the findings that one run has of the same test, kind and column, such as one per unit of text.
    rows:
        A row of ``History.series`` for each window, oldest first; ``None`` where the test did not look at it.
    """

    test: str
    kind: str
    column: str | None
    stage: str
    effect: str
    number: int
    rows: Sequence[Row | None]

    @property
    def alarms(self) -> list[int]:
        """The windows in which the test drifted, by their place."""
        return [index for index, row in enumerate(self.rows) if row is not None and row["drifted"]]

    @property
    def newest(self) -> Row | None:
        """The newest row."""
        return next((row for row in reversed(self.rows) if row is not None), None)


def lanes_of(series: Sequence[Row], axis: TimeAxis) -> list[Lane]:
    """Return a lane for each test of the series of a job: those that raised an alarm first, the latest alarm on top."""
    places = {window: index for index, window in enumerate(axis.windows)}
    rows: dict[tuple[Any, ...], list[Row | None]] = {}
    counted: dict[tuple[Any, ...], int] = {}
    for row in series:
        key = tuple(row[name] for name in ("test", "kind", "column", "stage", "effect"))
        number = counted[row["run"], key] = counted.get((row["run"], key), 0) + 1
        lane = rows.setdefault((*key, number), [None] * len(axis.windows))
        lane[places[row["window"]]] = row
    lanes = [
        Lane(test=test, kind=kind, column=column, stage=stage, effect=effect, number=number, rows=points)
        for (test, kind, column, stage, effect, number), points in rows.items()
    ]
    return sorted(lanes, key=lambda lane: (-max(lane.alarms, default=-1), -len(lane.alarms)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What is drawn of a lane, in a box of 1000 by ``HEIGHT``.

    Attributes
    ----------
    line, band:
        Paths: the effect, and its interval.
    alarms, dots:
        Marks as (percent of the width, height from the top).
    threshold:
        The height from which an effect matters; ``None`` where nobody said.
    """

    line: str
    band: str
    alarms: Sequence[tuple[float, float]]
    dots: Sequence[tuple[float, float]]
    threshold: float | None


@dataclass(frozen=True, slots=True)
class _Point:
    index: int
    place: float
    height: float
    top: float
    bottom: float


def drawing(lane: Lane, axis: TimeAxis) -> Drawing:
    """Return where to draw a lane.

    The scale is that of the reports, ``r / (1 + r)`` with ``r`` = size ÷ material size: 0 at the bottom, the threshold
    in the middle, infinity at the top; so lanes of different units are read alike and nothing leaves the page. A lane
    without a threshold has a plain scale from its least to its largest value.
    """
    squeezed = all(row is None or row["material_from"] for row in lane.rows)
    low, high = _range(lane)

    def height(value: float, row: Row) -> float:
        if squeezed:
            ratio = max(0.0, value / row["material_from"])
            share = 1.0 if math.isinf(ratio) else ratio / (1.0 + ratio)
        else:
            share = min(1.0, max(0.0, (value - low) / ((high - low) or 1.0)))
        return round(_FRAME + (HEIGHT - 2 * _FRAME) * (1.0 - share), 1)

    pieces: list[list[_Point]] = []
    for index, row in enumerate(lane.rows):
        if row is None or row["value"] is None:
            continue
        least, value, most = _sides(row, signed=not squeezed)
        point = _Point(index, axis.places[index], *(height(number, row) for number in (value, most, least)))
        if pieces and pieces[-1][-1].index == index - 1 and axis.follows(index):
            pieces[-1].append(point)
        else:
            pieces.append([point])
    points = [point for piece in pieces for point in piece]
    alone = points if len(points) <= _FEW else [piece[0] for piece in pieces if len(piece) == 1]
    alarms = set(lane.alarms)
    return Drawing(
        line="".join(_line(piece) for piece in pieces if len(piece) > 1),
        band="".join(_band(piece, axis) for piece in pieces),
        alarms=[(point.place, point.height) for point in points if point.index in alarms],
        dots=[(point.place, point.height) for point in alone if point.index not in alarms],
        threshold=HEIGHT / 2 if squeezed and points else None,
    )


def _sides(row: Row, *, signed: bool) -> tuple[float, float, float]:
    """Return the least, the likeliest and the largest size of an effect; one side that is missing is not finite."""
    low, value, high = row["low"], row["value"], row["high"]
    if low is None and high is None:
        low = high = value
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    # A loss of accuracy matters as much as a gain: its size is drawn.
    return (-high, -value, -low) if value < 0 and not signed else (low, value, high)


def _range(lane: Lane) -> tuple[float, float]:
    values = [row[name] for row in lane.rows if row is not None for name in ("value", "low", "high")]
    known = [value for value in values if value is not None]
    return min(known, default=0.0), max(known, default=1.0)


def _line(piece: Sequence[_Point]) -> str:
    return "M" + "L".join(f"{_x(point.place)} {point.height:g}" for point in piece)


def _band(piece: Sequence[_Point], axis: TimeAxis) -> str:
    """Return the outline of the intervals; that of a window that stands alone is a bar."""
    if all(point.top == point.bottom for point in piece):
        return ""
    if len(piece) == 1:
        left, right = axis.edges(piece[0].index)
        left, right = (max(left, piece[0].place - _WIDEST_ALONE), min(right, piece[0].place + _WIDEST_ALONE))
        corners: Iterator[str] = (
            f"{_x(place)} {height:g}"
            for place, height in (
                (left, piece[0].top),
                (right, piece[0].top),
                (right, piece[0].bottom),
                (left, piece[0].bottom),
            )
        )
        return f"M{'L'.join(corners)}Z"
    over = [f"{_x(point.place)} {point.top:g}" for point in piece]
    under = [f"{_x(point.place)} {point.bottom:g}" for point in reversed(piece)]
    return f"M{'L'.join([*over, *under])}Z"


def _x(percent: float) -> str:
    return f"{10 * percent:g}"
