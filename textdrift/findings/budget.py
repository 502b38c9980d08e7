"""The yearly budget of false alarms: what it leaves to one window, and where the slow-drift detector alarms."""

from __future__ import annotations

from math import isfinite
from typing import Any

from textdrift.errors import SettingsError

__all__ = ["alpha_per_window", "slow_drift_threshold"]

_SHARE_OF_SLOW_DRIFT = 0.5


def alpha_per_window(false_alarms_per_year: float, windows_per_year: float, *, slow_drift: bool = False) -> float:
    """Return the level of one window at which a year keeps its promise.

    **The proof.** Let W windows be judged in a year, each at the level alpha = a / W: where nothing drifted, the
    probability that window t alarms is at most alpha. The number of alarms of the year is the sum of W numbers that
    are 1 or 0, and a mean of a sum is the sum of the means, whatever they have to do with each other: at most
    W alpha = a. So it holds for windows that overlap, that share a reference (which makes them alarm together) and for
    tests that look at the same texts. The probability of any alarm at all is at most a (Markov). Inside a window alpha
    is split over tests and segments as ``compare`` does, by Holm. What a restart or a backfill needs is that each
    window is judged once: a window judged twice, as when its labels come, shares its alpha.

    A permutation p-value reaches alpha with at least 1 / alpha - 1 permutations.

    Parameters
    ----------
    false_alarms_per_year:
        The promise a: alarms a year, on average, when nothing drifts.
    windows_per_year:
        How many windows are judged in a year, all days and backfills of that year counted.
    slow_drift:
        Whether a slow-drift detector runs beside: it takes half of the budget, and each window has what is left.

    Raises
    ------
    SettingsError
        When a number is not above 0, or alpha would be 1 or more.

    Examples
    --------
    >>> round(alpha_per_window(2, 365), 6), round(alpha_per_window(2, 365, slow_drift=True), 6)
    (0.005479, 0.00274)
    """
    budget, windows = _checked(false_alarms_per_year, windows_per_year)
    return budget * (1.0 - _SHARE_OF_SLOW_DRIFT if slow_drift else 1.0) / windows


def slow_drift_threshold(false_alarms_per_year: float, windows_per_year: float) -> float:
    """Return where the slow-drift detector alarms, A = W / (a / 2), so that half of the budget is enough for it.

    The Shiryaev-Roberts detector alarms at most T / A times in T windows, on average (the proof stands at
    ``textdrift.stats.e_processes.shiryaev_roberts``); with T = W that is a / 2. The windows themselves spend the other
    half, and by the sum of means both together at most a.

    Raises
    ------
    SettingsError
        When a number is not above 0, or there would be an alarm in every window.

    Examples
    --------
    >>> slow_drift_threshold(2, 365)
    365.0
    """
    budget, windows = _checked(false_alarms_per_year, windows_per_year)
    return windows / (budget * _SHARE_OF_SLOW_DRIFT)


def _checked(false_alarms_per_year: Any, windows_per_year: Any) -> tuple[float, float]:
    numbers = {"false_alarms_per_year": false_alarms_per_year, "windows_per_year": windows_per_year}
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not (isfinite(value) and value > 0):
            raise SettingsError(f"budget: {name} needs a number above 0; got {value!r}")
    if false_alarms_per_year >= windows_per_year:
        raise SettingsError(
            f"budget: {false_alarms_per_year} false alarms a year of {windows_per_year} windows leave alpha = "
            f"{false_alarms_per_year / windows_per_year:g}, where every window may alarm; promise fewer than one for "
            f"each window, such as {max(windows_per_year / 100, 0.01):g}"
        )
    return float(false_alarms_per_year), float(windows_per_year)
