"""Whether a window and the earlier ones can be exchangeable at all: simple checks, fixed before anything is seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import chdtrc

from textdrift.errors import ProfileError
from textdrift.profiles import Profile, check_comparable
from textdrift.stats.distinct_counting import KEPT

__all__ = ["FIRST_STRETCH", "first_stretch_p_value", "lookup_in_pool", "share_of_time_covered", "why_not_alike"]

FIRST_STRETCH: Final = 28
"""Tested windows, four weeks of nights, that show whether exchangeability is earned."""


def first_stretch_p_value(p_values: Sequence[float]) -> float:
    """Return the probability that exchangeable documents give p-values as small as these, by Fisher's method.

    -2 Σ ln p has a chi-square law of 2 n degrees of freedom where the p-values are uniform and independent. Where
    weekdays differ, or events last for days, windows differ from each other more than their documents explain, and the
    p-values are too small together, though hardly one of them is striking.

    >>> round(first_stretch_p_value([0.05] * 8 + [0.5] * 20), 3)
    0.041
    """
    return float(chdtrc(2 * len(p_values), -2.0 * np.log(p_values).sum()))


def lookup_in_pool(earlier: Profile, current: Profile) -> tuple[int, int]:
    """Return how many texts or groups of a window live in the pool too, and how many were looked up.

    A profile keeps the smallest hashes of its texts or groups; of a large pool only those under its largest kept hash
    can be looked up, which is a random part.
    """
    known, asked = earlier.units.hashes, current.units.hashes
    if len(known) == KEPT:
        asked = asked[asked <= known[-1]]
    return int(np.isin(asked, known).sum()), len(asked)


def share_of_time_covered(earlier: Profile, current: Profile) -> float:
    """Return the share of the time of a window that earlier ones reach into; 0 where rows have no time."""
    if earlier.span is None or current.span is None:
        return 0.0
    start, end, before = (
        dt.datetime.fromisoformat(time).timestamp()
        for time in (current.span.start_at, current.span.end_at, earlier.span.end_at)
    )
    return float(before > start) if end <= start else max(0.0, min(1.0, (before - start) / (end - start)))


def why_not_alike(earlier: Profile, current: Profile) -> str:
    """Return why a window cannot be merged into the pool, such as another encoder, or nothing."""
    if earlier.n_bins != current.n_bins:
        return f"the pool has {earlier.n_bins} bins and the window {current.n_bins}"
    try:
        check_comparable(earlier, current)
    except ProfileError as error:
        return str(error)
    return ""
