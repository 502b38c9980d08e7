"""An alarm acknowledged or snoozed by a person: the alert's state, changed while no run holds the job."""

from __future__ import annotations

import datetime as dt

from textdrift.errors import SettingsError
from textdrift.history import History, open_history
from textdrift.job.alarm import JobAlarm
from textdrift.job.windows import Clock, utc_now
from textdrift.job_config import JobConfig

__all__ = ["acknowledge_alarm", "snooze_alarm"]


def acknowledge_alarm(config: JobConfig, by: str, *, clock: Clock = utc_now) -> JobAlarm:
    """Say that somebody looks after the story: nothing more is sent of it but its end.

    Raises
    ------
    SettingsError
        When the job keeps no history, nobody is named, or there is no alarm.
    """
    with _history_of(config) as history, history.exclusive(config.name):
        alarm = JobAlarm.from_dict(history.alert_state(config.name)).acknowledge(by, clock())
        history.set_alert_state(config.name, alarm.to_dict())
    return alarm


def snooze_alarm(config: JobConfig, until: dt.datetime | None) -> JobAlarm:
    """Send nothing until a time; what is true by then is told once. ``None`` ends a snooze.

    Raises
    ------
    SettingsError
        When the job keeps no history.
    """
    with _history_of(config) as history, history.exclusive(config.name):
        alarm = JobAlarm.from_dict(history.alert_state(config.name)).snooze(until)
        history.set_alert_state(config.name, alarm.to_dict())
    return alarm


def _history_of(config: JobConfig) -> History:
    if config.history is None:
        raise SettingsError(
            f"job {config.name!r} keeps no history, so it has no alarm; add `history: sqlite:///drift.db`"
        )
    return open_history(config.history)
