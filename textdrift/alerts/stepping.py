"""One window further: the alert's next state, and what is to be told. No clock, no file, no network."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from textdrift.alerts.state import (
    AlertPolicy,
    AlertState,
    Event,
    EventState,
    FailureStory,
    Observation,
    Status,
    checked_time,
)
from textdrift.errors import SettingsError

__all__ = ["acknowledge", "snooze", "step"]

_DATED = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_MOST_SEEN = 50
"""Windows without a date have no order, so a state remembers so many of them by name."""


def step(state: AlertState, observation: Observation, policy: AlertPolicy) -> tuple[AlertState, tuple[Event, ...]]:
    """Return the next state and what is to be told, in that order.

    A window that was seen before, or has an earlier date than one that was, moves nothing. Whatever the order of
    windows: each story has at most one event of each state, and ``resolved`` only where ``firing`` was told, and
    ``recovered`` only where ``error`` was.

    Examples
    --------
    >>> state, policy = AlertState(), AlertPolicy()
    >>> for day, drifted in (("2026-11-24", False), ("2026-11-25", True), ("2026-11-26", True), ("2026-11-27", False)):
    ...     at = dt.datetime.fromisoformat(f"{day}T06:00:00Z")
    ...     state, events = step(state, Observation(window=day, at=at, drifted=drifted), policy)
    ...     print(day, state.status, [event.dedup_key for event in events])
    2026-11-24 ok []
    2026-11-25 firing ['2026-11-25/firing']
    2026-11-26 firing []
    2026-11-27 resolved ['2026-11-25/resolved']
    """
    if _is_old(state, observation):
        return state, ()
    at = observation.at
    state = replace(state, last_at=at if state.last_at is None else max(state.last_at, at))
    if observation.error is not None:
        return _failed(state, observation)
    state = _remembered(state, observation.window)
    state, ends = _recovered(state)
    state, more = _moved(state, observation, policy)
    ends += more
    if _is_snoozed(state, at):
        return replace(state, owed=(*state.owed, *ends)), ()
    state, events = replace(state, owed=(), snoozed_until=None), (*state.owed, *ends)
    begun = _begun(state, at, policy)
    if begun is None:
        return state, events
    return replace(state, told=(*state.told, begun.state)), (*events, begun)


def acknowledge(state: AlertState, by: str, at: dt.datetime) -> AlertState:
    """Return a state whose present story tells nothing more but its end; who came first stays named.

    Raises
    ------
    SettingsError
        When there is no story to acknowledge.
    """
    if state.story is None:
        raise SettingsError(f"there is nothing to acknowledge: the alert is {state.status}")
    if not isinstance(by, str) or not by.strip():
        raise SettingsError(f"an acknowledgement needs the name of whoever gives it; got {by!r}")
    if state.acknowledged is not None:
        return state
    return replace(state, acknowledged={"by": by.strip(), "at": checked_time(at, "at").isoformat()})


def snooze(state: AlertState, until: dt.datetime | None) -> AlertState:
    """Return a state that tells nothing until a time; ``None`` ends that.

    With the first window after it, what is still true is told once: an alarm or a failure that goes on, the end of one
    that had been told before.
    """
    return replace(state, snoozed_until=None if until is None else checked_time(until, "until"))


def _is_old(state: AlertState, observation: Observation) -> bool:
    window, last = observation.window, state.last_window
    is_dated = _DATED.fullmatch(window) is not None
    if is_dated and last is not None and window < last:
        return True
    if observation.error is None:
        return window in state.seen or (is_dated and window == last)
    # What fails is tried again under the same name: only a later try is news.
    if state.last_at is None:
        return False
    was_judged = window in state.seen or not is_dated or window == last
    return observation.at < state.last_at or (was_judged and observation.at == state.last_at)


def _remembered(state: AlertState, window: str) -> AlertState:
    if _DATED.fullmatch(window):
        return replace(state, last_window=window)
    return replace(state, seen=(*state.seen, window)[-_MOST_SEEN:])


def _is_snoozed(state: AlertState, at: dt.datetime) -> bool:
    return state.snoozed_until is not None and at < state.snoozed_until


def _failed(state: AlertState, observation: Observation) -> tuple[AlertState, tuple[Event, ...]]:
    """Begin a run of failures, or go on with it; told once, as soon as that is allowed."""
    failure = state.failure
    if failure is None or not failure.is_open:
        failure = FailureStory(window=observation.window, number=1 if failure is None else failure.number + 1)
    if _is_snoozed(state, observation.at):
        return replace(state, failure=failure), ()
    # The end of drift waits for a window that was judged: its message tells of a report.
    owed = tuple(event for event in state.owed if event.state == "recovered")
    state = replace(state, owed=tuple(event for event in state.owed if event.state != "recovered"))
    told = () if failure.is_told else (Event("error", failure.window, f"{failure.key}/error"),)
    return replace(state, failure=replace(failure, is_told=True)), (*owed, *told)


def _recovered(state: AlertState) -> tuple[AlertState, tuple[Event, ...]]:
    failure = state.failure
    if failure is None or not failure.is_open:
        return state, ()
    told = (Event("recovered", failure.window, f"{failure.key}/recovered"),) if failure.is_told else ()
    return replace(state, failure=replace(failure, is_open=False)), told


def _moved(state: AlertState, observation: Observation, policy: AlertPolicy) -> tuple[AlertState, tuple[Event, ...]]:
    """Move the story of drift by one window; return its end where it was told that it began."""
    drifted = observation.drifted
    if drifted is None:  # too little to tell: the windows before still say what they said
        return state, ()
    state = replace(state, recent=(*state.recent, drifted)[-policy.of :], quiet=0 if drifted else state.quiet + 1)
    if state.status == "firing":
        if state.quiet < policy.resolve_after:
            return state, ()
        was_told = "firing" in state.told and state.story is not None
        ends = (_event("resolved", str(state.story)),) if was_told else ()
        resolved_at = observation.at if was_told else state.resolved_at
        return replace(_without_story(state, "resolved"), recent=(), resolved_at=resolved_at), ends
    n_drifted = sum(state.recent)
    if n_drifted == 0:
        return _without_story(state, "ok"), ()
    status: Status = "firing" if n_drifted >= policy.drifted else "warning"
    return replace(state, status=status, story=state.story or observation.window), ()


def _without_story(state: AlertState, status: Status) -> AlertState:
    return replace(state, status=status, story=None, told=(), acknowledged=None)


def _begun(state: AlertState, at: dt.datetime, policy: AlertPolicy) -> Event | None:
    """Return what is true of the story and was not told yet, where it may be."""
    if state.story is None or state.acknowledged is not None:
        return None
    if state.resolved_at is not None and at < state.resolved_at + policy.cool_down:
        return None
    if state.status in state.told or "firing" in state.told:
        return None
    return _event("warning" if state.status == "warning" else "firing", state.story)


def _event(state: EventState, story: str) -> Event:
    return Event(state, story, f"{story}/{state}")
