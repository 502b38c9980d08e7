"""The alert in one line, for whoever started a run: where it stands, who was told, and who was not and why."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from textdrift.job.alarm import JobAlarm
from textdrift.job.outbox import Delivery, heard_of_drift, shown_name, sinks_of
from textdrift.job_config import JobConfig

__all__ = ["alert_line"]


def alert_line(config: JobConfig, alarm: JobAlarm, delivery: Delivery, now: dt.datetime) -> str:
    """Return where the alert of a job stands after a run, without secrets; empty where there is nothing to say.

    Examples
    --------
    >>> job = JobConfig(name="a", reference="r", current="c", history="sqlite:///a.db",
    ...                 alerts=[{"url": "json://ann:hunter2@localhost:8099/drift"}])
    >>> alarm = JobAlarm(open_story="2026-11-20", heard={"drift 2026-11-20": ("1 json://localhost:8099",)})
    >>> alert_line(job, alarm, Delivery(), dt.datetime(2026, 11, 21, tzinfo=dt.UTC))
    'alert: ok'
    """
    if not config.alerts and alarm.status == "ok":
        return ""
    parts = ["alert: " + alarm.status + _since(alarm)]
    if alarm.acknowledged is not None:
        parts.append(f"acknowledged by {alarm.acknowledged.get('by', '?')}")
    return ", ".join([*parts, *_told(config, alarm, delivery, now)])


def _since(alarm: JobAlarm) -> str:
    if alarm.status not in {"firing", "warning"} or alarm.story is None:
        return ""
    window, _, track = alarm.story.partition("/")
    return f" since {window}" + (" by its labels" if track else "")


def _told(config: JobConfig, alarm: JobAlarm, delivery: Delivery, now: dt.datetime) -> Iterator[str]:
    sinks = sinks_of(config.alerts)
    waiting = {name for _, name in delivery.waiting}
    told = {name for _, name in delivery.arrived}
    if alarm.status == "firing":
        told |= heard_of_drift(config, alarm)
    told -= waiting
    if told:
        yield f"told {_listed(sinks, told)} ({len(told)} of {len(sinks)})"
    elif not waiting and alarm.status in {"firing", "warning"}:
        why = _why_nobody(config, alarm, now)
        if why:
            yield f"not told: {why}"
    if waiting:
        yield f"will be retried at the next run: {_listed(sinks, waiting)}"
    elif alarm.status not in {"firing", "warning"} and _is_snoozed(alarm, now):
        yield f"snoozed until {_moment(alarm)}"


def _why_nobody(config: JobConfig, alarm: JobAlarm, now: dt.datetime) -> str:
    if not config.alerts:
        return "the job names no alerts"
    if _is_snoozed(alarm, now):
        return f"snoozed until {_moment(alarm)}"
    if not any(alarm.status in alert.on for alert in config.alerts):
        return f"no sink asks for {alarm.status}"
    if alarm.open_story is not None or alarm.status == "warning":
        return "no sink asks for so little severity"
    return "" if alarm.acknowledged is not None else "the cool-down after the last alarm is not over"


def _is_snoozed(alarm: JobAlarm, now: dt.datetime) -> bool:
    return alarm.snoozed_until is not None and now < alarm.snoozed_until


def _moment(alarm: JobAlarm) -> str:
    return f"{alarm.snoozed_until:%Y-%m-%d %H:%M} UTC"


def _listed(sinks: Iterable[str], wanted: set[str]) -> str:
    """Return names in the order of the job; the place is shown where two sinks have one name."""
    n_alike = Counter(map(shown_name, sinks))
    return ", ".join(
        shown_name(name) if n_alike[shown_name(name)] == 1 else f"{shown_name(name)} (number {name.partition(' ')[0]})"
        for name in sinks
        if name in wanted
    )
