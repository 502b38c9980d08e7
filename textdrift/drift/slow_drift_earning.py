"""Whether the slow-drift detector has a right to run: windows apart, authors apart, a first stretch without pattern."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from textdrift.drift.exchangeability import first_stretch_p_value, share_of_time_covered
from textdrift.drift.slow_drift_state import SlowDriftState, SlowDriftStep, noted, turned_off
from textdrift.drift.weekday_pattern import trace_of, weekday_p_value
from textdrift.profiles import Profile
from textdrift.windows.numbers_in_words import percentage

__all__ = ["in_first_stretch", "unearned"]

_LEVEL_OF_STRETCH = 0.05
_MOST_SHARED = 0.10
_FEWEST_LOOKED_UP = 200
_MOST_OVERLAP = 0.10


def unearned(seen: SlowDriftState, earlier: Profile, current: Profile) -> str:
    """Return why the window and the earlier ones cannot be exchangeable, or nothing."""
    covered = share_of_time_covered(earlier, current)
    if covered > _MOST_OVERLAP:
        return f"windows overlap: {percentage(covered, digits=0)} of the time of {current.name} was covered before"
    found, looked_up = seen.shared
    if looked_up >= _FEWEST_LOOKED_UP and found > _MOST_SHARED * looked_up:
        share = percentage(found / looked_up, digits=0)
        return f"{share} of the {current.units.by} of a window live in earlier windows too"
    return ""


def in_first_stretch(tested: SlowDriftStep, current: Profile, length: int, rng: np.random.Generator) -> SlowDriftStep:
    """Keep what the window says; once all are there, say whether these are windows of exchangeable documents.

    Two rules share the level of 0.05: Fisher's over the p-values, and that of weekdays, where windows are days.
    """
    p_values = (*tested.state.first_p_values, tested.p_values["both"])
    traces = (*tested.state.first_traces, trace_of(current))
    step = replace(tested, state=replace(tested.state, first_p_values=p_values, first_traces=traces))
    since = "" if not step.state.alarms else f" since {step.state.alarms[-1]}"
    if len(p_values) < length:
        return noted(step, f"window {len(p_values)} of the first {length}{since}, which show whether it may run.")
    step = replace(step, state=replace(step.state, first_traces=()))
    joint, weekdays = first_stretch_p_value(p_values), weekday_p_value(traces, rng)
    level = _LEVEL_OF_STRETCH if weekdays is None else _LEVEL_OF_STRETCH / 2
    if weekdays is not None and weekdays <= level:
        return turned_off(
            step, f"weekdays differ in the first {length} windows{since} (p = {weekdays:.2g}), as weekends often do"
        )
    if joint <= level:
        return turned_off(
            step,
            f"the first {length} windows{since} differ from each other more than their documents explain "
            f"(p = {joint:.2g}), as where weekdays differ, events last for days, or a drift goes on",
        )
    told = f"p = {joint:.2g}" if weekdays is None else f"p = {joint:.2g}, of weekdays {weekdays:.2g}"
    return noted(step, f"the first {length} windows{since} look exchangeable ({told}); it runs on.")
