"""Whether weekdays differ: what each window of the first weeks leaves behind, and a test that shuffles their days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from textdrift.profiles import Profile
from textdrift.stats.e_processes import smoothed_p_value
from textdrift.stats.permutations import max_standardised

__all__ = ["WindowTrace", "trace_of", "weekday_p_value"]

_LEADING = 32
_BUCKETS = 256
_DIGITS = 5
_SATURDAY = 5
_DAYS = 7
_FEWEST_DAYS, _FEWEST_WINDOWS = 4, 10
_PERMUTATIONS = 999

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTrace:
    """What a window leaves behind for the test of weekdays.

    Attributes
    ----------
    window:
        Its name.
    n:
        Its documents.
    meaning:
        Sums over the documents along the 32 leading directions, and of their quadratic features.
    words:
        Documents that hold a term, added up with a random sign in 256 buckets of terms.
    """

    window: str
    n: int
    meaning: tuple[float, ...] = ()
    words: tuple[int, ...] = ()


def trace_of(profile: Profile) -> WindowTrace:
    """Return the trace of a window: some 320 numbers, so that a state which holds four weeks of them stays small.

    >>> from textdrift.drift.slow_drift_profile import slow_drift_profile
    >>> trace = trace_of(slow_drift_profile(["late again", "late, sorry"], window="2026-11-23"))
    >>> trace.window, trace.n, len(trace.words), max(map(abs, trace.words))
    ('2026-11-23', 2, 256, 2)
    """
    meaning: list[float] = []
    if (sums := profile.sums) is not None:
        meaning = np.hstack([sums.turned[:, :_LEADING].sum(axis=0), sums.quadratic.sum(axis=0)]).tolist()
    words = np.zeros(_BUCKETS, dtype=np.int64)
    if (counts := profile.counts) is not None:
        hashes = np.array(
            [xxhash.xxh3_64_intdigest(term.encode("utf-8", "surrogatepass")) for term in counts.terms], dtype=np.uint64
        )
        signs = np.where(hashes >> np.uint64(63), 1, -1)
        holders = np.asarray(counts.holders.sum(axis=0)).ravel().astype(np.int64)
        np.add.at(words, (hashes % np.uint64(_BUCKETS)).astype(np.intp), signs * holders)
    return WindowTrace(
        window=profile.name,
        n=profile.n_documents,
        meaning=tuple(float(f"{value:.{_DIGITS}g}") for value in meaning),
        words=tuple(words.tolist()) if profile.counts is not None else (),
    )


def weekday_p_value(traces: Sequence[WindowTrace], rng: np.random.Generator) -> float | None:
    """Return the p-value of the hypothesis that a weekday is like any other; ``None`` where none can be said.

    Of each window the mean of its documents is taken, less that of all windows, times the root of its documents: all of
    one noise where documents are exchangeable. One kind of statistic adds up the squares of the mean of each weekday,
    another that of weekends against the other days, which patterns most often are; each over meaning and over words, as
    a sum over features, and as their maximum. The days within each week are shuffled 999 times; a trend over the weeks
    stays where it is. The largest of the standardised statistics is the one that is tested.

    A window against all earlier ones is a comparison of one night; here four weekends stand against twenty other days,
    so that a pattern shows which no single night does.

    Parameters
    ----------
    traces:
        Of windows in order, of one law. Those whose name is no date, and those of a date that several have, make the
        answer ``None``, as do fewer than 10 windows or 4 weekdays.
    rng:
        Shuffles, and smooths.
    """
    dates = _dates(traces)
    if dates is None or len(traces) < _FEWEST_WINDOWS or len({day.weekday() for day in dates}) < _FEWEST_DAYS:
        return None
    days = np.array([day.weekday() for day in dates])
    weeks = np.array([(day - dt.timedelta(days=day.weekday())).toordinal() for day in dates])
    # Keys of one week lie between those of its neighbours, so that sorting shuffles each week by itself.
    keys = weeks + _DAYS * rng.random((_PERMUTATIONS + 1, len(days)))
    shuffled = days[np.argsort(keys, axis=1, kind="stable")]
    shuffled[0] = days
    n = np.array([trace.n for trace in traces], dtype=np.float64)
    statistics: list[Floats] = []
    for sums in ([trace.meaning for trace in traces], [trace.words for trace in traces]):
        if sums[0] and len({len(row) for row in sums}) == 1:
            statistics += _statistics(np.array(sums, dtype=np.float64), n, shuffled)
    return smoothed_p_value(max_standardised(np.array(statistics))[0], rng) if statistics else None


def _dates(traces: Sequence[WindowTrace]) -> list[dt.date] | None:
    """Return the dates of windows in order, where each has one of its own."""
    try:
        dates = [dt.date.fromisoformat(trace.window) for trace in traces]
    except ValueError:
        return None
    return dates if dates == sorted(set(dates)) else None


def _statistics(sums: Floats, n: Floats, days: NDArray[Any]) -> list[Floats]:
    """Return statistics of each shuffling, shape (B + 1,) each: of all weekdays, and of weekends against the rest."""
    means = (sums - np.outer(n, sums.sum(axis=0) / n.sum())) / np.sqrt(n)[:, None]
    size = np.sqrt(np.square(means).mean(axis=0))
    plain = np.divide(means, size, out=np.zeros_like(means), where=size > 0)
    is_day = (days[:, None, :] == np.arange(_DAYS)[:, None]).astype(np.float64)
    windows = np.maximum(is_day.sum(axis=2), 1.0)[:, :, None]
    by_day = (np.square(is_day @ plain) / windows).sum(axis=1)
    weekend = is_day[:, _SATURDAY:].sum(axis=1)
    n_weekend = weekend.sum(axis=1, keepdims=True)
    n_other = len(n) - n_weekend
    apart = weekend @ plain / np.maximum(n_weekend, 1) - (1 - weekend) @ plain / np.maximum(n_other, 1)
    of_weekends = np.square(apart) * n_weekend * n_other / len(n)
    # Features as they are lean on the leading directions; brought to one noise, each counts alike.
    return [
        statistic
        for squares in (by_day, of_weekends)
        for statistic in (squares.sum(axis=1), squares @ np.square(size), squares.max(axis=1))
    ]
