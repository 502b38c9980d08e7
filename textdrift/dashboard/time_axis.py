"""Where the windows of a job stand from left to right, in percent of the width."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textdrift.history import Failure, StoredRun
from textdrift.reports.visible_text import clipped, visible

__all__ = ["Tick", "TimeAxis", "time_axis", "window_words"]

_LEAST_MARGIN = 0.8  # percent at both ends, for marks that stand on the first and the last window
_WHOLE, _MIDDLE = 100.0, 50.0
_MONTHS_FROM_DAYS = 50
_QUARTERS_FROM_DAYS = 460
_MOST_TICKS = 8
_LONGEST_TICK = 12
_LAST_TICK = 96.5  # a name that begins further right would leave the page
_NARROW = 13.0  # percent between two names that fit on a phone
_FINGERPRINT = "xxh3:"
_GAP = 1.5  # steps without a window that break a line


@dataclass(frozen=True, slots=True)
class Tick:
    """A name below the axis; a minor one is left out on a phone."""

    place: float
    name: str
    minor: bool


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The windows of a job, oldest first.

    Attributes
    ----------
    windows:
        Their names; a window that was judged in two stages is one, and a night whose run came to no verdict is one.
    places:
        Where each stands: by its date where each date has one window, so that a night without one is seen; evenly
        otherwise.
    step:
        The usual distance of two neighbours.
    ticks:
        What is written below.
    """

    windows: Sequence[str]
    places: Sequence[float]
    step: float
    ticks: Sequence[Tick]

    def follows(self, index: int) -> bool:
        """Return whether a window comes right after the one before, so that a line may be drawn between them."""
        return index > 0 and self.places[index] - self.places[index - 1] <= _GAP * self.step

    def edges(self, index: int) -> tuple[float, float]:
        """Return from where to where the cell of a window goes: to the middle between neighbours that follow.

        >>> TimeAxis(["a", "b", "c"], [10.0, 20.0, 60.0], 10.0, []).edges(1)
        (15.0, 25.0)
        """
        place = self.places[index]
        before = place - self.places[index - 1] if self.follows(index) else self.step
        last = index + 1 == len(self.places)
        after = self.step if last or not self.follows(index + 1) else self.places[index + 1] - place
        return max(0.0, place - before / 2), min(_WHOLE, place + after / 2)


def time_axis(runs: Sequence[StoredRun], failures: Iterable[Failure] = ()) -> TimeAxis:
    """Return where the windows of runs stand, which come oldest first.

    Where each date has one window, nights that failed since the first of them stand among them, unless a later try
    came to a verdict.
    """
    dates = {run.window: run.date for run in runs}
    names = {run.window: window_words(run) for run in runs}
    windows, known = list(dates), [date for date in dates.values() if date is not None]
    by_date = len(known) == len(set(known)) == len(windows) > 0
    if by_date:
        failed = {day.isoformat(): day for day in map(_day_of, failures) if day is not None and day > known[0]}
        placed = sorted([*dates.items(), *(failed.items() - dates.items())], key=lambda item: (item[1], item[0]))
        windows, known = [window for window, _ in placed], [date for _, date in placed if date is not None]
    if by_date and len(windows) > 1:
        days = [(date - known[0]).days for date in known]
        margin = max(_LEAST_MARGIN, _MIDDLE / (days[-1] + 1))
        places = [_placed(day / days[-1], margin) for day in days]
        ticks = list(_day_ticks(known[0], known[-1], margin))
    else:
        margin = max(_LEAST_MARGIN, _MIDDLE / max(1, len(windows)))
        places = [_placed(index / max(1, len(windows) - 1), margin) for index in range(len(windows))]
        ticks = list(_name_ticks([names[window] for window in windows], places))
    steps = [later - earlier for earlier, later in itertools.pairwise(places)]
    step = statistics.median(steps) if steps else _WHOLE
    return TimeAxis(windows, places, step, ticks)


def _day_of(failure: Failure) -> dt.date | None:
    """Return the night that a run failed for, where its window is called by it."""
    try:
        return dt.date.fromisoformat(failure.window or "")
    except ValueError:
        return None


def window_words(run: StoredRun) -> str:
    """Return what a window is called where there is little room: by its name, or by the day it was judged on.

    A fingerprint tells windows apart and says nothing to a reader.
    """
    undated = run.date is None and run.window.startswith(_FINGERPRINT)
    return f"{run.judged_at:%Y-%m-%d}" if undated else run.window


def _placed(share: float, margin: float) -> float:
    return round(margin + (_WHOLE - 2 * margin) * share, 2)


def _day_ticks(first: dt.date, last: dt.date, margin: float) -> Iterator[Tick]:
    """Yield the beginnings of months, of quarters in a long history, of weeks in a short one."""
    length = (last - first).days
    if length >= _MONTHS_FROM_DAYS:
        every = 1 if length < _QUARTERS_FROM_DAYS else 3 if length < 4 * _QUARTERS_FROM_DAYS else 12
        starts = [day for day in _month_starts(first, last) if (day.month - 1) % every == 0]
        names = [f"{day:%b %Y}" if day.month == 1 or not place else f"{day:%b}" for place, day in enumerate(starts)]
    else:
        stride = max(1, -(-length // _MOST_TICKS))
        starts = [first + dt.timedelta(days=days) for days in range(0, length + 1, stride)]
        names = [f"{day.day} {day:%b}" for day in starts]
    yield from _spaced(
        (_placed((day - first).days / length, margin), name) for day, name in zip(starts, names, strict=True)
    )


def _month_starts(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    day = first.replace(day=1)
    while day <= last:
        if day >= first:
            yield day
        day = (day + dt.timedelta(days=32)).replace(day=1)


def _name_ticks(names: Sequence[str], places: Sequence[float]) -> Iterator[Tick]:
    stride = max(1, -(-len(names) // _MOST_TICKS))
    yield from _spaced(
        (places[index], clipped(visible(clipped(names[index], _LONGEST_TICK)), _LONGEST_TICK))
        for index in range(0, len(names), stride)
    )


def _spaced(ticks: Iterator[tuple[float, str]]) -> Iterator[Tick]:
    """Say which names are too many for a phone."""
    shown = -100.0
    for place, name in ticks:
        if place > _LAST_TICK:
            return
        minor = place - shown < _NARROW * max(1.0, len(name) / 4)
        shown = shown if minor else place
        yield Tick(place, name, minor)
