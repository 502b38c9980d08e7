"""Late: the question whether rows came late, twice over at one moment, without a time, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.share_change import ShareChange, check_level, share_of_rows
from textdrift.stats.contingency import (
    detectable_share_difference,
    hypergeometric_at_least,
    hypergeometric_at_most,
    wilson_intervals,
)
from textdrift.stats.largest_values import beyond_the_largest
from textdrift.windows.numbers_in_words import percentage

__all__ = ["Late", "Times"]

Floats = NDArray[np.float64]

_FEWEST = 50
_REFERENCE_END = 0.99
_APART = 0.5
_THIN = 0.5
_STRAY = 0.10
_FAR = 0.5
_LONGER = 5.0
_CYCLES = 8.0
_TWO_DAYS = 172_800.0
_WEEK = 7 * 86_400.0
_ALWAYS_LONG = 30 * 86_400.0  # no rhythm of a stream holds back its rows for a month


@dataclass(frozen=True, slots=True)
class Times:
    """The times of one window's rows: seconds since 1970 in ascending order, and how many rows have none."""

    seconds: Floats
    n_null: int

    @property
    def n_rows(self) -> int:
        """Rows with and without a time."""
        return len(self.seconds) + self.n_null

    @property
    def gaps(self) -> Floats:
        """Seconds between distinct neighbouring times."""
        return np.asarray(np.diff(np.unique(self.seconds)))

    @property
    def largest_stamp(self) -> tuple[float, int]:
        """The time that most rows have, and how many have it."""
        times, rows = np.unique(self.seconds, return_counts=True)
        return (float(times[rows.argmax()]), int(rows.max())) if len(rows) else (0.0, 0)


@dataclass(frozen=True, slots=True)
class Late:
    """Four things that go wrong with loads, each with a null hypothesis of its own; p = 4 times the smallest p-value.

    - *null times*: rows of both windows lack a time with the same probability; one-sided exact test (Fisher 1934);
    - *old rows*: the windows are one sample, or the current one begins where the reference ends. Rows of the current
      window before the reference's end (its 99 % quantile) count as late where the windows are otherwise apart in time
      and where they are thinner there than the reference: a window that overlaps by design is as dense as the
      reference in what both cover, and says nothing. The p-value is that of so few such rows in one sample;
    - *gaps*: nowhere is the stream thinner than in the thinnest stretch, as long as the gap, of the reference, which
      knows the bursts and nights of the stream (of a gap longer than half the reference, half of it). Where that
      stretch holds k bursts, a gap has the probability exp(-k) to begin at any one row. Only a gap five times as long
      as the longest of the reference counts, and only where the reference covers a week, or eight times its length and
      two days at least: a shorter one has not seen the nights and weekends of the stream. It is an outage, or lies
      before a few rows of the future, or behind a few of the far past;
    - *stamps*: the numbers of rows with one identical time have one tail in both windows, a power law with the exponent
      of the reference's largest numbers (see ``beyond_the_largest``).

    Linear time. Windows of fewer than 50 rows with a time are held against null times alone.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> times = np.sort(rng.uniform(0, 2000, 2000))
    >>> reference, current = Times(times[:1000], 0), Times(np.sort(np.r_[times[1100:], times[:1000:10]]), 0)
    >>> result = Late().compare(reference, current, rng=rng)
    >>> result.p_value < 1e-6, round(result.effects[0].value, 2), result.table("causes")[0]["sentence"]
    (True, 0.1, '9.9 % of the rows are older than the end of the reference, and the others begin after it.')
    """

    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a level that is no probability."""
        check_level(self.level)

    def compare(self, reference: Times, current: Times, *, rng: np.random.Generator) -> DriftResult:
        """Compare the times of two windows; nothing is drawn from ``rng``."""
        del rng
        looks: list[Callable[[Times, Times], _Look]] = [_null_times, _old_rows, _gaps, _stamps]
        found = [look(reference, current) for look in looks]
        beyond_chance = [look for look in found if len(looks) * look.p_value <= self.level]
        # Of several that are beyond chance the one that touches most: one stray row is no less sure, and matters less.
        best = max(beyond_chance, key=lambda look: look.share) if beyond_chance else min(found, key=_by_p_value)
        p_value = min(1.0, len(looks) * best.p_value)
        m = current.n_rows
        share = best.share if p_value < 1.0 else 0.0
        low, high = wilson_intervals(share, m)
        reach = detectable_share_difference(
            reference.n_null / reference.n_rows if reference.n_rows else 0.0,
            reference.n_rows, m, self.level / len(looks), direction="up",
        )  # fmt: skip
        rows = tuple(
            {"cause": "late", "share_of_rows": look.share, "direction": "up", "sentence": look.sentence}
            for look in sorted(beyond_chance, key=lambda look: -look.share)
            if look.share > 0.0
        )
        (_, then), (_, now) = reference.largest_stamp, current.largest_stamp
        measures = {
            "share_without_a_time": (reference.n_null / max(1, reference.n_rows), current.n_null / max(1, m)),
            "rows_of_the_most_frequent_time": (then, now),
            "largest_gap_in_seconds": tuple(float(t.gaps.max(initial=0.0)) for t in (reference, current)),
        }
        return DriftResult(
            test="quality.late",
            kind="quality",
            statistic=share,
            p_value=p_value,
            effects=(share_of_rows(share, (float(low), float(high)), reach),),
            n_documents=(reference.n_rows, m),
            evidence=(
                Evidence(name="causes", rows=rows),
                Evidence(
                    name="measures",
                    rows=tuple(
                        {"measure": name, "reference": before, "current": after}
                        for name, (before, after) in measures.items()
                    ),
                ),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Look:
    p_value: float
    share: float
    sentence: str


_NOTHING = _Look(1.0, 0.0, "")


def _by_p_value(look: _Look) -> float:
    return look.p_value


def _null_times(reference: Times, current: Times) -> _Look:
    change = ShareChange(reference.n_null, reference.n_rows, current.n_null, current.n_rows)
    if change.change <= 0.0:
        return _NOTHING
    # The count of the current window, as one of the marked rows of both.
    p = hypergeometric_at_least(change.k2, change.k1 + change.k2, change.m, change.n + change.m).item()
    before, after = change.reference_share, change.current_share
    return _Look(p, change.change, f"Rows without a time rose from {percentage(before)} to {percentage(after)}.")


def _few(reference: Times, current: Times) -> bool:
    return min(len(reference.seconds), len(current.seconds)) < _FEWEST


def _old_rows(reference: Times, current: Times) -> _Look:
    if _few(reference, current):
        return _NOTHING
    n, m = len(reference.seconds), len(current.seconds)
    end = float(np.quantile(reference.seconds, _REFERENCE_END, method="lower"))
    # Rows of the stamp that the reference ends with are the same day cut in two, where times are dates.
    old = int(np.searchsorted(current.seconds, end, side="left"))
    inside = n - int(np.searchsorted(reference.seconds, current.seconds[0]))  # of the time that both windows cover
    inside = min(inside, int(np.searchsorted(reference.seconds, end, side="left")))
    apart = 1.0 - old / m
    if not old or apart < _APART or old / m >= _THIN * inside / n:
        return _NOTHING
    p = hypergeometric_at_most(old, old + inside, m, n + m).item()
    share = old / current.n_rows
    older = f"{percentage(share)} of the rows are older than the end of the reference"
    return _Look(p, share, f"{older}, and the others begin after it.")


def _gaps(reference: Times, current: Times) -> _Look:
    if _few(reference, current):
        return _NOTHING
    if min(len(current.gaps), len(reference.gaps)) < _FEWEST // 2:
        return _NOTHING
    times, widest = np.unique(current.seconds), int(current.gaps.argmax())
    length, whole = float(current.gaps[widest]), float(times[-1] - times[0])
    if length < _LONGER * reference.gaps.max():
        return _NOTHING
    if length < _ALWAYS_LONG and not _knows_the_rhythm(reference, length):
        return _NOTHING
    # A stream that is thinner everywhere is another matter: its gaps are longer in the same ratio.
    bursts = _thinnest(reference, length) * min(1.0, float(np.median(reference.gaps) / np.median(current.gaps)))
    p = min(1.0, max(len(current.gaps) * exp(-bursts), float(np.finfo(np.float64).tiny)))
    before = int(np.searchsorted(current.seconds, times[widest], side="right"))
    after, m = len(current.seconds) - before, len(current.seconds)
    if min(before, after) <= _STRAY * m and length > _FAR * whole:
        share = min(before, after) / current.n_rows
        where = "after" if after < before else "before"
        return _Look(p, share, f"{percentage(share)} of the rows lie {_duration(length)} {where} all others.")
    share = length / whole
    return _Look(p, share, f"No row came for {_duration(length)}, {percentage(share)} of the time covered.")


def _knows_the_rhythm(reference: Times, length: float) -> bool:
    """Whether the reference has seen a whole week, or several days of which the gap is a small part."""
    span = float(reference.seconds[-1] - reference.seconds[0])
    return span >= _WEEK or span >= max(_CYCLES * length, _TWO_DAYS)


def _thinnest(times: Times, length: float) -> int:
    """Return the fewest bursts in any stretch of a length; a burst begins after a gap longer than the median.

    >>> _thinnest(Times(np.array([0.0, 1.0, 10.0, 20.0, 30.0, 50.0, 51.0]), 0), 25.0)
    1
    """
    moments = np.unique(times.seconds)
    starts = moments[1:][times.gaps >= np.median(times.gaps)]
    span = float(moments[-1] - moments[0])
    length = min(length, span / 2.0)
    # A stretch that holds fewest can be moved until it begins right after a burst, or where the window does.
    begins = np.concatenate([moments[:1], starts])
    begins = begins[begins + length <= moments[-1]]
    held = np.searchsorted(starts, begins + length, side="left") - np.searchsorted(starts, begins, side="right")
    return int(held.min(initial=len(starts)))


def _stamps(reference: Times, current: Times) -> _Look:
    if _few(reference, current):
        return _NOTHING
    sizes = [np.unique(times.seconds, return_counts=True)[1].astype(np.float64) for times in (reference, current)]
    if min(map(len, sizes)) < _FEWEST // 2:  # dates, not times: a day has many rows
        return _NOTHING
    largest = sizes[1].max()
    share = float(largest / current.n_rows)
    return _Look(beyond_the_largest(*sizes), share, f"{percentage(share)} of the rows have one and the same time.")


def _duration(seconds: float) -> str:
    """Write a length of time as a person would.

    >>> _duration(90.0), _duration(7200.0)
    ('90 seconds', '2 hours')
    """
    for unit, length in (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 2.0 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{seconds:.0f} seconds"
