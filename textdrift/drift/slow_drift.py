"""The slow-drift detector: each window against all earlier ones, and evidence that adds up over months."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from textdrift.drift.against_pool import FEWEST_UNITS, bins_of_pool_and_window, compare_with_pool
from textdrift.drift.exchangeability import FIRST_STRETCH, lookup_in_pool, why_not_alike
from textdrift.drift.slow_drift_earning import in_first_stretch, unearned
from textdrift.drift.slow_drift_state import SlowDriftState, SlowDriftStep, noted, turned_off
from textdrift.errors import SettingsError
from textdrift.profiles import Profile, merged
from textdrift.stats.e_processes import calibrated, power_bets, shiryaev_roberts_step

__all__ = ["SlowDriftState", "SlowDriftStep", "step_slow_drift"]

_SHORTEST_STRETCH = 8
_FIRST_OF_POOL = "this window is the first of a pool; there is nothing to test it against."
_MADE_OTHERWISE = "the pool of earlier windows was made otherwise and begins anew"


def step_slow_drift(
    state: SlowDriftState,
    earlier: Profile | None,
    current: Profile,
    *,
    threshold: float,
    rng: np.random.Generator,
    n_permutations: int = 999,
    first_stretch: int = FIRST_STRETCH,
) -> SlowDriftStep:
    """Test a window against all earlier ones together, and add what it says to the detector.

    Where documents are exchangeable over all windows, the smoothed p-values are uniform and independent, one window
    after the other (``compare_with_pool``). So bets on them have a mean of 1 given the past (``power_bets``), and the
    Shiryaev-Roberts detector alarms at most T / threshold times in T windows, restarts included
    (``shiryaev_roberts``). The pool must be
    of ALL earlier windows: one that left out those which looked odd would make the next look odd. After an alarm a new
    pool begins with the window after it; the window that alarmed was chosen for being extreme, and is left out.

    **Where exchangeability is earned.** The detector turns itself off, and says why, when

    - a window covers a time of which more than a tenth was covered before (windows overlap);
    - more than a tenth of the texts or groups that were looked up, of 200 at least, live in earlier windows too: what
      one author writes this week and next is not independent. Of a large pool a random part is looked up;
    - the first 28 p-values are too small to be those of exchangeable documents (Fisher's method), or weekdays differ
      over these 28 windows (``weekday_p_value``, where windows are days), level 0.05 for both together. Until then it
      cannot alarm. Of well-behaved streams it refuses one in twenty. The first 28 after an alarm are judged in the same
      way, while it runs on.

    It stays off until the job begins with a new state. Any rule by which it turns off can only take alarms away, so the
    promise holds for what is left; it holds only as far as the documents are exchangeable, and 28 windows show no more
    than coarse faults.

    A window under 20 documents (copies counted once) is pooled but not tested, as is one that is smaller than a
    2,048th of the pool. A window that was the last one, or is dated before it, changes nothing.

    Parameters
    ----------
    state:
        That of the window before; ``SlowDriftState()`` at the start.
    earlier:
        The pool that the step before returned; ``None`` at the start and after an alarm.
    current:
        The window, made by ``slow_drift_profile``.
    threshold:
        See ``textdrift.findings.budget.slow_drift_threshold``.
    rng:
        Draws splits and smooths; seed it by job and window, so that a rerun gives the same answer.
    n_permutations:
        Random splits.
    first_stretch:
        Tested windows that show whether exchangeability is earned: four weeks of nights. Fix it beforehand, and never
        change it in the life of a state; of weekly windows 8 may do.

    Raises
    ------
    SettingsError
        When the threshold is not above 1, the first stretch is shorter than 8, or the window has no name.

    Examples
    --------
    >>> from textdrift.drift.slow_drift_profile import slow_drift_profile
    >>> names = [f"{a}{b}" for a in "bcdfghklmnprst" for b in "aeiou"]
    >>> state, pool, rng = SlowDriftState(), None, np.random.default_rng(0)
    >>> for day in ("2026-11-23", "2026-11-24"):
    ...     window = slow_drift_profile([f"parcel {day[-1]} for {name} late" for name in names], window=day)
    ...     step = step_slow_drift(state, pool, window, threshold=365.0, rng=rng)
    ...     state, pool = step.state, step.pool
    >>> state.windows, state.units_in_pool, len(state.first_p_values), step.alarm
    (2, 140, 1, False)
    """
    _check(current, threshold, first_stretch)
    if _is_old(current.name, state.last_window):
        note = f"Window {current.name} does not come after {state.last_window}: the slow-drift detector took no step."
        return SlowDriftStep(state=state, pool=earlier, M=state.M, notes=(note,))
    seen = replace(state, windows=state.windows + 1, last_window=current.name)
    if state.off:
        return turned_off(SlowDriftStep(state=seen, pool=None), state.off)
    if earlier is None or (why := why_not_alike(earlier, current)):
        return _new_pool(seen, current, _FIRST_OF_POOL if earlier is None else f"{_MADE_OTHERWISE}: {why}.")
    step = _pooled(seen, earlier, current)
    n_bins = bins_of_pool_and_window((step.state.units_in_pool - current.n_units, current.n_units), current.n_bins)
    if step.state.off or n_bins is None:
        return step if step.state.off else replace(step, notes=(_too_small_note(step.state, current),))
    result = compare_with_pool(earlier, current, n_bins=n_bins, n_permutations=n_permutations, rng=rng)
    p_values = {**result.by_kind, "both": result.p_value}
    tested = replace(step, p_values=p_values, e_value=float(calibrated(result.p_value)))
    if len(state.first_p_values) < first_stretch:
        tested = in_first_stretch(tested, current, first_stretch, rng)
        if tested.state.off or not state.alarms:
            return tested
    return _with_evidence(tested, threshold)


def _check(current: Profile, threshold: float, first_stretch: int) -> None:
    if not threshold > 1:
        raise SettingsError(f"the threshold of the slow-drift detector must be above 1; got {threshold!r}")
    if first_stretch < _SHORTEST_STRETCH:
        raise SettingsError(f"first_stretch must be at least {_SHORTEST_STRETCH} windows; got {first_stretch}")
    if not current.name:
        raise SettingsError("a window of the slow-drift detector needs a name; make it with slow_drift_profile")


def _pooled(seen: SlowDriftState, earlier: Profile, current: Profile) -> SlowDriftStep:
    """Take a window into the pool, untested; turn the detector off where the two cannot be exchangeable."""
    found, looked_up = lookup_in_pool(earlier, current)
    state = replace(
        seen,
        units_in_pool=(seen.units_in_pool or earlier.n_units) + current.n_units,
        shared=(seen.shared[0] + found, seen.shared[1] + looked_up),
    )
    step = SlowDriftStep(state=state, pool=None, M=seen.M)
    if reason := unearned(state, earlier, current):
        return turned_off(step, reason)
    return replace(step, pool=merged(earlier, current))


def _new_pool(seen: SlowDriftState, current: Profile, note: str) -> SlowDriftStep:
    state = replace(seen, units_in_pool=current.n_units, first_traces=())
    return SlowDriftStep(state=state, pool=current, M=seen.M, notes=(f"Slow drift: {note}",))


def _with_evidence(tested: SlowDriftStep, threshold: float) -> SlowDriftStep:
    """Add the e-value of a window to the detector, and restart it where that is an alarm."""
    name, before = tested.state.last_window, np.array(tested.state.bets)
    bets = shiryaev_roberts_step(before, power_bets(tested.p_values["both"]))
    level = float(bets.mean())
    tested = replace(tested, M=level, e_value=level / (float(before.mean()) + 1.0))
    if level < threshold:
        return replace(tested, state=replace(tested.state, bets=tuple(bets.tolist())))
    stopped = replace(tested.state, bets=(0.0,), alarms=(*tested.state.alarms, name), units_in_pool=0)
    stopped = replace(stopped, first_p_values=(), first_traces=())
    step = replace(tested, state=stopped, pool=None, alarm=True)
    return noted(step, f"the windows up to {name} add up to M = {level:,.0f}; it alarms from {threshold:,.0f}.")


def _too_small_note(state: SlowDriftState, current: Profile) -> str:
    pooled = state.units_in_pool - current.n_units
    return (
        f"Slow drift: nothing was tested; the window has {current.n_units:,} documents and the pool {pooled:,}, and "
        f"each needs at least {FEWEST_UNITS} and no fewer than a {current.n_bins:,}th of the other."
    )


def _is_old(name: str, last: str) -> bool:
    """Whether a window was the last one, or is dated before it."""
    try:
        return dt.date.fromisoformat(name) <= dt.date.fromisoformat(last)
    except ValueError:
        return name == last
