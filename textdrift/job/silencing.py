"""An alarm acknowledged or snoozed by a person: the alert's state, changed while no run holds the job."""

from __future__ import annotations

import datetime as dt

from textdrift.alerts import AlertState, acknowledge, snooze
from textdrift.errors import SettingsError
from textdrift.history import History, open_history
from textdrift.job.windows import Clock, utc_now
from textdrift.job_config import JobConfig

__all__ = ["acknowledge_alarm", "snooze_alarm"]


def acknowledge_alarm(config: JobConfig, by: str, *, clock: Clock = utc_now) -> AlertState:
    """Say that somebody looks after the story: nothing more is sent of it but its end.

    Raises
    ------
    SettingsError
        When the job keeps no history, nobody is named, or there is no alarm.
    """
    with _history_of(config) as history, history.exclusive(config.name):
        state = acknowledge(_state(history, config), by, clock())
        _keep(history, config, state)
    return state


def snooze_alarm(config: JobConfig, until: dt.datetime | None) -> AlertState:
    """Send nothing until a time; what is true by then is told once. ``None`` ends a snooze.

    Raises
    ------
    SettingsError
        When the job keeps no history.
    """
    with _history_of(config) as history, history.exclusive(config.name):
        state = snooze(_state(history, config), until)
        _keep(history, config, state)
    return state


def _history_of(config: JobConfig) -> History:
    if config.history is None:
        raise SettingsError(
            f"job {config.name!r} keeps no history, so it has no alarm; add `history: sqlite:///drift.db`"
        )
    return open_history(config.history)


def _state(history: History, config: JobConfig) -> AlertState:
    return AlertState.from_dict((history.alert_state(config.name) or {}).get("machine") or {})


def _keep(history: History, config: JobConfig, state: AlertState) -> None:
    history.set_alert_state(config.name, {**(history.alert_state(config.name) or {}), "machine": state.to_dict()})
